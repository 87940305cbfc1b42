/**
 * <sh-setting key="role" value="research">: writes a setting to the reader's log and says so. <sh-setting read> brings the
 * log's role and company into localStorage, from where <sh-path> reads them: after an import, or where the browser lost them.
 */
import { saveState, settings, Store } from "../store";

const MIRRORED = ["role", "tier"];

class Setting extends HTMLElement {
  private done = false;

  connectedCallback(): void {
    if (this.done) return;
    this.done = true;
    (this.hasAttribute("read") ? this.read() : this.write()).catch(() => (this.textContent = "Not saved"));
  }

  private async write(): Promise<void> {
    const store = await Store.open();
    this.append(saveState(store));
    await store.append({ type: "setting", at: Date.now(), key: this.getAttribute("key"), value: this.getAttribute("value") }).catch(() => {}); // saveState says why
  }

  private async read(): Promise<void> {
    const store = await Store.open();
    const latest = settings(await store.all("setting"));
    try {
      for (const key of MIRRORED) if (latest.has(key)) localStorage.setItem(`sh-${key}`, String(latest.get(key)));
    } catch {
      return; // no mirror to bring up to date
    }
    dispatchEvent(new Event("storage")); // what another tab would cause
  }
}

if (!customElements.get("sh-setting")) customElements.define("sh-setting", Setting);
