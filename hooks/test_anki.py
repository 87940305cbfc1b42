"""The Anki deck, imported by the real Anki: everything arrives, and a learner's history survives new editions."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from hooks import anki

pytest.importorskip("anki.collection", reason="tests/requirements.txt is not installed")
from anki.collection import Collection, CsvMetadata, ImportAnkiPackageOptions, ImportAnkiPackageRequest, ImportCsvRequest

CARDS = """<h1>Cards</h1><div class="cards">
<details class="card" id="score-size"><summary>Typical score for <span class="arithmatex">\\(d_k &lt; 64\\)</span>?</summary>
<section><p>It is <span class="arithmatex">\\(\\sqrt{{d_k}}\\)</span>, about <button class="num" type="button" popovertarget="n-1">8</button><!--late 0-->
<a class="cite" href="https://example.org">Vaswani et al. 2017</a> <span class="given">given</span>.</p><ul><li>“one”</li><li><code>a &lt; b</code></li></ul></section></details>
<details class="card" id="divisor"><summary>Divisor?</summary><section><p>{answer}</p></section></details></div>"""


def edition(answer: str = "The same.", aliases: dict[str, str] | None = None, when: int = 1_700_000_000, rename: str = "") -> list[anki.Note]:
    """Two chapters of two cards each."""

    class Fake:
        def __init__(self, slug: str, title: str) -> None:
            self.slug, self.aliases = slug, aliases or {}
            self.record = type("Record", (), {"title": title})

    page = CARDS.format(answer=answer)
    first = page.replace('id="divisor"', f'id="{rename or "divisor"}"')
    return anki.notes(Fake("attention", "Attention"), first, when) + anki.notes(Fake("serving", "Inference, serving & more"), page.replace('id="', 'id="s-'), when)


@pytest.fixture
def collection(tmp_path):
    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def install(collection, notes: list[anki.Note], tmp_path: Path):
    """Import with the settings that Anki's own dialogue opens with, but for the scheduling it has none of."""
    path = tmp_path / anki.PACKAGE
    path.write_bytes(anki.package(notes))
    return collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=ImportAnkiPackageOptions(merge_notetypes=False, with_scheduling=False, with_deck_configs=False)))


def note_of(collection, guid: str):
    return collection.get_note(collection.db.scalar("select id from notes where guid = ?", guid))


def study(collection, guid: str):
    """Answer Good from the top of the deck until the note's card has had its turn."""
    wanted = note_of(collection, guid).cards()[0]
    collection.decks.select(wanted.did)
    while not collection.get_card(wanted.id).reps:
        top = collection.sched.get_queued_cards(fetch_limit=1).cards[0]
        card = collection.get_card(top.card.id)
        card.start_timer()
        collection.sched.answer_card(collection.sched.build_answer(card=card, states=top.states, rating=2))
    return collection.get_card(wanted.id)


def test_everything_arrives_in_its_deck(collection, tmp_path):
    log = install(collection, edition(), tmp_path)
    assert len(log.log.new) == 4 and collection.card_count() == 4
    names = {deck.name for deck in collection.decks.all_names_and_ids()}
    assert {"Strong Hire::Attention", "Strong Hire::Inference, serving & more"} <= names
    assert len(collection.find_notes("tag:strong-hire::attention")) == 2
    assert len(collection.find_cards('deck:"Strong Hire"')) == 4
    assert [model.name for model in collection.models.all_names_and_ids() if model.name == anki.NAME] == [anki.NAME]


def test_a_card_reads_as_on_the_page(collection, tmp_path):
    install(collection, edition(), tmp_path)
    card = note_of(collection, anki.guid({}, "score-size")).cards()[0]
    shown = card.answer()
    assert "\\(\\sqrt{d_k}\\), about 8 Vaswani et al. 2017 ." in shown and "\\(d_k &lt; 64\\)" in card.question()
    assert "<li>“one”</li><li><code>a &lt; b</code></li>" in shown
    assert not re.search(r"<button|<a |href|given|late|arithmatex", shown)
    assert ".nightMode" in card.note_type()["css"]


def test_a_new_edition_updates_the_text_and_keeps_the_history(collection, tmp_path):
    install(collection, edition(), tmp_path)
    guid = anki.guid({}, "divisor")
    before = study(collection, guid)
    assert before.reps == 1
    history = collection.db.all("select id, cid, ease, ivl from revlog")
    assert before.id in [card for _, card, _, _ in history]
    log = install(collection, edition(answer="The square root of the head size.", when=1_700_086_400), tmp_path)
    assert not log.log.new and collection.card_count() == 4
    assert note_of(collection, guid).fields[1] == "<p>The square root of the head size.</p>"
    after = collection.get_card(before.id)
    assert (after.reps, after.due, after.queue, after.type, after.ivl) == (before.reps, before.due, before.queue, before.type, before.ivl)
    assert collection.db.all("select id, cid, ease, ivl from revlog") == history


