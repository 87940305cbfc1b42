/**
 * <sh-planner>: the form and the plan made from it. The form stands in the page already; days, items and minutes come from
 * plan.ts; what was planned and done is in the store. An address may bring a plan: it is shown, and kept only when asked.
 */
import { download, ics } from "../ics";
import { dateOf, doneItems, type Entry, saveState, Store, today } from "../store";
import { type Content, DEPTHS, fromDay, type Inputs, type Piece, type Plan, plan, toDay } from "./plan";

type Data = Content & { folders: boolean };
declare global { interface Window { strongHirePlan?: Data } }

const folder = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
const AHEAD = 28; // days until the interview, unless the reader says otherwise
const LONGEST = 730;

let loading: Promise<Data> | undefined;
function load(): Promise<Data> {
  return (loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${folder}planner-data.js`;
    script.onload = () => (window.strongHirePlan ? resolve(window.strongHirePlan) : reject(new Error("no data")));
    script.onerror = () => { loading = undefined; reject(new Error("no data")); };
    document.head.append(script);
  }));
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function button(words: string, act: () => void, look = "plain"): HTMLButtonElement {
  const made = make("button", { type: "button", class: look }, words);
  made.addEventListener("click", act);
  return made;
}

const said = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return (day: number) => format.format(dateOf(day));
};
const short = said({ weekday: "short", day: "numeric", month: "short" });
const long = said({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const time = (minutes: number) => (minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`);
const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;

class Planner extends HTMLElement {
  private data!: Data;
  private store!: Store;
  private form!: HTMLFormElement;
  private out!: HTMLElement;
  private leave: (() => void) | undefined;
  private entries: Entry[] = [];
  private inputs: Inputs | undefined; // what is shown
  private kept = false; // and whether that is the reader's own plan

  connectedCallback(): void {
    if (this.leave) return;
    this.leave = () => undefined;
    this.form = this.querySelector("form")!;
    this.out = this.querySelector(".plan-out")!;
    Promise.all([load(), Store.open()]).then(([data, store]) => this.begin(data, store)).catch(() => {
      this.out.replaceChildren(make("p", { class: "calc-wrong" }, "The planner could not be loaded. Reload the page to try again; what you have saved is still there."));
    });
  }

  disconnectedCallback(): void {
    this.leave?.();
    this.leave = undefined;
  }

  private async begin(data: Data, store: Store): Promise<void> {
    if (!this.leave) return;
    [this.data, this.store] = [data, store];
    const field = (name: string) => this.form.elements.namedItem(name) as HTMLInputElement;
    const spread = () => {
      const wanted = Number(field("week").value) || 0, even = Math.floor((wanted / 7) * 4) / 4;
      for (let day = 0; day < 7; day++) field(`h${day}`).value = String(even);
      field("h5").value = String(Math.max(0, wanted - 6 * even)); // what is over goes to Saturday
    };
    field("week").addEventListener("input", spread);
    for (let day = 0; day < 7; day++) field(`h${day}`).addEventListener("input", () => { field("week").value = String(this.hours().reduce((sum, each) => sum + each, 0)); });
    this.form.addEventListener("submit", (event) => { event.preventDefault(); void this.submit(); });
    this.leave = store.watch(() => void this.refresh());
    this.fill({ role: "", tier: "", hours: this.hours(), start: today(), interview: today() + AHEAD });
    await this.refresh(true);
  }

  private hours(): number[] {
    return [0, 1, 2, 3, 4, 5, 6].map((day) => Number((this.form.elements.namedItem(`h${day}`) as HTMLInputElement).value) || 0);
  }

  private fill({ role, tier, hours, start, interview }: Inputs): void {
    const set = (name: string, value: string) => { (this.form.elements.namedItem(name) as HTMLInputElement).value = value; };
    set("role", role);
    set("tier", tier);
    hours.forEach((each, day) => set(`h${day}`, String(each)));
    set("week", String(hours.reduce((sum, each) => sum + each, 0)));
    set("start", fromDay(start));
    set("interview", fromDay(interview));
  }

  /** What the address brings, if it is a plan. */
  private shared(): Inputs | undefined {
    const given = new URLSearchParams(location.hash.slice(1)), hours = (given.get("hours") ?? "").split(",").map(Number);
    const [start, interview] = ["start", "interview"].map((name) => toDay(given.get(name) ?? "")) as [number, number];
    const knows = (name: string) => [...(this.form.elements.namedItem(name) as HTMLSelectElement).options].some((option) => option.value && option.value === given.get(name));
    if (!knows("role") || !knows("tier") || hours.length !== 7 || !hours.every((each) => each >= 0 && each <= 16) || !(Math.abs(interview - start) <= LONGEST)) return undefined;
    const levels = Object.fromEntries((given.get("levels") ?? "").split(",").map((pair) => pair.split(".")).filter(([slug, level]) => slug && /^[1-5]$/.test(level ?? "")).map(([slug, level]) => [slug!, Number(level)]));
    return { role: given.get("role")!, tier: given.get("tier")!, hours, start, interview, ...(Object.keys(levels).length && { levels }) };
  }

  private address(inputs: Inputs, scores: boolean): string {
    const { role, tier, hours, start, interview, levels } = inputs;
    const hash = new URLSearchParams({ role, tier, hours: hours.join(), start: fromDay(start), interview: fromDay(interview), ...(scores && levels && { levels: Object.entries(levels).map((pair) => pair.join(".")).join() }) });
    return `#${hash}`.replace(/%2C/g, ",");
  }

  /** Reads the log again: the plan that was made last, what was done before it and what since. */
  private async refresh(first = false): Promise<void> {
    this.entries = await this.store.all().catch((): Entry[] => []);
    const place = this.entries.map((entry) => entry.type).lastIndexOf("plan");
    const own = this.entries[place] as (Entry & Inputs) | undefined;
    const given = first ? this.shared() : this.kept ? undefined : this.inputs;
    this.scores();
    if (given && !(own && this.address(own, false) === this.address(given, false))) {
      this.kept = false;
      this.inputs = { ...given, done: Object.fromEntries(doneItems(this.entries)) };
    } else if (own) {
      this.kept = true;
      this.inputs = { role: own.role, tier: own.tier, hours: own.hours, start: own.start, interview: own.interview, ...(own.levels && { levels: own.levels }), done: Object.fromEntries(doneItems(this.entries.slice(0, place))) };
    }
    if (first && this.inputs) this.fill(this.inputs);
    this.show();
  }

  private get levels(): Record<string, number> | undefined {
    return [...this.entries].reverse().find((entry) => entry.type === "assessment")?.levels as Record<string, number> | undefined;
  }

  private scores(): void {
    const place = this.form.querySelector(".plan-scores")!, levels = this.levels;
    const link = make("a", { href: this.href("practice/self-assessment") }, "Score yourself");
    if (!levels) return place.replaceChildren(link, ": what you know already is left out of the plan.");
    if (place.querySelector("input")) return;
    const box = make("input", { type: "checkbox", name: "scores", id: "plan-scores" });
    box.checked = true;
    place.replaceChildren(box, make("label", { for: "plan-scores" }, ` Use my self-scores (${Object.values(levels).reduce((sum, level) => sum + level, 0)} of ${5 * Object.keys(levels).length})`));
  }

  private async submit(): Promise<void> {
    const field = (name: string) => this.form.elements.namedItem(name) as HTMLInputElement;
    const [start, interview] = [toDay(field("start").value), toDay(field("interview").value)], hours = this.hours();
    const wrong: [string, string] | undefined = !field("role").value ? ["role", "Choose a role."]
      : !field("tier").value ? ["tier", "Choose a kind of company."]
      : !Number.isFinite(interview) ? ["interview", "Give the day of the interview."]
      : !Number.isFinite(start) ? ["start", "Give the first day."]
      : interview < today() ? ["interview", `${long(interview)} is in the past. Give the day of your next interview.`]
      : interview < start ? ["start", "The first day is after the interview."]
      : interview - start > LONGEST ? ["interview", "That is more than two years away. Plan the next two at most."]
      : hours.some((each) => !(each >= 0 && each <= 16)) ? ["week", "A day has from 0 to 16 hours of study."] : undefined;
    for (const name of ["role", "tier", "interview", "start", "week"]) field(name).setAttribute("aria-invalid", String(wrong?.[0] === name));
    this.form.querySelector("#plan-wrong")!.textContent = wrong?.[1] ?? "";
    if (wrong) {
      const at = field(wrong[0]);
      at.closest("details")?.setAttribute("open", "");
      at.focus();
      return;
    }
    const levels = field("scores")?.checked ? this.levels : undefined;
    await this.keep({ role: field("role").value, tier: field("tier").value, hours, start: Math.max(start, today()), interview, ...(levels && { levels }) });
  }

  private async keep({ role, tier, hours, start, interview, levels }: Inputs): Promise<void> {
    if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
    this.kept = true;
    this.inputs = { role, tier, hours, start, interview, ...(levels && { levels }), done: Object.fromEntries(doneItems(this.entries)) };
    await this.save({ type: "plan", role, tier, hours, start, interview, ...(levels && { levels }) });
    this.show();
    this.out.querySelector<HTMLElement>("h2")?.focus();
  }

  /** What could not be saved is said by the store's own line; the plan stays on the page. */
  private async save(entry: Record<string, unknown> & { type: string }): Promise<void> {
    await this.store.append({ at: Date.now(), ...entry }).catch(() => undefined);
  }

  private href(path: string, fragment = ""): string {
    return `${folder}../../${path}${this.data.folders ? "/" : path.split("/").length < 3 && path.startsWith("chapters/") ? "/index.html" : ".html"}${fragment && `#${fragment}`}`;
  }

  private target({ item, chapter }: Piece): string {
    const [kind, name = ""] = item.split(":"), home = `chapters/${chapter}`;
    switch (kind) {
      case "section": return this.href(home, item.split("#")[1]);
      case "question": return this.href(`${home}/questions/${name}`);
      case "checkpoint": return this.href(home, "checkpoints");
      case "sheet": return this.href(`${home}/cheatsheet`);
      case "hunt": return this.href(`practice/hunts/${name}`);
      case "exercise": return name.startsWith("napkin") ? this.href("practice/napkin-math", `role=${this.inputs!.role}`) : this.href(`chapters/${this.data.chapters[0]!.slug}/practice`);
      default: return this.href(`${home}/${kind}`);
    }
  }

  private chapter(slug: string): string {
    return this.data.chapters.find((chapter) => chapter.slug === slug)?.title ?? "";
  }

  /** An item as words: what to do, where, and to which depth. */
  private words(piece: Piece, found: Plan): string {
    const verb = { read: `Read to ${DEPTHS[found.depths[piece.chapter] ?? 1]}`, question: "Question", lab: "Lab", cards: "Cards", extra: "", check: this.chapter(piece.chapter), sheet: "Sheet", mock: "", drill: "" }[piece.kind];
    return `${verb ? `${verb}: ` : ""}${piece.kind === "lab" || piece.kind === "sheet" ? this.chapter(piece.chapter) : piece.title}${piece.of > 1 ? ` (part ${piece.part} of ${piece.of})` : ""}`;
  }

  private row(piece: Piece, found: Plan, done: Map<string, number>, now = false): HTMLLIElement {
    const link = make("a", { href: this.target(piece) }, this.words(piece, found)), ticked = done.has(piece.item);
    const row = make("li", { class: ticked ? "plan-done" : "" });
    if (piece.part === piece.of && this.kept) {
      const box = make("input", { type: "checkbox", "aria-label": `Done: ${piece.title}` });
      box.checked = ticked;
      box.addEventListener("change", async () => {
        await this.save({ type: box.checked ? "done" : "not-done", item: piece.item, day: today() });
        await this.refresh();
        const again = [...this.out.querySelectorAll<HTMLInputElement>("input")].find((each) => each.dataset.item === box.dataset.item);
        again?.focus();
      });
      box.dataset.item = `${now ? "now" : "all"} ${piece.item}`;
      row.append(box);
    } else row.append(make("span", { class: "plan-part", "aria-hidden": "true" }, "·"));
    row.append(make("span", {}, link, " ", make("span", { class: "plan-time" }, time(piece.minutes))));
    return row;
  }

  private show(): void {
    const inputs = this.inputs, now = today();
    this.form.querySelector(".plan-go")!.textContent = this.kept ? "Make a new plan" : "Make the plan";
    if (!inputs) return this.out.replaceChildren(make("p", { class: "plan-empty" }, "Choose a role and a kind of company: that is enough. The rest has a start that you can change."));
    const found = plan(this.data, inputs), done = doneItems(this.entries);
    const state = make("p", { class: "plan-state", role: "status" });
    const parts: Node[] = [];
    if (!this.kept) parts.push(make("p", { class: "plan-note" }, "This plan came with the link. It is not yours yet. ", button("Keep this plan", () => void this.keep(inputs), "drill-check")));
    if (found.state === "empty") state.append("No weekday before the interview has hours. Give at least one of them a quarter of an hour.");
    else if (inputs.interview < now) state.append(`The interview was on ${long(inputs.interview)}. Change the day above to plan the next one: what you have done stays done.`);
    else if (inputs.interview === now) {
      state.append("The interview is today. Nothing new now: read a sheet, sleep on it if you can, and go.");
      parts.push(make("ul", { class: "plan-list" }, ...this.data.chapters.filter((chapter) => chapter.sheet).map((chapter) => make("li", {}, make("a", { href: this.href(`chapters/${chapter.slug}/cheatsheet`) }, `${chapter.title}: the sheet`)))));
    } else state.append(`${plural(found.days.length, "day")} of study until ${long(inputs.interview)}: ${time(found.planned)} planned of ${time(found.budget)}. ${found.left ? `${time(found.left)} left out.` : this.spare(found)}`);
    parts.unshift(make("h2", { tabindex: "-1", class: "plan-title" }, this.kept ? "Your plan" : "A shared plan"), state);
    if (found.state === "plan" && inputs.interview > now) parts.push(...this.today(found, done, now), ...this.cuts(found), ...this.weeks(found, done, now), this.foot(found, done, now));
    this.out.replaceChildren(...parts);
  }

  private spare(found: Plan): string {
    const free = this.inputs!.interview - 2 - found.finish;
    return free > 7 ? `All of it fits: you are through on ${short(found.finish)}, with ${plural(free, "day")} for review. A deeper tier or fewer hours fit too.` : "All of it fits.";
  }

  private today(found: Plan, done: Map<string, number>, now: number): Node[] {
    const missed = [...new Map(found.days.filter((day) => day.day < now).flatMap((day) => day.pieces.filter((piece) => !done.has(piece.item)).map((piece) => [piece.item, piece]))).values()];
    const parts: Node[] = [];
    if (missed.length && this.kept) parts.push(make("p", { class: "plan-note" }, `${plural(missed.length, "item")} from days before today ${missed.length === 1 ? "is" : "are"} not done. `, button("Plan the rest from today", () => void this.keep({ ...this.inputs!, start: now }), "drill-check")));
    const next = found.days.find((day) => day.day >= now && day.pieces.some((piece) => !done.has(piece.item)));
    parts.push(make("h3", {}, `Now: ${long(now)}`));
    const here = found.days.find((day) => day.day === now);
    if (here?.pieces.length) parts.push(make("ul", { class: "plan-list plan-now" }, ...here.pieces.map((piece) => this.row(piece, found, done, true))));
    if (next && next !== here) parts.push(make("p", {}, here?.pieces.length ? "Today is done. " : "Nothing is planned for today. ", `Next is ${short(next.day)}: `, ...this.start(next.pieces.find((piece) => !done.has(piece.item))!, found)));
    else if (next) parts.push(make("p", {}, ...this.start(next.pieces.find((piece) => !done.has(piece.item))!, found, "Go on with: ")));
    else parts.push(make("p", {}, "All of the plan is done."));
    return parts;
  }

  private start(piece: Piece, found: Plan, before = ""): Node[] {
    return [make("a", { class: before ? "sh-button first" : "", href: this.target(piece) }, before + this.words(piece, found))];
  }

  private cuts(found: Plan): Node[] {
    if (!found.cuts.length) return [];
    const reasons = [...new Set(found.cuts.map((cut) => cut.why))];
    return [make("details", { class: "plan-cuts" }, make("summary", {}, `Left out for want of time: ${time(found.left)}, and why`),
      make("p", {}, "What is asked least or needed least goes first, in this order:"),
      make("ol", {}, ...reasons.map((why) => {
        const gone = found.cuts.filter((cut) => cut.why === why);
        return make("li", {}, make("b", {}, `${why[0]!.toUpperCase()}${why.slice(1)}`), ` (${time(gone.reduce((sum, cut) => sum + cut.minutes, 0))})`, make("ul", {}, ...gone.map((cut) => make("li", {}, `${cut.what} (${time(cut.minutes)})`))));
      })))];
  }

  private weeks(found: Plan, done: Map<string, number>, now: number): Node[] {
    const weeks = new Map<number, typeof found.days>();
    for (const day of found.days) {
      const monday = day.day - ((day.day + 3) % 7);
      weeks.set(monday, [...(weeks.get(monday) ?? []), day]);
    }
    const tables = [...weeks].map(([monday, days]) => make("table", { class: "plan-week" }, make("caption", {}, `Week of ${short(monday)}: ${time(days.reduce((sum, day) => sum + day.pieces.reduce((all, piece) => all + piece.minutes, 0), 0))}`),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "day"), make("th", { scope: "col" }, "what"))),
      make("tbody", {}, ...days.map((day) => make("tr", { class: day.day === now ? "plan-today" : "" },
        make("th", { scope: "row" }, short(day.day), make("span", { class: "plan-time" }, day.light ? `${time(day.minutes)}, light` : time(day.minutes))),
        make("td", {}, day.pieces.length ? make("ul", { class: "plan-list" }, ...day.pieces.map((piece) => this.row(piece, found, done))) : "free: review what you like"))))));
    return [make("h3", {}, "Day by day"), ...tables, make("p", { class: "plan-end" }, make("b", {}, short(this.inputs!.interview)), ": the interview.")];
  }

  private foot(found: Plan, done: Map<string, number>, now: number): HTMLElement {
    const box = make("input", { type: "checkbox", id: "plan-share" }), told = make("span", { role: "status" });
    const copy = async () => {
      const hash = this.address(this.inputs!, box.checked);
      history.replaceState(history.state, "", hash);
      told.textContent = await navigator.clipboard.writeText(location.href).then(() => "Copied.", () => "The link is in the address bar.");
    };
    const calendar = () => {
      const events = found.days.filter((day) => day.day >= now).flatMap((day) => day.pieces.filter((piece) => !done.has(piece.item)).map((piece) => ({
        uid: `${piece.item.replace(/[^\w-]/g, "-")}${piece.part > 1 ? `-part-${piece.part}` : ""}@strong-hire`, day: day.day, title: `${this.words(piece, found)}, ${time(piece.minutes)}`, text: this.target(piece) })));
      download(ics([...events, { uid: "interview@strong-hire", day: this.inputs!.interview, title: "Interview" }], "Strong Hire plan"), "strong-hire-plan.ics");
    };
    const share = this.inputs!.levels ? [make("span", {}, box, make("label", { for: "plan-share" }, " with my self-scores"))] : [];
    return make("p", { class: "calc-foot" }, button("Print", () => print()), button("Calendar file", calendar), button("Copy link", () => void copy()), ...share, told, ...(this.kept ? [saveState(this.store)] : []));
  }
}

if (!customElements.get("sh-planner")) customElements.define("sh-planner", Planner);
