/**
 * <sh-offline>: what is kept on this device, and buttons to keep a chapter or everything. Inside it stands a list of what can
 * be kept, one <li data-pin> each. Fetching is the worker's: it keeps whatever of its edition this page asks for.
 */
import { button, make } from "../dom";
import { addressOf, type Build, cacheOf, covers, isCore, PINS, pinAddress, pins } from "../sw/files";

const root = new URL("../../", (document.currentScript as HTMLScriptElement).src);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** What the worker answers. */
async function ask<T>(kind: string): Promise<T> {
  const { active } = await navigator.serviceWorker.ready, channel = new MessageChannel();
  return new Promise((done) => {
    channel.port1.onmessage = ({ data }: MessageEvent<T>) => done(data);
    (navigator.serviceWorker.controller ?? active)!.postMessage({ kind }, [channel.port2]);
  });
}

class Offline extends HTMLElement {
  private build!: Build;
  private begun = false;

  connectedCallback(): void {
    if (this.begun) return;
    this.begun = true;
    this.why();
    this.begin().catch((error: Error) => this.say(error.message));
  }

  private say(text: string): void {
    this.querySelector(".offline-said")!.textContent = text;
  }

  /** Why the reader is here and not on the page asked for. */
  private why(): void {
    const asked = new URLSearchParams(location.search), page = asked.get("page");
    if (page === null || /^[/\\]|:/.test(page)) return;
    const text = asked.get("why") === "new"
      ? `A new edition is out, and “${page || "home"}” of the edition that you are reading was not kept. Reload when the note below says that the new one is ready. `
      : `You are offline, and “${page || "home"}” is not kept on this device. What is kept is listed below. `;
    this.prepend(make("p", { class: "offline-why" }, text, make("a", { href: new URL(page, root).href }, "Try again")));
  }

  private async begin(): Promise<void> {
    const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (location.protocol === "file:") return this.say("This is the folder edition: all of it is on this device already.");
    if (!workers || !("caches" in window)) return this.say("This browser keeps no pages here: it has no service worker for this address. Use the zip file.");
    this.say("Waiting for the part of the site that keeps pages. If this stays, reload the page.");
    const given = (await workers.register(new URL("sw.js", root)).catch(() => undefined)) as ServiceWorkerRegistration | undefined;
    if (!given) return this.say("This browser does not let the site keep pages, as in some private windows. Use the zip file.");
    await workers.ready;
    if (!workers.controller) await new Promise((done) => workers.addEventListener("controllerchange", done, { once: true }));
    this.build = await ask<Build>("list");
    await this.show();
    this.say("");
  }

  private async kept(): Promise<Set<string>> {
    const cache = await caches.open(cacheOf(this.build.version));
    return new Set((await cache.keys()).map(({ url }) => url));
  }

  private async show(): Promise<void> {
    const kept = await this.kept(), pinned = await pins(), paths = Object.keys(this.build.files);
    const sum = (of: string[]) => of.reduce((total, path) => total + this.build.files[path]![1], 0);
    for (const row of this.querySelectorAll<HTMLElement>("[data-pin]")) {
      const pin = row.dataset.pin!, wanted = paths.filter((path) => covers(pin, path));
      const missing = wanted.filter((path) => !kept.has(addressOf(path, root)));
      row.querySelector(".offline-do")?.remove();
      const isKept = pinned.includes(pin), whole = isKept && !missing.length, does = whole ? "Remove" : isKept ? "Complete" : "Keep";
      const act = button(does, () => void (whole ? this.drop(pin) : this.keep(pin, missing, act)), { class: "sh-button", "aria-label": `${does}: ${row.querySelector(".offline-name")!.textContent}` });
      row.append(make("span", { class: "offline-do" }, whole ? `kept, ${megabytes(sum(wanted))} ` : `${megabytes(sum(missing))} to fetch `, act));
    }
    const read = paths.filter((path) => path.endsWith(".html") && kept.has(addressOf(path, root)));
    const list = make("ul", { class: "offline-list" }, ...read.map((path) => make("li", {}, make("a", { href: addressOf(path, root) }, path.replace(/\/?index\.html$/, "") || "home"))));
    const all = button("Remove kept pages", () => void this.removeAll(), { class: "sh-button" });
    const fold = make("details", { class: "offline-pages" }, make("summary", {}, `Pages kept: ${read.length}, in all ${megabytes(sum(paths.filter((path) => kept.has(addressOf(path, root)))))}`), list);
    fold.open = read.length <= 12;
    this.querySelector(".offline-kept")!.replaceChildren(fold, make("p", {}, all));
  }

  private async keep(pin: string, missing: string[], act: HTMLButtonElement): Promise<void> {
    act.disabled = true;
    let done = 0;
    const total = missing.reduce((sum, path) => sum + this.build.files[path]![1], 0);
    try {
      await (await caches.open(PINS)).put(pinAddress(pin, root), new Response(""));
      for (const path of missing) {
        const answer = await fetch(addressOf(path, root));
        await answer.arrayBuffer();
        if (!answer.ok) throw new Error(path);
        done += this.build.files[path]![1];
        this.say(`${megabytes(done)} of ${megabytes(total)}`);
      }
      const kept = await this.kept();
      this.say(missing.every((path) => kept.has(addressOf(path, root))) ? "Kept." : "Not all of it could be kept: the device's space for this site may be full.");
    } catch {
      this.say(`Stopped after ${megabytes(done)} of ${megabytes(total)}: the network is gone, or a new edition is out. What came is kept; go on with “Complete”.`);
    }
    await this.show();
  }

  /** Without what another pin, or any page, needs. */
  private async drop(pin: string): Promise<void> {
    await (await caches.open(PINS)).delete(pinAddress(pin, root));
    const others = await pins(), cache = await caches.open(cacheOf(this.build.version));
    for (const path of Object.keys(this.build.files)) {
      if (covers(pin, path) && !isCore(path) && !others.some((other) => covers(other, path))) await cache.delete(addressOf(path, root));
    }
    await this.show();
    this.say("Removed.");
  }

  private async removeAll(): Promise<void> {
    await ask("forget"); // the worker stops its downloads first
    await this.show();
    this.say("Removed. What you open from now on is kept again.");
  }
}

if (!customElements.get("sh-offline")) customElements.define("sh-offline", Offline);
