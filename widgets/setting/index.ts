/**
 * <sh-setting key="role" value="research">: writes a setting to the reader's log and says so. <sh-setting read> brings the
 * log's role and company into localStorage, from where <sh-path> reads them: after an import, or where the browser lost them.
 */
import { Store } from "../store";

const MIRRORED = ["role", "tier"];

class Setting extends HTMLElement {
  private done = false;

  connectedCallback(): void {
    if (this.done) return;
    this.done = true;
    void (this.hasAttribute("read") ? this.read() : this.write());
  }

  private async write(): Promise<void> {
    this.setAttribute("role", "status");
    const store = await Store.open();
    try {
      await store.append({ type: "setting", at: Date.now(), key: this.getAttribute("key"), value: this.getAttribute("value") });
      this.textContent = store.durable ? "Saved on this device" : "This browser keeps nothing: gone with this page";
    } catch {
      this.textContent = "Not saved";
    }
  }

  private async read(): Promise<void> {
    const store = await Store.open();
    const latest = new Map((await store.all("setting")).map((entry) => [String(entry.key), String(entry.value)]));
    try {
      for (const key of MIRRORED) if (latest.has(key)) localStorage.setItem(`sh-${key}`, latest.get(key)!);
    } catch {
      return; // no mirror to bring up to date
    }
    dispatchEvent(new Event("storage")); // what another tab would cause
  }
}

if (!customElements.get("sh-setting")) customElements.define("sh-setting", Setting);
