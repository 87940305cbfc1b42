/**
 * From every released version of the log to this one; no step is ever taken out. Version 1 knew drills and hunts, and its
 * entries had no id. They get one from their content, so that the same log gives the same ids wherever it is opened:
 * in the browser's database, or from a file, twice.
 */
import { type Entry, object } from "./entry";

/** JSON with the keys of every object in order: equal for entries that say the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (object(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each));
}

/** 64 bits as 16 hexadecimal digits (cyrb53 before its last cut). Finds accidents; it is no signature. */
export function hash(text: string): string {
  let a = 0xdeadbeef, b = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [b, a].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Gives each entry of version 1 its id; equal entries are numbered in their order. */
export function identifier(): (entry: Entry) => Entry {
  const seen = new Map<string, number>();
  return (entry) => {
    const name = hash(canonical(entry)), before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { ...entry, id: before ? `v1-${name}-${before}` : `v1-${name}` };
  };
}

/** Entries of an older version as entries of this one. */
export function migrate(entries: Entry[], from: number): Entry[] {
  return from < 2 ? entries.map(identifier()) : entries;
}
