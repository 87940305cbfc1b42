/**
 * The log in the browser's database. Entries are only ever added (an import can be undone, and all can be deleted); one
 * write is one transaction, so that it is on disk whole or not at all, and tabs never overwrite each other.
 *
 * Without a database the log lives as long as the page. Where the database exists but cannot be opened now (another tab
 * holds an older version of it, or brought a newer one), entries are held here and in localStorage, and written as soon as it opens.
 */
import { LOG, read, upgrade } from "./database";
import { type Entry, VERSION } from "./entry";
import { StoreError, storeError } from "./error";
import { migrate } from "./migrate";
import { wrong } from "./schema";

const NAME = "strong-hire";
const HELD = `${NAME}-held-`; // localStorage: entries that wait for the database, by tab
const HAD = `${NAME}-had`; // localStorage: how many entries there were, to notice when the browser has thrown them away
const ASKED = `${NAME}-asked`; // localStorage: that the browser was asked to keep them
const ENOUGH = 20; // entries from which losing them would hurt
const PATIENCE = 4000; // milliseconds until a database that does not answer is no longer waited for

/** Why entries are not on disk. */
type Trouble = "" | "none" | "failed" | "waiting" | "blocked" | "newer";

export const TROUBLE: Record<Exclude<Trouble, "">, string> = {
  none: "This browser keeps nothing: gone with this page",
  failed: "Not saved: the browser could not open its storage. What was in it is still there; reload this page to try again",
  waiting: "Not saved yet: the browser has not opened its storage. It is tried again by itself",
  blocked: "Not saved yet: another tab shows an older version of this site. Close or reload it; what you do here is held until then",
  newer: "Not saved yet: a newer version of this site has been opened here. Reload this page; what you do until then is held",
};

export class Log {
  /** Entries not on disk: all of them where there is no database, else those that wait for it. */
  memory: Entry[] = [];
  trouble: Trouble = "waiting";
  /** How many entries the browser has thrown away since the last visit, as far as we can know. */
  gone = 0;
  saving = 0;
  fault: StoreError | undefined;
  private database: IDBDatabase | undefined;
  private readonly tab = HELD + fresh(0);
  private readonly listeners = new Set<() => void>();
  private readonly stateListeners = new Set<() => void>();
  private readonly channel = attempt(() => new BroadcastChannel(NAME));

  constructor() {
    if (this.channel) this.channel.onmessage = () => this.tell();
    addEventListener("pageshow", (event) => { if (event.persisted) this.tell(); }); // back from the browser's own cache
  }

  get durable(): boolean {
    return this.database !== undefined;
  }

  /** Opens the database; resolves with or without one. */
  begin(): Promise<this> {
    this.trouble = "waiting";
    return new Promise((resolve) => {
      const without = (trouble: Trouble) => {
        if (!this.durable) this.trouble = trouble;
        this.changed();
        resolve(this);
      };
      try {
        const asked = indexedDB.open(NAME, VERSION);
        asked.onupgradeneeded = (event) => upgrade(asked.result, asked.transaction!, event.oldVersion);
        asked.onblocked = () => without("blocked");
        asked.onerror = (event) => {
          event.preventDefault();
          const name = asked.error?.name;
          without(name === "VersionError" ? "newer" : name === "InvalidStateError" || name === "SecurityError" ? "none" : "failed");
        };
        asked.onsuccess = () => void this.opened(asked.result).then(() => resolve(this));
        setTimeout(() => { if (this.trouble === "waiting") without("waiting"); }, PATIENCE);
      } catch {
        without("none");
      }
    });
  }

  private async opened(database: IDBDatabase): Promise<void> {
    this.database = database;
    this.trouble = "";
    database.onversionchange = () => {
      database.close(); // a newer version must never wait for us
      this.lost("newer");
    };
    database.onclose = () => { // the browser took it away: its data was cleared, or its disk
      this.lost("waiting");
      setTimeout(() => void this.begin(), 500); // it cannot be opened while it is being deleted
    };
    await this.flush().catch((error: unknown) => { this.fault = storeError(error); });
    const count = await this.transact<number>("readonly", [LOG], (transaction, give) => read(transaction.objectStore(LOG).count(), give)).catch(() => -1);
    const had = Number(remembered(HAD)) || 0;
    if (count === 0 && had > 0) this.gone = had;
    else if (count > 0) remember(HAD, String(count));
    this.tell();
    this.changed();
  }

  private lost(trouble: Trouble): void {
    this.database = undefined;
    this.trouble = trouble;
    this.changed();
  }

  /** What was held, here or by a tab that has been closed, goes to disk. Only what is there is taken out of localStorage. */
  private async flush(): Promise<void> {
    const names = attempt(() => Object.keys(localStorage).filter((name) => name.startsWith(HELD))) ?? [];
    const held = names.map((name) => remembered(name));
    const entries = new Map([...held.flatMap(unpacked), ...this.memory].map((entry) => [entry.id!, entry]));
    if (!entries.size) return;
    await this.transact("readwrite", [LOG], (transaction) => {
      const log = transaction.objectStore(LOG);
      for (const [id, entry] of entries) read(log.index("id").count(id), (count) => { if (!count) log.add(entry); });
    });
    this.memory = [];
    names.forEach((name, index) => { if (remembered(name) === held[index]) remember(name); });
    this.told();
  }

