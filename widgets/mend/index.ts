/**
 * <sh-mend>, the foot of a page: "Copy as Markdown" takes the page's twin to the clipboard, and the link to a report carries
 * what the reader has selected. The button is shown where it can work: not in a file, which cannot fetch its twin.
 */
const LONGEST = 1500; // characters of a selection: addresses have a limit

class Mend extends HTMLElement {
  connectedCallback(): void {
    if (this.dataset.web !== undefined || !isSecureContext || !location.host) return;
    this.dataset.web = "";
    this.querySelector(".copy")?.addEventListener("click", () => void this.copy());
    for (const reached of ["pointerover", "focusin"]) this.addEventListener(reached, () => this.report());
  }

  private async copy(): Promise<void> {
    const says = this.querySelector("[role=status]")!;
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

  /** When the link is reached, since pressing it takes the selection away. */
  private report(): void {
    const link = this.querySelector<HTMLAnchorElement>('a[href*="template=wrong-answer"]');
    if (!link) return;
    const address = new URL(link.href);
    const chosen = String(getSelection()).trim().slice(0, LONGEST);
    if (chosen) address.searchParams.set("says", chosen);
    else address.searchParams.delete("says");
    link.href = address.href;
  }
}

async function twin(): Promise<Blob> {
  const answer = await fetch(new URL("index.md", location.href));
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new Blob([await answer.text()], { type: "text/plain" });
}

if (!customElements.get("sh-mend")) customElements.define("sh-mend", Mend);
