/**
 * From role, tier, hours and two dates to dated days: the planner's engine. Pure: it knows no clock, no page and no time
 * zone, only day numbers (days since 1970-01-01), so that daylight saving cannot move a day. Same input, same plan.
 *
 * What must be learnt first comes first. When not everything fits, `cuts` says what goes, least needed first, until it does.
 */
export interface Section { id: string; title: string; depth: number; words: number }
export interface Question { id: string; title: string; minutes: number; level: number; roles: string[]; tiers: string[]; asked: number }
export interface Chapter {
  slug: string; title: string; needs: string[]; minutes: number[]; roles: Record<string, number>; tiers: Record<string, number>;
  sections: Section[]; questions: Question[]; extras: Extra[]; lab: boolean; sheet: boolean; cards: number;
  home?: string; // of what is no chapter: a set of questions, or the interview's own pages. It has no depth and no checkpoints
}
/** A bug hunt, an exercise, or something to do for the interview, which `stays` when time is short or does not. */
interface Extra { item: string; title: string; minutes: number; page: string; roles?: string[]; stays?: boolean }
export interface Content { chapters: Chapter[]; why: string[] } // why: the reasons for leaving out, first to go first
export interface Inputs {
  role: string; tier: string; hours: number[]; start: number; interview: number; // hours: Monday first
  levels?: Record<string, number>; done?: Record<string, number>; // self-scores by chapter; the day on which an item was done
}
export type Kind = "read" | "lab" | "cards" | "question" | "extra" | "check" | "sheet" | "mock" | "drill";
export interface Piece { item: string; kind: Kind; chapter: string; title: string; minutes: number; part: number; of: number }
export interface Day { day: number; minutes: number; pieces: Piece[]; light: boolean }
/** `why` is the place of the reason in Content.why; `to` is the depth that is left of the chapter, -1 for none. */
interface Cut { what: string; why: number; minutes: number; slug: string; to: number }
export interface Plan { state: "plan" | "past" | "today" | "empty"; days: Day[]; budget: number; planned: number; left: number; cuts: Cut[]; depths: Record<string, number>; finish: number }

interface Task { item: string; kind: Kind; chapter: string; title: string; minutes: number; rest: number }
interface Step { slug: string; why: number; to?: number; item?: string; what?: string }

export const DEPTHS = ["skim", "explain", "derive", "build"];
const CHECKPOINTS = [0, 3, 7, 14, 21];
const CHECK = 20, SHEET = 10, LAB = 60, MOCK = 40, DRILL = 10, LIGHT = 60; // minutes
const SECONDS_A_CARD = 30;
const LEAST = 10; // a shorter piece of work is not worth sitting down for

/** 0 is Monday: day 0 was a Thursday. */
export const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** The role sets the depth, and the tier moves it by one step at most. */
export function wanted(chapter: Chapter, role: string, tier: string): number {
  const own = chapter.roles[role] ?? 1, there = chapter.tiers[tier] ?? own;
  return own + Math.sign(there - own);
}

/** The depth that a self-score stands for: 2 has skimmed, 3 explains, 4 derives, 5 builds; 1 is nothing yet. */
const reached = (inputs: Inputs, chapter: Chapter): number => (inputs.levels?.[chapter.slug] ?? 1) - 2;

/** Prerequisites before dependents, else reading order. */
export function inOrder(chapters: Chapter[]): Chapter[] {
  const found: Chapter[] = [], seen = new Set<string>();
  const visit = (chapter: Chapter) => {
    if (seen.has(chapter.slug)) return;
    seen.add(chapter.slug);
    for (const need of chapter.needs) for (const other of chapters) if (other.slug === need) visit(other);
    found.push(chapter);
  };
  chapters.forEach(visit);
  return found;
}

const mostAsked = (a: Question, b: Question): number => b.asked - a.asked || a.level - b.level || (a.id < b.id ? -1 : 1);

