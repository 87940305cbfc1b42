/** What calculators and drills share: the data, the walk along the steps, and numbers as text. */
import { script } from "../dom";
import { grouped } from "../words";

export type Values = Record<string, number>;
export type Chosen = Record<string, string | number>;

export interface NumberInput { kind: "number"; name: string; label: string; default: number; low: number; high: number; whole: boolean; sets?: string; size?: number }
interface ChoiceInput { kind: "choice"; name: string; label: string; options: Record<string, Values>; default: string }
interface ModelInput { kind: "model"; default: string; own: NumberInput[]; names: string[] }
interface GpuInput { kind: "gpu"; default: string; own: NumberInput[]; names: string[] }
export type Input = NumberInput | ChoiceInput | ModelInput | GpuInput;

export interface Step {
  name: string; title: string; form: string; unit: string; words: string; of: string[];
  takes: Record<string, string | number>; when: [string, string[]] | null;
}
export interface Spec {
  title: string; result: string; phrase: string; terms: string[]; curve: string; compare: string[];
  fits: [string, string, string] | null; inputs: Input[]; steps: Step[];
}
export type Draw = Record<string, string | number | Record<string, Values>>;
export interface Drill {
  id: string; level: number; roles: string[]; text: string; result: string; factor: number; fixed: Values;
  draws: Record<string, (string | number | Record<string, Values>)[]>; steps: Step[];
}
export interface Data {
  forms: Record<string, [string[], (...values: number[]) => number]>;
  constants: Values;
  models: Record<string, [string, string, ...(number | null)[]]>; // name, kind, variables
  modelVariables: string[];
  gpus: Record<string, Values & { name: string }>;
  calculators: Record<string, Spec>;
  drills: Drill[];
}
declare global {
  interface Window { strongHireCalculators?: Data }
}

const folder = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
export const OWN = "own";
export const POINTS = 49;

export async function load(): Promise<Data> {
  await script(`${folder}calculator-data.js`);
  return window.strongHireCalculators!;
}

/* ---- the walk: the same as evaluate() in hooks/calculators.py ---- */

export function applies(data: Data, step: Step, chosen: Chosen): boolean {
  if (!step.when) return true;
  const [name, wanted] = step.when;
  const given = String(chosen[name]);
  return wanted.includes(name === "model" ? (data.models[given]?.[1] ?? OWN) : given);
}

export function evaluate(data: Data, spec: Spec, chosen: Chosen): Values {
  const values: Values = { ...data.constants };
  for (const input of spec.inputs) {
    if (input.kind === "model") {
      const row = modelValues(data, String(chosen.model));
      if (row) Object.assign(values, row);
      else for (const number of input.own) values[number.name] = Number(chosen[number.name]);
    } else if (input.kind === "gpu") {
      const row = data.gpus[String(chosen.gpu)];
      if (row) for (const [name, value] of Object.entries(row)) { if (typeof value === "number") values[name] = value; }
      else for (const number of input.own) values[number.sets ?? number.name] = Number(chosen[number.name]) * (number.size ?? 1);
    } else if (input.kind === "choice") Object.assign(values, input.options[String(chosen[input.name])]);
    else values[input.name] = Number(chosen[input.name]);
  }
  return follow(data, spec.steps, chosen, values);
}

/** Adds the value of each step that applies. */
export function follow(data: Data, steps: Step[], chosen: Chosen, values: Values): Values {
  for (const step of steps) if (applies(data, step, chosen)) values[step.name] = once(data, step, values);
  return values;
}

function modelValues(data: Data, name: string): Values | undefined {
  const row = data.models[name];
  if (!row) return undefined;
  return Object.fromEntries(data.modelVariables.flatMap((variable, index) => { const value = row[index + 2]; return typeof value === "number" ? [[variable, value]] : []; }));
}

export function once(data: Data, step: Step, values: Values): number {
  if (step.form === "+") return step.of.reduce((sum, name) => sum + values[name]!, 0);
  if (step.form === "*") return step.of.reduce((product, name) => product * values[name]!, 1);
  if (step.form === "^") return values[step.of[0]!]! ** values[step.of[1]!]!;
  const [parameters, form] = data.forms[step.form]!;
  return form(...parameters.map((name) => argument(step, name, values)));
}

export function argument(step: Step, name: string, values: Values): number {
  const source = step.takes[name] ?? name;
  return typeof source === "string" ? values[source]! : source;
}

/* ---- numbers as text: the same as shown() in hooks/calculators.py ---- */


export function three(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return grouped.format(value);
  if (Math.abs(value) >= 1000) return grouped.format(Number(value.toPrecision(3)));
  return Math.abs(value) >= 1e-4 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

const BINARY: [number, string][] = [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]];
const COUNTS: [number, string][] = [[1e12, " trillion"], [1e9, " billion"], [1e6, " million"]];

export function shown(value: number, unit: string): string {
  if (!Number.isFinite(value)) return "no number";
  if (unit === "$") return value >= 0.01 ? `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}` : `$${value.toPrecision(2)}`;
  if (unit === "params" || unit === "tokens") {
    const noun = unit === "params" ? "parameters" : "tokens";
    const [size, word] = COUNTS.find(([least]) => value >= least) ?? [1, ""];
    return `${three(value / size)}${word} ${noun}`;
  }
  if (unit === "bytes") {
    const [size, word] = BINARY.find(([least]) => value >= least) ?? [1, "bytes"];
    return `${three(value / size)} ${word}`;
  }
  if (unit === "GB") return `${three(value / 1e9)} GB`;
  if (unit === "s") return value < 1 ? `${three(value * 1e3)} ms` : `${three(value)} s`;
  if (unit === "FLOPs") return `${value.toExponential(2).replace("e+", " × 10^")} FLOPs`;
  if (unit === "%") return `${three(value * 100)} %`;
  if (unit === "×") return `${three(value)}×`;
  return `${three(value)} ${unit}`.trim();
}

/** "2 × n_layers × …" with the numbers put in; a second line of the sum. */
export function substituted(step: Step, values: Values): string {
  return step.words.replace(/[a-z][a-z0-9_]*/g, (name) => {
    const source = step.takes[name] ?? name;
    const value = typeof source === "string" ? values[source] : source;
    return value === undefined ? name : Math.abs(value) >= 1e15 ? value.toExponential(2).replace("e+", "·10^") : String(Number(value.toPrecision(12))).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
  });
}

/** Every variable and step of a drill for what was drawn: the same as values() in hooks/drills.py. */
export function drillValues(data: Data, drill: Drill, drawn: Draw): Values {
  const values: Values = { ...data.constants, ...drill.fixed };
  for (const [name, value] of Object.entries(drawn)) {
    if (name === "model") Object.assign(values, modelValues(data, String(value)));
    else if (name === "gpu") for (const [key, each] of Object.entries(data.gpus[String(value)]!)) { if (typeof each === "number") values[key] = each; }
    else if (typeof value === "object") Object.assign(values, Object.values(value)[0]);
  }
  // what the question says goes before a model's own
  for (const [name, value] of Object.entries(drawn)) if (typeof value === "number") values[name] = value;
  return follow(data, drill.steps, { model: String(drawn.model ?? "") }, Object.assign(values, drill.fixed));
}
