/**
 * <sh-tips>: what a term means, what a citation names, what a question asks, beside the link that says it. The links are there without it.
 * The loader brings this script when the pointer or the focus first reaches such a link; definitions and references
 * come from tips-data.js (hooks/tips.py) when the first is shown. One tooltip serves the whole site.
 */
import { script } from "../dom";

type Piece = string | [string, ...Piece[]];
interface Data {
  terms: Record<string, [string, ...Piece[]]>;
  asks: Record<string, string>; // titles of questions
  cites: Record<string, string>;
}

const LINKS = "a.term, a.cite, a.ask";
const HOVER = 150; // milliseconds until the pointer means it
const GRACE = 250; // to get from the link onto the tooltip
const HOLD = 400; // of a finger
const EDGE = 8; // pixels kept free at the window's edge
const scripts = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");

class Tips extends HTMLElement {}
if (!customElements.get("sh-tips")) customElements.define("sh-tips", Tips);

let tip: HTMLElement | undefined;
let shown: HTMLAnchorElement | undefined;
let wanted: HTMLAnchorElement | undefined;
let timer = 0;
let held = false; // the finger's next click is the end of the hold, not a visit

async function load(): Promise<Data> {
  await script(`${scripts}tips-data.js`);
  return (window as unknown as { strongHireTips: Data }).strongHireTips;
}

function built(piece: Piece): Node {
  if (typeof piece === "string") return document.createTextNode(piece);
  const [tag, ...content] = piece;
  const element = document.createElement(/^(em|strong|code|sub|sup|i)$/.test(tag) ? tag : "span");
  element.append(...content.map(built));
  return element;
}

function content(link: HTMLAnchorElement, { terms, asks, cites }: Data): Node[] {
  const address = link.getAttribute("href") ?? "";
  const words = link.classList.contains("cite") ? cites[address] : link.classList.contains("ask") ? asks[/([\w-]+)(\/|\.html)?$/.exec(address)?.[1] ?? ""] : undefined;
  if (words) return [document.createTextNode(words)];
  const entry = terms[decodeURIComponent(link.hash.slice(1))];
  if (!entry) return [];
  const [name, ...definition] = entry;
  return [built(["strong", name]), document.createTextNode(": "), ...definition.map(built)];
}

async function show(link: HTMLAnchorElement): Promise<void> {
  const known = await load().catch(() => undefined);
  if (!known || wanted !== link || shown === link || !link.isConnected) return;
  const words = content(link, known);
  const place = link.closest("article");
  if (!words.length || !place || !("showPopover" in HTMLElement.prototype)) return;
  close();
  if (!tip) {
    tip = document.createElement("sh-tips");
    tip.id = "sh-tips";
    tip.className = "sum"; // looks like the sums behind numbers
    tip.setAttribute("popover", "manual");
    tip.setAttribute("role", "tooltip");
  }
  const text = document.createElement("span");
  text.append(...words);
  tip.replaceChildren(text);
  place.append(tip);
  tip.showPopover();
  beside(link, tip);
  link.setAttribute("aria-describedby", tip.id);
  shown = link;
}

/** Below the first line of the link, above it where there is no room. */
function beside(link: HTMLAnchorElement, box: HTMLElement): void {
  const line = link.getClientRects()[0] ?? link.getBoundingClientRect();
  Object.assign(box.style, { inset: "0 auto auto 0", margin: "0", positionArea: "none" });
  const { width, height } = box.getBoundingClientRect();
  const below = line.bottom + 4;
  const top = below + height > innerHeight - EDGE && line.top - 4 - height > EDGE ? line.top - 4 - height : below;
  box.style.top = `${top}px`;
  box.style.left = `${Math.max(EDGE, Math.min(line.left, document.documentElement.clientWidth - width - EDGE))}px`;
}

function hide(): void {
  clearTimeout(timer);
  wanted = undefined;
  close();
}

function close(): void {
  shown?.removeAttribute("aria-describedby");
  shown = undefined;
  tip?.remove(); // which closes it
}

function want(link: HTMLAnchorElement, after: number): void {
  clearTimeout(timer);
  if (link === shown) return;
  wanted = link;
  timer = window.setTimeout(() => void show(link), after);
}

function leave(): void {
  clearTimeout(timer);
  wanted = undefined;
  if (shown) timer = window.setTimeout(hide, GRACE);
}

const linkOf = (event: Event): HTMLAnchorElement | null => (event.target instanceof Element ? event.target.closest<HTMLAnchorElement>(LINKS) : null);
const onTip = (event: Event): boolean => !!tip && event.target instanceof Node && tip.contains(event.target);

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const link = linkOf(event);
  if (link) want(link, HOVER);
  else if (onTip(event)) clearTimeout(timer);
  else if (!shown?.matches(":focus-visible")) leave();
});
document.addEventListener("pointerdown", (event) => {
  held = false;
  const link = linkOf(event);
  if (!onTip(event) && link !== shown) hide();
  if (!link || event.pointerType !== "touch") return;
  want(link, HOLD);
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, (event) => {
    if ((event as PointerEvent).pointerType !== "touch") return;
    if (shown) held = end === "pointerup";
    else hide();
  });
}
document.addEventListener("contextmenu", (event) => {
  if (shown && (event as PointerEvent).pointerType === "touch" && linkOf(event) === shown) event.preventDefault();
});
document.addEventListener(
  "click",
  (event) => {
    if (held && shown && linkOf(event) === shown) {
      event.preventDefault();
      event.stopPropagation();
    } else if (!onTip(event)) hide();
    held = false;
  },
  true, // before instant navigation
);
document.addEventListener("focusin", (event) => {
  const link = linkOf(event);
  if (link?.matches(":focus-visible")) want(link, 0);
  else if (shown && link !== shown) hide();
});
document.addEventListener("focusout", (event) => {
  if (linkOf(event) === shown) leave();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
document.addEventListener("scroll", (event) => {
  if (!shown || !tip || onTip(event)) return;
  const { top, bottom } = shown.getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) close();
  else beside(shown, tip);
}, { passive: true, capture: true });

const first = (window as unknown as { shReached?: Event }).shReached;
const reached = first && linkOf(first);
if (reached?.isConnected) want(reached, (first as PointerEvent).pointerType === "touch" ? HOLD : HOVER);
