/**
 * Adds a widget's script when its element first appears, or comes near if it says data-late: <sh-rubric> brings rubric.js, <sh-review-checkpoints> review.js.
 * The tooltips' script comes when the pointer or the focus first reaches a link, which may be a term, a citation or a question.
 * Classic scripts from our own folder, so it works under the policy, from a folder and after instant navigation.
 * After the page comes edition.js, which registers the service worker.
 * It also mends the theme: the keyboard reaches what scrolls sideways, and a copy button is no landmark. At most 1088 bytes: everything else belongs in a widget.
 */
const page = document; // a name that can be made short
const folder = (page.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
const asked = new Set<string>();
const watched = new WeakSet<Element>();

// sizes are read where the layout is known, so that this never forces one
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    (target as HTMLElement).tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  }
});

/** The script of an element, by its name: sh-review-checkpoints brings review.js. */
function bring(name: string): void {
  const family = /^sh-(\w+)/.exec(name)?.[1];
  if (!family || asked.has(family)) return;
  asked.add(family);
  const script = page.createElement("script");
  script.src = `${folder}${family}.js`;
  page.head.append(script);
}

// what stands far down a long page costs its first view nothing
const nearby = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) bring(target.localName);
}, { rootMargin: "400px" });

let waiting = 0;
function look(): void {
  waiting = 0;
  for (const element of page.querySelectorAll(":not(:defined)")) {
    if (element.hasAttribute("data-late")) nearby.observe(element);
    else bring(element.localName);
  }
  for (const element of page.querySelectorAll(".formula,.md-typeset__scrollwrap,.lab-output,.lab-output pre")) {
    if (watched.has(element)) continue;
    watched.add(element);
    scrollers.observe(element);
  }
  for (const bar of page.querySelectorAll("nav.md-code__nav")) bar.setAttribute("role", "none");
}

for (const reached of ["pointerover", "focusin"]) {
  addEventListener(reached, (event) => {
    if (!(event.target as Element).closest?.("a")) return;
    (self as unknown as { shReached: Event }).shReached = event; // which the script misses
    bring("sh-tips");
  });
}

addEventListener("load", () => bring("sh-edition"));
new MutationObserver(() => {
  waiting ||= requestAnimationFrame(look);
}).observe(page, { childList: true, subtree: true });
look();
