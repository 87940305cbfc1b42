"""The reader's log without a browser, in Node: schema, migrations, merging, export files, replay and counts."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks import in_node
from hooks.mathematics import node

ROOT = Path(__file__).parents[1]
FIXTURES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "widgets/store/fixtures").glob("v*.json"))}
V1, V2 = FIXTURES["v1"]["entries"], FIXTURES["v2"]["entries"]
REVIEW = {"type": "review", "at": 1_764_057_600_000, "id": "abcdef", "card": "kv-cache", "rating": 3, "day": 20_417}


class Refused(Exception):
    pass


@pytest.fixture(scope="session")
def probe(tmp_path_factory):
    """`probe("wrong", entry)`: calls the function of that name in one Node process."""
    bundle = in_node.bundled(
        tmp_path_factory.mktemp("store"),
        f"import {json.dumps(str(ROOT / 'tests/store_probe.ts'))};\n"
        'import { createInterface } from "node:readline";\n'
        'for await (const line of createInterface({ input: process.stdin })) {\n'
        "  const [name, given] = JSON.parse(line);\n"
        "  let answer;\n"
        "  try { answer = { value: globalThis.probe[name](...given) ?? null }; } catch (error) { answer = { refused: error.message }; }\n"
        "  if (answer.value instanceof Map) answer.value = [...answer.value];\n"
        "  console.log(JSON.stringify(answer));\n"
        "}\n",
    )
    process = subprocess.Popen([node(), str(bundle)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def call(name: str, *args):
        process.stdin.write(json.dumps([name, args]) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["value"]

    yield call
    process.stdin.close()
    process.wait()


def test_the_scripts_are_light(tmp_path):
    """All of Part 4 has 25 KB; the log is shared, so that no widget carries a second copy of it."""
    entries = {"store": 4600, "progress": 6900, "done": 1100}
    sizes = {name: in_node.weight(tmp_path, name) for name in entries}
    assert all(sizes[name] <= most for name, most in entries.items()), sizes
    assert "must be a whole" not in (tmp_path / "progress.js").read_text(encoding="utf-8"), "the schema came along a second time"


# ---- schema ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", V2, ids=lambda entry: entry["type"])
def test_every_type_is_closed(probe, entry):
    assert probe("wrong", entry) is None
    for key in entry.keys() - {"id", "seconds"}:
        assert key in probe("wrong", {name: value for name, value in entry.items() if name != key}), f"{key} may not be left out"
        assert probe("wrong", entry | {key: {"no": "value"}}), f"{key} takes anything"
    for key in ("note", "__proto__", "constructor"):
        assert "does not belong" in probe("wrong", entry | {key: 1})


def test_the_fixture_has_every_type():
    source = (ROOT / "widgets/store/schema.ts").read_text(encoding="utf-8")
    block = source[source.index("const TYPES") : source.index("const COMMON")]
    types = {line.split(":")[0].strip().strip('"') for line in block.splitlines() if line.startswith("  ") and not line.startswith("   ") and ":" in line}
    assert types == {entry["type"] for entry in V2}


@pytest.mark.parametrize(("change", "says"), [
    ({"rating": 0}, "rating is 0, but must be a whole number from 1 to 4"),
    ({"rating": 2.5}, "rating is 2.5"),
    ({"rating": "3"}, 'rating is "3"'),
    ({"day": -1}, "day is -1"),
    ({"day": 60_001}, "day is 60001"),
    ({"at": 1}, "at is 1"),
    ({"at": None}, "at is null"),
    ({"card": ""}, 'card is ""'),
    ({"card": "x" * 101}, "card is "),
    ({"card": "../etc"}, 'card is "../etc"'),
    ({"id": "x"}, 'id is "x"'),
    ({"type": "toString"}, 'a type that this version does not know: "toString"'),
    ({"type": "__proto__"}, 'a type that this version does not know: "__proto__"'),
    ({"type": 7}, "a type that this version does not know: 7"),
])  # fmt: skip
def test_what_does_not_fit_is_named(probe, change, says):
    assert says in probe("wrong", REVIEW | change)


@pytest.mark.parametrize("value", [None, 3, "text", [], [REVIEW], True])
def test_what_is_no_entry_is_refused(probe, value):
    assert probe("wrong", value) == "is not an object"


@pytest.mark.parametrize("item", [
    "section:rag#x", "question:a-b", "lab:rag", "sheet:rag", "cards:rag", "checkpoint:rag:0", "checkpoint:rag:14", "hunt:x", "exercise:lru",
])  # fmt: skip
def test_items_that_can_be_done(probe, item):
    assert probe("wrong", {"type": "done", "at": REVIEW["at"], "item": item, "day": 1}) is None


@pytest.mark.parametrize("item", ["", "section:rag", "question:a b", "question:", "checkpoint:rag:5", "checkpoint:rag", "lab:a#b", "page:x", "question:a\nquestion:b", "question:" + "x" * 200])
def test_items_that_cannot(probe, item):
    assert "item is" in probe("wrong", {"type": "done", "at": REVIEW["at"], "item": item, "day": 1})


# ---- migrations -------------------------------------------------------------------------------------------------------


def test_ids_of_version_1_never_change(probe):
    """They are the link between a reader's database and files: another id would double what both hold."""
    assert [entry["id"] for entry in probe("migrate", V1, 1)] == ["v1-b9e588af13d44c6e", "v1-14c97bfbe06caa6f", "v1-14c97bfbe06caa6f-1", "v1-e51e33f31b4c2e17"]


