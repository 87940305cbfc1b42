// Search over the sections of the book. Made once from the index (search/search_index.json), asked at each key.
//
// A section answers by its heading, by its names (the glossary's terms that it explains), by its page, and by its text, in this
// order of weight. What the reader typed is taken as typed; a word that no page has is read as the start of a word, and else as
// a slip of the finger. Does not know the page that shows the results: see index.ts.
import { slips, words, type Word } from "./words";

export interface Section {
  location: string;
  title: string; // plain text, as `text`
  text: string;
  page?: string; // what it is a part of
  names?: string[]; // terms and their other names that this section explains
  boost?: number; // by kind of page
}

interface Hit {
  section: Section;
  score: number;
  terms: Record<string, boolean>; // each word of the query: is it in this section?
  matched: Set<string>; // stems to mark
}

const HEADING = 6, NAME = 7, PAGE = 2, TEXT = 2; // weights of a word by where it stands
const WHOLE = 1.5; // a heading or name that is all of the query
const MOST = 30;

interface Posting { heading: Map<number, number>; name: Map<number, number>; page: Set<number>; text: Map<number, number> }

export class Engine {
  private readonly postings = new Map<string, Posting>();
  private readonly surfaces = new Map<string, Set<string>>(); // a word as written: its stems
  private readonly headings: string[] = [];
  private readonly phrases: string[][] = [];
  private readonly lines = new Map<Section, string>();
  private readonly spread: number[] = []; // longer sections contain more by chance

  constructor(private readonly sections: Section[]) {
    const lengths = sections.map((section, at) => this.add(section, at));
    const mean = lengths.reduce((sum, length) => sum + length, 0) / (lengths.length || 1) || 1;
    for (const length of lengths) this.spread.push(1 + 0.5 * (Math.min(length, 6 * mean) / mean));
  }