const fives = (minutes: number): number => Math.max(5, 5 * Math.round(minutes / 5));

/** All that a chapter asks for at depth `to`, in the order in which it is done. */
function tasks(chapter: Chapter, inputs: Inputs, to: number, without: Set<string>): Task[] {
  if (to < 0) return [];
  const from = reached(inputs, chapter), slug = chapter.slug, found: Task[] = [];
  const add = (item: string, kind: Kind, title: string, minutes: number) => {
    if (minutes > 0 && !without.has(item) && !(inputs.done && item in inputs.done)) found.push({ item, kind, chapter: slug, title, minutes, rest: minutes });
  };
  const lab = chapter.lab && to === 3 && from < 3;
  const study = from < to ? chapter.minutes[to]! - (from < 0 ? 0 : chapter.minutes[from]!) - (lab ? LAB : 0) : 0;
  if (study > 0) {
    const within = chapter.sections.filter((section) => section.depth <= to);
    const fresh = within.filter((section) => section.depth > from);
    const parts = to === 0 || !within.length ? [{ id: "objectives", title: "objectives, figures, first lines", words: 1 }] : to < 3 && fresh.length ? fresh : within;
    const words = parts.reduce((sum, part) => sum + part.words, 0);
    for (const part of parts) add(`section:${slug}#${part.id}`, "read", part.title, fives((study * part.words) / words));
  }
  if (lab) add(`lab:${slug}`, "lab", "Lab", LAB);
  if (from < to) add(`cards:${slug}`, "cards", `${chapter.cards} cards, once`, chapter.cards && fives((chapter.cards * SECONDS_A_CARD) / 60));
  for (const question of chapter.questions)
    if (question.roles.includes(inputs.role) && question.tiers.includes(inputs.tier) && question.level <= to + 2 && question.level > from + 1) add(`question:${question.id}`, "question", question.title, question.minutes);
  if (to === 3) for (const extra of chapter.extras) if (extra.roles?.includes(inputs.role) !== false) add(extra.item, "extra", extra.title, extra.minutes);
  return found;
}

/** What goes when time is short, first to go first. */
function steps(chapters: Chapter[], inputs: Inputs): Step[] {
  const want = (chapter: Chapter) => wanted(chapter, inputs.role, inputs.tier), dependents = (slug: string, gone: Set<string>) => chapters.filter((other) => !gone.has(other.slug) && other.slug !== slug && other.needs.includes(slug)).length;
  const gone = new Set<string>(), stays = (chapter: Chapter) => chapter.extras.some((extra) => extra.stays);
  const rank = (chapter: Chapter) => (stays(chapter) ? 1000 : want(chapter) * 100 + (chapter.roles[inputs.role] ?? 1) * 10 + dependents(chapter.slug, gone));
  const least = [...chapters].reverse().sort((a, b) => rank(a) - rank(b)), found: Step[] = [];
  const items = (why: number, list: (chapter: Chapter) => { item: string; what: string }[]) => { for (const chapter of least) for (const each of list(chapter)) found.push({ slug: chapter.slug, why, ...each }); };
  const questions = (why: number, kept: number) => {
    const late = least.flatMap((chapter) => {
      const own = new Set(tasks(chapter, inputs, want(chapter), gone).map((task) => task.item));
      return chapter.questions.filter((question) => own.has(`question:${question.id}`)).sort(mostAsked).slice(kept).map((question) => ({ slug: chapter.slug, question }));
    });
    for (const { slug, question } of late.sort((a, b) => mostAsked(b.question, a.question))) found.push({ slug, why, item: `question:${question.id}`, what: question.title });
  };
  const shallower = (why: number, from: number, to: number) => { for (let depth = from; depth >= to; depth--) for (const chapter of least) if (!chapter.home && want(chapter) > depth) found.push({ slug: chapter.slug, why, to: depth }); };
  const extras = (chapter: Chapter) => chapter.extras.filter((extra) => !extra.stays).map(({ item, title }) => ({ item, what: title }));
  items(0, (chapter) => (chapter.home ? [] : extras(chapter)));
  items(1, ({ slug, title }) => [{ item: `lab:${slug}`, what: `${title}: lab` }]);
  questions(2, 6);
  items(3, (chapter) => (chapter.home ? extras(chapter) : []));
  shallower(4, 2, 1);
  questions(5, 2);
  items(6, ({ slug, title }) => [{ item: `cards:${slug}`, what: `${title}: cards` }]);
  shallower(7, 0, 0);
  // a chapter goes before what it needs, so that nothing stays without its prerequisites
  for (let left = least; left.length; left = left.filter((chapter) => !gone.has(chapter.slug))) {
    const { slug } = left.find((chapter) => !dependents(chapter.slug, gone)) ?? left[0]!;
    gone.add(slug);
    found.push({ slug, why: 8, to: -1 });
  }
  return found;
}

