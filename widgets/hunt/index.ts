/**
 * <sh-hunt data-hunt="id" data-size="40" data-lines="12" data-cause="2" data-minutes="4">: a clock, the line and the cause to
 * choose, and what was right. Each try is kept, and a right one ticks the hunt as done. The clock stands in .hunt-top, above the
 * listing. The causes stand inside as a list; without this script the reader chooses in the head and opens the answer below.
 */
import { button, make } from "../dom";
import { doneItems, saveState, Store, today } from "../store";
import { count } from "../words";

class Hunt extends HTMLElement {
  private begun = 0;
  private ticking = 0;
  private readonly clock = make("span", { class: "hunt-clock", role: "timer" });
  private readonly out = make("p", { role: "status" });

  connectedCallback(): void {
    if (this.clock.isConnected) return;
    const causes = [...this.querySelectorAll(".hunt-causes > li")].map((item) => item.textContent ?? "");
    const start = button("Start the clock", () => this.start(start));
    this.clock.textContent = `${this.dataset.minutes} minutes`;
    const line = make("input", { type: "number", min: "1", max: this.dataset.size ?? "", required: "", inputmode: "numeric", id: "hunt-line" });
    const options = causes.map((cause, index) => make("label", {}, make("input", { type: "radio", name: "cause", value: String(index) }), ` ${cause}`));
    document.querySelector(".hunt-top")!.replaceChildren(start, " ", this.clock);
    const form = make("form", { class: "hunt-form", novalidate: "" }, // what is wrong is said in the page's own words
      make("div", { class: "calc-field" }, make("label", { for: line.id }, "Which line?"), line),
      make("fieldset", {}, make("legend", {}, "What is wrong?"), ...options), make("button", { type: "submit", class: "drill-check" }, "Check"), this.out);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check(line, new FormData(form).get("cause"));
    });
    this.replaceChildren(form);
  }

  disconnectedCallback(): void {
    clearInterval(this.ticking);
  }

  private start(button: HTMLButtonElement): void {
    this.begun = Date.now();
    button.textContent = "Start again";
    clearInterval(this.ticking);
    const show = () => {
      const left = Number(this.dataset.minutes) * 60 - Math.round((Date.now() - this.begun) / 1000);
      const size = Math.abs(left);
      this.clock.textContent = `${left < 0 ? "over by " : ""}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
    };
    show();
    this.ticking = window.setInterval(show, 1000);
  }

  private check(line: HTMLInputElement, cause: FormDataEntryValue | null): void {
    line.setAttribute("aria-invalid", String(!line.validity.valid));
    if (!line.validity.valid || cause === null) {
      this.out.textContent = line.validity.valid ? "Choose a cause first." : `Name a line first, from 1 to ${line.max}.`;
      return;
    }
    const lines = (this.dataset.lines ?? "").split(",");
    const where = lines.includes(String(Number(line.value))), what = cause === this.dataset.cause;
    const seconds = this.begun ? Math.round((Date.now() - this.begun) / 1000) : undefined;
    const taken = seconds === undefined ? "" : ` ${count(seconds, "second")}.`;
    this.out.textContent = where && what ? `Right: line and cause.${taken} Now say aloud which test would have caught it, then open the answer.`
      : where ? "The line is right, the cause is not. What does that line do to the result?"
      : what ? "The cause is right, the line is not. Where does it happen?"
      : "Neither yet. Run it in your head on the smallest input for which it matters.";
    if (where && what) clearInterval(this.ticking);
    void this.keep(where && what, seconds);
  }

  /** The try, and the tick if it was right: the box at the head follows by itself. */
  private async keep(right: boolean, seconds?: number): Promise<void> {
    const hunt = this.dataset.hunt!, item = `hunt:${hunt}`, at = Date.now(), day = today();
    const store = await Store.open();
    if (!this.querySelector(".save-state")) this.querySelector("form")!.append(saveState(store));
    try {
      const ticked = doneItems(await store.all("done", "not-done")).has(item);
      await store.append({ type: "hunt", at, hunt, right, ...(seconds !== undefined && seconds <= 86_400 && { seconds }), day }, ...(right && !ticked ? [{ type: "done", at, item, day }] : []));
    } catch {
      // the state under the form says why
    }
  }
}

if (!customElements.get("sh-hunt")) customElements.define("sh-hunt", Hunt);
