/**
 * <sh-drill>: estimation questions without end. A seed decides the question, so that an address shares it; the answer is
 * right within the drill's factor, and the sum is shown step by step. Results stay on the device.
 */
import { button, make } from "../dom";
import { type Data, type Draw, type Drill, type Values, drillValues, load, shown, substituted } from "../calculator/walk";
import { type Entry, Store } from "../store";
import { grouped } from "../words";

const ROLES: [string, string][] = [["", "every role"], ["research", "research"], ["full-stack", "full stack"], ["applied", "applied"], ["platform", "platform"]];
const LEVELS: [string, string][] = [["", "every level"], ["1", "1: one product"], ["2", "2: two or three"], ["3", "3: a chain"]];
const BYTES: [string, number][] = [["GB", 1e9], ["GiB", 2 ** 30], ["MB", 1e6], ["MiB", 2 ** 20], ["KiB", 2 ** 10], ["bytes", 1], ["TB", 1e12]];
/** The units in which an answer may be given, by the unit of the drill; the first is offered first. */
const UNITS: Record<string, [string, number][]> = {
  bytes: [["GiB", 2 ** 30], ["KiB", 2 ** 10], ...BYTES.filter(([unit]) => unit !== "GiB" && unit !== "KiB")],
  GB: BYTES,
  params: [["million", 1e6], ["billion", 1e9], ["thousand", 1e3]],
  tokens: [["tokens", 1]],
  FLOPs: [["× 10^18", 1e18], ["× 10^21", 1e21], ["× 10^24", 1e24], ["× 10^15", 1e15]],
  s: [["ms", 1e-3], ["s", 1], ["µs", 1e-6]],
  "%": [["%", 0.01]],
};

