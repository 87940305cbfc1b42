/** Numbers and days as a reader sees them. */
import { dateOf } from "./store/day";

export const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** "1 card", "1,000 cards". */
export function count(number: number, noun: string, many = `${noun}s`): string {
  return `${grouped.format(number)} ${number === 1 ? noun : many}`;
}

/** A day number as a date, with what `parts` ask for beside the day of the month. */
export function date(day: number, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", ...parts }).format(dateOf(day));
}
