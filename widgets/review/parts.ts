/** What the review page's two widgets share. */
import { make } from "../dom";
import { type Entry, Store } from "../store";
import { date as said } from "../words";

/** An element over the log: shows what follows from it, again after every write here or in another tab. */
export abstract class Kept extends HTMLElement {
  protected store!: Store;
  protected entries: Entry[] = [];
  protected busy = false;
  protected kept: Promise<void> = Promise.resolve(); // the last write, done or under way
  protected readonly told = make("span", { class: "review-told", role: "status" });
  private begun = false;
  private stop: (() => void) | undefined;

  protected abstract ready(): Promise<unknown> | boolean; // what to wait for beside the store
  protected abstract build(): void; // once
  protected abstract refresh(): Promise<void>;
  protected fail(): void {
    this.classList.add("failed"); // what stood here without a script is of more use
  }

  connectedCallback(): void {
    document.addEventListener("visibilitychange", this.woken);
    if (this.store) this.listen();
    if (this.begun) return;
    this.begun = true;
    Promise.all([Store.open(), this.ready()]).then(([store]) => {
      this.store = store;
      this.build();
      if (this.isConnected) this.listen();
    }).catch(() => this.fail());
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.woken);
    this.stop?.();
    this.stop = undefined;
  }

  private listen(): void {
    this.stop ??= this.store.watch(() => { if (!this.busy) void this.refresh(); });
    void this.refresh();
  }

  /** Another day may have begun while the page lay in the background. */
  private readonly woken = () => { if (this.store && !document.hidden) void this.refresh(); };

  /** Writes, then goes on; what could not be written is said and changes nothing. */
  protected keep(entries: Entry[], then: () => Promise<void> = () => this.refresh()): Promise<void> {
    return this.kept = this.write(entries, then);
  }

  private async write(entries: Entry[], then: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      const fault = await this.store.append(...entries).then(() => "", (error: Error) => `Not saved: ${error.message}`);
      this.told.textContent = fault;
      await (fault ? this.refresh() : then());
    } finally {
      this.busy = false;
    }
  }
}

export function field(label: string, control: HTMLElement): HTMLElement {
  return make("div", { class: "review-field" }, make("label", { for: control.id }, label), control);
}

export function date(day: number): string {
  return said(day, { weekday: "short", month: "short", year: "numeric" });
}

/** Chooses what an address like #chapter=rag asks for, where it is offered. */
export function chosen(select: HTMLSelectElement): void {
  const wanted = new URLSearchParams(location.hash.slice(1)).get("chapter");
  if ([...select.options].some(({ value }) => value === wanted)) select.value = wanted!;
}
