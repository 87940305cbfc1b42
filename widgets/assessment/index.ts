/**
 * <sh-assessment>: brings the form to life that stands in the page. It adds the total, keeps scores and shows their history,
 * and asks three questions a level to see whether a score was too kind or too strict.
 */
import { button, draw, make, script } from "../dom";
import { type Entry, saveState, Store, today } from "../store";
import { date } from "../words";
import { shuffled } from "./shuffle";

/** id, level, question, reason, anchor, options with the right one first */
type Question = [id: string, level: number, question: string, why: string, taught: string, options: string[]];
interface Data { folders: boolean; quiz: Record<string, Question[]> }
type Levels = Record<string, number>;
declare global { interface Window { strongHireQuiz?: Data } }

const folder = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
const PASS = 2; // of three
const CHECK = { class: "drill-check" }; // the look of the button that goes on

async function load(): Promise<Data> {
  await script(`${folder}assessment-data.js`);
  return window.strongHireQuiz!;
}

const short = (day: number) => date(day, { month: "short", year: "numeric" });
const sum = (levels: Levels) => Object.values(levels).reduce((all, level) => all + level, 0);

class Assessment extends HTMLElement {
  private store!: Store;
  private entries: Entry[] = [];
  private leave: (() => void) | undefined;
  private readonly changed = new Set<string>(); // scored on this page and not saved yet

  connectedCallback(): void {
    if (this.leave) return;
    this.leave = () => undefined;
    void Store.open().then((store) => this.begin(store)).catch(() => undefined);
  }

  disconnectedCallback(): void {
    this.leave?.();
    this.leave = undefined;
  }

  private spot(name: string): HTMLElement {
    return this.querySelector<HTMLElement>(`.assess-${name}`)!;
  }

  private get subjects(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[data-slug]")];
  }

