/**
 * <sh-progress part="did | chapters | transfer | list">: what the reader did, how much of each chapter, what can be done with the
 * log; and around a list of things to do, each with its data-item, a word beside what is done.
 * Each part upgrades what stands inside it. Nothing leaves the device but by the reader's own export.
 */
import { button, download, make } from "../dom";
import { doneItems, type Entry, kit, reviews, saveState, Store, today } from "../store";
import { decoded, deleteAll, exported, imported, lastImport, take, undoImport } from "../store/transfer";
import { count, date, grouped } from "../words";
import { bars } from "./bars";
import { chapter, type Kind, type Parts, summary } from "./summary";

const WORD = "delete";
const LOOK = { class: "sh-button" };
const things = (number: number) => count(number, "entry", "entries");
const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function table(caption: string, heads: string[], rows: (string | number)[][]): HTMLTableElement {
  return make("table", { class: "progress-table" }, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map(([first, ...rest]) => make("tr", {}, make("th", { scope: "row" }, String(first)), ...rest.map((cell) => make("td", {}, typeof cell === "number" ? grouped.format(cell) : cell))))));
}

class Progress extends HTMLElement {
  private stop: (() => void) | undefined;
  private store!: Store;
  private readonly said = make("p", { class: "progress-said", role: "status" });

  connectedCallback(): void {
    if (this.stop) return;
    this.stop = () => undefined;
    Store.open().then((store) => {
      if (!this.stop) return;
      this.store = store;
      const again = () => void this.show();
      const stops = [store.watch(again), store.watchState(() => { if (this.dataset.trouble !== store.trouble) again(); })];
      this.stop = () => stops.forEach((each) => each());
      again();
    }).catch(() => this.failed("The script that reads your progress did not load."));
  }

  disconnectedCallback(): void {
    this.stop?.();
    this.stop = undefined;
  }

  private async show(): Promise<void> {
    this.dataset.trouble = this.store.trouble;
    try {
      const part = this.getAttribute("part");
      if (part === "transfer") await this.transfer();
      else {
        const entries = await this.store.all();
        if (part === "did") this.did(entries);
        else if (part === "list") this.list(entries);
        else this.chapters(entries);
      }
      this.dataset.ready = "";
    } catch (error) {
      this.failed(`What is kept here could not be read: ${(error as Error).message}`);
    }
  }

  private failed(text: string): void {
    this.dataset.ready = "";
    const notice = make("p", { class: "progress-notice" }, text);
    const part = this.getAttribute("part");
    if (part === "list") return; // it stays what it was without a script
    if (part === "chapters") this.querySelector(".progress-state")?.replaceChildren(...notice.childNodes); // the table of what there is stays
    else this.replaceChildren(notice, make("p", {}, button("Try again", () => location.reload(), LOOK)));
  }

  // ---- what you did ------------------------------------------------------------------------------------------------

  private did(entries: readonly Entry[]): void {
    const { kinds, days } = summary(entries, today());
    if (!kinds.length) {
      this.replaceChildren(make("div", { class: "progress-empty" },
        make("p", {}, make("strong", {}, "Nothing yet.")),
        make("p", {}, "What you tick, review and answer is counted here: a question marked as done, a card reviewed, an estimate graded. Start with a chapter's questions, or with ",
          make("a", { href: this.getAttribute("start") ?? "." }, "an estimate"), "; if you practised on another device, import its file below.")));
      return;
    }
    const said = days.map(({ day, count }) => [date(day, { weekday: "short", month: "short" }), count]);
    this.replaceChildren(table("By kind", ["what", `last ${days.length} days`, "in all"], kinds.map(({ words, recent, all }: Kind) => [words, recent, all])),
      make("div", { class: "progress-days" }, bars(days), table("Day by day", ["day", "things done"], said.reverse())));
  }

  /** A list of things to do: those that are done say so. */
  private list(entries: readonly Entry[]): void {
    const done = doneItems(entries);
    for (const each of this.querySelectorAll<HTMLElement>("[data-item]")) {
      each.querySelector(".list-done")?.remove();
      if (done.has(each.dataset.item!)) each.querySelector("a")!.after(make("span", { class: "list-done" }, " done"));
    }
  }

  // ---- by chapter ----------------------------------------------------------------------------------------------------

  /** The rows stand in the page, each with its parts in data attributes; their numbers become "3 of 20". */
  private chapters(entries: readonly Entry[]): void {
    const state = this.querySelector(".progress-state"), gone = this.store.gone;
    state?.replaceChildren(...(gone ? [make("strong", { class: "progress-notice" }, `${things(gone)} that had been here ${gone === 1 ? "is" : "are"} gone: the browser has cleared its storage. If you have an exported file, import it below.`)] : []), saveState(this.store));
    const done = doneItems(entries), aliases = new Map((this.dataset.aliases ?? "").split(" ").map((pair) => pair.split(":") as [string, string]));
    for (const [item, day] of [...done]) {
      const now = aliases.get(item.slice(item.indexOf(":") + 1));
      if (now) done.set(item.replace(/:.*/, `:${now}`), day);
    }
    const seen = new Set(reviews(entries).map(({ card }) => aliases.get(String(card)) ?? String(card)));
    for (const row of this.querySelectorAll<HTMLElement>("tr[data-slug]")) {
      const list = (name: string) => (row.dataset[name] ?? "").split(" ").filter(Boolean);
      const parts: Parts = { sections: list("sections").map((id) => `section:${row.dataset.slug}#${id}`), questions: list("questions").map((id) => `question:${id}`), cards: list("cards"), other: list("other"), extras: list("extras") };
      const counts = chapter(parts, done, seen);
      for (const name of Object.keys(counts) as (keyof Parts)[]) {
        const cell = row.querySelector(`[data-part=${name}]`), all = parts[name].length;
        if (!cell || !all) continue;
        cell.textContent = `${counts[name]} of ${all}`;
        cell.classList.toggle("all-done", counts[name] === all);
      }
    }
  }

