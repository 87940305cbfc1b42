/** The store as one script for all widgets of a page: ../store.ts brings it and hands it out. */
import { Log } from "./log";
import { saveState } from "./state";

let opening: Promise<Log> | undefined;

export const shared = { open: () => (opening ??= new Log().begin()), saveState };
export type Shared = typeof shared;

declare global { interface Window { strongHireStore?: Shared } }

window.strongHireStore ??= shared;