  private add(section: Section, at: number): number {
    const title = words(section.title), text = words(section.text);
    const share = 0.5 + 0.5 / Math.max(1, title.filter((word) => !word.part).length / 2); // a word of a short heading says more
    for (const word of title) this.posting(word).heading.set(at, Math.min(1, share));
    for (const name of section.names ?? []) {
      const own = words(name);
      for (const word of own) {
        const { name: names } = this.posting(word);
        names.set(at, Math.max(names.get(at) ?? 0, 1 / Math.max(1, own.filter((each) => !each.part).length)));
      }
    }
    for (const word of words(section.page ?? "")) this.posting(word).page.add(at);
    for (const word of text) {
      const { text: counts } = this.posting(word);
      counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    this.headings.push(line(title));
    this.phrases.push((section.names ?? []).map((name) => line(words(name))));
    return text.length;
  }

  private posting({ surface, stem }: Word): Posting {
    let stems = this.surfaces.get(surface);
    if (!stems) this.surfaces.set(surface, (stems = new Set()));
    stems.add(stem);
    let posting = this.postings.get(stem);
    if (!posting) this.postings.set(stem, (posting = { heading: new Map(), name: new Map(), page: new Set(), text: new Map() }));
    return posting;
  }

  /** Stems that may be meant by a word, with how sure that is. */
  private meant(word: Word, unfinished: boolean): Map<string, number> {
    const found = new Map<string, number>();
    const typed = word.surface, known = this.surfaces.has(typed);
    if (this.postings.has(word.stem)) found.set(word.stem, known ? 1 : 0.8);
    const add = (stems: Set<string>, sure: number) => {
      for (const stem of stems) if ((found.get(stem) ?? 0) < sure) found.set(stem, sure);
    };
    if (typed.length >= (unfinished ? 2 : 4) && (unfinished || !known)) {
      for (const [surface, stems] of this.surfaces) {
        if (surface.startsWith(typed)) add(stems, (known ? 0.4 : 0.8) * (typed.length / surface.length));
      }
    }
    if (known || typed.length < 4 || [...found.values()].some((sure) => sure >= 0.5 && sure !== 0.8)) return found;
    let most = typed.length < 8 ? 1 : 2, near: Set<string>[] = [];
    for (const [surface, stems] of this.surfaces) {
      const distance = slips(typed, surface, most);
      if (distance > most) continue;
      if (distance < most) near = [];
      most = distance;
      near.push(stems);
    }
    for (const stems of near) add(stems, 0.8);
    return found;
  }

  private says(section: Section, phrase: string): boolean {
    let text = this.lines.get(section);
    if (text === undefined) this.lines.set(section, (text = ` ${line(words(section.text))} `));
    return text.includes(` ${phrase} `);
  }

  search(query: string): Hit[] {
    const all = words(query), whole = all.filter((word) => !word.part), parts = all.filter((word) => word.part);
    // a name that no page has is asked for by its parts
    const wanted = whole.flatMap((word) => {
      const own = parts.filter((part) => part.start === word.start);
      return this.postings.has(word.stem) || !own.length ? [word] : own.slice(1);
    });
    if (!wanted.length) return [];
    const last = wanted[wanted.length - 1]!;
    const unfinished = /[\p{L}\p{N}]$/u.test(query);
    const scores = new Map<number, number>(), shares = new Map<number, number>();
    const has = new Map<number, Set<string>>(), stems = new Set<string>();
    let total = 0;
    for (const word of wanted) {
      const meant = this.meant(word, unfinished && word === last);
      const here = new Map<number, number>();
      let weight = 0;
      for (const [stem, sure] of meant) {
        const posting = this.postings.get(stem)!;
        const places = new Set([...posting.heading.keys(), ...posting.name.keys(), ...posting.text.keys()]);
        const rare = Math.log(1 + this.sections.length / (1 + places.size + posting.page.size / 4));
        if (stem === word.stem || !meant.has(word.stem)) weight = Math.max(weight, rare);
        stems.add(stem);
        for (const at of new Set([...places, ...posting.page])) {
          const count = posting.text.get(at) ?? 0;
          const value =
            HEADING * (posting.heading.get(at) ?? 0) + NAME * (posting.name.get(at) ?? 0) + (posting.page.has(at) ? PAGE : 0) +
            TEXT * (count / (count + this.spread[at]!));
          here.set(at, Math.max(here.get(at) ?? 0, sure * rare * value));
        }
      }
      weight ||= Math.log(1 + this.sections.length);
      total += weight;
      for (const [at, value] of here) {
        scores.set(at, (scores.get(at) ?? 0) + value);
        shares.set(at, (shares.get(at) ?? 0) + weight);
        if (!has.has(at)) has.set(at, new Set());
        has.get(at)!.add(word.surface);
      }
    }
    const said = line(wanted);
    const hits: Hit[] = [];
    for (const [at, score] of scores) {
      const section = this.sections[at]!;
      const share = shares.get(at)! / total;
      const heading = this.headings[at]!, phrases = this.phrases[at]!;
      let exact = 1;
      if (heading === said || phrases.includes(said)) exact = 2 * WHOLE;
      else if (wanted.length > 1 && ` ${heading} `.includes(` ${said} `)) exact = WHOLE;
      hits.push({
        section,
        score: score * share ** 2 * exact * (section.boost ?? 1),
        terms: Object.fromEntries(wanted.map((word) => [word.surface, has.get(at)!.has(word.surface)])),
        matched: stems,
      });
    }
    hits.sort(byScore);
    if (wanted.length > 1) {
      for (const hit of hits.slice(0, MOST)) if (Object.values(hit.terms).every(Boolean) && this.says(hit.section, said)) hit.score *= WHOLE;
      hits.sort(byScore);
    }
    const least = (hits[0]?.score ?? 0) * 0.05;
    return hits.slice(0, MOST).filter((hit) => hit.score >= least);
  }
}

function byScore(a: Hit, b: Hit): number {
  return b.score - a.score || a.section.location.length - b.section.location.length;
}

/** A text as one line of stems, to compare whole phrases. */
function line(list: Word[]): string {
  return list.filter((word) => !word.part).map((word) => word.stem).join(" ");
}

const AROUND = 200; // characters of a teaser

/** The text around most of the words that were looked for, as HTML with the words marked. */
export function teaser(text: string, matched: Set<string>): string {
  const places = words(text).filter((word) => matched.has(word.stem));
  if (!places.length) return marked(text.slice(0, AROUND), matched) + (text.length > AROUND ? "…" : "");
  let best = 0, most = 0;
  for (let first = 0, after = 0; first < places.length; first++) {
    while (after < places.length && places[after]!.end - places[first]!.start < AROUND) after++;
    const different = new Set(places.slice(first, after).map((word) => word.stem)).size;
    if (different > most) [best, most] = [first, different];
  }
  const start = Math.max(0, text.lastIndexOf(" ", Math.max(0, places[best]!.start - 40)));
  const end = start + AROUND >= text.length ? text.length : text.indexOf(" ", start + AROUND);
  const cut = text.slice(start, end === -1 ? text.length : end).trim();
  return `${start ? "… " : ""}${marked(cut, matched)}${end !== -1 && end < text.length ? " …" : ""}`;
}

/** Plain text as HTML in which the words are marked. */
export function marked(text: string, matched: Set<string>): string {
  let done = 0, html = "";
  for (const word of words(text)) {
    if (word.start < done || !matched.has(word.stem)) continue;
    html += `${escaped(text.slice(done, word.start))}<mark>${escaped(text.slice(word.start, word.end))}</mark>`;
    done = word.end;
  }
  return html + escaped(text.slice(done));
}

export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