class Layout {
  readonly days: Day[] = [];
  readonly depths: Record<string, number> = {};
  readonly main: Day[];
  readonly tail: Day[];
  private readonly order: Chapter[];

  constructor(content: Content, private readonly inputs: Inputs) {
    for (let day = inputs.start; day < inputs.interview; day++) {
      const light = day === inputs.interview - 1, full = Math.round(inputs.hours[weekday(day)]! * 60);
      const minutes = light ? Math.min(full, Math.max(SHEET, Math.min(LIGHT, Math.floor(full / 2)))) : full;
      if (minutes > 0) this.days.push({ day, minutes, pieces: [], light });
    }
    this.order = inOrder(content.chapters);
    const last = Math.max(0, this.days.length - 2);
    this.main = this.days.slice(0, last);
    this.tail = this.days.slice(last);
  }

  get budget(): number {
    return this.days.reduce((sum, day) => sum + day.minutes, 0);
  }

  /** What is asked for after these steps. */
  asked(cuts: Step[]): Task[] {
    const items = new Set(cuts.flatMap((step) => step.item ?? []));
    return this.order.flatMap((chapter) => {
      let to = wanted(chapter, this.inputs.role, this.inputs.tier);
      for (const step of cuts) if (step.slug === chapter.slug && step.to !== undefined) to = Math.min(to, step.to);
      this.depths[chapter.slug] = to;
      return tasks(chapter, this.inputs, to, items);
    });
  }

  private free(day: Day): number {
    return day.minutes - day.pieces.reduce((sum, piece) => sum + piece.minutes, 0);
  }

  private put(day: Day, task: Omit<Task, "rest">, minutes: number): void {
    day.pieces.push({ item: task.item, kind: task.kind, chapter: task.chapter, title: task.title, minutes, part: 1, of: 1 });
  }

  /** Checkpoints that are still ahead for a chapter that was read on `base`: of several overdue ones the latest. */
  private checks(chapter: Chapter, base: number, first = 0): { due: number; task: Task }[] {
    const all = CHECKPOINTS.filter((after) => after >= first).map((after) => {
      const item = `checkpoint:${chapter.slug}:${after}`;
      return { due: base + after, task: { item, kind: "check" as Kind, chapter: chapter.slug, title: `Checkpoint, day ${after}`, minutes: CHECK, rest: CHECK } };
    }).filter(({ due, task }) => due < this.inputs.interview && !(this.inputs.done && task.item in this.inputs.done));
    const overdue = all.filter(({ due }) => due < this.inputs.start).length;
    return overdue > 1 ? all.slice(overdue - 1) : all;
  }

