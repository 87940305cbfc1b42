"""The Anki deck of all cards: site/anki/strong-hire.apkg, and the same as text to import.

Made so that a reader's history survives every new edition: a note's GUID comes from the card's first id, through any
renaming; deck and note type keep their ids; and a note is as new as the last commit of what it is made from, so that an
import with Anki's own settings takes the new text. The same sources give the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import html
import io
import os
import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import genanki
from lxml import etree
from lxml import html as lxml_html

from hooks import archive
from hooks.building import Site
from hooks.model import Chapter

FOLDER, PACKAGE, TEXT = "anki", "strong-hire.apkg", "strong-hire.txt"
NAME = "Strong Hire"
FILES = ((f"{FOLDER}/{PACKAGE}", "Anki deck"), (f"{FOLDER}/{TEXT}", "as text"))
MODEL = 1_764_096_001  # for ever: Anki knows the note type by it
DECK = 1_764_096_002
ABOUT = "From Strong Hire, the open handbook for LLM interviews. Text CC BY 4.0."
EPOCH = 1_764_096_000_000  # milliseconds: where the ids of notes begin
KEPT = {"p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "code", "pre", "sub", "sup", "table", "thead", "tbody", "tr", "th", "td", "blockquote"}
CSS = """\
.card { font: 20px/1.5 Georgia, "Source Serif 4", serif; color: #18201d; background: #fff; text-align: left; max-width: 34em; margin: 1em auto; padding: 0 1em; }
.front { font-weight: 650; }
.back { border-top: 2px solid #0b6b4b; margin-top: .8em; padding-top: .4em; }
.chapter { color: #4d5955; font-size: 14px; margin: 0 0 .6em; }
code { font: .88em/1.4 Menlo, Consolas, monospace; background: #f3f6f4; padding: 0 .2em; }
table { border-collapse: collapse; } th, td { border-bottom: 1px solid #d5dcd8; padding: .2em .6em .2em 0; text-align: left; }
.card.nightMode { color: #e3e9e6; background: #121715; }
.nightMode .back { border-color: #6cd0a4; } .nightMode .chapter { color: #a5b1ac; } .nightMode code { background: #1b2220; }
.nightMode th, .nightMode td { border-color: #303a36; }
"""


@dataclass(frozen=True)
class Note:
    id: str
    guid: str
    chapter: str  # slug
    title: str
    front: str
    back: str
    changed: int  # seconds since 1970


def write(site: Site, out: Path) -> None:
    """Both files into the built site `out`; nothing where a preview has rendered a part of the cards only."""
    chapters = [chapter for chapter in site.handbook.chapters if chapter.cards]
    if any(chapter.slug not in site.cards for chapter in chapters):
        return
    found = [note for chapter in chapters for note in notes(chapter, site.cards[chapter.slug], changed(site.handbook.root, chapter))]
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PACKAGE).write_bytes(package(found))
    (folder / TEXT).write_text(text(found), encoding="utf-8", newline="")


# ---- notes ------------------------------------------------------------------------------------------


def notes(chapter: Chapter, page: str, when: int) -> list[Note]:
    """The cards on a chapter's cards page, whose formulas are still TeX."""
    found = []
    for card in lxml_html.fragment_fromstring(page, create_parent="div").iter("details"):
        if "card" in card.get("class", "").split():
            front, back = field(card.find("summary")), field(card.find("section"))
            found.append(Note(card.get("id"), guid(chapter.aliases, card.get("id")), chapter.slug, chapter.record.title, front, back, when))
    return found


def guid(aliases: dict[str, str], identity: str) -> str:
    """From the first name that the card ever had."""
    older, seen = {new: old for old, new in reversed(list(aliases.items()))}, set()
    while identity in older and identity not in seen:
        seen.add(identity)
        identity = older[identity]
    return f"strong-hire:{identity}"


def field(element: etree._Element) -> str:
    """What Anki shows: text, simple marks and MathJax; numbers and citations as their words, one line."""
    return " ".join(_shown(element).split())


def _shown(element: etree._Element) -> str:
    inner = html.escape(element.text or "", quote=False)
    for child in element:
        if isinstance(child.tag, str):  # no comment
            inside = _shown(child)
            if child.tag == "br":
                inner += "<br>"
            elif child.tag in KEPT:
                inner += f"<{child.tag}>{inside}</{child.tag}>"
            elif "given" not in child.get("class", "").split():
                inner += inside  # arithmatex: \( \) and \[ \] are MathJax's own
        inner += html.escape(child.tail or "", quote=False)
    return inner


def changed(root: Path, chapter: Chapter) -> int:
    """When this chapter's cards, or what computes their numbers, last changed: of the last commit, else of the review."""
    if os.environ.get("SOURCE_DATE_EPOCH", "").isdigit():
        return int(os.environ["SOURCE_DATE_EPOCH"])
    cards = (chapter.dir / "cards.md").relative_to(root).as_posix()
    asked = ["git", "-C", str(root), "log", "-1", "--format=%ct", "--", cards, "docs/data", "snippets/sizing", "hooks/anki.py"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() if (root / ".git").exists() else ""
    return int(told) if told.isdigit() else int(dt.datetime.combine(chapter.record.reviewed, dt.time(), dt.UTC).timestamp())


# ---- the two files -------------------------------------------------------------------------------------


def package(found: list[Note]) -> bytes:
    """The .apkg: a database and a list of media, in an archive whose dates are fixed."""
    model = genanki.Model(
        MODEL, NAME, css=CSS, fields=[{"name": "Front"}, {"name": "Back"}, {"name": "Chapter"}],
        templates=[{"name": "Card", "qfmt": '<div class="chapter">{{Chapter}}</div><div class="front">{{Front}}</div>',
                    "afmt": '{{FrontSide}}<div class="back" id="answer">{{Back}}</div>'}],
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki2"
        database = sqlite3.connect(path)
        cursor = database.cursor()
        genanki.Package([]).write_to_db(cursor, 0, iter(()))
        for chapter in dict.fromkeys(note.chapter for note in found):
            inside = [note for note in found if note.chapter == chapter]
            deck = genanki.Deck(DECK + 1 + _hash(chapter, 10**9), subdeck(inside[0]), ABOUT)
            for place, note in enumerate(inside, start=1):
                deck.add_note(genanki.Note(model, [note.front, note.back, html.escape(note.title, quote=False)], guid=note.guid, tags=[tag(note)], due=place))
            ids = (EPOCH + 2 * _hash(note.guid, 10**10) + more for note in inside for more in (0, 1))  # the note's, its card's
            deck.write_to_db(cursor, inside[0].changed, ids)
        database.commit()
        database.execute("VACUUM")
        database.close()
        content = path.read_bytes()
    packed = io.BytesIO()
    archive.write(packed, (("collection.anki2", content), ("media", b"{}")))
    return packed.getvalue()


def text(found: list[Note]) -> str:
    """The plain-text import: Anki's own header lines say what each column is."""
    out = io.StringIO()
    # our note type where the package brought it, else what Anki takes by itself: its Basic
    out.write(f"#separator:tab\n#html:true\n#notetype:{NAME}\n#guid column:1\n#deck column:2\n#tags column:6\n")
    rows = csv.writer(out, delimiter="\t", lineterminator="\n")
    rows.writerows((note.guid, subdeck(note), note.front, note.back, html.escape(note.title, quote=False), tag(note)) for note in found)
    return out.getvalue()


def subdeck(note: Note) -> str:
    return f"{NAME}::{note.title}"


def tag(note: Note) -> str:
    return f"strong-hire::{note.chapter}"


def _hash(words: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big") % below
