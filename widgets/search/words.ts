// Text as words that can be compared: what a reader types and what a page says meet here. Pure functions, no page.

const GREEK: Record<string, string> = {
  α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", η: "eta", θ: "theta", κ: "kappa", λ: "lambda", μ: "mu", ν: "nu", ξ: "xi",
  π: "pi", ρ: "rho", σ: "sigma", τ: "tau", φ: "phi", χ: "chi", ψ: "psi", ω: "omega",
};
const WORD = /√|[\p{L}\p{N}_]+(?:(?:\.(?=[\p{L}\p{N}])|,(?=\d{3}))[\p{L}\p{N}_]+)*/gu;
const CAMEL = /(?<=\p{Ll}{2})(?=\p{Lu}\p{Ll}{2})/u; // FlashAttention, but not LoRA or RoPE

export interface Word {
  surface: string;
  stem: string;
  start: number; // where it stands in the text
  end: number;
  part: boolean; // of a longer name
}

/** The words of a text in order; a compound name (kv_cache, grouped_query.py, FlashAttention) is followed by its parts. */
export function words(text: string): Word[] {
  const found: Word[] = [];
  const flat = text.replace(/(?<=\d)×(?=\d)/g, "x"); // one character each, so that places stay true
  for (const match of flat.matchAll(WORD)) {
    const [whole] = match, start = match.index, end = start + whole.length;
    let forms = known.get(whole);
    if (!forms) known.set(whole, (forms = read(whole)));
    for (const [surface, stem, part] of forms) found.push({ surface, stem, start, end, part });
  }
  return found;
}

type Form = [surface: string, stem: string, part: boolean];
const known = new Map<string, Form[]>(); // a book has few words, many times

function read(whole: string): Form[] {
  if (whole === "√") return [["sqrt", "sqrt", false]];
  const forms: Form[] = [];
  const add = (surface: string, part: boolean) => {
    if (surface) forms.push([surface, stem(surface), part]);
  };
  add(plain(whole).replace(/,/g, ""), false);
  if (/[._]/.test(whole)) add(plain(whole).replace(/[._,]/g, ""), true); // d_k is typed dk, too
  const parts = whole.split(/[._]/).flatMap((piece) => piece.split(CAMEL)).filter((piece) => piece.length > 1);
  if (parts.length > 1 || (parts[0] && parts[0] !== whole)) for (const piece of parts) add(plain(piece), true);
  return forms;
}

function plain(word: string): string {
  if (/^[\w.,]*$/.test(word)) return word.toLowerCase();
  const lower = word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return lower.replace(/[α-ω]/g, (sign) => GREEK[sign] ?? sign);
}

const ENDINGS = ["ations", "ation", "ative", "ating", "ated", "ates", "ate", "ings", "ing", "ies", "ed", "es", "y", "e", "s"];

/** Quantize, quantized, quantizing and quantization are one word; a name with a digit or a sign in it stays as it is. */
export function stem(word: string): string {
  if (word.length < 4 || !/^\p{L}+$/u.test(word) || /(?:ss|us|is)$/.test(word)) return word;
  for (const ending of ENDINGS) {
    const rest = word.length - ending.length;
    if (word.endsWith(ending) && rest >= (ending.length > 2 && ending.startsWith("at") ? 4 : 3)) {
      const left = word.slice(0, rest);
      return /([bdgmnprt])\1$/.test(left) ? left.slice(0, -1) : left; // embedding, embed
    }
  }
  return word;
}

/** How many slips of the finger make `b` of `a`: a letter more, less, other, or two turned round. At most `most`, else more. */
export function slips(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
