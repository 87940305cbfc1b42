"""What a reader did is never lost: two tabs, full disks, faults, older versions, other tabs in the way, private windows."""

from __future__ import annotations

import json
import random
import re
import subprocess

import pytest
from axe import faults
from conftest import ROOT
from playwright.sync_api import expect

from hooks.mathematics import node
from hooks.model import load

HOST = "practice/napkin-math/"  # a page that opens the store
PAGE = "practice/progress/"
FIXTURES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "widgets/store/fixtures").glob("v*.json"))}
FILE = FIXTURES["v2"]
APPEND = "async (entry) => (await strongHireStore.open()).append(entry).then(() => 'kept', (error) => `${error.reason}: ${error.message}`)"
MANY = "async (text) => { const entries = JSON.parse(text), store = await strongHireStore.open(); for (let n = 0; n < entries.length; n += 1000) await store.append(...entries.slice(n, n + 1000)); }"
ALL = "async () => (await strongHireStore.open()).all()"
STATE = "async () => { const store = await strongHireStore.open(); return strongHireStore.saveState(store).textContent; }"
TROUBLE = "async () => (await strongHireStore.open()).trouble"

# the log as version 1 of the site made it, without this version's script; the connection stays, and heeds nobody
OLD = """(rows) => new Promise((resolve, reject) => {
  const asked = indexedDB.open("strong-hire", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("events", { autoIncrement: true });
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const transaction = asked.result.transaction("events", "readwrite");
    for (const row of rows) transaction.objectStore("events").add(row);
    transaction.oncomplete = () => { window.old = asked.result; resolve(0); };
  };
})"""


def done(number: int, **other) -> dict:
    return {"type": "done", "at": 1_764_000_000_000 + number, "item": f"question:number-{number}", "day": 20_400} | other


def until(page, condition: str) -> None:
    """Waits in the page itself: the policy forbids the text that `wait_for_function` would evaluate there."""
    page.evaluate(
        f"""async () => {{
          for (let turn = 0; !({condition}); turn++) {{
            if (turn > 1000) throw new Error({json.dumps("never came: " + condition)});
            await new Promise((resolve) => setTimeout(resolve, 20));
          }}
        }}"""
    )


def opened(visit, page, path: str = HOST):
    """The page with its store's script there."""
    page.goto(visit.address + path)
    until(page, "window.strongHireStore")
    return page


def tab(visit, page):
    """Another tab of the same browser."""
    return visit._page(page.context, 1280, 800)


def without_ids(entries: list[dict]) -> list[dict]:
    return [{key: value for key, value in entry.items() if key != "id"} for entry in entries]


# ---- tabs ---------------------------------------------------------------------------------------------------------------


def test_two_tabs_of_a_hundred_writes_each_keep_two_hundred(visit):
    one = opened(visit, visit.blank())
    two = opened(visit, tab(visit, one))
    many = """async (first) => {
      const store = await strongHireStore.open();
      await Promise.all(Array.from({ length: 100 }, (_, n) => store.append({ type: "done", at: 1764000000000 + n, item: `question:number-${first + n}`, day: 20400 })));
    }"""
    one.evaluate(f"() => {{ window.writing = ({many})(0); }}")
    two.evaluate(many, 100)
    one.evaluate("window.writing")
    for page in (one, two):
        kept = page.evaluate(ALL)
        assert {entry["item"] for entry in kept} == {f"question:number-{n}" for n in range(200)} and len(kept) == 200
        assert len({entry["id"] for entry in kept}) == 200


def test_another_tab_is_told(visit):
    one = opened(visit, visit.blank())
    two = opened(visit, tab(visit, one))
    two.evaluate("async () => { const store = await strongHireStore.open(); window.told = 0; window.stop = store.watch(() => { window.told++; }); }")
    assert one.evaluate(APPEND, done(1)) == "kept"
    until(two, "window.told === 1")
    assert [entry["item"] for entry in two.evaluate(ALL)] == ["question:number-1"]
    two.evaluate("window.stop()")
    one.evaluate(APPEND, done(2))
    two.evaluate(APPEND, done(3))
    assert two.evaluate("window.told") == 1, "who left is told nothing"


# ---- versions -------------------------------------------------------------------------------------------------------------


def test_a_database_of_version_1_opens(visit):
    rows = FIXTURES["v1"]["entries"]
    page = visit.blank()
    page.goto(visit.address)
    page.evaluate(OLD, rows)
    opened(visit, page)
    kept = page.evaluate(ALL)
    assert without_ids(kept) == rows
    assert len({entry["id"] for entry in kept}) == len(rows)
    assert page.evaluate(APPEND, done(1)) == "kept"
    assert len(opened(visit, page).evaluate(ALL)) == len(rows) + 1


