/** For tests only, never sent to a reader: the parts of the store by name, in a page or in Node. */
import { today } from "../widgets/store/day";
import { Log } from "../widgets/store/log";
import { canonical, hash, migrate } from "../widgets/store/migrate";
import { doneItems, reviews, settings } from "../widgets/store/replay";
import { wrong } from "../widgets/store/schema";
import { decoded, deleteAll, exported, imported, lastImport, merged, take, undoImport } from "../widgets/store/transfer";
import { chapter, summary } from "../widgets/progress/summary";

const kit = { canonical, hash, migrate, wrong };
const bytes = (latin: string) => Uint8Array.from(latin, (letter) => letter.charCodeAt(0)).buffer;

Object.assign(globalThis, {
  probe: {
    Log, kit, canonical, hash, migrate, wrong, today, doneItems, reviews, settings, deleteAll, lastImport, undoImport, summary, bytes,
    counted: (parts: never, entries: never[]) => chapter(parts, doneItems(entries), new Set(reviews(entries).map(({ card }) => String(card)))),
    exported: (entries: never[], now = 0) => exported(entries, new Date(now), kit),
    imported: (text: string) => imported(text, kit),
    decoded: (latin: string) => decoded(bytes(latin)),
    merged: (here: never[], incoming: never[]) => merged(here, incoming, kit),
    take: (log: Log, entries: never[], name = "file.json") => take(log, entries, name, kit),
    /** Takes a file as the page does; gives what was refused, or nothing. */
    bring: async (log: Log, latin: string) => {
      try {
        await take(log, imported(decoded(bytes(latin)), kit), "file.json", kit);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    },
    /** A file with a count and a checksum that fit its entries, whatever these are. */
    resummed: (latin: string) => {
      const file = JSON.parse(decoded(bytes(latin))) as { entries: unknown[]; count: unknown; checksum: unknown };
      file.count = file.entries.length;
      file.checksum = hash(JSON.stringify(file.entries));
      return String.fromCharCode(...new TextEncoder().encode(JSON.stringify(file)));
    },
  },
});
