/**
 * <sh-review>: the cards that are due today, one at a time. Turn, grade, and it is kept; state is the log of `review`
 * entries replayed, so another tab's or another device's reviews count the same. Keys work while the focus is inside.
 */
import { button, make, script } from "../dom";
import { saveState, settings, today } from "../store";
import { Checkpoints } from "./checkpoints";
import { count } from "../words";
import { Kept, chosen, date, field } from "./parts";
import { type Deck, type State, ahead, plan, replay } from "./queue";
import { type Rating, graded } from "./schedule";

type Card = [id: string, front: string, back: string];
declare global { interface Window { strongHireDeck?: Deck; strongHireCards?: Record<string, Card[]> } }

const site = new URL("../../", (document.currentScript as HTMLScriptElement).src);
const GRADES: [Rating, string][] = [[1, "Again"], [2, "Hard"], [3, "Good"], [4, "Easy"]];
const LIMIT = 10; // new cards a day, until the reader says otherwise
const WEEK = 8; // today and the seven days after it

const cards = (name: string) => script(new URL(`assets/cards/${name}.js`, site).href);

/** HTML of the built page as nodes of this one; links in it start at the site's root. */
function nodes(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const element of parsed.querySelectorAll("[href], [src]")) {
    for (const name of ["href", "src"]) if (element.hasAttribute(name)) element.setAttribute(name, new URL(element.getAttribute(name)!, site).href);
  }
  const fragment = document.createDocumentFragment();
  fragment.append(...[...parsed.body.childNodes].map((node) => document.importNode(node, true)));
  return fragment;
}

function span(days: number): string {
  if (days < 1) return "later today";
  if (days < 60) return count(days, "day");
  const months = days / 30.44;
  return months < 24 ? `${months < 10 ? Math.round(months * 10) / 10 : Math.round(months)} months` : `${Math.round(days / 36.525) / 10} years`;
}

class Review extends Kept {
  private deck!: Deck;
  private state!: State;
  private extra = 0; // new cards asked for beyond the limit, on `extraDay`
  private extraDay = 0;
  private shown = ""; // id of the card on the table, and how often it had been reviewed when it came
  private shownReviews = 0;
  private turned = false;
  private answer = "";
  private calls = 0; // of show(): the last one wins
  private readonly table = make("div", { class: "review-table" });
  private readonly progress = make("p", { class: "review-progress" });
  private readonly counts = make("div", { class: "review-counts" });
  private readonly undo = button("Undo (U)", () => void this.takeBack(), { class: "plain", "aria-keyshortcuts": "U" });
  private readonly chapters = make("select", { id: "review-chapter" }, make("option", { value: "" }, "every chapter"));
  private readonly limit = make("input", { id: "review-limit", type: "number", min: "0", max: "200", step: "1", inputmode: "numeric" });

  protected ready(): Promise<void> {
    return cards("index");
  }

  protected override fail(): void {
    super.fail();
    this.prepend(make("p", { class: "review-fault", role: "alert" }, "The cards could not be loaded. Reload the page, or turn the cards on the chapters’ own pages."));
  }

  protected build(): void {
    this.deck = window.strongHireDeck!;
    this.chapters.append(...this.deck.chapters.map(({ slug, title }) => make("option", { value: slug }, title)));
    chosen(this.chapters);
    this.chapters.addEventListener("change", () => {
      this.shown = "";
      void this.refresh();
    });
    this.limit.addEventListener("change", () => void this.set());
    this.addEventListener("keydown", (event) => this.key(event));
    this.replaceChildren(make("div", { class: "review-head" }, field("Cards of", this.chapters), field("New cards a day", this.limit)),
      make("div", { class: "review-line" }, this.progress, this.told), this.table, make("p", { class: "review-foot" }, this.undo, saveState(this.store)), this.counts);
  }

  /* ---- state ---- */

  private value(): number {
    const set = Number(settings(this.entries).get("new-cards-a-day") ?? LIMIT);
    return Number.isFinite(set) ? set : LIMIT;
  }

