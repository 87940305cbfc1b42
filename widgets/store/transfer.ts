/**
 * Out of the browser and into another: a file of the whole log, and all that is done to the log at once. A file is taken whole or
 * not at all, by one transaction; entries are told apart by their ids, so that the same file twice changes nothing.
 */
import { LOG, read, SNAPSHOTS } from "./database";
import { type Entry, object, said, VERSION } from "./entry";
import type { Log } from "./log";
import type * as migration from "./migrate";
import type * as schema from "./schema";

const FORMAT = "strong-hire-progress";
export const MOST = 200_000; // entries of a file
export const LONGEST = 64 * 2 ** 20; // bytes of a file
const LAST = "import"; // the one snapshot: what was there before the last import
const FIELDS = ["format", "version", "exported", "count", "checksum", "entries"];

/** Parts of the shared script: handed in, so that no second copy of them is sent. */
type Kit = Pick<typeof migration, "canonical" | "hash" | "migrate"> & Pick<typeof schema, "wrong">;

interface Snapshot { at: number; name: string; added: string[]; entries: Entry[] }

/** One sentence: what is wrong with a file, and where. */
class ImportError extends Error {}

function refuse(text: string): never {
  throw new ImportError(text);
}

/** The file's text, and how many entries this version cannot read: they stay on the device. */
export function exported(entries: readonly Entry[], now: Date, { hash, wrong }: Kit): { text: string; left: number } {
  const whole = entries.filter((entry) => entry.id && !wrong(entry));
  const head = { format: FORMAT, version: VERSION, exported: now.toISOString(), count: whole.length, checksum: hash(JSON.stringify(whole)) };
  const lines = whole.map((entry) => JSON.stringify(entry)).join(",\n");
  return { text: `${JSON.stringify(head, null, 1).slice(0, -2)},\n "entries": [\n${lines}\n]}\n`, left: entries.length - whole.length };
}

/** The entries of a file, as this version writes them; throws an ImportError. */
export function imported(text: string, kit: Kit): Entry[] {
  try {
    return checked(parsed(text), kit);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    return refuse("The file cannot be read: it is nested too deeply or too large.");
  }
}