  /** Lays the tasks on the days; false when some are left over. `more` adds what is good to have: a weekly drill. */
  lay(asked: Task[], more: boolean): boolean {
    for (const day of this.days) day.pieces = [];
    const queue = asked.map((task) => ({ ...task, rest: task.minutes }));
    const waiting: { due: number; task: Task }[] = [];
    const unread = new Map<string, number>(), needs = new Map(this.order.map((chapter) => [chapter.slug, chapter.needs]));
    for (const task of queue) if (task.kind === "read") unread.set(task.chapter, (unread.get(task.chapter) ?? 0) + 1);
    const done = this.inputs.done ?? {};
    for (const chapter of this.order) {
      if (chapter.home || unread.has(chapter.slug) || (this.depths[chapter.slug] ?? -1) < 0) continue;
      const read = Object.keys(done).filter((item) => item.startsWith(`section:${chapter.slug}#`)).map((item) => done[item]!);
      waiting.push(...(read.length ? this.checks(chapter, Math.max(...read)) : this.checks(chapter, this.inputs.start, 7))); // who knew it needs no first recall
    }
    const longest = Math.max(0, ...this.main.map((day) => day.minutes));
    let week = -1, drills = 0;
    const review = (day: Day) => {
      waiting.sort((a, b) => a.due - b.due);
      for (let next = 0; next < waiting.length;) {
        if (waiting[next]!.due <= day.day && this.free(day) >= CHECK) this.put(day, waiting.splice(next, 1)[0]!.task, CHECK);
        else next++;
      }
    };
    const drill = (day: Day) => {
      while (more && `exercise:napkin-${drills + 1}` in done) drills++;
      if (more && this.free(day) >= DRILL) this.put(day, { item: `exercise:napkin-${++drills}`, kind: "drill", chapter: "", title: "Napkin mathematics, ten minutes", minutes: DRILL }, DRILL);
    };
    for (const day of this.main) {
      review(day);
      if (Math.floor((day.day + 3) / 7) !== week && drills < 8) { week = Math.floor((day.day + 3) / 7); drill(day); }
      let cut = false; // a part of the first task is on this day already
      while (queue.length) {
        const room = this.free(day), head = queue[0]!;
        const ready = (task: Task) => task.rest <= room && (task === head || (task.kind !== "read" && task.kind !== "lab" && [task.chapter, ...needs.get(task.chapter)!].every((slug) => !unread.get(slug))));
        const place = queue.findIndex((task) => ready(task) && !(cut && task === head));
        const least = longest < 3 * LEAST ? 1 : LEAST, part = Math.min(room, head.rest - least); // no crumbs on either side
        if (!cut && head.rest > room && part >= least && (head.kind === "read" || head.kind === "lab" || head.minutes > longest)) {
          this.put(day, head, part);
          head.rest -= part;
          if (this.free(day) < least) break;
          cut = true;
        } else if (place >= 0) {
          const [task] = queue.splice(place, 1);
          this.put(day, task!, task!.rest);
          if (task!.kind === "read") {
            const rest = unread.get(task!.chapter)! - 1;
            unread.set(task!.chapter, rest);
            if (!rest) { waiting.push(...this.checks(this.order.find((chapter) => chapter.slug === task!.chapter)!, day.day)); review(day); }
          }
        } else break;
      }
    }
    const sheets = this.order.filter((chapter) => chapter.sheet && !(`sheet:${chapter.slug}` in done)).sort((a, b) => wanted(b, this.inputs.role, this.inputs.tier) - wanted(a, this.inputs.role, this.inputs.tier));
    for (const chapter of sheets) {
      const day = [...this.tail].reverse().find((each) => this.free(each) >= SHEET);
      if (day) this.put(day, { item: `sheet:${chapter.slug}`, kind: "sheet", chapter: chapter.slug, title: `${chapter.title}: the sheet`, minutes: SHEET }, SHEET);
    }
    for (const day of this.tail) {
      if (!day.light && this.free(day) >= MOCK && !("exercise:mock-1" in done) && day === this.tail[0] && this.main.length) this.put(day, { item: "exercise:mock-1", kind: "mock", chapter: "", title: "Mock: three questions aloud, against the clock", minutes: MOCK }, MOCK);
      review(day);
      if (!day.light) drill(day);
    }
    return !queue.length;
  }