  private today() {
    const day = today();
    return { day, ...plan(this.state, this.deck, day, this.value() + (this.extraDay === day ? this.extra : 0), this.chapters.value) };
  }

  /** Reads the log and shows what follows from it; the card on the table stays unless it was graded elsewhere. */
  protected async refresh(focus = false, card = ""): Promise<void> {
    this.entries = await this.store.all("review", "review-undo", "setting");
    this.state = replay(this.entries, this.deck);
    const { day, queue, done, fresh, begun } = this.today();
    if (document.activeElement !== this.limit) this.limit.value = String(this.value());
    const undoes = this.state.last?.day === day;
    focus ||= !undoes && document.activeElement === this.undo;
    this.undo.hidden = !undoes;
    this.progress.textContent = queue.length ? `${done + 1} of ${done + queue.length} today` : done ? `${done} of ${done} today` : "";
    this.bars(day);
    if (card) this.shown = "";
    const next = card || queue[0];
    const stays = this.shown && queue.includes(this.shown) && (this.state.cards.get(this.shown)?.reviews ?? 0) === this.shownReviews;
    if (stays) return;
    const moved = this.shown !== "";
    focus ||= moved && this.table.contains(document.activeElement);
    if (next) await this.show(next, focus);
    else this.empty(done, fresh, begun, day, focus);
    if (moved && !this.busy) this.told.textContent = "That card was graded in another tab.";
  }

  private async show(id: string, focus: boolean): Promise<void> {
    const chapter = this.deck.chapters.find(({ cards }) => cards.includes(id))!;
    const call = ++this.calls;
    await cards(chapter.slug).catch(() => undefined);
    if (call !== this.calls) return;
    const card = window.strongHireCards?.[chapter.slug]?.find(([each]) => each === id);
    if (!card) {
      this.told.textContent = "This chapter’s cards could not be loaded. Reload the page, or choose another chapter.";
      return;
    }
    const seen = this.state.cards.get(id);
    this.shown = id;
    this.shownReviews = seen?.reviews ?? 0;
    this.turned = false;
    const kind = !seen ? "new" : seen.failed && seen.day === today() ? "once more today" : `seen ${count(seen.reviews, "time")}`;
    const front = make("div", { class: "review-front", id: "review-front" });
    front.append(nodes(card[1]));
    const back = make("div", { class: "review-back", role: "status" }); // read out when the answer comes into it
    this.answer = card[2];
    const grades = make("div", { class: "review-grades", role: "group", "aria-label": "How well did you know it? Keys 1 to 4", tabindex: "-1" });
    grades.hidden = true;
    const turn = button("Turn the card", () => this.turn(), { class: "first review-turn", "aria-describedby": "review-front" });
    const hint = make("p", { class: "review-hint" }, this.state.cards.size ? "Say the answer, then turn: Space or Enter." :
      "Your first card. Say the answer aloud, then turn it with Space or Enter and grade yourself with 1 to 4: the better you knew it, the later it comes back.");
    this.table.replaceChildren(make("p", { class: "review-meta" }, `${chapter.title} · ${kind}`), front, back, turn, grades, hint);
    this.told.textContent = "";
    if (focus) turn.focus();
  }

  private turn(): void {
    if (!this.shown || this.turned) return;
    this.turned = true;
    const day = today(), before = this.state.cards.get(this.shown);
    const grades = this.table.querySelector<HTMLElement>(".review-grades")!, back = this.table.querySelector<HTMLElement>(".review-back")!;
    grades.replaceChildren(...GRADES.map(([rating, name]) => {
      const memory = graded(before, rating, day);
      const made = button("", () => void this.grade(rating), { "aria-keyshortcuts": String(rating) });
      made.append(make("b", {}, make("kbd", { "aria-hidden": "true" }, String(rating)), ` ${name}`), " ", make("span", {}, span(memory.due - day)));
      return made;
    }));
    back.append(nodes(this.answer));
    this.table.querySelector(".review-turn")!.remove();
    this.table.querySelector(".review-hint")!.textContent = "Grade with 1 to 4. Again: not known. Hard: known, with effort. Good: known. Easy: at once.";
    grades.hidden = false;
    grades.focus();
  }

