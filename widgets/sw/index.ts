/**
 * The service worker: keeps what was read, and never shows a mix of two editions.
 *
 * hooks/worker.py puts BUILD before this script: the version and the hash of every file of one build. Only bytes with the
 * hash of the list are kept, so whatever the network or its caches answer, a page and its assets are of one build. A new
 * build is a new sw.js: it fetches what the old one kept, waits until the reader accepts it or no tab is open, and then
 * removes the old caches. If one file fails, the new worker is given up and the old one stays whole.
 */
import { addressOf, type Build, cacheOf, covers, isCore, OFFLINE, PINS, pins } from "./files";

declare const BUILD: Build;
interface Extendable extends Event { waitUntil(work: Promise<unknown>): void }
interface Asked extends Extendable { request: Request; respondWith(answer: Promise<Response>): void }
interface Told extends Extendable { data: { kind: string; loaded?: string[] }; ports: readonly MessagePort[] }
const scope = self as unknown as {
  registration: ServiceWorkerRegistration;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listener: (event: Asked) => void): void;
  addEventListener(type: "message", listener: (event: Told) => void): void;
};

const root = new URL("./", location.href), name = cacheOf(BUILD.version), paths = Object.keys(BUILD.files);

class Wrong extends Error {
  constructor(readonly response: Response) { super("not a file of this edition"); }
}

function pathOf(address: string): string | undefined {
  const { origin, pathname } = new URL(address);
  if (origin !== root.origin || !pathname.startsWith(root.pathname)) return undefined;
  const path = decodeURIComponent(pathname.slice(root.pathname.length)).replace(/(^|\/)$/, "$1index.html");
  return Object.prototype.hasOwnProperty.call(BUILD.files, path) ? path : undefined;
}

async function isRight(path: string, body: ArrayBuffer): Promise<boolean> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).slice(0, 9);
  return btoa(String.fromCharCode(...hash)) === BUILD.files[path]![0];
}

/** From the network; what its caches hold may be of another build, so a wrong answer is asked for again past them. */
async function download(path: string, cache: RequestCache = "default"): Promise<Response> {
  const answer = await fetch(addressOf(path, root), { cache });
  const body = await answer.arrayBuffer();
  const response = new Response(body, { status: answer.status, headers: { "Content-Type": answer.headers.get("Content-Type") ?? "" } });
  if (answer.ok && (await isRight(path, body))) return response;
  if (cache === "default") return download(path, "reload");
  throw new Wrong(response);
}

async function keep(path: string): Promise<Response> {
  const cache = await caches.open(name), address = addressOf(path, root);
  const kept = await cache.match(address);
  if (kept) return kept;
  const response = await download(path);
  await cache.put(address, response.clone()).catch(() => {}); // a full disk is no reason not to show it
  return response;
}

const going = new Map<string[], Promise<unknown>>(); // downloads of several files: what is left of each, and its end

async function keepAll(wanted: string[]): Promise<void> {
  const left = [...wanted], work = keepEach(left);
  going.set(left, work);
  await work.finally(() => going.delete(left));
}

async function keepEach(left: string[]): Promise<void> {
  let failed: unknown;
  const lane = async () => {
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      await keep(path).catch((error) => {
        failed ??= error;
        left.length = 0; // all lanes end before this does: one that went on would fill the cache that install() gives up
      });
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  if (failed) throw failed;
}

// Once a reader goes on to another page: what pages may ask for later, when there may be no network.
let completing: Promise<void> | undefined;
const complete = (): Promise<void> => (completing ??= (navigator as { connection?: { saveData?: boolean } }).connection?.saveData
  ? Promise.resolve()
  : keepAll(paths.filter(isCore)).catch(() => { completing = undefined; }));

/** Nothing is kept any more, and nothing that was under way arrives later. */
async function forget(): Promise<void> {
  for (const left of going.keys()) left.length = 0;
  await Promise.allSettled(going.values());
  for (const each of await caches.keys()) if (each.startsWith("sh-")) await caches.delete(each);
  completing = undefined;
}

async function isReplaced(): Promise<boolean> {
  await scope.registration.update().catch(() => {});
  return !!(scope.registration.installing ?? scope.registration.waiting);
}

/** The page that says why there is none; before it is kept, one sentence. */
async function instead(path: string, why: "offline" | "new"): Promise<Response> {
  if (await (await caches.open(name)).match(addressOf(OFFLINE, root))) {
    return Response.redirect(`${addressOf(OFFLINE, root)}?why=${why}&page=${encodeURIComponent(path.replace(/index\.html$/, ""))}`);
  }
  const text = why === "new" ? "A new edition of this book is out. Close its tabs, then open it again." : "You are offline, and this page was not kept on this device.";
  return new Response(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Strong Hire</title><p>${text}</p></html>`, { status: 503, headers: { "Content-Type": "text/html" } });
}

async function answer(path: string, opens: boolean): Promise<Response> {
  try {
    return await keep(path);
  } catch (error) {
    const wrong = error instanceof Wrong;
    if (wrong && !(await isReplaced())) return error.response; // the host changed the bytes, or has the file no longer
    return opens ? instead(path, wrong ? "new" : "offline") : Response.error();
  }
}

/** Take over from older caches what is the same; return what else they held. */
async function inherit(): Promise<string[]> {
  const mine = await caches.open(name), missing = new Set<string>();
  for (const other of await older()) {
    const cache = await caches.open(other);
    for (const request of await cache.keys()) {
      const path = pathOf(request.url);
      if (!path || (await mine.match(request.url))) continue;
      const kept = (await cache.match(request))!;
      if (await isRight(path, await kept.clone().arrayBuffer())) await mine.put(request.url, kept);
      else missing.add(path);
    }
  }
  return [...missing];
}

const older = async (): Promise<string[]> => (await caches.keys()).filter((each) => each.startsWith("sh-") && each !== name && each !== PINS);

async function install(): Promise<void> {
  if (!(await older()).length) return; // the first view fetches nothing but this script
  try {
    const missing = new Set(await inherit()), pinned = await pins();
    await keepAll(paths.filter((path) => missing.has(path) || isCore(path) || pinned.some((pin) => covers(pin, path))));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

async function activate(): Promise<void> {
  await inherit(); // what was read while this one waited
  for (const other of await older()) await caches.delete(other);
}

/** A page that loaded before there was a worker: keep what it loaded; if all of it is of this build, answer for the page from now on. */
async function adopt(loaded: string[]): Promise<void> {
  await keepAll([...new Set(loaded.map(pathOf))].filter((path) => path !== undefined));
  await scope.clients.claim();
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("message", (event) => {
  const { kind, loaded } = event.data;
  if (kind === "loaded") event.waitUntil(adopt(loaded ?? []).catch(() => {}));
  if (kind === "accept") event.waitUntil(scope.skipWaiting());
  if (kind === "list") event.ports[0]?.postMessage(BUILD);
  if (kind === "forget") event.waitUntil(forget().then(() => event.ports[0]?.postMessage("")));
});
scope.addEventListener("fetch", (event) => {
  const { request } = event, opens = request.mode === "navigate";
  if (request.method !== "GET" || !request.url.startsWith(root.href)) return;
  const path = pathOf(request.url);
  if (path) {
    const given = answer(path, opens);
    event.respondWith(given);
    if (path.endsWith(".html")) event.waitUntil(given.then(complete, () => {}));
  } else if (opens) {
    event.respondWith(fetch(request).catch(() => instead(request.url.slice(root.href.length), "offline")));
  }
});
