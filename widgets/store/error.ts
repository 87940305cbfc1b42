/** Why something was not kept. Bundles carry copies of this class, so it is known by its name. */
type Reason = "quota" | "closed" | "failed";

export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(readonly reason: Reason, message: string) {
    super(message);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return (value as Error | undefined)?.name === "StoreError";
  }
}

/** What the browser threw, in the reader's words. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const name = (error as Error | null)?.name ?? "";
  if (name === "QuotaExceededError") return new StoreError("quota", "the browser has no room left. Free some space on this device, then try again.");
  if (name === "InvalidStateError") return new StoreError("closed", "the browser closed its storage. Reload this page, then try again.");
  return new StoreError("failed", `the browser's storage failed${name ? ` (${name})` : ""}. Try again; if that fails, reload this page.`);
}