def test_the_same_edition_again_changes_nothing(collection, tmp_path):
    install(collection, edition(), tmp_path)
    before = collection.db.all("select * from notes order by id"), collection.db.all("select * from cards order by id")
    install(collection, edition(), tmp_path)
    assert (collection.db.all("select * from notes order by id"), collection.db.all("select * from cards order by id")) == before


def test_a_renamed_card_is_the_same_note(collection, tmp_path):
    install(collection, edition(), tmp_path)
    old = study(collection, anki.guid({}, "divisor"))
    renamed = edition(answer="New words.", aliases={"divisor": "scale", "scale": "score-divisor"}, when=1_700_086_400, rename="score-divisor")
    assert renamed[1].id == "score-divisor" and renamed[1].guid == anki.guid({}, "divisor")
    log = install(collection, renamed, tmp_path)
    assert not log.log.new and collection.card_count() == 4
    assert collection.get_card(old.id).reps == 1 and collection.get_card(old.id).note().fields[1] == "<p>New words.</p>"


def test_a_card_added_later_joins_without_touching_the_rest(collection, tmp_path):
    install(collection, edition()[1:], tmp_path)
    before = study(collection, anki.guid({}, "divisor"))
    log = install(collection, edition(when=1_700_086_400), tmp_path)
    assert len(log.log.new) == 1 and collection.card_count() == 4
    assert collection.get_card(before.id).reps == 1


def test_the_learners_own_words_are_kept_when_they_are_newer(collection, tmp_path):
    install(collection, edition(), tmp_path)
    mine = note_of(collection, anki.guid({}, "divisor"))
    mine.fields[1] = "mine"
    collection.update_note(mine)
    install(collection, edition(answer="Theirs.", when=1_700_086_400), tmp_path)
    assert note_of(collection, anki.guid({}, "divisor")).fields[1] == "mine"


def test_the_text_file_updates_what_the_package_brought(collection, tmp_path):
    install(collection, edition(), tmp_path)
    before = study(collection, anki.guid({}, "divisor"))
    path = tmp_path / anki.TEXT
    path.write_text(anki.text(edition(answer="Other words.")), encoding="utf-8", newline="")
    log = collection.import_csv(ImportCsvRequest(path=str(path), metadata=collection.get_csv_metadata(path=str(path), delimiter=None))).log
    assert not log.new and not log.conflicting and len(log.updated) == 2
    assert note_of(collection, anki.guid({}, "divisor")).fields == ["Divisor?", "<p>Other words.</p>", "Attention"]
    assert collection.card_count() == 4 and collection.get_card(before.id).reps == 1


def test_the_text_file_brings_the_same_notes_and_then_updates_them(collection, tmp_path):
    def read(notes):
        path = tmp_path / anki.TEXT
        path.write_text(anki.text(notes), encoding="utf-8", newline="")
        metadata = collection.get_csv_metadata(path=str(path), delimiter=None)
        assert metadata.is_html and metadata.guid_column == 1 and metadata.deck_column == 2 and metadata.tags_column == 6
        assert metadata.delimiter == CsvMetadata.TAB
        return collection.import_csv(ImportCsvRequest(path=str(path), metadata=metadata))

    log = read(edition())
    assert len(log.log.new) == 4
    assert len(collection.find_cards('deck:"Strong Hire::Attention"')) == 2
    note = note_of(collection, anki.guid({}, "divisor"))
    assert note.fields[:2] == ["Divisor?", "<p>The same.</p>"] and note.tags == ["strong-hire::attention"]
    before = study(collection, note.guid)
    read(edition(answer='Other "words", with\ttabs.'))
    assert note_of(collection, note.guid).fields[1] == '<p>Other "words", with tabs.</p>'
    assert collection.card_count() == 4 and collection.get_card(before.id).reps == 1


def test_the_same_sources_give_the_same_bytes():
    """In two processes with different hash seeds: no set's order, clock or temporary name gets in."""
    code = "import hashlib; from hooks import anki, test_anki as t; print(hashlib.sha256(anki.package(t.edition()) + anki.text(t.edition()).encode()).hexdigest())"
    made = {
        subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert made == {hashlib.sha256(anki.package(edition()) + anki.text(edition()).encode()).hexdigest() + "\n"}
    with zipfile.ZipFile(BytesIO(anki.package(edition()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_ids_are_for_ever():
    """A change here would double every learner's deck: what is asserted must stay as it is."""
    assert (anki.MODEL, anki.DECK) == (1_764_096_001, 1_764_096_002)
    assert anki.guid({}, "decode-floor") == "strong-hire:decode-floor"
    assert anki.subdeck(edition()[0]) == "Strong Hire::Attention"


def test_each_note_has_its_own_guid():
    guids = [note.guid for note in edition()]
    assert len(set(guids)) == 4
    assert replace(edition()[0], back="other").guid == guids[0]
