/**
 * <sh-done item="question:kv-cache-size">: a box to tick, kept in the store. Several items, parted by spaces, are ticked as one.
 * Its room is kept by the style sheet; without this script there is nothing to tick.
 */
import { doneItems, saveState, Store, today } from "../store";

class Done extends HTMLElement {
  private leave: (() => void) | undefined;

  connectedCallback(): void {
    if (this.leave) return;
    this.leave = () => undefined;
    void Store.open().then((store) => this.begin(store)).catch(() => this.replaceChildren());
  }

  disconnectedCallback(): void {
    this.leave?.();
    this.leave = undefined;
  }

  private async begin(store: Store): Promise<void> {
    if (!this.isConnected || !this.leave) return;
    const items = (this.getAttribute("item") ?? "").split(" ");
    const box = document.createElement("input");
    box.type = "checkbox";
    const label = document.createElement("label");
    label.append(box, this.getAttribute("label") ?? "Done");
    const open = async () => {
      const done = doneItems(await store.all("done", "not-done"));
      return items.filter((item) => !done.has(item));
    };
    const show = async () => { box.checked = !(await open()).length; };
    box.addEventListener("change", async () => {
      const wanted = box.checked, at = Date.now(), day = today();
      try {
        const left = await open();
        const which = wanted ? left : items.filter((item) => !left.includes(item));
        const kept = which.length ? store.append(...which.map((item) => ({ type: wanted ? "done" : "not-done", at, item, day }))) : undefined;
        say();
        await kept;
      } catch {
        say(); // why
      }
      await show();
    });
    const state = saveState(store);
    const say = () => { if (!this.contains(state)) this.append(state); }; // nothing before there is something to say: not "Saved" before a write begins
    this.leave = store.watch(() => void show());
    await show(); // a box that is there says what is so, and does not change under the hand
    this.replaceChildren(label);
    if (store.trouble) this.append(state);
  }
}

if (!customElements.get("sh-done")) customElements.define("sh-done", Done);
