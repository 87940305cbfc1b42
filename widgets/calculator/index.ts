/**
 * <sh-calculator data-calculator="kv-cache">: makes the page's worked table live. The tables, the steps and the closed
 * forms come from calculator-data.js, which hooks/calculators.py writes; this file knows how to ask, walk, show and draw.
 * The state is kept in the address behind #, so that a link holds the answer; without script the table inside stays.
 */
import { button, draw, make } from "../dom";
import { grouped } from "../words";
import { type Chosen, type Data, type Input, type NumberInput, type Spec, type Values, OWN, POINTS, applies, evaluate, load, shown, substituted, three } from "./walk";

let count = 0;

class Calculator extends HTMLElement {
  private data!: Data;
  private spec!: Spec;
  private chosen: Chosen = {};
  private id_ = `calc-${++count}`;
  private out = { result: make("p", { class: "calc-result" }), says: make("p", { class: "calc-says", role: "status" }), sum: make("div", { class: "calc-sum co-arith co" }), plot: make("figure", { class: "fig calc-plot" }) };
  private own: { kind: "model" | "gpu"; fields: HTMLElement }[] = [];
  private ready = false;

  connectedCallback(): void {
    if (this.ready) return;
    this.ready = true;
    // a page whose script is out of reach keeps its worked table
    load().then((data) => this.begin(data)).catch(() => undefined);
  }

  private begin(data: Data): void {
    const spec = data.calculators[this.dataset.calculator ?? ""];
    if (!spec) return;
    this.data = data;
    this.spec = spec;
    this.chosen = { ...this.defaults(), ...this.fromAddress() };
    this.build();
    this.show();
  }

  private numbers(): NumberInput[] {
    return this.spec.inputs.flatMap((input) => (input.kind === "number" ? [input] : input.kind === "choice" ? [] : input.own));
  }

  private defaults(): Chosen {
    const chosen: Chosen = {};
    for (const input of this.spec.inputs) {
      if (input.kind === "model" || input.kind === "gpu") chosen[input.kind] = input.default;
      else chosen[input.name] = input.default;
    }
    for (const number of this.numbers()) chosen[number.name] = number.default;
    return chosen;
  }

  /** What a shared link says; anything unknown or out of range is left at its start. */
  private fromAddress(): Chosen {
    const chosen: Chosen = {};
    const given = new URLSearchParams(location.hash.slice(1));
    for (const input of this.spec.inputs) {
      const name = input.kind === "model" || input.kind === "gpu" ? input.kind : input.name;
      const value = given.get(name);
      if (value === null || input.kind === "number") continue;
      const known = input.kind === "choice" ? Object.keys(input.options) : [...input.names, OWN];
      if (known.includes(value)) chosen[name] = value;
    }
    for (const number of this.numbers()) {
      const value = given.get(number.name);
      if (value !== null && !fault(number, value)) chosen[number.name] = Number(value);
    }
    return chosen;
  }

