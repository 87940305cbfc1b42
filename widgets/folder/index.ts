/**
 * Search in the folder edition: browsers start no worker from file://, so the worker's script runs in a frame of the page.
 * The theme's own stand-in (iframe-worker) writes an inline script into its frame, which the policy of our pages refuses.
 */
type Inside = Window & { MessageEvent: typeof MessageEvent; postMessage: (data: unknown) => void };

class FrameWorker extends EventTarget {
  onmessage: ((event: MessageEvent) => void) | null = null;
  private readonly frame = document.createElement("iframe");
  private readonly ready: Promise<Inside>;

  constructor(address: string | URL) {
    super();
    this.frame.hidden = true;
    document.body.append(this.frame);
    const inside = this.frame.contentWindow as unknown as Inside, script = inside.document.createElement("script");
    inside.postMessage = (data) => {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      this.onmessage?.(event);
    };
    this.ready = new Promise((resolve) => script.addEventListener("load", () => resolve(inside)));
    script.src = String(address);
    inside.document.head.append(script);
  }

  postMessage(data: unknown): void {
    void this.ready.then((inside) => inside.dispatchEvent(new inside.MessageEvent("message", { data: structuredClone(data) })));
  }

  terminate(): void {
    this.frame.remove();
  }
}

if (location.protocol === "file:") Object.assign(window, { Worker: FrameWorker });
