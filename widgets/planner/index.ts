/**
 * <sh-planner>: the form and the plan made from it. The form stands in the page already; days, items and minutes come from
 * plan.ts; what was planned and done is in the store. An address may bring a plan: it is shown, and kept only when asked.
 */
import { button, download, make, script } from "../dom";
import { ics } from "../ics";
import { doneItems, type Entry, saveState, Store, today } from "../store";
import { count as plural, date } from "../words";
import { type Content, type Day, DEPTHS, fromDay, type Inputs, type Piece, type Plan, plan, toDay } from "./plan";

type Data = Content & { folders: boolean };
declare global { interface Window { strongHirePlan?: Data } }

const folder = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
const AHEAD = 28; // days until the interview, unless the reader says otherwise
const LONGEST = 730;

async function load(): Promise<Data> {
  await script(`${folder}planner-data.js`);
  return window.strongHirePlan!;
}

const look = { class: "drill-check" };
const short = (day: number) => date(day, { weekday: "short", month: "short" });
const long = (day: number) => date(day, { weekday: "long", month: "long", year: "numeric" });
const time = (minutes: number) => [minutes >= 60 && `${Math.floor(minutes / 60)} h`, (minutes % 60 || !minutes) && `${minutes % 60} min`].filter(Boolean).join(" ");
const total = (list: { minutes: number }[]) => list.reduce((sum, { minutes }) => sum + minutes, 0);

