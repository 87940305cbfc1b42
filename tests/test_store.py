"""What a reader did is never lost: two tabs, full disks, faults, older versions, other tabs in the way, private windows."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT

HOST = "practice/napkin-math/"  # a page that opens the store
FIXTURES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "widgets/store/fixtures").glob("v*.json"))}
APPEND = "async (entry) => (await strongHireStore.open()).append(entry).then(() => 'kept', (error) => `${error.reason}: ${error.message}`)"
ALL = "async () => (await strongHireStore.open()).all()"
STATE = "async () => { const store = await strongHireStore.open(); return strongHireStore.saveState(store).textContent; }"
DURABLE = "async () => (await strongHireStore.open()).durable"

# the log as version 1 of the site made it, without this version's script
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


def opened(visit, page, path: str = HOST):
    """The page with its store's script there."""
    page.goto(visit.address + path)
    page.wait_for_function("window.strongHireStore")
    return page


def tab(visit, page):
    """Another tab of the same browser."""
    other = visit._page(page.context, 1280, 800)
    return other


def test_two_tabs_of_a_hundred_writes_each_keep_two_hundred(visit):
    one = opened(visit, visit.blank())
    two = opened(visit, tab(visit, one))
    many = """async (first) => {
      const store = await strongHireStore.open();
      await Promise.all(Array.from({ length: 100 }, (_, n) => store.append({ type: "done", at: 1764000000000 + n, item: `question:number-${first + n}`, day: 20400 })));
    }"""
    one.evaluate(f"window.writing = ({many})(0)")
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
    two.wait_for_function("window.told === 1")
    assert [entry["item"] for entry in two.evaluate(ALL)] == ["question:number-1"]
    two.evaluate("window.stop()")
    one.evaluate(APPEND, done(2))
    two.evaluate(APPEND, done(3))
    assert two.evaluate("window.told") == 1, "who left is told nothing"


@pytest.mark.parametrize("version", FIXTURES)
def test_every_released_version_opens(visit, version):
    rows = FIXTURES[version]["entries"]
    page = visit.blank()
    page.goto(visit.address)
    page.evaluate(OLD, rows)
    opened(visit, page)
    kept = page.evaluate(ALL)
    assert [{key: value for key, value in entry.items() if key != "id"} for entry in kept] == rows
    assert len({entry["id"] for entry in kept}) == len(rows)
    assert page.evaluate(APPEND, done(1)) == "kept"
    assert len(opened(visit, page).evaluate(ALL)) == len(rows) + 1