  private async grade(rating: Rating): Promise<void> {
    const card = this.shown;
    await this.kept.catch(() => undefined); // a limit that is being kept holds no grade up
    if (this.busy || !this.turned || this.shown !== card) return; // graded meanwhile
    await this.keep([{ type: "review", at: Date.now(), card: this.shown, rating, day: today() }], async () => {
      this.shown = "";
      await this.refresh(true);
    });
  }

  private async takeBack(): Promise<void> {
    const last = this.state?.last;
    if (this.busy || last?.day !== today() || !last.id) return;
    await this.keep([{ type: "review-undo", at: Date.now(), of: last.id }], async () => {
      if (!this.deck.chapters.some(({ slug, cards }) => slug === this.chapters.value && cards.includes(last.now))) this.chapters.value = "";
      await this.refresh(true, last.now);
      this.told.textContent = "Taken back.";
    });
  }

  private async set(): Promise<void> {
    const value = Number(this.limit.value);
    const fits = this.limit.value !== "" && Number.isInteger(value) && value >= 0 && value <= 200;
    this.limit.setAttribute("aria-invalid", String(!fits));
    if (!fits) this.told.textContent = "New cards a day: a whole number from 0 to 200.";
    else await this.keep([{ type: "setting", at: Date.now(), key: "new-cards-a-day", value }]);
  }

  /* ---- what else stands on the page ---- */

  private empty(done: number, fresh: number, begun: number, day: number, focus: boolean): void {
    this.shown = "";
    this.calls++;
    const inside = this.deck.chapters.find(({ slug }) => slug === this.chapters.value)?.cards;
    const coming = [...this.state.cards].filter(([id]) => inside?.includes(id) ?? true).map(([, card]) => card.due);
    const next = coming.length ? Math.min(...coming) : 0;
    const title = make("p", { class: "review-empty", tabindex: "-1" }, make("b", {}, done ? "Done for today." : "Nothing is due."));
    if (next > day) title.append(` Next: ${count(coming.filter((due) => due === next).length, "card")} ${next === day + 1 ? "tomorrow" : `in ${span(next - day)}`}.`);
    if (!fresh) title.append(" You have seen every card here.");
    const more = Math.min(fresh, 10);
    this.table.replaceChildren(title, ...(more ? [button(`${count(more, "more new card")}`, () => {
      this.extra = Math.max(0, begun - this.value()) + more;
      this.extraDay = day;
      void this.refresh(true);
    }, { class: "first" })] : []));
    if (focus) title.focus();
  }

  private bars(day: number): void {
    const due = ahead(this.state, this.deck, day, WEEK, this.chapters.value), most = Math.max(1, ...due);
    const name = (place: number) => place === 0 ? "Today" : place === 1 ? "Tomorrow" : date(day + place).slice(0, -5);
    const rows = due.map((cards, place) => {
      const bar = make("span", { class: "review-bar", "aria-hidden": "true" });
      bar.style.setProperty("--share", String(cards / most));
      return make("tr", {}, make("th", { scope: "row" }, name(place)), make("td", {}, String(cards)), make("td", {}, bar));
    });
    const later = due.slice(1).reduce((sum, cards) => sum + cards, 0);
    this.counts.replaceChildren(make("table", { class: "review-days" }, make("caption", {}, `Due: ${due[0]} today, ${due[1]} tomorrow, ${later} in the next 7 days`), make("tbody", {}, ...rows)));
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || target.matches("input, select, textarea")) return;
    const place = "1234".indexOf(event.key);
    if (event.key.toLowerCase() === "u") void this.takeBack();
    else if (place >= 0 && this.turned) void this.grade((place + 1) as Rating);
    else if ((event.key === " " || event.key === "Enter") && !target.matches("button, a, summary") && !this.turned) this.turn();
    else return;
    event.preventDefault();
  }
}

if (!customElements.get("sh-review")) {
  customElements.define("sh-review", Review);
  customElements.define("sh-review-checkpoints", Checkpoints);
}
