/** The database's shape, version by version. */
import type { Entry } from "./entry";
import { identifier } from "./migrate";

export const LOG = "events", SNAPSHOTS = "snapshots";

/** Every step from an empty browser to this version; the steps of released versions stay. */
export function upgrade(database: IDBDatabase, transaction: IDBTransaction, from: number): void {
  if (from < 1) database.createObjectStore(LOG, { autoIncrement: true });
  if (from < 2) {
    database.createObjectStore(SNAPSHOTS);
    const log = transaction.objectStore(LOG), identified = identifier();
    log.createIndex("id", "id", { unique: true });
    log.createIndex("type", "type");
    log.openCursor().onsuccess = (event) => {
      const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
      if (!cursor) return;
      cursor.update(identified(cursor.value as Entry));
      cursor.continue();
    };
  }
}

export function read<T>(request: IDBRequest<T>, then: (value: T) => void): void {
  request.onsuccess = () => then(request.result);
}