def test_version_1_keeps_what_it_says(probe):
    migrated = probe("migrate", V1, 1)
    assert [{key: value for key, value in entry.items() if key != "id"} for entry in migrated] == V1
    assert all(probe("wrong", entry) is None for entry in migrated)
    assert len({entry["id"] for entry in migrated}) == len(V1), "two equal entries are two"


def test_ids_do_not_depend_on_the_order_of_fields_or_of_other_entries(probe):
    shuffled = [dict(reversed(entry.items())) for entry in reversed(V1)]
    assert {entry["id"] for entry in probe("migrate", shuffled, 1)} == {entry["id"] for entry in probe("migrate", V1, 1)}


def test_this_version_is_left_alone(probe):
    assert probe("migrate", V2, 2) == V2


# ---- files ---------------------------------------------------------------------------------------------------------------


def text(file: dict) -> str:
    return json.dumps(file, ensure_ascii=False)


def summed(probe, **fields) -> dict:
    """A file of this format whose count and checksum fit."""
    file = FIXTURES["v2"] | fields
    compact = json.dumps(file["entries"], ensure_ascii=False, separators=(",", ":"))
    return file | {"count": len(file["entries"]), "checksum": probe("hash", compact)} | {key: value for key, value in fields.items() if key in ("count", "checksum")}


def test_the_file_of_version_2_opens(probe):
    assert probe("imported", text(FIXTURES["v2"])) == V2


def test_a_file_of_version_1_is_migrated(probe):
    assert probe("imported", text(summed(probe, version=1, entries=V1))) == probe("migrate", V1, 1)


def test_what_is_exported_can_be_imported(probe):
    file = probe("exported", V2)
    assert file["left"] == 0
    assert probe("imported", file["text"]) == V2
    assert json.loads(file["text"])["count"] == len(V2)
    assert file["text"].count("\n") > len(V2), "one entry a line"


def test_an_empty_log_is_a_file_too(probe):
    assert probe("imported", probe("exported", [])["text"]) == []


def test_what_this_version_cannot_read_is_left_out_and_counted(probe):
    file = probe("exported", [*V2, REVIEW | {"id": "later-1", "mood": 3}])
    assert file["left"] == 1 and probe("imported", file["text"]) == V2