  /** Resolves with the id of the last entry when all are on disk (or held, see `trouble`); rejects when they are not, and then none is in the log. */
  async append(...given: Entry[]): Promise<string> {
    const entries = given.map((entry) => ({ ...entry, id: entry.id ?? fresh(entry.at) }));
    this.saving++;
    this.changed();
    try {
      for (const entry of entries) {
        const fault = wrong(entry);
        if (fault) throw new StoreError("failed", `the entry ${fault}`);
      }
      if (this.trouble === "failed") await this.begin(); // what failed once may work now
      if (this.durable) await this.transact("readwrite", [LOG], (transaction) => { for (const entry of entries) transaction.objectStore(LOG).add(entry); });
      else this.hold(entries);
      this.fault = undefined;
    } catch (error) {
      throw this.fault = storeError(error);
    } finally {
      this.saving--;
      this.changed();
    }
    this.gone = 0;
    const had = (Number(remembered(HAD)) || 0) + entries.length;
    if (this.durable) remember(HAD, String(had));
    if (this.durable && had >= ENOUGH && !remembered(ASKED)) void this.keep();
    this.told();
    return entries[entries.length - 1]?.id ?? "";
  }

  private hold(entries: Entry[]): void {
    this.memory.push(...entries);
    if (this.trouble !== "none") remember(this.tab, JSON.stringify({ version: VERSION, entries: this.memory }));
  }

  /** Entries of these types, or all, by time; those of one moment in the order in which they were written. */
  async all(...types: string[]): Promise<Entry[]> {
    const found: Entry[] = [];
    if (this.durable) {
      await this.transact("readonly", [LOG], (transaction) => {
        const log = transaction.objectStore(LOG), take = (entries: Entry[]) => { for (const entry of entries) found.push(entry); };
        if (!types.length) read(log.getAll() as IDBRequest<Entry[]>, take);
        for (const type of types) read(log.index("type").getAll(type) as IDBRequest<Entry[]>, take);
      });
    }
    return [...found, ...this.memory.filter((entry) => !types.length || types.includes(entry.type))].sort((a, b) => a.at - b.at);
  }

  /** Asks the browser not to throw the log away when space runs short; some browsers ask the reader. */
  async keep(): Promise<boolean> {
    remember(ASKED, "1");
    return (await attempt(() => navigator.storage.persist())?.catch(() => false)) ?? false;
  }

  async kept(): Promise<boolean> {
    return (await attempt(() => navigator.storage.persisted())?.catch(() => false)) ?? false;
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watchState(listener: () => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  /** Something was written: here and in other tabs whoever watches is told. */
  told(): void {
    attempt(() => this.channel?.postMessage(0));
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private changed(): void {
    for (const listener of [...this.stateListeners]) listener();
  }

  /** Forget what reminds of the log outside the database: after all was deleted. */
  forget(): void {
    this.gone = 0;
    this.memory = [];
    for (const name of attempt(() => Object.keys(localStorage)) ?? []) if (name.startsWith(HELD) || name === HAD || name === ASKED) remember(name);
  }

  /** One transaction. `work` hands its result to `give`; what it throws or hands to `refuse` undoes everything. */
  transact<T = void>(mode: IDBTransactionMode, stores: string[], work: (transaction: IDBTransaction, give: (value: T) => void, refuse: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let found: T, fault: unknown, transaction: IDBTransaction;
      try {
        if (!this.database) throw new StoreError("closed", TROUBLE[this.trouble || "waiting"]);
        transaction = this.database.transaction(stores, mode, { durability: "strict" });
      } catch (error) {
        reject(storeError(error));
        return;
      }
      const refuse = (error: unknown) => {
        fault ??= error;
        attempt(() => transaction.abort());
      };
      transaction.oncomplete = () => resolve(found);
      transaction.onabort = () => reject(storeError(fault ?? transaction.error));
      try {
        work(transaction, (value) => { found = value; }, refuse);
      } catch (error) {
        refuse(error);
      }
    });
  }
}

/** Entries that a page held, from localStorage; what is not ours or not whole is nothing. */
function unpacked(text: string | null): Entry[] {
  const held = attempt(() => JSON.parse(text ?? "") as { version: number; entries: Entry[] });
  return held && Array.isArray(held.entries) ? migrate(held.entries, held.version).filter((entry) => entry?.id && !wrong(entry)) : [];
}

function fresh(at: number): string {
  return [at, ...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("-");
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function remembered(name: string): string | null {
  return attempt(() => localStorage.getItem(name)) ?? null;
}

function remember(name: string, value?: string): void {
  attempt(() => (value === undefined ? localStorage.removeItem(name) : localStorage.setItem(name, value)));
}