def test_an_upgrade_that_fails_loses_nothing(visit):
    """A fault in the middle of the migration: version 1 is still there, and the next visit migrates it."""
    rows = FIXTURES["v1"]["entries"]
    page = visit.blank()
    page.goto(visit.address)
    page.evaluate(OLD, rows)
    page.goto("about:blank")
    other = tab(visit, page)
    other.add_init_script("IDBCursor.prototype.update = function () { throw new DOMException('planted', 'DataError'); }")
    opened(visit, other)
    assert other.evaluate(TROUBLE) == "failed" and "still there" in other.evaluate(STATE)
    other.close()
    assert without_ids(opened(visit, page).evaluate(ALL)) == rows
    visit.faults = [fault for fault in visit.faults if "planted" not in fault]  # the fault itself is on the console


def test_another_tab_with_an_older_version_is_named_and_nothing_is_lost(visit):
    rows = FIXTURES["v1"]["entries"]
    old = visit.blank()
    old.goto(visit.address)
    old.evaluate(OLD, rows)
    new = opened(visit, tab(visit, old))
    assert new.evaluate(TROUBLE) == "blocked"
    assert "another tab shows an older version" in new.evaluate(STATE)
    assert new.evaluate(APPEND, done(1)) == "kept" and len(new.evaluate(ALL)) == 1, "held for now"
    gone = opened(visit, tab(visit, old))
    gone.evaluate(APPEND, done(2))
    gone.close()
    old.evaluate("window.old.close()")
    until(new, "!(await strongHireStore.open()).trouble")
    assert new.evaluate(STATE) == "Saved on this device"
    kept = new.evaluate(ALL)
    wanted = sorted([*rows, done(1), done(2)], key=lambda entry: entry["at"])
    assert without_ids(kept) == wanted, "what a closed tab held is there too"
    assert new.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('strong-hire-held')).length") == 0
    assert opened(visit, new).evaluate(ALL) == kept


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_newer_version_in_another_tab_is_given_way_and_nothing_is_lost(visit, when):
    page = opened(visit, visit.blank())
    assert page.evaluate(APPEND, done(1)) == "kept"
    newer = tab(visit, page)
    newer.goto(visit.address)
    upgrade = """() => new Promise((resolve, reject) => {
      const asked = indexedDB.open("strong-hire", 3);
      asked.onsuccess = () => { asked.result.close(); resolve(0); };
      asked.onerror = asked.onblocked = () => reject(new Error("blocked"));
    })"""
    newer.evaluate(upgrade)
    if when == "before":
        opened(visit, page)
    assert page.evaluate(TROUBLE) == "newer" and "Reload this page" in page.evaluate(STATE)
    assert page.evaluate(APPEND, done(2)) == "kept"
    held = "Object.keys(localStorage).filter((name) => name.startsWith('strong-hire-held')).flatMap((name) => JSON.parse(localStorage.getItem(name)).entries)"
    assert without_ids(page.evaluate(held)) == [done(2)], "for the newer version to take up"


# ---- faults and full disks ---------------------------------------------------------------------------------------------------

POINTS = {
    "before the write": "IDBDatabase.prototype.transaction = function () { throw new DOMException('planted', 'UnknownError'); }",
    "at the write": "IDBObjectStore.prototype.add = function () { throw new DOMException('planted', 'DataError'); }",
    "after the write": "const add = IDBObjectStore.prototype.add; IDBObjectStore.prototype.add = function (...given) { const asked = add.apply(this, given); this.transaction.abort(); return asked; }",
    "between two entries": """const add = IDBObjectStore.prototype.add; let count = 0;
        IDBObjectStore.prototype.add = function (...given) { if (count++) throw new DOMException('planted', 'DataError'); return add.apply(this, given); }""",
}
# the page's own methods, put back after a fault
REMEMBER = "window.whole = [IDBDatabase.prototype.transaction, IDBObjectStore.prototype.add]"
MEND = "() => { [IDBDatabase.prototype.transaction, IDBObjectStore.prototype.add] = window.whole; }"
TWO = "async (entries) => (await strongHireStore.open()).append(...entries).then(() => 'kept', (error) => `${error.reason}: ${error.message}`)"


