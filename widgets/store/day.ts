export const DAY = 86_400_000;

/** The local day of a moment, as days since 1970-01-01: from the calendar, so that days of 23 and 25 hours count once. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY;
}

export function today(): number {
  return dayOf(Date.now());
}

/** Midnight UTC of a day number, for a formatter that is told UTC. */
export function dateOf(day: number): Date {
  return new Date(day * DAY);
}