/** The text of a file's bytes. */
export function decoded(bytes: ArrayBuffer): string {
  if (bytes.byteLength > LONGEST) refuse(`The file is larger than ${LONGEST / 2 ** 20} MiB: this is no export of this site.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("The file is not text: this is no export of this site.");
  }
}

function parsed(text: string): unknown {
  if (!text.trim()) refuse("The file is empty.");
  try {
    return JSON.parse(text);
  } catch (error) {
    const told = /position (\d+)/.exec(String(error)), place = told ? Number(told[1]) : -1, end = text.trimEnd().length;
    if (place >= end || /end of|EOF|unterminated/i.test(String(error)) || (text.trimStart().startsWith("{") && !text.trimEnd().endsWith("}"))) refuse(`The file is not whole: it breaks off after ${end} characters.`);
    return refuse(`The file is not JSON${place < 0 ? "" : `: line ${text.slice(0, place).split("\n").length} cannot be read (character ${place + 1})`}.`);
  }
}

function checked(file: unknown, { canonical, hash, migrate, wrong }: Kit): Entry[] {
  if (!object(file) || file.format !== FORMAT) return refuse(`The file is no export of this site: it does not begin with "format": "${FORMAT}".`);
  const { version, exported: when, count, checksum, entries } = file;
  if (!Number.isInteger(version) || (version as number) < 1) refuse(`The file's version is ${said(version)}; this page reads versions 1 to ${VERSION}.`);
  if ((version as number) > VERSION) refuse(`The file is of version ${said(version)} and this page reads versions 1 to ${VERSION}: reload the page to get its newest version, then import again.`);
  for (const key of Object.keys(file)) if (!FIELDS.includes(key)) refuse(`The file has a field that does not belong: ${said(key)}.`);
  for (const key of FIELDS) if (!Object.keys(file).includes(key)) refuse(`The file lacks the field ${key}.`);
  if (typeof when !== "string" || when.length > 40 || !Number.isFinite(Date.parse(when))) refuse(`The file's field exported is ${said(when)}, but must be a date and time.`);
  if (!Array.isArray(entries)) return refuse("The file's field entries is no list.");
  if (entries.length > MOST) refuse(`The file holds ${entries.length} entries; at most ${MOST} can be imported.`);
  if (count !== entries.length) refuse(`The file is not whole: it should hold ${said(count)} entries and holds ${entries.length}.`);
  if ((version as number) < 2) entries.forEach((entry, index) => { if (object(entry) && "id" in entry) refuse(`Entry ${index + 1} has a field that version 1 did not know: "id".`); });
  const present = (version as number) < VERSION ? migrate(entries.map((entry, index) => (object(entry) ? (entry as Entry) : refuse(`Entry ${index + 1} is not an object.`))), version as number) : (entries as Entry[]);
  const places = new Map<string, number>();
  const found: Entry[] = [];
  present.forEach((entry, index) => {
    const fault = wrong(entry) ?? (entry.id ? undefined : `(${entry.type}) lacks the field id`);
    if (fault) refuse(`Entry ${index + 1} ${fault}.`);
    const before = places.get(entry.id!);
    if (before === undefined) {
      places.set(entry.id!, index);
      found.push(entry);
    } else if (canonical(present[before]) !== canonical(entry)) refuse(`Entries ${before + 1} and ${index + 1} have the same id and say different things.`);
  });
  if (checksum !== hash(JSON.stringify(entries))) refuse("The checksum does not fit the entries: the file was changed after it was exported.");
  return found;
}

/** Those of `incoming` that are new; throws an ImportError where one contradicts what is here. */
export function merged(here: readonly Entry[], incoming: readonly Entry[], { canonical }: Kit): Entry[] {
  const known = new Map(here.map((entry) => [entry.id, entry]));
  return incoming.filter((entry, index) => {
    const before = known.get(entry.id);
    if (before && canonical(before) !== canonical(entry)) refuse(`Entry ${index + 1} has the id of an entry that is here and says something different.`);
    return !before;
  });
}

/** Takes entries into the log, after a snapshot of what was there. Gives the number that was new. */
export async function take(log: Log, incoming: Entry[], name: string, kit: Kit): Promise<number> {
  if (log.trouble === "none") {
    const added = merged(log.memory, incoming, kit);
    log.memory.push(...added);
    log.told();
    return added.length;
  }
  let fault: unknown;
  const added = await log.transact<number>("readwrite", [LOG, SNAPSHOTS], (transaction, give, abort) => {
    const events = transaction.objectStore(LOG);
    read(events.getAll() as IDBRequest<Entry[]>, (here) => {
      try {
        const fresh = merged(here, incoming, kit);
        give(fresh.length);
        if (!fresh.length) return;
        transaction.objectStore(SNAPSHOTS).put({ at: Date.now(), name: name.slice(0, 100), added: fresh.map((entry) => entry.id!), entries: here } satisfies Snapshot, LAST);
        for (const entry of fresh) events.add(entry);
      } catch (error) {
        fault = error;
        abort(error);
      }
    });
  }).catch((error: unknown) => { throw fault instanceof ImportError ? fault : error; });
  if (added) log.told();
  return added;
}

/** The import that can be undone, if there is one. */
export function lastImport(log: Log): Promise<Snapshot | undefined> {
  if (!log.durable) return Promise.resolve(undefined);
  return log.transact("readonly", [SNAPSHOTS], (transaction, give) => read(transaction.objectStore(SNAPSHOTS).get(LAST) as IDBRequest<Snapshot | undefined>, give));
}

/** Takes the last import back: what it added goes, what the snapshot had is there, what was done since stays. */
export async function undoImport(log: Log): Promise<number> {
  const count = await log.transact<number>("readwrite", [LOG, SNAPSHOTS], (transaction, give) => {
    const events = transaction.objectStore(LOG), snapshots = transaction.objectStore(SNAPSHOTS), index = events.index("id");
    read(snapshots.get(LAST) as IDBRequest<Snapshot | undefined>, (snapshot) => {
      give(snapshot?.added.length ?? 0);
      if (!snapshot) return;
      for (const id of snapshot.added) read(index.getKey(id), (key) => { if (key !== undefined) events.delete(key); });
      for (const entry of snapshot.entries) read(index.count(entry.id!), (there) => { if (!there) events.add(entry); });
      snapshots.delete(LAST);
    });
  });
  log.told();
  return count;
}

/** Deletes the log and its snapshot, and all that reminds of them. */
export async function deleteAll(log: Log): Promise<void> {
  if (log.trouble !== "none") {
    await log.transact("readwrite", [LOG, SNAPSHOTS], (transaction) => {
      transaction.objectStore(LOG).clear();
      transaction.objectStore(SNAPSHOTS).clear();
    });
  }
  log.forget();
  log.told();
}
