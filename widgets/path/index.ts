/**
 * <sh-path roles="4323" tiers="4432">: who reads, and what of the chapter lies beyond their depth. The digits are the
 * chapter's depths, 1 to 4, in the order of ROLES and TIERS; without them it only asks. The choice is mirrored to
 * localStorage, so that marks stand at the first paint; <sh-setting> brings the store when it changes, and not before.
 */
const ROLES = ["research", "full-stack", "applied", "platform"];
const TIERS = ["frontier", "llm-infrastructure", "ai-native", "enterprise"];
const DEPTHS = ["", "skim", "explain", "derive", "build"];

class Path extends HTMLElement {
  private readonly asked: HTMLSelectElement[] = [];
  private said = document.createElement("span");
  private all = document.createElement("button");
  private readonly heard = (): void => this.show();

  connectedCallback(): void {
    if (!this.asked.length) {
      const row = document.createElement("p");
      row.append(this.said, this.all);
      this.replaceChildren(this.choice("role", "Role", ROLES), this.choice("tier", "Company", TIERS), row);
      this.said.setAttribute("role", "status");
      this.all.type = "button";
      this.all.addEventListener("click", () => this.mark(this.all.ariaPressed !== "true"));
    }
    addEventListener("storage", this.heard);
    addEventListener("sh-setting", this.heard);
    this.show();
  }

  disconnectedCallback(): void {
    removeEventListener("storage", this.heard);
    removeEventListener("sh-setting", this.heard);
  }

  private choice(key: string, words: string, values: string[]): HTMLElement {
    const label = document.createElement("label");
    const select = document.createElement("select");
    for (const value of ["", ...values]) {
      const name = value.replace("llm", "LLM").replace("ai-", "AI-").replace("-i", " i");
      select.add(new Option(value ? name[0]!.toUpperCase() + name.slice(1) : "any", value));
    }
    select.addEventListener("change", () => {
      keep(key, select.value);
      const setting = document.createElement("sh-setting");
      setting.setAttribute("key", key);
      setting.setAttribute("value", select.value);
      this.querySelector("sh-setting")?.remove();
      this.lastElementChild!.append(setting);
      this.show();
    });
    this.asked.push(select);
    label.append(words, select);
    return label;
  }

  private show(): void {
    this.asked[0]!.value = kept("role");
    this.asked[1]!.value = kept("tier");
    this.mark();
  }

  /** The role's depth; a company moves it one step towards its own, and alone it is the company's. */
  private depth(): number {
    const [role, tier] = this.asked.map((select, place) => Number(this.getAttribute(place ? "tiers" : "roles")?.[select.selectedIndex - 1] ?? 0));
    return role && tier ? role + Math.sign(tier - role) : role || tier || 0;
  }

  private mark(all = false): void {
    const depth = this.depth();
    const marked = document.querySelectorAll(".beyond");
    for (const old of marked) old.localName === "div" ? old.replaceWith(...old.childNodes) : old.remove();
    for (const link of document.querySelectorAll("a.past")) link.classList.remove("past"), link.removeAttribute("title");
    let count = 0;
    for (const badge of depth ? document.querySelectorAll<HTMLElement>("article h2 > .depth") : []) {
      if (DEPTHS.indexOf(badge.dataset.depth!) <= depth) continue;
      count++;
      if (all) continue;
      const head = badge.parentElement!;
      const rest = document.createElement("div");
      const words = document.createElement("span");
      rest.className = words.className = "beyond";
      words.textContent = ", beyond your path";
      badge.append(words);
      while (head.nextElementSibling && head.nextElementSibling.tagName !== "H2") rest.append(head.nextElementSibling);
      head.after(rest);
      for (const link of document.querySelectorAll<HTMLElement>(`.md-nav--secondary a[href$="#${head.id}"]`)) {
        link.classList.add("past");
        link.title = "beyond your path";
      }
    }
    this.said.textContent = !this.hasAttribute("roles") ? "" : depth ? `To ${DEPTHS[depth]} here; ${count || "no"} section${count === 1 ? "" : "s"} beyond.` : "Choose, and sections beyond your path are marked.";
    this.all.hidden = !count;
    this.all.ariaPressed = String(all);
    this.all.textContent = "Show all";
  }
}

function kept(key: string): string {
  try {
    return localStorage.getItem(`sh-${key}`) ?? "";
  } catch {
    return memory[key] ?? "";
  }
}

const memory: Record<string, string> = {};

function keep(key: string, value: string): void {
  memory[key] = value;
  try {
    localStorage.setItem(`sh-${key}`, value);
  } catch { /* then it lasts as long as the page */ }
}

if (!customElements.get("sh-path")) customElements.define("sh-path", Path);
export {};