@pytest.mark.parametrize("point", POINTS)
def test_a_fault_leaves_the_log_as_it_was_and_says_so(visit, point):
    page = opened(visit, visit.blank())
    assert page.evaluate(APPEND, done(1)) == "kept"
    page.evaluate(f"() => {{ {REMEMBER}; {POINTS[point]} }}")
    said = page.evaluate(TWO, [done(2), done(3)])
    assert re.match("(failed: the browser's storage failed|closed: the browser closed its storage)", said), said
    assert page.evaluate(STATE) == f"Not saved: {said.partition(': ')[2]}"
    page.evaluate(MEND)
    assert without_ids(page.evaluate(ALL)) == [done(1)], "whole or not at all"
    assert page.evaluate(TWO, [done(2), done(3)]) == "kept"
    assert page.evaluate(STATE) == "Saved on this device"
    assert without_ids(opened(visit, page).evaluate(ALL)) == [done(1), done(2), done(3)]


def test_a_full_disk_is_named(visit):
    page = opened(visit, visit.blank())
    page.evaluate(f"() => {{ {REMEMBER}; IDBObjectStore.prototype.add = function () {{ throw new DOMException('planted', 'QuotaExceededError'); }}; }}")
    assert page.evaluate(APPEND, done(1)).startswith("quota: the browser has no room left")
    assert "no room left" in page.evaluate(STATE)
    page.evaluate(MEND)
    assert page.evaluate(ALL) == []


def test_what_does_not_fit_the_schema_is_refused(visit):
    page = opened(visit, visit.blank())
    assert "item is" in page.evaluate(APPEND, done(1, item="nonsense"))
    assert "does not belong" in page.evaluate(APPEND, done(1, note="x"))
    assert page.evaluate(ALL) == []


def test_storage_that_is_cleared_under_an_open_page_is_opened_again(visit):
    page = opened(visit, visit.blank())
    assert page.evaluate(APPEND, done(1)) == "kept"
    page.evaluate("async () => { const store = await strongHireStore.open(); window.states = []; store.watchState(() => window.states.push(store.trouble)); }")
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": visit.address.rstrip("/"), "storageTypes": "indexeddb"})
    until(page, "window.states.includes('waiting') && window.states.at(-1) !== 'waiting'")
    assert page.evaluate(APPEND, done(2)) == "kept"
    assert page.evaluate(STATE) == "Saved on this device"
    assert without_ids(opened(visit, page).evaluate(ALL)) == [done(2)]


# ---- no database ---------------------------------------------------------------------------------------------------------------

NONE = "Object.defineProperty(window, 'indexedDB', { value: undefined })"
REFUSES = "IDBFactory.prototype.open = function () { throw new DOMException('private', 'SecurityError'); }"


@pytest.mark.parametrize("script", [NONE, REFUSES], ids=["none", "refused"])
def test_without_a_database_the_page_works_and_says_that_it_keeps_nothing(visit, script):
    page = visit.blank()
    page.add_init_script(script)
    opened(visit, page)
    assert page.evaluate("async () => (await strongHireStore.open()).durable") is False
    assert "keeps nothing: gone with this page" in page.evaluate(STATE)
    assert page.evaluate(APPEND, done(1)) == "kept"
    assert without_ids(page.evaluate(ALL)) == [done(1)]
    assert page.evaluate("localStorage.length") == page.evaluate("Object.keys(localStorage).filter((name) => !name.startsWith('strong-hire')).length")
    assert opened(visit, page).evaluate(ALL) == []


# ---- files ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def probe(tmp_path_factory) -> str:
    """A script that gives a page the parts of the store by name."""
    out = tmp_path_factory.mktemp("probe") / "probe.js"
    subprocess.run([node(), "node_modules/esbuild/bin/esbuild", "tests/store_probe.ts", "--bundle", "--format=iife", f"--outfile={out}", "--log-level=error"], cwd=ROOT, check=True)
    return out.read_text(encoding="utf-8")


WEIRD = [None, -1, 1e99, 2.5, "", "x" * 5000, [], {}, True, "__proto__", {"__proto__": {"polluted": 1}}, [[[]]], "\u0000", "﻿", "𝄞"]


