/**
 * <sh-review-checkpoints>: Day 0, 3, 7, 14 and 21 of a chapter, or of the whole roadmap, with dates from a start day. What is done
 * is kept; the same list goes into a calendar file. The texts are read from the lists that stand inside without a script.
 */
import { button, download, make } from "../dom";
import { ics } from "../ics";
import { type Entry, doneItems, saveState, settings, today } from "../store";
import { DAY } from "../store/day";
import { count } from "../words";
import { Kept, chosen, date, field } from "./parts";

interface Task { day: number; text: string }
interface List { slug: string; title: string; tasks: Task[] }
type Row = Task & { slug: string; title: string; on: number };
const EVERY = "every"; // of the choice: all that was begun

const begin = (slug: string, day: number): Entry => ({ type: "setting", at: Date.now(), key: `checkpoints-start:${slug}`, value: day });

export class Checkpoints extends Kept {
  private lists: List[] = [];
  private readonly which = make("select", { id: "checkpoints-of" });
  private readonly start = make("input", { id: "checkpoints-start", type: "date" });
  private readonly startField = field("Day 0 is", this.start);
  private readonly list = make("ol", { class: "checkpoints-list" });
  private readonly calendar = button("Calendar file (.ics)", () => this.save(), { class: "plain" });

  protected ready(): boolean {
    this.lists = [...this.querySelectorAll<HTMLElement>("[data-chapter]")].map((part) => ({
      slug: part.dataset.chapter!, title: part.querySelector("summary")!.textContent!.trim(),
      tasks: [...part.querySelectorAll<HTMLElement>("[data-day]")].map((item) => ({ day: Number(item.dataset.day), text: item.querySelector("span")!.textContent!.trim() })),
    }));
    return true;
  }

  protected build(): void {
    this.which.append(...this.lists.map(({ slug, title }) => make("option", { value: slug }, title)), make("option", { value: EVERY }, "All that you have begun"));
    chosen(this.which);
    this.which.addEventListener("change", () => void this.refresh());
    this.start.addEventListener("change", () => {
      const day = this.start.valueAsNumber / DAY;
      if (day >= 0) void this.keep([begin(this.which.value, day)]); // NaN while a date is half typed
    });
    this.replaceChildren(make("div", { class: "review-head" }, field("Checkpoints of", this.which), this.startField), this.list,
      make("p", { class: "review-foot" }, this.calendar, saveState(this.store), this.told));
  }

  /** The day on which each list begins, where one was set. */
  private starts(): Map<string, number> {
    const kept = settings(this.entries);
    return new Map(this.lists.filter(({ slug }) => Number.isInteger(kept.get(`checkpoints-start:${slug}`))).map(({ slug }) => [slug, Number(kept.get(`checkpoints-start:${slug}`))]));
  }

  private rows(): Row[] {
    const starts = this.starts(), all = this.which.value === EVERY;
    return this.lists.filter(({ slug }) => (all ? starts.has(slug) : slug === this.which.value))
      .flatMap(({ slug, title, tasks }) => tasks.map((task) => ({ ...task, slug, title, on: (starts.get(slug) ?? today()) + task.day })))
      .sort((a, b) => a.on - b.on);
  }

  protected async refresh(): Promise<void> {
    this.entries = await this.store.all("done", "not-done", "setting");
    const done = doneItems(this.entries), now = today(), rows = this.rows(), all = this.which.value === EVERY;
    this.startField.hidden = all;
    if (!all && document.activeElement !== this.start) this.start.valueAsNumber = DAY * (this.starts().get(this.which.value) ?? now);
    this.calendar.hidden = !rows.length;
    const focused = document.activeElement?.id;
    this.list.replaceChildren(...rows.map(({ slug, title, day, text, on }) => {
      const item = `checkpoint:${slug}:${day}`, id = `check-${slug}-${day}`, late = on < now && !done.has(item);
      const box = make("input", { type: "checkbox", id });
      box.checked = done.has(item);
      // what was begun by a tick keeps its dates tomorrow
      box.addEventListener("change", () => void this.keep([{ type: box.checked ? "done" : "not-done", at: Date.now(), item, day: today() }, ...(this.starts().has(slug) ? [] : [begin(slug, on - day)])]));
      const when = on === now ? "today" : late ? `${count(now - on, "day")} ago` : "";
      return make("li", {}, box, make("label", { for: id }, make("b", {}, `${all ? `${title}, ` : ""}Day ${day}`), ` · ${date(on)}${when && !box.checked ? `, ${when}` : ""}`, make("span", {}, text)));
    }), ...(rows.length ? [] : [make("li", { class: "review-hint" }, "Nothing begun yet: choose a chapter and set its Day 0.")]));
    if (focused?.startsWith("check-")) document.getElementById(focused)?.focus();
  }

  private save(): void {
    const rows = this.rows(), of = this.which.selectedOptions[0]!.text;
    download(ics(rows.map(({ slug, title, day, text, on }) => ({ uid: `checkpoint-${slug}-${day}@strong-hire`, day: on, title: `${title}: Day ${day}`, text })), `Strong Hire: ${of}`), `strong-hire-${this.which.value}.ics`, "text/calendar");
    this.told.textContent = `${count(rows.length, "event")} in strong-hire-${this.which.value}.ics.`;
  }
}
