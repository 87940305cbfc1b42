/** What belongs together in the list of a build's files. Shared by the worker and by the page that keeps things. */
export interface Build {
  version: string;
  files: Record<string, [hash: string, bytes: number]>; // by path under the root, pages as …/index.html
}

export const OFFLINE = "practice/offline/index.html";
export const PINS = "sh-pins";
export const cacheOf = (version: string): string => `sh-${version}`;

/** What any page may ask for: styles, fonts, scripts and their data; not the cards, which are one script a chapter. */
export const isCore = (path: string): boolean => path === OFFLINE || (path.startsWith("assets/") && !/^assets\/cards\/|\.png$/.test(path));

/** Whether `path` is kept with `pin`: the folder of a chapter, or "" for everything. The review page asks for all cards or none. */
export const covers = (pin: string, path: string): boolean =>
  path.startsWith(pin) || isCore(path) || path.startsWith("assets/cards/") || path === "practice/review/index.html";

export const addressOf = (path: string, root: URL): string => new URL(path.replace(/(^|\/)index\.html$/, "$1"), root).href;
export const pinAddress = (pin: string, root: URL): string => new URL(`?pin=${encodeURIComponent(pin)}`, root).href;

export async function pins(): Promise<string[]> {
  if (!(await caches.has(PINS))) return [];
  return (await (await caches.open(PINS)).keys()).map(({ url }) => new URL(url).searchParams.get("pin") ?? "");
}
