/**
 * When a card comes back: FSRS-6 with its published parameters, through the core of ts-fsrs (state, interval, forgetting
 * curve) and nothing else of it. A day is a number, so no clock, time zone or daylight saving reaches this file.
 */
import { FSRSAlgorithm, type Grade } from "ts-fsrs";

export type Rating = 1 | 2 | 3 | 4; // again, hard, good, easy
export interface Memory { stability: number; difficulty: number; day: number; due: number } // day: of the last review
const RETENTION = 0.9; // how likely you are to know a card on the day it is due

const core = new FSRSAlgorithm({ request_retention: RETENTION });

/** What is remembered after a review on `day`. A failed card is due the same day again, and then repeats by the short-term formula. */
export function graded(before: Memory | undefined, rating: Rating, day: number): Memory {
  const on = Math.max(day, before?.day ?? day); // a clock set back makes no negative gap
  const { stability, difficulty } = core.next_state(before ?? null, before ? on - before.day : 0, rating as Grade);
  return { stability, difficulty, day: on, due: rating === 1 ? on : on + interval(stability) };
}

/** Whole days until recall falls to RETENTION; at least one. */
export function interval(stability: number): number {
  return core.next_interval(stability, 0);
}

/** How likely the card is known on `day`. */
export function retrievability(memory: Memory, day: number): number {
  return core.forgetting_curve(Math.max(0, day - memory.day), memory.stability);
}
