/** <sh-print>: a button that prints the page. Without a script there is none, and the browser's own menu prints. */
class Print extends HTMLElement {
  connectedCallback(): void {
    if (this.firstChild) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sh-button";
    button.textContent = this.getAttribute("label") ?? "Print";
    button.addEventListener("click", () => print());
    this.append(button);
  }
}

if (!customElements.get("sh-print")) customElements.define("sh-print", Print);
