/**
 * <sh-path roles="4323" tiers="4432">: who reads, and what of the chapter lies beyond their depth. The digits are the
 * chapter's depths, 1 to 4, in the order of NAMES; without them it only asks. The choice is mirrored to localStorage, so
 * that marks stand at once; <sh-setting> brings the store when it changes, and not before: this is in every chapter's
 * first view, and kept small.
 */
const NAMES = {
  role: ["Research", "Full-stack", "Applied", "Platform"],
  tier: ["Frontier", "LLM infrastructure", "AI-native", "Enterprise"],
};
const DEPTHS = ["", "skim", "explain", "derive", "build"];
type Key = keyof typeof NAMES;

const add = <T extends keyof HTMLElementTagNameMap>(to: Element, tag: T, text = ""): HTMLElementTagNameMap[T] => {
  const made = document.createElement(tag);
  made.textContent = text;
  to.append(made);
  return made;
};

class Path extends HTMLElement {
  private asked?: Record<Key, HTMLSelectElement>;
  private said!: HTMLElement;
  private all!: HTMLButtonElement;
  private readonly show = (): void => {
    for (const key of ["role", "tier"] as const) {
      try {
        this.asked![key].value = localStorage[`sh-${key}`] ?? "";
      } catch { /* no storage: the choice lasts as long as the page */ }
    }
    this.mark();
  };

  connectedCallback(): void {
    if (!this.asked) {
      this.textContent = "";
      this.asked = { role: this.choice("role", "Role"), tier: this.choice("tier", "Company") };
      const row = add(this, "p");
      this.said = add(row, "span");
      this.said.role = "status";
      this.all = add(row, "button", "Show all");
      this.all.onclick = () => this.mark(this.all.ariaPressed !== "true");
    }
    addEventListener("storage", this.show);
    this.show();
  }

  disconnectedCallback(): void {
    removeEventListener("storage", this.show);
  }

  private choice(key: Key, words: string): HTMLSelectElement {
    const select = add(add(this, "label", words), "select");
    for (const name of ["any", ...NAMES[key]]) add(select, "option", name).value = name === "any" ? "" : name.toLowerCase().replace(" ", "-");
    select.onchange = () => {
      try {
        localStorage[`sh-${key}`] = select.value;
      } catch { /* as above */ }
      this.querySelector("sh-setting")?.remove();
      const setting = add(this.all.parentElement!, "sh-setting" as "span");
      setting.setAttribute("key", key);
      setting.setAttribute("value", select.value);
      this.mark();
    };
    return select;
  }

  /** The role's depth, which a company moves one step towards its own; a company alone counts as a role. */
  private depth(): number {
    const { role, tier } = this.asked!;
    const [by, to] = [[role, "roles"], [tier, "tiers"]].map(([select, name]) => Number((this.getAttribute(name as string) ?? "")[(select as HTMLSelectElement).selectedIndex - 1] ?? 0)) as [number, number];
    return by && to ? by + Math.sign(to - by) : by || to;
  }

  private mark(all = false): void {
    const depth = this.depth();
    for (const old of document.querySelectorAll(".beyond")) old.replaceWith(...(old.localName === "div" ? old.childNodes : []));
    for (const link of document.querySelectorAll("a.past")) link.className = link.className.replace(" past", "");
    let count = 0;
    for (const badge of document.querySelectorAll<HTMLElement>("h2 > .depth")) {
      if (!depth || DEPTHS.indexOf(badge.dataset.depth!) <= depth || !++count || all) continue;
      const head = badge.parentElement!;
      add(badge, "span", " beyond your path").className = "beyond";
      const rest = document.createElement("div");
      rest.className = "beyond";
      while (head.nextElementSibling && head.nextElementSibling.localName !== "h2") rest.append(head.nextElementSibling);
      head.after(rest);
      for (const link of document.querySelectorAll(`.md-nav--secondary a[href$="#${head.id}"]`)) link.className += " past";
    }
    this.said.textContent = !this.getAttribute("roles") ? "" : depth ? `To ${DEPTHS[depth]} here; ${count} section${count === 1 ? "" : "s"} beyond.` : "Choose, and what lies beyond your path is marked.";
    this.all.hidden = !count;
    this.all.ariaPressed = `${all}`;
  }
}

if (!customElements.get("sh-path")) customElements.define("sh-path", Path);
export {};
