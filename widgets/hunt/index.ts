/**
 * <sh-hunt data-lines="12" data-cause="2" data-minutes="4">: a clock, the line and the cause to choose, and what was right.
 * The causes stand inside as a list; without this script the reader chooses in the head and opens the answer below.
 */
import { button, make } from "../dom";

class Hunt extends HTMLElement {
  private begun = 0;
  private ticking = 0;
  private readonly clock = make("span", { class: "hunt-clock", role: "timer" });
  private readonly out = make("p", { role: "status" });

  connectedCallback(): void {
    if (this.clock.isConnected) return;
    const causes = [...this.querySelectorAll(".hunt-causes > li")].map((item) => item.textContent ?? "");
    const start = button("Start the clock", () => this.start(start), { class: "plain" });
    this.clock.textContent = `${this.dataset.minutes} minutes`;
    const line = make("input", { type: "number", min: "1", id: "hunt-line" });
    const options = causes.map((cause, index) => make("label", {}, make("input", { type: "radio", name: "cause", value: String(index) }), ` ${cause}`));
    const form = make("form", { class: "hunt-form" }, make("p", {}, start, " ", this.clock),
      make("div", { class: "calc-field" }, make("label", { for: line.id }, "Which line?"), line),
      make("fieldset", {}, make("legend", {}, "What is wrong?"), ...options), make("button", { type: "submit", class: "drill-check" }, "Check"), this.out);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check(line.value, new FormData(form).get("cause"));
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

  private check(line: string, cause: FormDataEntryValue | null): void {
    if (!line || cause === null) {
      this.out.textContent = "Name a line and choose a cause first.";
      return;
    }
    const lines = (this.dataset.lines ?? "").split(",");
    const where = lines.includes(line), what = cause === this.dataset.cause;
    const taken = this.begun ? ` ${Math.round((Date.now() - this.begun) / 1000)} seconds.` : "";
    this.out.textContent = where && what ? `Right: line and cause.${taken} Now say aloud which test would have caught it, then open the answer.`
      : where ? "The line is right, the cause is not. What does that line do to the result?"
      : what ? "The cause is right, the line is not. Where does it happen?"
      : "Neither yet. Run it in your head on the smallest input for which it matters.";
    if (where && what) clearInterval(this.ticking);
  }
}

if (!customElements.get("sh-hunt")) customElements.define("sh-hunt", Hunt);
