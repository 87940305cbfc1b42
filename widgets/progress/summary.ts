/** What the log says in numbers: plain functions, tested in Node. */
import { dayOf } from "../store/day";
import type { Entry } from "../store/entry";
import { doneItems, reviews } from "../store/replay";

export const DAYS = 14;
export interface Kind { words: string; all: number; recent: number }
interface Summary { kinds: Kind[]; days: { day: number; count: number }[] }

const DONE: Record<string, string> = {
  question: "questions done", section: "sections read", cards: "decks gone through", lab: "labs done", sheet: "sheets done", exercise: "exercises solved", hunt: "bug hunts done", checkpoint: "checkpoints kept",
};
const EVENTS: Record<string, string> = { drill: "estimates answered", quiz: "quiz questions answered", hunt: "bug hunts tried", assessment: "self-assessments", plan: "plans made" };

/** Counts of every kind, and of each of the last days up to `today`. What was taken back does not count. */
export function summary(entries: readonly Entry[], today: number): Summary {
  const days = new Map<string, number[]>(); // by words: the day of each thing done
  const add = (words: string, day: number) => { days.get(words)?.push(day) ?? days.set(words, [day]); };
  for (const entry of reviews(entries)) add("cards reviewed", dayIn(entry));
  for (const [item, day] of doneItems(entries)) add(DONE[item.split(":")[0]!] ?? "other things done", day);
  const hunted = new Set<string>(); // a hunt counts once a day, however often its answer was checked
  for (const entry of entries) {
    if (entry.type === "hunt" && hunted.size === hunted.add(`${entry.hunt} ${dayIn(entry)}`).size) continue;
    if (Object.keys(EVENTS).includes(entry.type)) add(EVENTS[entry.type]!, dayIn(entry));
  }
  const first = today - DAYS + 1, recent = (all: number[]) => all.filter((day) => day >= first && day <= today);
  const counts = new Map<number, number>();
  for (const day of recent([...days.values()].flat())) counts.set(day, (counts.get(day) ?? 0) + 1);
  const order = ["cards reviewed", ...Object.values(DONE), ...Object.values(EVENTS)];
  return {
    kinds: [...days].map(([words, all]) => ({ words, all: all.length, recent: recent(all).length })).sort((a, b) => order.indexOf(a.words) - order.indexOf(b.words)),
    days: Array.from({ length: DAYS }, (_, index) => ({ day: first + index, count: counts.get(first + index) ?? 0 })),
  };
}

function dayIn(entry: Entry): number {
  return typeof entry.day === "number" ? entry.day : dayOf(entry.at);
}

export interface Parts { sections: string[]; questions: string[]; cards: string[]; other: string[]; extras: string[] }

/** How many of a chapter's parts are done; `seen` holds the ids of cards that were reviewed. */
export function chapter(parts: Parts, done: ReadonlyMap<string, number>, seen: ReadonlySet<string>): Record<keyof Parts, number> {
  const among = (items: string[]) => items.filter((item) => done.has(item)).length;
  return { sections: among(parts.sections), questions: among(parts.questions), cards: parts.cards.filter((card) => seen.has(card)).length, other: among(parts.other), extras: among(parts.extras) };
}