@pytest.mark.parametrize(("change", "says"), [
    ({"format": "other"}, "no export of this site"),
    ({"version": 3}, "version 3 and this page reads versions 1 to 2: reload"),
    ({"version": 0}, "version is 0"),
    ({"version": "2"}, 'version is "2"'),
    ({"version": None}, "version is null"),
    ({"version": 1.5}, "version is 1.5"),
    ({"more": 1}, 'does not belong: "more"'),
    ({"__proto__": {"polluted": 1}}, 'does not belong: "__proto__"'),
    ({"exported": "yesterday"}, "must be a date"),
    ({"entries": {}}, "entries is no list"),
    ({"count": 13}, "should hold 13 entries and holds 14"),
    ({"count": "14"}, 'should hold "14" entries'),
    ({"checksum": "0000000000000000"}, "The checksum does not fit"),
    ({"checksum": None}, "The checksum does not fit"),
])  # fmt: skip
def test_a_file_with_a_faulty_head_is_refused(probe, change, says):
    with pytest.raises(Refused, match=says):
        probe("imported", text(FIXTURES["v2"] | change))


@pytest.mark.parametrize("field", ["version", "exported", "count", "checksum", "entries"])
def test_a_file_that_lacks_a_field_is_refused(probe, field):
    with pytest.raises(Refused, match=field):
        probe("imported", text({key: value for key, value in FIXTURES["v2"].items() if key != field}))


@pytest.mark.parametrize(("entries", "says"), [
    ([REVIEW, 7], "Entry 2 is not an object"),
    ([REVIEW, None], "Entry 2 is not an object"),
    ([REVIEW | {"rating": 9}], r"Entry 1 \(review\): rating is 9"),
    ([V2[0], REVIEW | {"__proto__": {}}], 'Entry 2 .* does not belong: "__proto__"'),
    ([{key: value for key, value in REVIEW.items() if key != "id"}], "Entry 1 .* lacks the field id"),
    ([REVIEW, V2[0], REVIEW | {"rating": 1}], "Entries 1 and 3 have the same id and say different things"),
])  # fmt: skip
def test_a_file_with_a_faulty_entry_is_refused_and_the_entry_named(probe, entries, says):
    with pytest.raises(Refused, match=says):
        probe("imported", text(summed(probe, entries=entries)))


def test_version_1_knew_no_ids(probe):
    with pytest.raises(Refused, match="Entry 2 has a field that version 1 did not know"):
        probe("imported", text(summed(probe, version=1, entries=[V1[0], V1[1] | {"id": "abcdef"}])))


def test_an_entry_twice_is_one(probe):
    assert probe("imported", text(summed(probe, entries=[REVIEW, REVIEW]))) == [REVIEW]


@pytest.mark.parametrize(("given", "says"), [
    ("", "empty"), (" \n", "empty"), ("{", "not whole"), ("null", "no export"), ("[]", "no export"), ('"text"', "no export"), ("7", "no export"), ("<html>", "not JSON"), ('{"a": 1,}', "not JSON: line 1 cannot be read .character 9."),
    ("{}", "no export"), ("[" * 200_000, "not whole|nested"), ("\ufeff{}", "not JSON"),
])  # fmt: skip
def test_what_is_no_file_of_ours_is_refused(probe, given, says):
    with pytest.raises(Refused, match=says):
        probe("imported", given)


def test_a_file_cut_short_is_refused_wherever_it_is_cut(probe):
    whole = probe("exported", V2)["text"].rstrip()
    for end in [*random.Random(3).sample(range(len(whole)), 60), len(whole) - 1]:
        with pytest.raises(Refused, match=f"not whole: it breaks off after {len(whole[:end].rstrip())} characters|empty"):
            probe("imported", whole[:end])


def test_bytes_that_are_no_text_are_refused(probe):
    with pytest.raises(Refused, match="not text"):
        probe("decoded", "\xff\xfe\x00{")


def test_one_changed_letter_is_noticed(probe):
    whole = probe("exported", V2)["text"]
    changed = whole.replace('"rating":3', '"rating":4')
    assert changed != whole
    with pytest.raises(Refused, match="The checksum does not fit"):
        probe("imported", changed)


# ---- merging ----------------------------------------------------------------------------------------------------------------