  // ---- export, import, undo, delete ------------------------------------------------------------------------------

  private async transfer(): Promise<void> {
    const [entries, last, kept] = await Promise.all([this.store.all(), lastImport(this.store).catch(() => undefined), this.store.kept()]);
    const count = entries.length, memory = this.store.trouble === "none";
    const file = make("input", { type: "file", id: "progress-file", accept: ".json,application/json" });
    file.addEventListener("change", () => { const given = file.files?.[0]; if (given) void this.bring(given).then(() => { file.value = ""; }); });
    const rows: Node[] = [
      make("div", {}, make("h3", { id: "export" }, "Export"), make("p", {}, count ? `${things(count)} as one file, which any copy of this handbook can import.` : "There is nothing to export yet."), ...(count ? [button("Export to a file", () => void this.save(), { class: "sh-button first" })] : [])),
      make("div", {}, make("h3", { id: "import" }, make("label", { for: file.id }, "Import a file")),
        make("p", {}, `What is in the file is added to what is here; what both have stays as it is. A file with a fault is refused whole.${memory ? " This browser keeps nothing, so it is gone again with this page." : ""}`), file),
    ];
    if (last) {
      rows.push(make("div", {}, make("h3", { id: "undo" }, "Undo the last import"),
        make("p", {}, `${last.name}, ${moments.format(last.at)}: ${things(last.added.length)} added. Undoing takes these out again; what you did since stays.`),
        button("Undo this import", () => void this.say(undoImport(this.store).then((n) => `The import is undone: ${things(n)} taken out.`), "Nothing was undone"), LOOK)));
    }
    if (this.store.durable && !kept) {
      rows.push(make("div", {}, make("h3", { id: "keep" }, "Ask the browser to keep it"), make("p", {}, "When space runs short, a browser may throw away what sites have stored. It can be asked not to; some ask you whether that is right."),
        button("Ask the browser", () => void this.say(this.store.keep().then((yes) => (yes ? "The browser will not clear it by itself." : "The browser made no promise. Export from time to time.")), "It could not be asked"), LOOK)));
    }
    if (count || last) rows.push(make("div", {}, make("h3", { id: "delete" }, "Delete everything"), make("p", {}, "Every entry, in every tab of this browser, for good."), button("Delete everything…", () => this.ask(count), { class: "sh-button danger" })));
    const dialog = this.querySelector("dialog");
    if (dialog?.open) return; // never take away what the reader is answering
    const focused = this.contains(document.activeElement) ? document.activeElement?.closest("div")?.querySelector("h3")?.id : undefined;
    this.replaceChildren(this.said, make("div", { class: "progress-ways" }, ...rows));
    if (focused) (this.querySelector<HTMLElement>(`#${focused} ~ button, #${focused} ~ input`) ?? this.querySelector("button"))?.focus();
  }

  /** Shows how something went, in words. */
  private async say(work: Promise<string>, otherwise: string): Promise<void> {
    this.said.classList.remove("progress-notice");
    try {
      this.said.textContent = await work;
    } catch (error) {
      this.said.classList.add("progress-notice");
      this.said.textContent = `${otherwise}. ${sentence((error as Error).message)}`;
    }
    await this.show();
  }

  private async save(): Promise<void> {
    await this.say(this.store.all().then((entries) => {
      const now = new Date(), { text, left } = exported(entries, now, kit());
      const name = `strong-hire-progress-${now.toISOString().slice(0, 10)}.json`;
      download(text, name, "application/json");
      return `Exported ${things(entries.length - left)} to ${name}.${left ? ` ${things(left)} that this version cannot read stayed here.` : ""}`;
    }), "Nothing was exported");
  }

  private async bring(file: File): Promise<void> {
    this.said.textContent = "Reading the file.";
    await this.say((async () => {
      const entries = imported(decoded(await file.arrayBuffer()), kit());
      const added = await take(this.store, entries, file.name, kit());
      return `Imported ${things(added)} from ${file.name}${added < entries.length ? `; ${grouped.format(entries.length - added)} were here already` : ""}.`;
    })(), "Nothing was imported");
  }

  private ask(count: number): void {
    const word = make("input", { id: "progress-word", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "progress-wrong" });
    const wrong = make("span", { id: "progress-wrong", class: "progress-wrong", role: "alert" });
    const form = make("form", { method: "dialog" },
      make("h2", { id: "progress-ask" }, `Delete ${things(count)}?`),
      make("p", {}, "This cannot be undone. A file that you exported is the only way back, and the copy from before your last import is deleted too."),
      make("p", {}, button("Export first", () => void this.save(), LOOK)),
      make("label", { for: word.id }, `Type ${WORD} to go on`), word, wrong,
      make("p", { class: "progress-choice" }, button("Cancel", () => dialog.close(), LOOK), make("button", { type: "submit", class: "sh-button danger" }, "Delete for good")));
    const dialog = make("dialog", { class: "progress-dialog", "aria-labelledby": "progress-ask" }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (word.value.trim().toLowerCase() !== WORD) {
        wrong.textContent = `Nothing was deleted: type the word ${WORD} first.`;
        word.focus();
        return;
      }
      dialog.close();
      void this.say(deleteAll(this.store).then(() => "Everything is deleted."), "Nothing was deleted");
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      (this.querySelector<HTMLElement>("#delete ~ button") ?? this.querySelector("button"))?.focus();
    });
    this.append(dialog);
    dialog.showModal();
    word.focus();
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

if (!customElements.get("sh-progress")) customElements.define("sh-progress", Progress);