  private begin(store: Store): void {
    if (!this.leave) return;
    this.store = store;
    const form = this.querySelector("form")!;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      const name = (event.target as HTMLInputElement).name;
      if (name !== "when") this.changed.add(name);
      this.total();
    });
    this.spot("foot").replaceChildren(button("Save these scores", () => void this.save(), CHECK), make("a", { href: `${folder}../../paths/planner${location.pathname.endsWith(".html") ? ".html" : "/"}` }, "Plan with them"), saveState(store));
    this.leave = store.watch(() => void this.refresh());
    void this.refresh();
  }

  /** Scores as the log has them, each subject's last. */
  private async refresh(): Promise<void> {
    this.entries = (await this.store.all().catch((): Entry[] => [])).filter((entry) => entry.type === "assessment");
    const levels: Levels = Object.assign({}, ...this.entries.map((entry) => entry.levels));
    for (const [slug, level] of Object.entries(levels)) {
      const choice = this.querySelector<HTMLInputElement>(`#level-${slug}-${level}`);
      if (choice && !this.changed.has(slug)) choice.checked = true;
    }
    this.total();
    this.past();
  }

  private chosen(): Levels {
    return Object.fromEntries([...this.querySelectorAll<HTMLInputElement>("[data-slug] input:checked")].map((choice) => [choice.name, Number(choice.value)]));
  }

  private total(): void {
    const levels = this.chosen(), scored = Object.keys(levels).length, all = this.subjects.length;
    this.spot("sum").textContent = scored ? String(sum(levels)) : "";
    this.spot("said").textContent = !scored ? "" : scored < all ? `, with ${scored} of ${all} subjects scored` : "";
    const band = scored === all ? [...this.querySelectorAll<HTMLElement>("[data-from]")].find((row) => sum(levels) >= Number(row.dataset.from)) : undefined;
    for (const row of this.querySelectorAll("[data-from]")) row.setAttribute("aria-current", String(row === band));
    if (band) this.spot("said").textContent = `: ${band.querySelector("th")!.textContent}. ${band.querySelector("td")!.textContent}`;
    const checks = this.subjects.filter((each) => "quiz" in each.dataset && levels[each.dataset.slug!]);
    if (!this.spot("quiz").querySelector("form")) {
      this.spot("quiz").replaceChildren(...(checks.length ? [make("h2", {}, "Check a score"), make("p", {}, "Three questions a level, a minute or two."), make("p", { class: "assess-checks" },
        ...checks.map((each) => button(`${each.dataset.title}: you said ${levels[each.dataset.slug!]}`, () => void this.quiz(each, levels[each.dataset.slug!]!), { class: "sh-button" })))] : []));
    }
  }

  private async save(): Promise<void> {
    const levels = this.chosen(), when = this.querySelector<HTMLInputElement>("[name=when]:checked")!.value;
    if (!Object.keys(levels).length) { this.spot("said").textContent = "Score at least one subject first."; return; }
    this.changed.clear();
    await this.store.append({ type: "assessment", at: Date.now(), day: today(), when, levels }).catch(() => undefined);
  }

  /* ---- the quiz ---- */

  private async quiz(subject: HTMLElement, claimed: number): Promise<void> {
    const place = this.spot("quiz");
    try {
      const data = await load();
      this.ask(data, subject, claimed, claimed, {});
    } catch {
      place.append(make("p", { class: "calc-wrong" }, "The questions could not be loaded. Reload the page to try again."));
    }
  }

  /** Asks a level; on a pass the next one up, on a failure the next one down, until it is known which level holds. */
  private ask(data: Data, subject: HTMLElement, claimed: number, level: number, results: Levels): void {
    const slug = subject.dataset.slug!, title = subject.dataset.title!, questions = data.quiz[slug]!.filter((each) => each[1] === level);
    const heading = make("h2", { tabindex: "-1" }, `${title}: level ${level}`);
    const sets = questions.map(([id, , text, , , options], number) => {
      const box = make("fieldset", { "data-id": id }, make("legend", {}, `${number + 1}. ${text}`));
      for (const option of shuffled(options, `${id}${today()}`)) {
        const choice = make("input", { type: "radio", name: id, required: "" });
        choice.value = String(options.indexOf(option));
        box.append(make("label", {}, choice, make("span", {}, option)));
      }
      return box;
    });
    const out = make("div", { role: "status" }), check = make("button", { type: "submit", ...CHECK }, "Check");
    const form = make("form", { "aria-label": `Questions on ${title}` }, ...sets, check, out);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      let right = 0;
      const entries: Entry[] = [];
      sets.forEach((box, number) => {
        const [id, , , why, taught] = questions[number]!, good = box.querySelector<HTMLInputElement>("input:checked")?.value === "0";
        if (good) right++;
        for (const choice of box.querySelectorAll("input")) {
          choice.disabled = true;
          if (choice.value === "0") choice.parentElement!.className = "right";
        }
        box.append(make("p", {}, make("b", {}, good ? "Right. " : "Not so. "), why, " ", make("a", { href: `${folder}../../chapters/${slug}/${data.folders ? "" : "index.html"}#${taught}` }, "Where it is taught")));
        entries.push({ type: "quiz", at: Date.now(), topic: slug, level, question: id, right: good, day: today() });
      });
      check.remove();
      void this.store.append(...entries).catch(() => undefined);
      this.judge(data, subject, claimed, { ...results, [level]: right }, level, out);
    });
    this.spot("quiz").replaceChildren(heading, make("p", {}, `You said ${claimed}.`), form);
    heading.focus();
  }

  private judge(data: Data, subject: HTMLElement, claimed: number, results: Levels, level: number, out: HTMLElement): void {
    const right = results[level]!, passed = right >= PASS, next = level + (passed ? 1 : -1), slug = subject.dataset.slug!;
    const told = `At level ${level} you got ${right} of 3.`;
    const back = () => button("Done", () => { this.spot("quiz").replaceChildren(); this.total(); this.spot("quiz").querySelector<HTMLElement>("button")?.focus(); }, { class: "plain" });
    if (next >= 1 && next <= 5 && !(next in results)) {
      out.replaceChildren(make("p", {}, `${told} ${passed ? `That holds. Is it a ${next}?` : `Is it a ${next}?`}`), button(`Try level ${next}`, () => this.ask(data, subject, claimed, next, results), CHECK), " ", back());
      if (!passed || level !== claimed) return;
    }
    const holds = Math.max(1, ...Object.keys(results).map(Number).filter((each) => results[each]! >= PASS));
    if (next in results || next < 1 || next > 5) {
      const said = holds < claimed ? `You said ${claimed}; at level ${claimed} you got ${results[claimed]} of 3: plan with ${holds}. Most people are out by a level on what they have read and not yet been asked.`
        : holds > claimed ? `You said ${claimed}, and level ${holds} holds too: you were too strict. Plan with ${holds}, and spend the time elsewhere.`
        : `You said ${claimed}, and ${claimed} it is.`;
      out.replaceChildren(make("p", {}, make("b", {}, said)), ...(holds === claimed ? [] : [button(`Use ${holds}`, () => void this.use(slug, holds), CHECK), " "]), back());
    }
  }

  private async use(slug: string, level: number): Promise<void> {
    this.changed.delete(slug);
    this.spot("quiz").replaceChildren();
    await this.store.append({ type: "assessment", at: Date.now(), day: today(), when: "check", levels: { [slug]: level } }).catch(() => {
      this.querySelector<HTMLInputElement>(`#level-${slug}-${level}`)!.checked = true;
      this.total();
    });
  }

  /* ---- history ---- */

  private past(): void {
    const levels: Levels = {}, all = this.subjects.length, titles = new Map(this.subjects.map((each) => [each.dataset.slug!, each.dataset.title!]));
    const rows = this.entries.map((entry) => {
      const fresh = entry.levels as Levels, moved = Object.entries(fresh).filter(([slug, level]) => levels[slug] && levels[slug] !== level).map(([slug, level]) => `${titles.get(slug) ?? slug} ${levels[slug]} to ${level}`);
      Object.assign(levels, fresh);
      return { day: Number(entry.day), when: String(entry.when), total: sum(levels), scored: Object.keys(levels).length, moved: moved.join(", ") };
    });
    if (!rows.length) return this.spot("past").replaceChildren();
    const whole = rows.filter((row) => row.scored >= all);
    this.spot("past").replaceChildren(make("h2", {}, "History"), ...(whole.length > 1 ? [this.figure(whole, 5 * all)] : []),
      make("table", {}, make("caption", {}, "Every score that you saved"), make("thead", {}, make("tr", {}, ...["day", "when", "total", "what changed"].map((words) => make("th", { scope: "col" }, words)))),
        make("tbody", {}, ...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, short(row.day)), make("td", {}, row.when === "check" ? "after a quiz" : row.when), make("td", {}, row.scored < all ? `${row.total}, ${row.scored} of ${all} scored` : String(row.total)), make("td", {}, row.moved || "–"))))));
  }

  /** The total over time, with the two bands: the table beside it holds the same. */
  private figure(rows: { total: number; day: number }[], most: number): HTMLElement {
    const width = 640, height = 200, left = 34, x = (index: number) => left + 12 + (index * (width - left - 44)) / (rows.length - 1), y = (total: number) => height - 24 - (total / most) * (height - 40);
    const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Total of the self-assessment, from ${rows[0]!.total} to ${rows[rows.length - 1]!.total} of ${most}, with bands at 25 and 40` });
    for (const mark of [0, 25, 40, most]) svg.append(draw("line", { class: mark === 25 || mark === 40 ? "limit" : "grid", x1: left, x2: width, y1: y(mark), y2: y(mark) }), draw("text", { class: "quiet", x: left - 6, y: y(mark) + 4, "text-anchor": "end" }, String(mark)));
    svg.append(draw("polyline", { class: "main", points: rows.map((row, index) => `${x(index)},${y(row.total)}`).join(" ") }));
    rows.forEach((row, index) => svg.append(draw("circle", { class: "dot", cx: x(index), cy: y(row.total), r: 4 })));
    svg.append(draw("text", { class: "quiet", x: left, y: height - 4 }, short(rows[0]!.day)), draw("text", { class: "quiet", x: width, y: height - 4, "text-anchor": "end" }, short(rows[rows.length - 1]!.day)));
    return make("figure", { class: "fig" }, svg);
  }
}

if (!customElements.get("sh-assessment")) customElements.define("sh-assessment", Assessment);
