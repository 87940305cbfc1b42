/**
 * What a reader did, on the reader's device: an append-only log in IndexedDB. State is made by replaying it.
 * Where the browser refuses a database, the log lives as long as the page, and `durable` is false.
 */
export interface Entry { type: string; at: number; [field: string]: unknown }

const NAME = "strong-hire";
const VERSION = 1; // a higher one needs a migration here that is kept for ever
const LOG = "events";

export class Store {
  private constructor(private readonly database: IDBDatabase | undefined, private readonly memory: Entry[] = []) {}

  static open(): Promise<Store> {
    return new Promise((resolve) => {
      const give = (database?: IDBDatabase) => resolve(new Store(database));
      try {
        const asked = indexedDB.open(NAME, VERSION);
        asked.onupgradeneeded = () => { if (!asked.result.objectStoreNames.contains(LOG)) asked.result.createObjectStore(LOG, { autoIncrement: true }); };
        asked.onsuccess = () => {
          asked.result.onversionchange = () => asked.result.close(); // another tab brings a newer version
          give(asked.result);
        };
        asked.onerror = asked.onblocked = () => give();
      } catch {
        give();
      }
    });
  }

  get durable(): boolean {
    return this.database !== undefined;
  }

  /** Resolves when the entry is on disk; rejects when it could not be kept, and then it is in no log. */
  append(entry: Entry): Promise<void> {
    if (!this.database) {
      this.memory.push(entry);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const transaction = this.database!.transaction(LOG, "readwrite");
      transaction.objectStore(LOG).add(entry);
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("not saved"));
    });
  }

  all(type: string): Promise<Entry[]> {
    if (!this.database) return Promise.resolve(this.memory.filter((entry) => entry.type === type));
    return new Promise((resolve, reject) => {
      const asked = this.database!.transaction(LOG).objectStore(LOG).getAll();
      asked.onsuccess = () => resolve((asked.result as Entry[]).filter((entry) => entry.type === type));
      asked.onerror = () => reject(asked.error ?? new Error("not read"));
    });
  }
}
