/**
 * Registers the service worker once the page is idle, tells it what the page loaded, and says when a new edition is ready.
 * Nothing of this happens from a folder, nor where the browser has no workers (plain http, some private windows).
 */
import { button, make } from "../dom";

const worker = new URL("../../sw.js", (document.currentScript as HTMLScriptElement).src);
const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;

function tell(registration: ServiceWorkerRegistration): void {
  if (document.querySelector(".edition")) return;
  const words = make("p", { role: "status" }), look = { class: "sh-button" };
  const bar: HTMLElement = make("aside", { class: "edition md-typeset", "aria-label": "New edition" }, words,
    button("Reload", () => registration.waiting?.postMessage({ kind: "accept" }), look), button("Later", () => bar.remove(), look));
  document.body.append(bar);
  words.textContent = "A new edition is ready.";
}

async function begin(container: ServiceWorkerContainer): Promise<void> {
  let controlled = !!container.controller;
  container.addEventListener("controllerchange", () => {
    if (controlled) location.reload(); // accepted here or in another tab: half old, half new would be worse
    controlled = true;
  });
  const registration = (await container.register(worker)) as ServiceWorkerRegistration | undefined;
  if (!registration) return; // refused, as some extensions do
  const look = () => { if (registration.waiting && registration.active) tell(registration); };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  registration.installing?.addEventListener("statechange", look);
  look();
  if (controlled) return;
  const { active } = await container.ready;
  active?.postMessage({ kind: "loaded", loaded: [location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)] });
}

if (workers && location.protocol !== "file:") {
  const idle = (window as { requestIdleCallback?: (act: () => void) => void }).requestIdleCallback ?? setTimeout;
  idle(() => void begin(workers).catch(() => {})); // without a worker the site is as it was
}
