/**
 * Adds a widget's script when its element first appears: <sh-rubric> brings rubric.js, <sh-cards-due> cards.js.
 * Classic scripts from our own folder, so it works under the policy, from a folder and after instant navigation.
 * It also lets the keyboard reach what scrolls sideways. At most 1 KB: everything else belongs in a widget.
 */
const folder = (document.currentScript as HTMLScriptElement).src.replace(/[^/]*$/, "");
const asked = new Set<string>();

function look(): void {
  for (const element of document.querySelectorAll(":not(:defined)")) {
    const [prefix, family] = element.localName.split("-");
    if (prefix !== "sh" || !family || asked.has(family)) continue;
    asked.add(family);
    const script = document.createElement("script");
    script.src = `${folder}${family}.js`;
    document.head.append(script);
  }
  for (const element of document.querySelectorAll<HTMLElement>(".katex-display, .md-typeset__scrollwrap, .scroll")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }
}

let waiting = 0;
const soon = (): void => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(look);
};
new MutationObserver(soon).observe(document, { childList: true, subtree: true });
addEventListener("resize", soon);
addEventListener("load", soon);
look();