/** Everything of one planner on the page; returns what ends it. */
function live(host: HTMLElement, data: Data, store: Store): () => void {
  const form = host.querySelector("form")!, out = host.querySelector(".plan-out")!;
  let entries: Entry[] = [], done = new Map<string, number>(), found!: Plan;
  const chapters = new Map(data.chapters.map((each) => [each.slug, each])), extras = new Map(data.chapters.flatMap((each) => each.extras.map((extra) => [extra.item, extra])));
  let inputs: Inputs | undefined; // what is shown
  let kept = false; // and whether that is the reader's own plan

  function field(name: string): HTMLInputElement {
    return form.elements.namedItem(name) as HTMLInputElement;
  }

  const week = [0, 1, 2, 3, 4, 5, 6].map((day) => field(`h${day}`));

  function hours(): number[] {
    return week.map((box) => Number(box.value));
  }

  function fill({ role, tier, hours, start, interview }: Inputs): void {
    const values: Record<string, string | number> = { role, tier, start: fromDay(start), interview: fromDay(interview), week: hours.reduce((all, each) => all + each, 0) };
    for (const name in values) field(name).value = String(values[name]);
    week.forEach((box, day) => { box.value = String(hours[day]); });
  }

  /** What the address brings, if it is a plan. */
  function shared(): Inputs | undefined {
    const given = new URLSearchParams(location.hash.slice(1)), text = (name: string) => given.get(name) ?? "";
    const hours = text("hours").split(",").map(Number), start = toDay(text("start")), interview = toDay(text("interview"));
    const known = ["role", "tier"].every((name) => text(name) && form.querySelector(`[name=${name}] [value="${CSS.escape(text(name))}"]`));
    if (!known || hours.length !== 7 || !hours.every((each) => each >= 0 && each <= 16) || !(Math.abs(interview - start) <= LONGEST)) return undefined;
    const levels = Object.fromEntries([...text("levels").matchAll(/([\w-]+)\.([1-5])/g)].map(([, slug, level]) => [slug!, Number(level)]));
    return { role: text("role"), tier: text("tier"), hours, start, interview, ...(Object.keys(levels).length && { levels }) };
  }

  function address({ role, tier, hours, start, interview, levels = {} }: Inputs, scores: boolean): string {
    const list = Object.entries(levels).map((pair) => pair.join("."));
    return `#role=${role}&tier=${tier}&hours=${hours}&start=${fromDay(start)}&interview=${fromDay(interview)}${scores && list.length ? `&levels=${list}` : ""}`;
  }

  /** Reads the log again: the plan that was made last, what was done before it and what since. */
  async function refresh(first = false): Promise<void> {
    entries = await store.all().catch((): Entry[] => []);
    done = doneItems(entries);
    const place = entries.map((entry) => entry.type).lastIndexOf("plan"), own = entries[place] as (Entry & Inputs) | undefined;
    const given = first ? shared() : kept ? undefined : inputs;
    kept = Boolean(own) && (!given || address(own!, false) === address(given, false));
    if (kept) inputs = { ...own!, done: Object.fromEntries(doneItems(entries.slice(0, place))) };
    else if (given) inputs = { ...given, done: Object.fromEntries(done) };
    if (first && inputs) fill(inputs);
    const box = field("scores"), known = scores();
    if (known && box.disabled) {
      box.disabled = false;
      box.nextElementSibling!.append(` (${Object.values(known).reduce((all, level) => all + level)} in ${plural(Object.keys(known).length, "subject")})`);
    }
    show();
  }

  function scores(): Record<string, number> | undefined {
    const each = entries.filter((entry) => entry.type === "assessment").map((entry) => entry.levels);
    return each.length ? Object.assign({}, ...each) : undefined;
  }

  function submit(): void {
    const [start, interview] = [field("start"), field("interview")];
    interview.min = fromDay(today());
    interview.max = fromDay(today() + LONGEST);
    start.max = interview.value;
    const fields = [...form.elements] as HTMLInputElement[], bad = fields.find((each) => !each.validity.valid);
    for (const each of fields) each.setAttribute("aria-invalid", String(each === bad));
    host.querySelector("#plan-wrong")!.textContent = bad?.dataset.wrong ?? "";
    if (bad) {
      bad.closest("details")?.setAttribute("open", "");
      return bad.focus();
    }
    const levels = field("scores").checked ? scores() : undefined;
    void keep({ role: field("role").value, tier: field("tier").value, hours: hours(), start: Math.max(toDay(start.value), today()), interview: toDay(interview.value), ...(levels && { levels }) });
  }

  async function keep({ role, tier, hours, start, interview, levels }: Inputs): Promise<void> {
    if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
    const made = { role, tier, hours, start, interview, ...(levels && { levels }) };
    inputs = { ...made, done: Object.fromEntries(done) };
    kept = true;
    const chosen = Object.entries({ role, tier }); // by which chapters mark their sections
    await save({ type: "plan", ...made }, ...chosen.map(([key, value]) => ({ type: "setting", key, value })));
    try {
      for (const [key, value] of [...chosen, ["plan", interview]]) localStorage.setItem(`sh-${key}`, String(value)); // the day is for <sh-today>
    } catch { /* the mirror is for a first paint only */ }
    await refresh(); // after the one that the store's word starts, or focus would be lost
    out.querySelector("h2")!.focus();
  }

  /** What could not be saved is said by the store's own line; the plan stays on the page. */
  async function save(...made: (Record<string, unknown> & { type: string })[]): Promise<void> {
    await store.append(...made.map((entry) => ({ at: Date.now(), ...entry }))).catch(() => undefined);
  }

  function target({ item, chapter }: Piece): string {
    const [kind, name = ""] = item.split(":"), home = chapters.get(chapter)?.home ?? `chapters/${chapter}`, page = (path: string) => `${folder}../../${path}${data.folders ? "/" : ".html"}`;
    const inside = (path: string, anchor: string) => `${folder}../../${path}/${data.folders ? "" : "index.html"}#${anchor}`, extra = extras.get(item);
    if (extra) return page(extra.page);
    switch (kind) {
      case "section": return inside(home, item.split("#")[1]!);
      case "checkpoint": return inside(home, "checkpoints");
      case "question": return page(`${home}/questions/${name}`);
      case "sheet": return page(`${home}/cheatsheet`);
      case "exercise": return /^napkin/.test(name) ? `${page("practice/napkin-math")}#role=${inputs!.role}` : inside("interview/twenty-questions", "mock");
      default: return page(`${home}/${kind}`);
    }
  }

  function titled(slug: string): string {
    return chapters.get(slug)?.title ?? "";
  }

  /** An item as words: what to do, where, and to which depth. */
  function words({ kind, chapter, title, part, of }: Piece): string {
    const before = { read: `Read to ${DEPTHS[found.depths[chapter] ?? 1]}: `, question: "Question: ", check: `${titled(chapter)}: `, cards: `${titled(chapter)}: `, lab: `${titled(chapter)}: ` }[kind as string] ?? "";
    return before + title + (of > 1 ? ` (part ${part} of ${of})` : "");
  }

  function row(piece: Piece, list: string): HTMLLIElement {
    const ticked = done.has(piece.item), row = make("li", { class: ticked ? "plan-done" : "" });
    if (piece.part === piece.of && kept) {
      const box = make("input", { type: "checkbox", "aria-label": `Done: ${piece.title}`, "data-item": `${list} ${piece.item}` });
      box.checked = ticked;
      box.onchange = async () => {
        await save({ type: box.checked ? "done" : "not-done", item: piece.item, day: today() });
        await refresh();
        out.querySelector<HTMLElement>(`[data-item="${list} ${piece.item}"]`)?.focus();
      };
      row.append(box);
    } else row.append(make("span", { class: "plan-part" }));
    row.append(make("span", {}, make("a", { href: target(piece) }, words(piece)), " ", make("span", { class: "plan-time" }, time(piece.minutes))));
    return row;
  }

  function show(): void {
    const now = today(), foot = host.querySelector<HTMLElement>(".plan-foot")!;
    if (!inputs) return;
    const wish = inputs, { interview } = wish, parts: Node[] = [];
    found = plan(data, wish);
    const ahead = found.state === "plan" && interview > now;
    const state = interview < now ? `The interview was on ${long(interview)}. Give the day of the next one above: what you have done stays done.`
      : interview === now ? "The interview is today. Nothing new now: read the sheets, and go."
      : !ahead ? "No weekday before the interview has hours. Give at least one of them a quarter of an hour."
      : `${plural(found.days.length, "day")} of study until ${long(interview)}: ${time(found.planned)} planned of ${time(found.budget)}. ${found.left ? `${time(found.left)} left out.` : `All of it fits${interview - found.finish > 14 ? ` by ${long(found.finish)}; then review` : ""}.`}`;
    if (!kept) parts.push(make("p", { class: "plan-note" }, "This plan is not kept on this device yet. ", button("Keep this plan", () => void keep(wish), look)));
    if (interview === now) parts.push(make("ul", { class: "plan-list" }, ...data.chapters.filter((chapter) => chapter.sheet).map(({ slug, title }) => make("li", {}, make("a", { href: target({ item: "sheet:", chapter: slug } as Piece) }, `${title}: the sheet`)))));
    if (ahead) parts.push(...present(now), ...cuts(), ...weekly());
    form.querySelector(".plan-go")!.textContent = kept ? "Make a new plan" : "Make the plan";
    foot.hidden = !ahead;
    host.querySelector("#plan-share")!.parentElement!.hidden = !inputs.levels;
    out.replaceChildren(make("h2", { tabindex: "-1" }, kept ? "Your plan" : "A shared plan"), make("p", { role: "status" }, state), ...parts);
  }

  function present(now: number): Node[] {
    const open = ({ item }: Piece) => !done.has(item), { days } = found, parts: Node[] = [];
    const missed = new Set(days.filter(({ day }) => day < now).flatMap(({ pieces }) => pieces.filter(open).map(({ item }) => item))).size;
    if (missed && kept) parts.push(make("p", { class: "plan-note" }, `Not done on the days before today: ${plural(missed, "item")}. `, button("Plan the rest from today", () => void keep({ ...inputs!, start: now }), look)));
    const here = days.find(({ day }) => day === now)?.pieces ?? [], next = days.find(({ day, pieces }) => day >= now && pieces.some(open)), first = next?.pieces.find(open);
    parts.push(make("h3", {}, `Now: ${long(now)}`), make("ul", { class: "plan-list plan-now" }, ...here.map((piece) => row(piece, "now"))));
    parts.push(make("p", {}, ...(!first ? ["All of the plan is done."] : [next!.day === now ? "" : `${here.length ? "Today is done." : "Nothing is planned for today."} Next, on ${short(next!.day)}: `,
      make("a", { class: "sh-button first", href: target(first) }, `Go on with: ${words(first)}`)])));
    return parts;
  }

  function cuts(): Node[] {
    const { cuts, left } = found;
    if (!left) return [];
    return [make("details", { class: "plan-cuts" }, make("summary", {}, `Left out for want of time: ${time(left)}, and why`), make("ul", {}, ...data.why.map((why, place): [string, typeof cuts] => [why, cuts.filter((cut) => cut.why === place)]).filter(([, gone]) => gone.length).map(([why, gone]) =>
      make("li", {}, make("b", {}, why), ` (${time(total(gone))})`, make("ul", {}, ...gone.map(({ what, slug, to, minutes }) => make("li", {}, `${what || `${titled(slug)}${to < 0 ? "" : `: to ${DEPTHS[to]} only`}`} (${time(minutes)})`))))))) ];
  }

  function table([monday, days]: [number, Day[]]): HTMLElement {
    const now = today();
    return make("table", {}, make("caption", {}, `Week of ${short(monday)}: ${time(days.reduce((sum, { pieces }) => sum + total(pieces), 0))}`),
      make("tbody", {}, ...days.map(({ day, minutes, light, pieces }) => make("tr", { class: day === now ? "plan-today" : "" },
        make("th", { scope: "row" }, short(day), make("span", { class: "plan-time" }, time(minutes) + (light ? ", light" : ""))),
        make("td", {}, ...(pieces.length ? [make("ul", { class: "plan-list" }, ...pieces.map((piece) => row(piece, "all")))] : ["free: review what you like"]))))));
  }

  function weekly(): Node[] {
    const weeks = new Map<number, Day[]>();
    for (const day of found.days) {
      const monday = day.day - ((day.day + 3) % 7);
      weeks.set(monday, [...(weeks.get(monday) ?? []), day]);
    }
    const list = [...weeks], free = ([, days]: [number, Day[]]) => days.every(({ pieces }) => !pieces.length);
    // weeks without anything are told in one line
    const rows = list.filter((each, place) => !free(each) || place === 0 || !free(list[place - 1]!)).map((each) => {
      if (!free(each)) return table(each);
      const busy = list.slice(list.indexOf(each)).find((other) => !free(other)), last = (busy ? busy[0] : inputs!.interview) - 1;
      return make("p", { class: "plan-free" }, make("b", {}, `${long(each[0])} to ${long(last)}`), ": nothing new. Review what is due.");
    });
    return [make("h3", {}, "Day by day"), make("div", { class: "plan-weeks" }, ...rows), make("p", {}, make("b", {}, short(inputs!.interview)), ": the interview.")];
  }

  function calendar(): void {
    const events = found.days.filter(({ day }) => day >= today()).flatMap(({ day, pieces }) => pieces.filter(({ item }) => !done.has(item)).map((piece) => ({
      uid: `${piece.item.replace(/\W+/g, "-")}${piece.part > 1 ? `-part-${piece.part}` : ""}@strong-hire`, day, title: `${words(piece)}, ${time(piece.minutes)}`, text: target(piece) })));
    download(ics([...events, { uid: "interview@strong-hire", day: inputs!.interview, title: "Interview" }], "Strong Hire plan"), "strong-hire-plan.ics", "text/calendar");
  }

  async function link(): Promise<void> {
    history.replaceState(history.state, "", address(inputs!, host.querySelector<HTMLInputElement>("#plan-share")!.checked));
    const told = host.querySelector<HTMLElement>(".plan-told")!;
    foot.querySelector("#plan-link")?.remove();
    try {
      await navigator.clipboard.writeText(location.href);
      told.textContent = "Copied.";
    } catch { // refused, or a page on plain http, which has no clipboard
      const shown = make("input", { id: "plan-link", readonly: "", value: location.href, "aria-label": "Link to this plan" });
      told.textContent = "Copy it from here:";
      told.after(shown);
      shown.select();
    }
  }

  const sum = field("week"), add = () => { sum.value = String(hours().reduce((all, each) => all + each, 0)); };
  form.addEventListener("input", ({ target }) => {
    if (target !== sum) add();
    else {
      const quarters = Math.round(4 * Number(sum.value)), even = Math.floor(quarters / 7), rest = quarters - 7 * even;
      // what is over goes to Saturday, unless that is full
      week.forEach((box, day) => { box.value = String((even + (even + rest > 64 ? Number(day < rest) : day === 5 ? rest : 0)) / 4); });
    }
  });
  form.addEventListener("change", ({ target }) => {
    if (target === sum && sum.validity.valid) add();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  const foot = host.querySelector<HTMLElement>(".plan-foot")!, acts: Record<string, () => void> = { print: () => print(), calendar: () => calendar(), link: () => void link() };
  for (const each of foot.querySelectorAll<HTMLElement>("[data-do]")) each.onclick = acts[each.dataset.do!]!;
  foot.append(saveState(store));
  const leave = store.watch(() => void refresh());
  fill({ role: "", tier: "", hours: hours(), start: today(), interview: today() + AHEAD });
  void refresh(true);
  return leave;
}

class Planner extends HTMLElement {
  private leave: (() => void) | undefined;

  connectedCallback(): void {
    if (this.leave) return;
    this.leave = () => undefined;
    Promise.all([load(), Store.open()]).then(([data, store]) => { if (this.leave) this.leave = live(this, data, store); }).catch(() => {
      this.querySelector(".plan-out")!.replaceChildren(make("p", { class: "calc-wrong" }, "The planner could not be loaded. Reload the page to try again; what you have saved is still there."));
    });
  }

  disconnectedCallback(): void {
    this.leave?.();
    this.leave = undefined;
  }
}

if (!customElements.get("sh-planner")) customElements.define("sh-planner", Planner);
