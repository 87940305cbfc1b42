/** The log replayed: what is known of each card, and what to ask today. Knows neither the page nor the disk. */
import { reviews } from "../store/replay";
import type { Entry } from "../store";
import { type Memory, type Rating, graded } from "./schedule";

export interface Deck { chapters: { slug: string; title: string; cards: string[] }[]; aliases: Record<string, string> }
interface Seen extends Memory { first: number; failed: boolean; reviews: number }
export interface State { cards: Map<string, Seen>; last: (Entry & { now: string }) | undefined } // last: the review that an undo takes back

export function replay(entries: Entry[], deck: Deck): State {
  const known = new Set(deck.chapters.flatMap((chapter) => chapter.cards));
  const cards = new Map<string, Seen>();
  // by day and hour: what another device wrote may have been imported later
  const ordered = reviews(entries).sort((a, b) => Number(a.day) - Number(b.day) || a.at - b.at);
  let last: State["last"];
  for (const entry of ordered) {
    const id = current(String(entry.card), deck), day = Number(entry.day), rating = Number(entry.rating);
    if (!known.has(id) || !Number.isInteger(day) || ![1, 2, 3, 4].includes(rating)) continue;
    const before = cards.get(id);
    cards.delete(id); // so that the map's order is that of the last review
    cards.set(id, { ...graded(before, rating as Rating, day), first: before?.first ?? day, failed: rating === 1, reviews: (before?.reviews ?? 0) + 1 });
    last = { ...entry, now: id };
  }
  return { cards, last };
}

/** The name that a card has now. */
export function current(id: string, deck: Deck): string {
  for (let hops = 0; Object.prototype.hasOwnProperty.call(deck.aliases, id) && hops < 20; hops++) id = deck.aliases[id]!;
  return id;
}

/** done: graded today and known; fresh: cards never seen that are not in the queue; begun: cards seen first today, of all chapters. */
export interface Today { queue: string[]; done: number; fresh: number; begun: number }

/** What to ask on `day`: what is due, then new cards up to `limit` a day, then what failed today. */
export function plan({ cards }: State, deck: Deck, day: number, limit: number, chapter = ""): Today {
  const asked = deck.chapters.filter(({ slug }) => !chapter || slug === chapter).flatMap((each) => each.cards);
  const inside = new Set(asked);
  const due = asked.filter((id) => cards.has(id) && cards.get(id)!.due <= day && cards.get(id)!.day < day)
    .sort((a, b) => cards.get(a)!.due - cards.get(b)!.due);
  const today = [...cards].filter(([, card]) => card.day >= day);
  const unseen = asked.filter((id) => !cards.has(id));
  const begun = [...cards.values()].filter((card) => card.first === day).length;
  const fresh = unseen.slice(0, Math.max(0, limit - begun));
  const failed = today.filter(([id, card]) => card.failed && inside.has(id)).map(([id]) => id);
  return { queue: [...due, ...fresh, ...failed], done: today.filter(([id, card]) => !card.failed && inside.has(id)).length, fresh: unseen.length - fresh.length, begun };
}

/** How many known cards are due on `day` and on each of the days after it. */
export function ahead({ cards }: State, deck: Deck, day: number, days: number, chapter = ""): number[] {
  const counts = Array<number>(days).fill(0);
  for (const { slug, cards: ids } of deck.chapters) {
    if (chapter && slug !== chapter) continue;
    for (const id of ids) {
      const place = cards.has(id) ? Math.max(0, cards.get(id)!.due - day) : days;
      if (place < days) counts[place]!++;
    }
  }
  return counts;
}