/** mulberry32: the same numbers for the same seed in every browser. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!;
}

class DrillElement extends HTMLElement {
  private data!: Data;
  private store!: Store;
  private forRole = "";
  private atLevel = "";
  private seed = 0;
  private drill!: Drill;
  private drawn: Draw = {};
  private values: Values = {};
  private begun = false;
  private readonly body = make("div", { class: "drill-body" });
  private readonly past = make("div", { class: "drill-past" });

  connectedCallback(): void {
    if (this.begun) return;
    this.begun = true;
    Promise.all([load(), Store.open()]).then(([data, store]) => this.begin(data, store)).catch(() => undefined);
  }

  private begin(data: Data, store: Store): void {
    this.data = data;
    this.store = store;
    this.fromAddress();
    const choose = (label: string, options: [string, string][], value: string, act: (value: string) => void) => {
      const select = make("select", { id: `drill-${label}` }, ...options.map(([key, text]) => make("option", { value: key }, text)));
      select.value = value;
      select.addEventListener("change", () => { act(select.value); this.next(); });
      return make("div", { class: "calc-field" }, make("label", { for: select.id }, label), select);
    };
    const head = make("form", { class: "drill-head", "aria-label": "Which questions" },
      choose("Role", ROLES, this.forRole, (value) => { this.forRole = value; }),
      choose("Level", LEVELS, this.atLevel, (value) => { this.atLevel = value; }));
    head.addEventListener("submit", (event) => event.preventDefault());
    this.replaceChildren(head, this.body, this.past);
    this.ask();
    void this.history();
  }

  private fromAddress(): void {
    const given = new URLSearchParams(location.hash.slice(1));
    const role = given.get("role") ?? "", level = given.get("level") ?? "", seed = Number(given.get("seed"));
    this.forRole = ROLES.some(([key]) => key === role) ? role : "";
    this.atLevel = LEVELS.some(([key]) => key === level) ? level : "";
    this.seed = Number.isInteger(seed) && seed > 0 && seed < 2 ** 31 ? seed : fresh();
  }

  private next(): void {
    this.seed = fresh();
    this.ask();
  }

  private ask(focus = false): void {
    const random = chance(this.seed);
    const fitting = this.data.drills.filter((drill) => (!this.forRole || drill.roles.includes(this.forRole)) && (!this.atLevel || String(drill.level) === this.atLevel));
    this.drill = pick(fitting, random);
    this.drawn = Object.fromEntries(Object.entries(this.drill.draws).map(([name, from]) => [name, pick(from, random)]));
    this.values = drillValues(this.data, this.drill, this.drawn);
    const hash = new URLSearchParams({ ...(this.forRole && { role: this.forRole }), ...(this.atLevel && { level: this.atLevel }), seed: String(this.seed) });
    history.replaceState(history.state, "", `#${hash}`);
    this.form(focus);
  }

  private text(): string {
    return this.drill.text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.drawn[name]!;
      if (name === "model") return this.data.models[String(value)]![0];
      if (name === "gpu") return this.data.gpus[String(value)]!.name;
      return typeof value === "object" ? Object.keys(value)[0]! : typeof value === "number" ? value.toLocaleString("en-US") : value;
    });
  }

  private unit(): string {
    return [...this.drill.steps].reverse().find((step) => step.name === this.drill.result)!.unit;
  }

  private form(focus: boolean): void {
    const units = UNITS[this.unit()] ?? [[this.unit() || "in all", 1]];
    const box = make("input", { id: "drill-answer", type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": "drill-wrong" });
    const unit = make("select", { "aria-label": "Unit" }, ...units.map(([name]) => make("option", {}, name)));
    const wrong = make("span", { class: "calc-wrong", id: "drill-wrong" }), check = make("button", { type: "submit", class: "drill-check" }, "Check");
    const out = make("div", { class: "drill-out", role: "status" });
    const form = make("form", { class: "drill-form" },
      make("label", { for: "drill-answer", class: "drill-question" }, this.text()),
      make("p", { class: "drill-rule" }, `Level ${this.drill.level}. Right within a factor of ${this.drill.factor}.`),
      make("div", { class: "drill-answer" }, box, unit, check), wrong, out);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (box.readOnly) return; // graded already: what is typed after the answer has been read says nothing
      const given = parsed(box.value), bad = !box.value.trim() || !Number.isFinite(given) || given <= 0;
      wrong.textContent = bad ? "Type a number above 0, such as 40 or 2.5e3." : "";
      box.setAttribute("aria-invalid", String(bad));
      if (bad) return;
      box.readOnly = unit.disabled = check.disabled = true;
      void this.grade(given * units[unit.selectedIndex]![1], out);
    });
    this.body.replaceChildren(form);
    if (focus) box.focus();
  }

  private async grade(given: number, out: HTMLElement): Promise<void> {
    const wanted = this.values[this.drill.result]!;
    const off = Math.max(given / wanted, wanted / given);
    const right = off <= this.drill.factor;
    const next = button("Next question", () => { this.seed = fresh(); this.ask(true); }, { class: "drill-next" });
    const sum = this.drill.steps.filter((step) => step.title && step.name in this.values).filter((step) => !step.when || step.when[1].includes(this.data.models[String(this.drawn.model ?? "")]?.[1] ?? ""))
      .map((step) => make("p", {}, make("span", { class: "calc-step" }, step.title), " ", `${substituted(step, this.values)} = `, make("b", {}, shown(this.values[step.name]!, step.unit))));
    const verdict = right ? "Right" : given > wanted ? "Too high" : "Too low";
    out.replaceChildren(make("p", {}, make("b", {}, `${verdict}.`), ` It is ${shown(wanted, this.unit())}; you were off by a factor of ${off < 10 ? off.toPrecision(3) : grouped.format(off)}.`),
      make("div", { class: "calc-sum co co-arith" }, ...sum), next);
    try {
      await this.store.append({ type: "drill", at: Date.now(), drill: this.drill.id, role: this.forRole, level: this.atLevel, seed: this.seed, text: this.text(), factor: off, right });
    } catch {
      out.append(make("p", { class: "calc-wrong" }, "This result could not be saved: the browser has no room left. It counts on this page only."));
    }
    await this.history();
  }

  /** How it goes, and what to try again: the latest try of each question counts. */
  private async history(): Promise<void> {
    const tries = await this.store.all("drill").catch((): Entry[] => []);
    if (!tries.length) return;
    const recent = tries.slice(-20);
    const latest = new Map(tries.map((entry) => [`${entry.role}/${entry.level}/${entry.seed}`, entry]));
    const again = [...latest.values()].filter((entry) => !entry.right).slice(-10).reverse();
    const items = again.map((entry) => {
      const again = () => { this.forRole = String(entry.role); this.atLevel = String(entry.level); this.seed = Number(entry.seed); this.ask(true); };
      return make("li", {}, button(String(entry.text), again, { class: "plain" }));
    });
    this.past.replaceChildren(make("p", {}, `Last ${recent.length}: ${recent.filter((entry) => entry.right).length} right. ${this.store.durable ? "Kept in this browser only." : "This browser keeps nothing: they are gone with this page."}`),
      ...(items.length ? [make("p", {}, make("b", {}, "Try again")), make("ul", {}, ...items)] : []));
  }
}

/** "2,500", "2 500" and "2.5e3" are one number; a comma that parts no thousands is a decimal comma. */
function parsed(text: string): number {
  const bare = text.replace(/\s/g, "");
  return Number(/^\d+,\d+$/.test(bare) && !/^[1-9]\d{0,2},\d{3}$/.test(bare) ? bare.replace(",", ".") : bare.replace(/,/g, ""));
}

function fresh(): number {
  return 1 + Math.floor(Math.random() * (2 ** 31 - 2));
}

if (!customElements.get("sh-drill")) customElements.define("sh-drill", DrillElement);
