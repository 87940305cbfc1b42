import { type Log, TROUBLE } from "./log";

/** A line that says whether what the reader does is kept. */
export function saveState(log: Log): HTMLElement {
  const line = document.createElement("span");
  line.className = "save-state";
  line.setAttribute("role", "status");
  let placed = false;
  const show = () => {
    placed ||= line.isConnected;
    if (placed && !line.isConnected) return stop();
    const text = log.saving ? "Saving" : log.fault ? `Not saved: ${log.fault.message}` : log.trouble ? `${TROUBLE[log.trouble]}.` : "Saved on this device";
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("not-saved", !log.saving && Boolean(log.fault || log.trouble));
  };
  const stop = log.watchState(show);
  show();
  return line;
}
