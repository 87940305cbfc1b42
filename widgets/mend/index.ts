/**
 * The foot of a page: "Copy as Markdown" takes the page's twin to the clipboard, and the link to a report carries what the
 * reader has selected. Comes with the first move of pointer or focus, so that it is here before they reach the foot; one listener serves every page after.
 */
const LONGEST = 1500; // characters of a selection: addresses have a limit

function twin(): Promise<Blob> {
  return fetch(new URL("index.md", location.href)).then(async (answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`);
    return new Blob([await answer.text()], { type: "text/plain" });
  });
}

async function copy(button: Element): Promise<void> {
  const says = button.nextElementSibling as HTMLElement;
  says.textContent = "";
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": twin() })]); // a promise: the gesture must not run out
    says.textContent = "Copied";
  } catch {
    const link = document.createElement("a");
    link.href = "index.md";
    link.textContent = "open it";
    says.replaceChildren("Not copied: ", link);
  }
}

/** At the latest when the link is reached, since pressing it takes the selection away. */
function report(): void {
  const chosen = String(getSelection()).trim().slice(0, LONGEST);
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.mend a[href*="template=wrong-answer"]')) {
    const address = new URL(link.href);
    if (chosen) address.searchParams.set("says", chosen);
    else address.searchParams.delete("says");
    link.href = address.href;
  }
}

addEventListener("click", ({ target }) => {
  const button = (target as Element).closest?.(".mend .copy");
  if (button) void copy(button);
});
for (const reached of ["pointerover", "focusin"]) {
  addEventListener(reached, ({ target }) => {
    if ((target as Element).closest?.(".mend")) report();
  });
}
report();
