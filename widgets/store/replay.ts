/** State from the log: plain functions over entries in their order. */
import type { Entry } from "./entry";

/** Reviews that count: those that were not taken back. */
export function reviews(entries: readonly Entry[]): Entry[] {
  const back = new Set(entries.filter((entry) => entry.type === "review-undo").map((entry) => entry.of));
  return entries.filter((entry) => entry.type === "review" && !back.has(entry.id));
}

/** What is done now, with the day on which it was first done since it was last taken back. */
export function doneItems(entries: readonly Entry[]): Map<string, number> {
  const done = new Map<string, number>();
  for (const { type, item, day } of entries) {
    if (type === "done" && !done.has(String(item))) done.set(String(item), Number(day));
    if (type === "not-done") done.delete(String(item));
  }
  return done;
}

/** The last value of each setting. */
export function settings(entries: readonly Entry[]): Map<string, unknown> {
  return new Map(entries.filter((entry) => entry.type === "setting").map((entry) => [String(entry.key), entry.value]));
}
