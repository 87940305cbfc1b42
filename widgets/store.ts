/**
 * What a reader did, on the reader's device: an append-only log in IndexedDB; state is made by replaying it (store/replay.ts).
 * This is the thin part that each widget carries; the log itself (store/) is one script that all widgets of a page share.
 *
 *     const store = await Store.open();
 *     const id = await store.append({ type: "review", at: Date.now(), card, rating: 3, day: today() });
 *     const stop = store.watch(() => show());        // after a write in this tab or another
 *     form.append(saveState(store));
 */
import { script } from "./dom";
import type { Shared } from "./store/index";
import type { Log } from "./store/log";

export { dateOf, dayOf, today } from "./store/day";
export { StoreError } from "./store/error";
export { doneItems, reviews, settings } from "./store/replay";
export type { Entry } from "./store/entry";
export type Store = Log;

const folder = (document.currentScript as HTMLScriptElement | null)?.src.replace(/[^/]*$/, "") ?? "";
async function load(): Promise<Shared> {
  if (!window.strongHireStore) await script(`${folder}store.js`);
  return window.strongHireStore!;
}

export const Store = {
  /** One log for the whole page; never rejects for want of a database, see `durable`. */
  open: async (): Promise<Store> => (await load()).open(),
};

/** For what handles whole logs (store/transfer.ts): the parts of the shared script that it needs, once the store is open. */
export function kit(): Shared {
  return window.strongHireStore!;
}

export function saveState(store: Store): HTMLElement {
  const made = window.strongHireStore?.saveState(store);
  if (!made) throw new Error("open the store first");
  return made;
}
