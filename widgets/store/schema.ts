/**
 * The closed schema of the log, version 2: every type of entry and every field, each with a bound. What is not named here
 * is refused, on the way in from a page and from a file.
 */
import { object, said } from "./entry";

type Check = readonly [fits: (value: unknown) => boolean, words: string];

const whole = (low: number, high: number): Check => [(value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high, `a whole number from ${low} to ${high}`];
const number = (low: number, high: number): Check => [(value) => typeof value === "number" && value >= low && value <= high, `a number from ${low} to ${high}`];
const matching = (pattern: RegExp, words: string, longest = 160): Check => [(value) => typeof value === "string" && value.length <= longest && pattern.test(value), words];
const text = (longest: number): Check => matching(/^[^\0]*$/, `text of at most ${longest} characters`, longest);
const flag: Check = [(value) => typeof value === "boolean", "true or false"];
const slug = matching(/^[a-z0-9][\w.:-]*$/i, "a name of letters, digits and hyphens", 100);
const choice = matching(/^[\w-]*$/, "a name of letters, digits and hyphens, or nothing", 40);
const day = whole(0, 60_000);
const identity = matching(/^[\w-]{6,64}$/, "6 to 64 letters, digits and hyphens", 64);
const item = matching(/^(section:[\w-]+#[\w-]+|(question|hunt|exercise):[\w-]+|(lab|sheet|cards):[\w-]+|checkpoint:[\w-]+:(0|3|7|14|21))$/, "the name of something to do, such as question:kv-cache-size");
const levels: Check = [
  (value) => object(value) && Object.keys(value).length <= 60 && Object.entries(value).every(([key, level]) => /^[a-z0-9-]{1,60}$/.test(key) && whole(1, 5)[0](level)),
  "a level from 1 to 5 for each subject"];
const hours: Check = [(value) => Array.isArray(value) && value.length === 7 && value.every(number(0, 24)[0]), "seven numbers of hours from 0 to 24, Monday first"];

/** A name that ends in ? may be left out. */
const TYPES: Record<string, Record<string, Check>> = {
  review: { card: slug, rating: whole(1, 4), day },
  "review-undo": { of: identity },
  assessment: { day, when: matching(/^(before|after|check)$/, "before, after or check"), levels },
  quiz: { topic: slug, level: whole(1, 5), question: slug, right: flag, day },
  plan: { role: slug, tier: slug, hours, start: day, interview: day, "levels?": levels },
  done: { item, day },
  "not-done": { item, day },
  setting: {
    key: matching(/^(role|tier|new-cards-a-day|checkpoints-start:[\w-]+)$/, "role, tier, new-cards-a-day or checkpoints-start:<chapter>"),
    value: [(value) => choice[0](value) || day[0](value), `${choice[1]}; or ${day[1]}`],
  },
  drill: { drill: slug, role: choice, level: choice, seed: whole(0, 2 ** 32), text: text(1000), factor: number(1, Number.MAX_VALUE), right: flag },
  hunt: { hunt: slug, right: flag, "seconds?": number(0, 86_400), day },
};
const COMMON: Record<string, Check> = {
  type: matching(/^/, "one of the known types"),
  at: whole(1.5e12, 4.2e12), // milliseconds: 2017 to 2103
  "id?": identity,
};

const has = (given: object, key: string) => Object.prototype.hasOwnProperty.call(given, key);

/** What is wrong with an entry, in words that follow its name; nothing if it fits. */
export function wrong(entry: unknown): string | undefined {
  if (!object(entry)) return "is not an object";
  const type = entry.type;
  if (typeof type !== "string" || !has(TYPES, type)) return `has a type that this version does not know: ${said(type)}`;
  const fields = { ...COMMON, ...TYPES[type] };
  for (const key of Object.keys(entry)) {
    if (!has(fields, key) && !has(fields, `${key}?`)) return `(${type}) has a field that does not belong: ${said(key)}`;
  }
  for (const [name, [fits, words]] of Object.entries(fields)) {
    const key = name.replace("?", "");
    if (!has(entry, key) && name !== key) continue;
    if (!has(entry, key)) return `(${type}) lacks the field ${key}`;
    if (!fits(entry[key])) return `(${type}): ${key} is ${said(entry[key])}, but must be ${words}`;
  }
  return undefined;
}