def test_only_what_is_new_is_added(probe):
    assert probe("merged", V2[:5], V2) == V2[5:]
    assert probe("merged", V2, V2) == []


def test_an_entry_that_contradicts_what_is_here_is_refused(probe):
    with pytest.raises(Refused, match="Entry 2 has the id of an entry that is here and says something different"):
        probe("merged", V2, [V2[0], V2[1] | {"rating": 1}])


def test_the_order_of_fields_is_no_contradiction(probe):
    assert probe("merged", V2, [dict(reversed(entry.items())) for entry in V2]) == []


# ---- replay ------------------------------------------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from("abc"), st.integers(0, 9)), max_size=20)


@settings(deadline=None)
@given(steps=STEPS)
def test_done_is_what_was_ticked_last(probe, steps):
    entries = [{"type": "done" if tick else "not-done", "at": index, "item": f"question:{name}", "day": day} for index, (tick, name, day) in enumerate(steps)]
    wanted: dict[str, int] = {}
    for tick, name, day in steps:
        if tick:
            wanted.setdefault(f"question:{name}", day)
        else:
            wanted.pop(f"question:{name}", None)
    assert dict(probe("doneItems", entries)) == wanted


def test_a_review_taken_back_does_not_count(probe):
    assert [entry["id"] for entry in probe("reviews", V2)] == [V2[1]["id"]]
    assert probe("settings", [*V2, {"type": "setting", "key": "role", "value": "research"}]) == [["role", "research"], ["new-cards-a-day", 10]]


def test_the_days_add_up_to_what_was_done(probe):
    today = 20_420
    found = probe("summary", V2, today)
    kinds = {kind["words"]: (kind["all"], kind["recent"]) for kind in found["kinds"]}
    assert kinds == {
        "cards reviewed": (1, 1), "sections read": (1, 1), "checkpoints kept": (1, 1), "estimates answered": (1, 1),
        "quiz questions answered": (1, 1), "bug hunts tried": (1, 1), "self-assessments": (1, 1), "plans made": (1, 1),
    }  # fmt: skip
    assert len(found["days"]) == 14 and [day["day"] for day in found["days"]] == list(range(today - 13, today + 1))
    assert sum(day["count"] for day in found["days"]) == sum(recent for _, recent in kinds.values())


def test_what_is_long_ago_counts_in_all_only(probe):
    found = probe("summary", V2, 20_600)
    assert all(kind["recent"] == 0 and kind["all"] for kind in found["kinds"]) and all(day["count"] == 0 for day in found["days"])


def test_a_chapter_counts_its_own_parts_only(probe):
    parts = {"sections": ["section:rag#a", "section:rag#b"], "questions": ["question:q"], "cards": ["c", "d"], "other": ["lab:rag"], "extras": ["hunt:a", "exercise:b"]}
    done = ["section:rag#b", "section:other#a", "question:q", "lab:other", "hunt:a", "hunt:c"]
    entries = [{"type": "done", "item": item, "day": 1} for item in done] + [{"type": "review", "card": "d", "id": "1"}, {"type": "review", "card": "e", "id": "2"}]
    assert probe("counted", parts, entries) == {"sections": 1, "questions": 1, "cards": 1, "other": 0, "extras": 1}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_days_follow_the_calendar_through_changes_of_the_clock(zone, tmp_path):
    """An hour before and after midnight, on every day of a year: the day number goes up by one at midnight and nowhere else."""
    found = in_node.run(
        tmp_path,
        f"import {{ dayOf }} from '{in_node.WIDGETS}/store/day';\n"
        "const found = [];\n"
        "for (let day = 1; day <= 365; day++) found.push([dayOf(new Date(2026, 0, day, 0, 5).getTime()), dayOf(new Date(2026, 0, day, 23, 55).getTime())]);\n"
        "console.log(JSON.stringify(found));\n",
        zone,
    )
    first = 20_454  # 1 January 2026
    assert found == [[first + day, first + day] for day in range(365)]
