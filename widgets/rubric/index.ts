/**
 * <sh-rubric> around a rubric's table: says what the choices add up to, and where the gap is.
 * The table is a form of radio buttons that works without this script; nothing is stored.
 */
const GRADES = ["no", "lean", "strong"] as const;
type Grade = (typeof GRADES)[number];

interface Row {
  criterion: string;
  wanted: string;
  grade: Grade | undefined;
}

class Rubric extends HTMLElement {
  private summary: HTMLParagraphElement | undefined;

  connectedCallback(): void {
    if (this.summary) return;
    this.summary = document.createElement("p");
    this.summary.className = "rubric-sum";
    this.summary.setAttribute("role", "status");
    this.append(this.summary);
    this.addEventListener("change", () => this.show());
    this.show();
  }

  private rows(): Row[] {
    return [...this.querySelectorAll("tbody tr")].map((row) => ({
      criterion: words(row.querySelector("th")),
      wanted: words(row.querySelector("td.strong")),
      grade: GRADES.find((grade) => grade === row.querySelector<HTMLInputElement>("input:checked")?.value),
    }));
  }

  private show(): void {
    const rows = this.rows();
    const graded = rows.filter((row) => row.grade);
    const strong = rows.filter((row) => row.grade === "strong").length;
    if (!graded.length) {
      this.say(["Choose in each row what you really said."]);
      return;
    }
    if (graded.length < rows.length) {
      this.say([`${graded.length} of ${rows.length} graded, ${strong} at strong hire.`], true);
      return;
    }
    const gap = GRADES.slice(0, 2).flatMap((grade) => rows.filter((row) => row.grade === grade))[0];
    const total = bold(`${strong} of ${rows.length} at strong hire.`);
    this.say(gap ? [total, " Your gap is ", bold(gap.criterion), `: ${gap.wanted}`] : [total, " Go on to the follow-ups."], true);
  }

  private say(parts: (string | Node)[], clear = false): void {
    this.summary?.replaceChildren(...parts);
    if (!clear) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "rubric-clear";
    button.textContent = "Clear";
    button.addEventListener("click", () => {
      for (const choice of this.querySelectorAll<HTMLInputElement>("input:checked")) choice.checked = false;
      this.show();
      this.querySelector<HTMLInputElement>("input")?.focus();
    });
    this.summary?.append(button);
  }
}

/** Text as read: KaTeX writes a formula twice, once for screen readers; take that one only. */
function words(element: Element | null): string {
  const copy = element?.cloneNode(true) as Element | undefined;
  for (const twin of copy?.querySelectorAll(".katex-html, annotation") ?? []) twin.remove();
  const text = (copy?.textContent ?? "").replace(/\s+/g, " ").trim();
  return text;
}

function bold(text: string): HTMLElement {
  const element = document.createElement("b");
  element.textContent = text;
  return element;
}

if (!customElements.get("sh-rubric")) customElements.define("sh-rubric", Rubric);
