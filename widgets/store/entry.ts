/** One thing that happened. `at` is in milliseconds since 1970; the store gives the id. The fields of each type are in schema.ts. */
export interface Entry { type: string; at: number; id?: string; [field: string]: unknown }

export const VERSION = 2; // a higher one needs a step in migrate.ts and in log.ts, kept for ever, and a fixture

export function object(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a message quotes it: short, whatever it is. */
export function said(value: unknown): string {
  const full = JSON.stringify(value) ?? String(value);
  return full.length > 40 ? `${full.slice(0, 40)}…` : full;
}