  /** With no more than two days there is time for the questions asked most, and for nothing new: one of each chapter in turn. */
  rehearse(asked: Task[]): void {
    const all = new Map(this.order.flatMap(({ questions }) => questions.map((each) => [`question:${each.id}`, each]))), places = new Map<string, number>();
    const turns = asked.sort((a, b) => mostAsked(all.get(a.item)!, all.get(b.item)!)).map((task) => {
      const place = places.get(task.chapter) ?? 0;
      places.set(task.chapter, place + 1);
      return { task, place };
    }).sort((a, b) => a.place - b.place);
    for (const day of this.tail)
      for (const { task } of turns) if (this.free(day) >= task.minutes && !this.days.some((each) => each.pieces.some((piece) => piece.item === task.item))) this.put(day, task, task.minutes);
  }
}

export function plan(content: Content, inputs: Inputs): Plan {
  const none = { days: [], budget: 0, planned: 0, left: 0, cuts: [], depths: {}, finish: inputs.start };
  if (inputs.interview < inputs.start) return { state: "past", ...none };
  if (inputs.interview === inputs.start) return { state: "today", ...none };
  const layout = new Layout(content, inputs), total = (list: Task[]) => list.reduce((sum, task) => sum + task.minutes, 0);
  if (!layout.days.length) return { state: "empty", ...none };
  const room = layout.main.reduce((sum, day) => sum + day.minutes, 0), possible = steps(content.chapters, inputs);
  const everything = layout.asked([]);
  let kept: Step[] = [], asked = everything, more = layout.lay(asked, true), fits = more || layout.lay(asked, false);
  for (let next = 0; !fits && next < possible.length; next++) {
    const step = possible[next]!, before = total(asked), then = layout.asked([...kept, step]);
    if (total(then) === before) continue; // nothing of it was asked for
    kept.push(step);
    asked = then;
    fits = total(asked) <= room && layout.lay(asked, false);
  }
  // what was cut early may fit beside what is left
  for (let last = kept.length - 1; last >= 0; last--) {
    const without = kept.filter((_, place) => place !== last), back = layout.asked(without);
    if (total(back) <= room && layout.lay(back, false)) { kept = without; asked = back; }
  }
  const found: Cut[] = [];
  const so: Step[] = [];
  for (const step of kept) {
    const before = total(layout.asked(so));
    so.push(step);
    const minutes = before - total(layout.asked(so));
    if (minutes > 0) found.push({ what: step.what ?? "", why: step.why, minutes, slug: step.slug, to: step.to ?? -1 });
  }
  asked = layout.asked(kept);
  if (!layout.lay(asked, true)) layout.lay(asked, false);
  if (!layout.main.length) layout.rehearse(everything.filter((task) => task.kind === "question"));
  const parts = new Map<string, Piece[]>();
  for (const day of layout.days) for (const piece of day.pieces) parts.set(piece.item, [...(parts.get(piece.item) ?? []), piece]);
  for (const pieces of parts.values()) pieces.forEach((piece, place) => { piece.part = place + 1; piece.of = pieces.length; });
  const planned = layout.days.reduce((sum, day) => sum + day.pieces.reduce((more, piece) => more + piece.minutes, 0), 0);
  const finish = layout.main.reduce((last, day) => (day.pieces.some((piece) => piece.kind !== "check" && piece.kind !== "drill") ? day.day : last), inputs.start);
  return { state: "plan", days: layout.days, budget: layout.budget, planned, left: found.reduce((sum, cut) => sum + cut.minutes, 0), cuts: found, depths: { ...layout.depths }, finish };
}

/** 20780 is 2026-11-23: counted in UTC, where every day has 24 hours. */
export const fromDay = (day: number): string => new Date(day * 864e5).toISOString().slice(0, 10);
export const toDay = (text: string): number => Date.parse(`${text}T00:00Z`) / 864e5;
