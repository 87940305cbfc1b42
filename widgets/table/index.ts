/**
 * <sh-table> before a table: a box that filters its rows, and heads that sort them. The table itself is plain HTML and
 * stays as it is without this script.
 */
class TableTools extends HTMLElement {
  connectedCallback(): void {
    if (this.firstElementChild) return;
    const table = this.table();
    if (!table) return;
    const id = `table-filter-${document.querySelectorAll("sh-table input").length}`;
    const label = document.createElement("label");
    label.htmlFor = id;
    label.textContent = "Filter";
    const box = document.createElement("input");
    box.id = id;
    box.type = "search";
    box.autocomplete = "off";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    this.append(label, box, said);
    const rows = [...table.tBodies[0]!.rows];
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !words.every((word) => (row.textContent ?? "").toLowerCase().includes(word));
      const shown = rows.filter((row) => !row.hidden).length;
      said.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    });
    for (const head of table.tHead?.rows[0]?.cells ?? []) this.sortable(table, head);
  }

  /** The next table on the page, whatever the theme has wrapped around it. */
  private table(): HTMLTableElement | undefined {
    return [...document.querySelectorAll<HTMLTableElement>("table")].find((table) => this.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  private sortable(table: HTMLTableElement, head: HTMLTableCellElement): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "table-sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead!.rows[0]!.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0]!.rows].map((row) => ({ row, key: key(row.cells[head.cellIndex]?.textContent ?? "") }));
      rows.sort((one, other) => (up ? 1 : -1) * compare(one.key, other.key));
      table.tBodies[0]!.append(...rows.map(({ row }) => row));
    });
  }
}

const SIZES: Record<string, number> = { B: 1e9, T: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** "671 B" and "1.03 T" as numbers, so that they sort by size; words as words; an empty cell last. */
function key(text: string): number | string {
  const plain = text.replace(/[†‡,]/g, "").trim();
  const match = /^(\d+(?:\.\d+)?)(?:[\s\u00a0](\w+))?/.exec(plain);
  if (!plain || plain === "–") return Infinity;
  return match ? Number(match[1]) * (SIZES[match[2] ?? ""] ?? 1) : plain.toLowerCase();
}

function compare(one: number | string, other: number | string): number {
  if (typeof one === "number" && typeof other === "number") return one === other ? 0 : one < other ? -1 : 1;
  return String(one).localeCompare(String(other), "en", { numeric: true });
}

if (!customElements.get("sh-table")) customElements.define("sh-table", TableTools);
export {};