  private toAddress(): void {
    const start = this.defaults();
    const changed = Object.entries(this.chosen).filter(([name, value]) => value !== start[name]);
    const hash = new URLSearchParams(changed.map(([name, value]) => [name, String(value)])).toString();
    history.replaceState(history.state, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  private build(): void {
    this.own = [];
    const fields = this.spec.inputs.map((input) => this.field(input)).flat();
    const form = make("form", { class: "calc-form", "aria-label": `${this.spec.title}: inputs` }, ...fields);
    form.addEventListener("submit", (event) => event.preventDefault());
    const said = make("span", { class: "calc-said", role: "status" });
    const copy = async (text: string, what: string) => {
      try {
        await navigator.clipboard.writeText(text);
        said.textContent = `${what} copied.`;
      } catch {
        said.textContent = "The browser did not allow copying.";
      }
    };
    const foot = make("p", { class: "calc-foot" }, "The inputs are kept in the address of this page.",
      button("Copy link", () => void copy(location.href, "Link")),
      button("Copy as text", () => void copy(this.asText(), "Text")),
      button("Reset", () => {
        this.chosen = this.defaults();
        this.toAddress();
        this.replaceChildren();
        this.build();
        this.show();
        this.querySelector<HTMLElement>("select, input")?.focus();
      }), said);
    this.replaceChildren(make("div", { class: "calc-live" }, form, make("div", { class: "calc-answer" }, this.out.result, this.out.says, this.out.sum, this.out.plot)), foot);
  }

  private field(input: Input): HTMLElement[] {
    if (input.kind === "number") return [this.numberField(input)];
    if (input.kind === "choice") return [this.select(input.name, input.label, Object.keys(input.options).map((option) => [option, option]))];
    const kind = input.kind;
    const names = input.names.map((name): [string, string] => [name, kind === "gpu" ? this.data.gpus[name]!.name : this.data.models[name]![0]]);
    const fields = make("div", { class: "calc-own" }, ...input.own.map((number) => this.numberField(number)));
    this.own.push({ kind, fields });
    return [this.select(kind, kind === "gpu" ? "GPU" : "Model", [...names, [OWN, kind === "gpu" ? "your own GPU" : "your own shape"]]), fields];
  }

  private select(name: string, label: string, options: [string, string][]): HTMLElement {
    const id = `${this.id_}-${name}`;
    const select = make("select", { id, name }, ...options.map(([value, text]) => make("option", { value }, text)));
    select.value = String(this.chosen[name]);
    select.addEventListener("change", () => this.set(name, select.value));
    return make("div", { class: "calc-field" }, make("label", { for: id }, label), select);
  }

  private numberField(input: NumberInput): HTMLElement {
    const id = `${this.id_}-${input.name}`;
    const box = make("input", { id, name: input.name, type: "number", min: String(input.low), max: String(input.high), step: input.whole ? "1" : "any", inputmode: input.whole ? "numeric" : "decimal", value: String(this.chosen[input.name]) });
    const wrong = make("span", { class: "calc-wrong", id: `${id}-wrong` });
    box.setAttribute("aria-describedby", wrong.id);
    box.addEventListener("input", () => {
      const complaint = fault(input, box.value);
      wrong.textContent = complaint;
      box.setAttribute("aria-invalid", String(Boolean(complaint)));
      if (!complaint) this.set(input.name, Number(box.value));
    });
    return make("div", { class: "calc-field" }, make("label", { for: id }, input.label), box, wrong);
  }

  private set(name: string, value: string | number): void {
    this.chosen[name] = value;
    this.toAddress();
    this.show();
  }

  private unit(name: string): string {
    return this.spec.steps.find((step) => step.name === name)?.unit ?? "params";
  }

  private stepTitle(name: string): string {
    return this.spec.steps.find((step) => step.name === name)?.title ?? name;
  }

  private show(): void {
    for (const { kind, fields } of this.own) fields.hidden = this.chosen[kind] !== OWN;
    const values = evaluate(this.data, this.spec, this.chosen);
    const result = values[this.spec.result]!;
    this.out.result.replaceChildren(make("b", {}, shown(result, this.unit(this.spec.result))), ` ${this.spec.phrase}`);
    this.out.says.textContent = this.says(values);
    this.out.sum.replaceChildren(...this.sum(values));
    this.out.plot.replaceChildren(...(this.spec.curve ? [this.plot(values)] : this.spec.terms.length ? [this.bars(values)] : []));
  }

  /** Which term is the largest, and whether the inputs can be had at all. */
  private says(values: Values): string {
    const said: string[] = [];
    const terms = this.spec.terms.map((name) => ({ name, value: values[name] ?? 0 })).sort((one, other) => other.value - one.value);
    const all = terms.reduce((sum, term) => sum + term.value, 0);
    if (terms[0] && all > 0) said.push(`Largest: ${this.named(terms[0].name)}, ${Math.round((100 * terms[0].value) / all)} %.`);
    if (this.spec.fits) {
      const [name, most, meaning] = this.spec.fits;
      if (values[name]! > values[most]!) said.push(`Careful: ${meaning}. At most ${shown(values[most]!, "")} fit.`);
    }
    return said.join(" ");
  }

  private named(name: string): string {
    const title = this.spec.steps.some((step) => step.name === name) ? this.stepTitle(name) : name;
    return title.charAt(0).toUpperCase() + title.slice(1).replace(/_/g, " ");
  }

  private sum(values: Values): HTMLElement[] {
    return this.spec.steps.filter((step) => step.title && applies(this.data, step, this.chosen)).map((step) =>
      make("p", {}, make("span", { class: "calc-step" }, step.title), " ", make("span", {}, `${substituted(step, values)} = `), make("b", {}, shown(values[step.name]!, step.unit))));
  }

  private asText(): string {
    const values = evaluate(this.data, this.spec, this.chosen);
    const inputs = Object.entries(this.chosen).filter(([name]) => !this.spec.inputs.some((input) => (input.kind === "model" || input.kind === "gpu") && this.chosen[input.kind] !== OWN && input.own.some((number) => number.name === name)));
    const steps = this.spec.steps.filter((step) => step.title && applies(this.data, step, this.chosen)).map((step) => `${step.title}: ${substituted(step, values)} = ${shown(values[step.name]!, step.unit)}`);
    return [`${this.spec.title} (${location.href})`, ...inputs.map(([name, value]) => `${name} = ${value}`), ...steps].join("\n");
  }

  /* ---- plots: 400 units wide as hooks/draw.py, the same classes ---- */

  private frame(title: string, description: string, height: number): SVGElement {
    const svg = draw("svg", { viewBox: `0 0 400 ${height}`, role: "img", "aria-label": `${title}. ${description}` });
    return svg;
  }

  private plot(values: Values): SVGElement {
    const input = this.numbers().find((number) => number.name === this.spec.curve)!;
    const current = Number(this.chosen[input.name]);
    const high = Math.min(input.high, Math.max(2 * current, input.low * 2, input.whole ? 8 : 0));
    let xs = Array.from({ length: POINTS }, (_, index) => input.low + ((high - input.low) * index) / (POINTS - 1));
    if (input.whole) xs = [...new Set(xs.map(Math.round))];
    const along = (chosen: Chosen) => xs.map((x) => evaluate(this.data, this.spec, { ...chosen, [input.name]: x })[this.spec.result]!);
    const main = along(this.chosen);
    const others = this.chosen.model === OWN || !this.spec.compare.length ? [] : this.spec.compare.filter((name) => name !== this.chosen.model).map((name) => ({ name: this.data.models[name]![0], ys: along({ ...this.chosen, model: name }) }));
    const top = Math.max(...main, ...others.flatMap((other) => other.ys)) || 1;
    const unit = this.unit(this.spec.result);
    const [left, right, bottom, roof] = [64, 300, 190, 16];
    const x = (value: number) => left + ((right - left) * (value - xs[0]!)) / (xs[xs.length - 1]! - xs[0]! || 1);
    const y = (value: number) => bottom - ((bottom - roof) * value) / top;
    const path = (ys: number[]) => ys.map((value, index) => `${x(xs[index]!).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const svg = this.frame(this.spec.title, `${input.label} from ${grouped.format(xs[0]!)} to ${grouped.format(xs[xs.length - 1]!)}: from ${shown(main[0]!, unit)} to ${shown(main[main.length - 1]!, unit)}`, 240);
    for (const share of [0, 0.5, 1]) {
      svg.append(draw("line", { class: "grid", x1: left, x2: right, y1: y(share * top), y2: y(share * top) }), draw("text", { class: "quiet", x: left - 8, y: y(share * top) + 4, "text-anchor": "end" }, shown(share * top, unit)));
    }
    const taken: number[] = [];
    const label = (text: string, at: number, look: string) => {
      let place = at + 4;
      while (taken.some((other) => Math.abs(other - place) < 15)) place += 15;
      taken.push(place);
      svg.append(draw("text", { class: look, x: right + 6, y: place }, text));
    };
    for (const other of [{ name: this.modelName(), ys: main, look: "main" }, ...others.map((each) => ({ ...each, look: "data" }))]) {
      svg.append(draw("polyline", { class: other.look, points: path(other.ys) }));
      if (others.length) label(other.name, y(other.ys[other.ys.length - 1]!), other.look === "main" ? "accent b" : "quiet");
    }
    const here = values[this.spec.result]!;
    svg.append(draw("line", { class: "limit", x1: x(current), x2: x(current), y1: y(here), y2: bottom }), draw("circle", { class: "dot", cx: x(current), cy: y(here), r: 4 }));
    for (const tick of [xs[0]!, current, xs[xs.length - 1]!]) {
      if (tick !== current || (x(current) - left > 40 && right - x(current) > 40)) svg.append(draw("text", { class: "quiet", x: x(tick), y: bottom + 18, "text-anchor": "middle" }, input.whole ? grouped.format(tick) : three(tick)));
    }
    svg.append(draw("text", { class: "quiet", x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle" }, input.label.toLowerCase()));
    return svg;
  }

  private modelName(): string {
    return this.data.models[String(this.chosen.model)]?.[0] ?? "yours";
  }

  private bars(values: Values): SVGElement {
    const terms = this.spec.terms.map((name) => ({ title: this.named(name), value: values[name] ?? 0, unit: this.unit(name) }));
    const top = Math.max(...terms.map((term) => term.value)) || 1;
    const svg = this.frame(this.spec.title, terms.map((term) => `${term.title}: ${shown(term.value, term.unit)}`).join("; "), 44 * terms.length + 4);
    terms.forEach((term, index) => {
      const at = 44 * index;
      svg.append(draw("text", { x: 0, y: at + 14 }, term.title), draw("text", { class: "quiet", x: 400, y: at + 14, "text-anchor": "end" }, shown(term.value, term.unit)),
        draw("rect", { class: "axis", x: 0, y: at + 20, width: 400, height: 14 }), draw("rect", { class: "bar", x: 0, y: at + 20, width: ((400 * term.value) / top).toFixed(1), height: 14 }));
    });
    return svg;
  }
}

/** What is wrong with a typed number, in words; empty if nothing is. */
function fault(input: NumberInput, text: string): string {
  const value = Number(text);
  const range = `from ${grouped.format(input.low)} to ${grouped.format(input.high)}`;
  if (!text.trim() || !Number.isFinite(value)) return `Type a number ${input.low < 1 ? `from ${input.low} to ${input.high}` : range}.`;
  if (value < input.low || value > input.high) return `Only ${input.low < 1 ? `from ${input.low} to ${input.high}` : range}.`;
  return input.whole && !Number.isInteger(value) ? "A whole number, please." : "";
}

if (!customElements.get("sh-calculator")) customElements.define("sh-calculator", Calculator);
