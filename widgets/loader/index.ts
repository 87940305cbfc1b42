/**
 * Adds a widget's script when its element first appears, or comes near if it says data-late: <sh-rubric> brings rubric.js, <sh-cards-due> cards.js.
 * The tooltips' script comes when the pointer or the focus first reaches a term, a citation or a question.
 * Classic scripts from our own folder, so it works under the policy, from a folder and after instant navigation.
 * After the page comes edition.js, which registers the service worker.
 * It also mends the theme: the keyboard reaches what scrolls sideways, and a copy button is no landmark. At most 1.2 KB: everything else belongs in a widget.
 */
const folder = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
const asked = new Set<string>();
const watched = new WeakSet<Element>();

// sizes are read where the layout is known, so that this never forces one
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) (target as HTMLElement).tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

function bring(family: string): void {
  if (!family || asked.has(family)) return;
  asked.add(family);
  const script = document.createElement("script");
  script.src = `${folder}${family}.js`;
  document.head.append(script);
}

// what stands far down a long page costs its first view nothing
const nearby = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) bring(family(target));
}, { rootMargin: "400px" });

const family = ({ localName }: Element): string => (localName.startsWith("sh-") ? localName.slice(3).split("-")[0]! : "");

function look(): void {
  for (const element of document.querySelectorAll(":not(:defined)")) {
    if (element.hasAttribute("data-late")) nearby.observe(element);
    else bring(family(element));
  }
  for (const element of document.querySelectorAll(".formula, .md-typeset__scrollwrap, .lab-output, .lab-output pre")) {
    if (watched.has(element)) continue;
    watched.add(element);
    scrollers.observe(element);
  }
  for (const bar of document.querySelectorAll("nav.md-code__nav:not([role])")) bar.setAttribute("role", "none");
}

for (const reached of ["pointerover", "focusin"]) {
  addEventListener(reached, (event) => {
    if (!(event.target as Element).closest?.(".term,.cite,.ask") || asked.has("tips")) return;
    (window as unknown as { shReached: Event }).shReached = event; // which the script has missed
    bring("tips");
  });
}

addEventListener("load", () => bring("edition"));

let waiting = 0;
new MutationObserver(() => {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    look();
  });
}).observe(document, { childList: true, subtree: true });
look();