def spoilt(chance: random.Random, number: int) -> tuple[str, bool]:
    """A file with one or several things wrong (rarely nothing), as Latin letters for its bytes; and whether count and checksum are made to fit."""
    file = json.loads(json.dumps(FILE))
    entries = file["entries"]
    for _ in range(chance.randint(1, 3)):
        entry = chance.choice(entries)
        match chance.randrange(11):
            case 0:
                entry[chance.choice(list(entry))] = chance.choice(WEIRD)
            case 1:
                entry.pop(chance.choice(list(entry)))
                if not entry:
                    entry["type"] = "done"
            case 2:
                entry[chance.choice(["__proto__", "constructor", "note", "toString", "id2"])] = chance.choice(WEIRD)
            case 3:
                entries.append(entry | {"day": chance.randint(0, 9)} if "day" in entry else dict(entry))
            case 4:
                entry["type"] = chance.choice(["constructor", "__proto__", "hasOwnProperty", "done", "review", 7])
            case 5:
                file[chance.choice(list(file))] = chance.choice(WEIRD)
                if not isinstance(file["entries"], list) or not file["entries"]:
                    file["entries"] = entries
            case 6:
                file["version"] = chance.choice([0, 1, 3, 99, "2", None, 1.5, -1])
            case 7:
                chance.shuffle(entries)
            case 8:
                entries[:] = [dict(each, id=f"fresh-{number}-{place}") for place, each in enumerate(entries)]
            case 9:
                file[chance.choice(["__proto__", "more"])] = {"polluted": 1}
            case _:
                entries.remove(entry)
                entries = file["entries"] = entries or [done(1)]
    data = bytearray(json.dumps(file, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"))
    kind = chance.randrange(8)
    if kind == 0:
        del data[chance.randrange(len(data)) :]
    elif kind == 1:
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == 2:
        data = bytearray(chance.randbytes(chance.randint(0, 2000)))
    return data.decode("latin-1"), kind > 3


def test_a_spoilt_file_is_taken_whole_or_refused_whole(visit, probe):
    chance = random.Random(20_261_125)
    cases = [spoilt(chance, number) for number in range(400)]
    page = visit.blank()
    page.add_init_script(probe)
    page.goto(visit.address)
    found = page.evaluate(
        """async (cases) => {
          const log = await new probe.Log().begin(), faults = [];
          let before = [], taken = 0, grown = 0;
          for (const [number, [latin, resum]] of cases.entries()) {
            let file = latin;
            if (resum) try { file = probe.resummed(latin); } catch { /* no JSON to mend */ }
            const said = await probe.bring(log, file), after = await log.all();
            if (said) {
              if (JSON.stringify(after) !== JSON.stringify(before)) faults.push(`${number}: refused, and yet the log has changed`);
              if (!/^[A-Z][^]{10,400}\\.$/.test(said)) faults.push(`${number}: ${said}`);
            } else {
              taken++;
              if (after.length > before.length) grown++;
              const here = new Map(after.map((entry) => [entry.id, probe.canonical(entry)]));
              for (const entry of probe.imported(probe.decoded(file))) if (here.get(entry.id) !== probe.canonical(entry)) faults.push(`${number}: ${entry.id} is missing`);
              for (const entry of before) if (here.get(entry.id) !== probe.canonical(entry)) faults.push(`${number}: ${entry.id} was lost`);
            }
            for (const entry of after) if (probe.wrong(entry)) faults.push(`${number}: took ${probe.wrong(entry)}`);
            if ({}.polluted !== undefined || [].polluted !== undefined) faults.push(`${number}: polluted`);
            before = after;
          }
          return { faults, taken, grown };
        }""",
        cases,
    )
    assert found["faults"] == []
    assert 10 < found["taken"] < 200 and found["grown"] > 3, found  # the cases are neither all good nor all hopeless


def test_a_fault_in_an_import_takes_nothing(visit, probe):
    """At the first, a middle and the last of its writes, and when the snapshot is written."""
    page = visit.blank()
    page.add_init_script(probe)
    page.goto(visit.address)
    found = page.evaluate(
        """async (entries) => {
          const log = await new probe.Log().begin(), { add, put } = IDBObjectStore.prototype, results = [];
          await log.append({ type: "done", at: 1764000000000, item: "question:a", day: 1 });
          const before = JSON.stringify(await log.all());
          for (const at of [0, 7, entries.length - 1, "snapshot"]) {
            let count = 0;
            IDBObjectStore.prototype.add = function (...given) { if (count++ === at) throw new DOMException("planted", "QuotaExceededError"); return add.apply(this, given); };
            if (at === "snapshot") IDBObjectStore.prototype.put = function () { throw new DOMException("planted", "QuotaExceededError"); };
            const said = await probe.take(log, entries).then(() => "taken", (error) => error.reason);
            Object.assign(IDBObjectStore.prototype, { add, put });
            results.push(said, JSON.stringify(await log.all()) === before, (await probe.lastImport(log)) === undefined);
          }
          return results;
        }""",
        FILE["entries"],
    )
    assert found == ["quota", True, True] * 4


def test_an_import_can_be_undone_and_what_was_done_since_stays(visit, probe):
    page = visit.blank()
    page.add_init_script(probe)
    page.goto(visit.address)
    found = page.evaluate(
        """async (entries) => {
          const log = await new probe.Log().begin(), ids = async () => (await log.all()).map((entry) => entry.id);
          await probe.take(log, entries.slice(0, 5));
          const first = await ids();
          const added = await probe.take(log, entries), again = await probe.take(log, entries);
          const last = await probe.lastImport(log);
          const mine = await log.append({ type: "done", at: 1764900000000, item: "question:mine", day: 1 });
          const undone = await probe.undoImport(log), nothing = await probe.undoImport(log);
          const after = await ids();
          return { added, again, kept: last.added.length, snapshot: last.entries.length, undone, nothing, same: JSON.stringify(after) === JSON.stringify([...first, mine]) };
        }""",
        FILE["entries"],
    )
    more = len(FILE["entries"]) - 5
    assert found == {"added": more, "again": 0, "kept": more, "snapshot": 5, "undone": more, "nothing": 0, "same": True}


@pytest.mark.weekly
def test_fifty_thousand_entries_are_imported_whole(visit, probe):
    page = visit.blank()
    page.add_init_script(probe)
    page.goto(visit.address)
    found = page.evaluate(
        """async () => {
          const log = await new probe.Log().begin();
          const entries = Array.from({ length: 50000 }, (_, n) => ({ type: "review", at: 1764000000000 + n, id: `many-${n}`, card: `card-${n % 500}`, rating: 1 + (n % 4), day: 20000 + Math.floor(n / 100) }));
          const { text } = probe.exported(entries);
          const added = await probe.take(log, probe.imported(text)), again = await probe.take(log, probe.imported(text));
          const all = await log.all(), undone = await probe.undoImport(log);
          return { added, again, same: JSON.stringify(all) === JSON.stringify(entries), undone, left: (await log.all()).length };
        }"""
    )
    assert found == {"added": 50_000, "again": 0, "same": True, "undone": 50_000, "left": 0}


# ---- the progress page ------------------------------------------------------------------------------------------------------------


def progress(visit, page, entries: list[dict] = ()):
    """The progress page, once all its parts are there; `entries` are in the log before."""
    if entries:
        opened(visit, page).evaluate(MANY, json.dumps(list(entries)))
    page.goto(visit.address + PAGE)
    for part in ("chapters", "did", "transfer"):
        page.locator(f"sh-progress[part={part}][data-ready]").wait_for()
    return page


def give(page, data: bytes, name: str = "strong-hire-progress.json"):
    page.set_input_files("#progress-file", files=[{"name": name, "mimeType": "application/json", "buffer": data}])


SAID = ".progress-said"


def test_export_then_import_into_an_empty_browser_gives_the_same(visit, tmp_path):
    one = progress(visit, visit.blank(), without_ids(FILE["entries"]))
    with one.expect_download() as download:
        one.get_by_role("button", name="Export to a file").click()
    file = tmp_path / "file.json"
    download.value.save_as(file)
    assert download.value.suggested_filename.startswith("strong-hire-progress-")
    expect(one.locator(SAID)).to_contain_text("Exported 14 entries")
    two = progress(visit, visit.blank())
    give(two, file.read_bytes())
    expect(two.locator(SAID)).to_have_text("Imported 14 entries from strong-hire-progress.json.")
    opened(visit, one), opened(visit, two)
    assert one.evaluate(ALL) == two.evaluate(ALL)
    progress(visit, two)
    give(two, file.read_bytes())
    expect(two.locator(SAID)).to_have_text("Imported 0 entries from strong-hire-progress.json; 14 were here already.")
    assert two.get_by_role("button", name="Undo this import").count() == 1, "the import before can still be undone"
    two.get_by_role("button", name="Undo this import").click()
    expect(two.locator(SAID)).to_have_text("The import is undone: 14 entries taken out.")
    expect(two.locator(".progress-empty")).to_contain_text("Nothing yet")


@pytest.mark.parametrize(("data", "says"), [
    (b"", "The file is empty."),
    (b"\xff\xd8\xff\xe0 a picture", "The file is not text"),
    (json.dumps(FILE).encode()[:900], "it breaks off after 900 characters"),
    (json.dumps(FILE).replace('"rating": 3', '"rating": 9').encode(), "Entry 2 (review): rating is 9, but must be a whole number from 1 to 4."),
], ids=["empty", "picture", "cut", "entry"])  # fmt: skip
def test_a_refused_file_is_named_and_nothing_changes(visit, data, says):
    page = progress(visit, visit.blank(), [done(1)])
    give(page, data)
    expect(page.locator(SAID)).to_contain_text("Nothing was imported.")
    expect(page.locator(SAID)).to_contain_text(says)
    assert page.get_by_role("button", name="Undo this import").count() == 0
    opened(visit, page)
    assert without_ids(page.evaluate(ALL)) == [done(1)]


def test_delete_all_asks_for_a_word_and_deletes_in_every_tab(visit):
    page = progress(visit, visit.blank(), [done(n) for n in range(25)])
    other = progress(visit, tab(visit, page))
    button = page.get_by_role("button", name="Delete everything…")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete 25 entries?")
    assert "cannot be undone" in dialog.inner_text()
    with page.expect_download():
        dialog.get_by_role("button", name="Export first").click()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("yes")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was deleted: type the word delete first.")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("delete")
    page.keyboard.press("Enter")
    expect(page.locator(SAID)).to_have_text("Everything is deleted.")
    expect(dialog).to_have_count(0)
    for each in (page, other):
        expect(each.locator(".progress-empty")).to_contain_text("Nothing yet")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('strong-hire'))") == []
    progress(visit, page)
    assert page.locator(".progress-notice").count() == 0, "what was deleted on purpose is not missed"


def test_a_log_that_the_browser_has_thrown_away_is_missed(visit):
    page = progress(visit, visit.blank(), [done(1), done(2)])
    page.goto(visit.address)
    page.evaluate("() => new Promise((resolve, reject) => { const asked = indexedDB.deleteDatabase('strong-hire'); asked.onsuccess = resolve; asked.onerror = reject; })")
    progress(visit, page)
    expect(page.locator(".progress-notice")).to_contain_text("2 entries that had been here are gone")


def test_the_browser_is_asked_to_keep_the_log_when_there_is_something_to_lose(visit):
    page = visit.blank()
    page.add_init_script("window.asked = 0; StorageManager.prototype.persist = async () => { window.asked++; return true; }; StorageManager.prototype.persisted = async () => false;")
    opened(visit, page)
    page.evaluate(MANY, json.dumps([done(n) for n in range(19)]))
    assert page.evaluate("window.asked") == 0
    page.evaluate(MANY, json.dumps([done(n) for n in range(19, 30)]))
    page.evaluate(APPEND, done(31))
    assert page.evaluate("window.asked") == 1, "once"
    progress(visit, page)
    page.get_by_role("button", name="Ask the browser").click()
    expect(page.locator(SAID)).to_have_text("The browser will not clear it by itself.")


def real_entries(count: int) -> list[dict]:
    """Entries about what the handbook has, most of them in the last days."""
    chance, handbook = random.Random(4), load(ROOT)
    return [
        {"type": "review", "at": 1_764_000_000_000 + number, "card": chance.choice(chapter.cards).id, "rating": chance.randint(1, 4), "day": 20_400}
        if chance.random() < 0.7
        else {"type": "done", "at": 1_764_000_000_000 + number, "item": f"question:{chance.choice(chapter.questions).id}", "day": 20_400}
        for number, chapter in enumerate(chance.choices(handbook.chapters, k=count))
    ]


@pytest.mark.parametrize("count", [12, 10_000])
def test_the_counts_are_what_was_done(visit, count):
    entries = real_entries(count)
    page = progress(visit, visit.blank(), entries)
    for chapter in load(ROOT).chapters:
        row = page.locator(f"tr[data-slug={chapter.slug}]")
        cards = {entry["card"] for entry in entries if entry["type"] == "review"} & {card.id for card in chapter.cards}
        questions = {entry["item"] for entry in entries if entry["type"] == "done"} & {f"question:{question.id}" for question in chapter.questions}
        assert row.locator("[data-part=cards]").inner_text().lstrip("✓ ") == f"{len(cards)} of {len(chapter.cards)}"
        assert row.locator("[data-part=questions]").inner_text().lstrip("✓ ") == f"{len(questions)} of {len(chapter.questions)}"
    table = page.locator("sh-progress[part=did] table").first
    reviews = sum(entry["type"] == "review" for entry in entries)
    assert table.locator("tr", has_text="cards reviewed").locator("td").last.inner_text() == f"{reviews:,}"
    assert table.locator("tr", has_text="questions done").locator("td").last.inner_text() == f"{len({e['item'] for e in entries if e['type'] == 'done'}):,}"


def test_the_days_stand_in_a_table_beside_the_bars(visit):
    page = opened(visit, visit.blank())
    day = page.evaluate("Math.floor(Date.UTC(new Date().getFullYear(), new Date().getMonth(), new Date().getDate()) / 864e5)")
    page.evaluate(MANY, json.dumps([done(n, day=day - n % 3, at=1_764_000_000_000 + n) for n in range(8)]))
    progress(visit, page)
    days = page.locator(".progress-days tbody tr td").all_inner_texts()
    assert days == ["3", "3", "2"] + ["0"] * 11
    assert page.locator(".progress-days svg .bar").count() == 3
    assert page.locator(".progress-days svg .count").all_text_contents() == ["2", "3", "3"]
    assert page.get_by_role("img", name="the table beside it").count() == 1


STATES = {
    "empty": ([], ""),
    "few": (without_ids(FILE["entries"]), ""),
    "long": (real_entries(10_000), ""),
    "memory": ([], NONE),
    "error": ([done(1)], "IDBObjectStore.prototype.getAll = function () { throw new DOMException('planted', 'UnknownError'); }"),
}
SHOWS = {
    "empty": "Nothing yet.",
    "few": "cards reviewed",
    "long": "cards reviewed",
    "memory": "This browser keeps nothing: gone with this page",
    "error": "What is kept here could not be read: the browser's storage failed (UnknownError)",
}


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light-1280", "dark-390"])
@pytest.mark.parametrize("state", STATES)
def test_each_state_is_designed_and_accessible(visit, state, width, dark):
    entries, script = STATES[state]
    page = visit.blank(width, 844, dark=dark, bypass_csp=True)
    if entries:
        opened(visit, page).evaluate(MANY, json.dumps(entries))
    if script:
        page.add_init_script(script)
    progress(visit, page)
    assert SHOWS[state] in page.locator("article").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    if state == "few":
        page.get_by_role("button", name="Delete everything…").click()
        page.get_by_role("dialog", name="Delete").wait_for()
    assert faults(page) == {}


def test_the_page_prints_what_was_done_and_no_buttons(visit):
    page = progress(visit, visit.blank(), without_ids(FILE["entries"]))
    page.emulate_media(media="print")
    assert page.locator(".progress-days").is_visible() and page.locator("tr[data-slug]").first.is_visible()
    assert page.locator("article button:visible, article input:visible, h2#transfer:visible").count() == 0


def test_without_a_script_the_page_says_what_there_is(visit):
    page = visit(PAGE, java_script_enabled=False)
    assert page.locator(".progress-still").first.is_visible() and not page.locator(".progress-wait").first.is_visible()
    chapter = load(ROOT).chapters[0]
    assert page.locator(f"tr[data-slug={chapter.slug}] [data-part=questions]").inner_text() == str(len(chapter.questions))


# ---- the box to tick ---------------------------------------------------------------------------------------------------------------


def box(page):
    return page.locator("sh-done input")


def test_a_tick_is_kept_and_seen_in_other_tabs(visit):
    page = visit.blank()
    page.goto(visit.address + visit_path("question"))
    other = tab(visit, page)
    other.goto(visit.address + visit_path("question"))
    box(other).wait_for()
    box(page).focus()
    page.keyboard.press("Space")
    expect(page.locator("sh-done .save-state")).to_have_text("Saved on this device")
    expect(box(other)).to_be_checked()
    page.reload()
    expect(box(page)).to_be_checked()
    page.locator("sh-done label").click()
    expect(box(other)).not_to_be_checked()
    page.reload()
    box(page).wait_for()
    assert [entry["type"] for entry in page.evaluate(ALL)] == ["done", "not-done"]


FIRST_SEEN = """new MutationObserver((changes, observer) => {
  const box = document.querySelector("sh-done input");
  if (box) { window.firstSeen = box.checked; observer.disconnect(); }
}).observe(document, { childList: true, subtree: true });"""


def test_a_box_comes_with_its_tick(visit):
    """And not without, to change under the reader's hand."""
    page = visit.blank()
    page.goto(visit.address + visit_path("question"))
    box(page).check()
    expect(page.locator("sh-done .save-state")).to_have_text("Saved on this device")
    page.add_init_script(FIRST_SEEN)
    page.reload()
    expect(box(page)).to_be_checked()
    assert page.evaluate("window.firstSeen") is True


def visit_path(kind: str) -> str:
    from conftest import TEMPLATES

    return TEMPLATES[kind]


@pytest.mark.parametrize("kind", ["question", "lab", "sheet", "hunt", "exercise"])
def test_what_can_be_done_carries_a_box(visit, kind):
    page = visit.blank()
    page.goto(visit.address + visit_path(kind))
    box(page).check()
    expect(page.locator("sh-done .save-state")).to_have_text("Saved on this device")
    (entry,) = page.evaluate(ALL)
    assert entry["item"].startswith(f"{kind}:")
    assert page.locator("sh-done").count() == 1


# ---- a bug hunt ----------------------------------------------------------------------------------------------------------------------


def hunted(page, line: str | None = None, right: bool = True):
    """Answers the hunt on the page; `right` is about the cause."""
    hunt = page.locator("sh-hunt")
    cause = int(hunt.get_attribute("data-cause"))
    page.locator("#hunt-line").fill(hunt.get_attribute("data-lines").split(",")[0] if line is None else line)
    causes = page.locator("sh-hunt [name=cause]")
    causes.nth(cause if right else (cause + 1) % causes.count()).check()
    page.locator("sh-hunt [type=submit]").click()


def test_a_hunt_is_kept_ticked_and_counted(visit):
    page = visit.blank()
    page.goto(visit.address + visit_path("hunt"))
    hunt = page.locator("sh-hunt").get_attribute("data-hunt")
    page.locator(".hunt-top button").click()
    hunted(page, right=False)
    expect(page.locator("sh-hunt .save-state")).to_have_text("Saved on this device")
    expect(box(page)).not_to_be_checked()
    hunted(page)
    expect(box(page)).to_be_checked()
    hunted(page)  # once more: a try, and no second tick
    expect(page.locator("sh-hunt p[role=status]")).to_contain_text("Right: line and cause.")
    page.wait_for_function("async () => (await strongHireStore.open()).all('hunt').then((all) => all.length === 3)")
    entries = page.evaluate(ALL)
    assert [(entry["hunt"], entry["right"]) for entry in entries if entry["type"] == "hunt"] == [(hunt, False), (hunt, True), (hunt, True)]
    assert all(0 <= entry["seconds"] < 86_400 for entry in entries if entry["type"] == "hunt")
    assert [entry["item"] for entry in entries if entry["type"] == "done"] == [f"hunt:{hunt}"]
    progress(visit, page)
    kinds = page.locator("sh-progress[part=did] table").first
    for words in ("bug hunts done", "bug hunts tried"):
        assert kinds.locator("tr", has_text=words).locator("td").last.inner_text() == "1"
    assert page.locator("[data-part=extras]", has_text=re.compile("^1 of")).count() == 1
    page.goto(visit.address + "practice/bug-hunts/")
    expect(page.locator(f"[data-item='hunt:{hunt}'] .list-done")).to_have_text("done")
    assert page.locator(".list-done").count() == 1


@pytest.mark.parametrize("line", ["", "0", "-2", "1.5", "100000"])
def test_a_line_that_is_not_there_is_no_try(visit, line):
    page = visit.blank()
    page.goto(visit.address + visit_path("hunt"))
    hunted(page, line)
    size = page.locator("sh-hunt").get_attribute("data-size")
    expect(page.locator("sh-hunt p[role=status]")).to_have_text(f"Name a line first, from 1 to {size}.")
    assert page.locator("#hunt-line").get_attribute("aria-invalid") == "true"
    assert page.locator("sh-hunt .save-state").count() == 0


def test_a_try_that_could_not_be_kept_says_so(visit):
    page = visit.blank()
    page.add_init_script("IDBObjectStore.prototype.add = function () { throw new DOMException('planted', 'QuotaExceededError'); }")
    page.goto(visit.address + visit_path("hunt"))
    hunted(page)
    expect(page.locator("sh-hunt .save-state")).to_contain_text("Not saved: the browser has no room left.")
    expect(box(page)).not_to_be_checked()


def test_a_tick_that_could_not_be_kept_is_taken_back(visit):
    page = visit.blank()
    page.add_init_script("IDBObjectStore.prototype.add = function () { throw new DOMException('planted', 'QuotaExceededError'); }")
    page.goto(visit.address + visit_path("question"))
    box(page).click()
    expect(page.locator("sh-done .save-state")).to_contain_text("Not saved: the browser has no room left.")
    expect(box(page)).not_to_be_checked()


def test_a_chapter_is_ticked_at_its_end_and_its_script_comes_late(visit):
    page = visit.blank()
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(visit.address + visit_path("chapter"))
    page.wait_for_load_state("networkidle")
    assert "done.js" not in asked and "store.js" not in asked
    page.locator("sh-done").scroll_into_view_if_needed()
    box(page).check()
    expect(page.locator("sh-done .save-state")).to_have_text("Saved on this device")
    slug = visit_path("chapter").split("/")[1]
    sections = [section.id for section in load(ROOT).by_slug[slug].sections if section.depth]
    assert [entry["item"] for entry in page.evaluate(ALL)] == [f"section:{slug}#{section}" for section in sections]
    progress(visit, page)
    assert page.locator(f"tr[data-slug={slug}] [data-part=sections]").inner_text().endswith(f"{len(sections)} of {len(sections)}")


def test_the_box_leaves_no_trace_without_a_script(visit):
    page = visit("question", java_script_enabled=False)
    assert page.locator("sh-done").inner_text() == "" and page.locator("sh-done").bounding_box()["height"] == 0
