/**
 * <sh-today>: stands around the home page's link to the planner. Who has a plan is asked to make none: the link names today. The
 * planner leaves the day of the interview in localStorage, so that the home page needs no log.
 */
import { today } from "../store/day";

class Today extends HTMLElement {
  connectedCallback(): void {
    try {
      if (Number(localStorage["sh-plan"]) >= today()) this.querySelector("a")!.textContent = "Today’s plan";
    } catch { /* no storage, no plan */ }
  }
}

if (!customElements.get("sh-today")) customElements.define("sh-today", Today);
