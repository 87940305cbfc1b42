/** The store as one script for all widgets of a page: ../store.ts brings it and hands it out. */
import { Log } from "./log";
import { canonical, hash, migrate } from "./migrate";
import { wrong } from "./schema";
import { saveState } from "./state";

let opening: Promise<Log> | undefined;

export const shared = { open: () => (opening ??= new Log().begin()), saveState, canonical, hash, migrate, wrong };
export type Shared = typeof shared;

declare global { interface Window { strongHireStore?: Shared } }

window.strongHireStore ??= shared;
