"""The search index, shaped for widgets/search: sections as plain text, with what they belong to, explain and weigh.

The theme's plugin writes a section's title and text. Here every section also gets the page it is a part of, the names of
the terms that it explains (the glossary's, with their aliases), and a weight by kind: a chapter answers before a question,
a question before code. Each term of the glossary becomes an entry of its own. Works without MkDocs: `shape(path, handbook)`
returns the problems as lines of text.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import yaml

from hooks import glossary, navigation, prose
from hooks.building import url_of
from hooks.model import Handbook
from hooks.widget_data import compact

DATA = "data/search.yml"
WEIGHTS = {  # by kind of page, else by folder
    "chapter": 1.0, "question": 0.75, "sheet": 0.6, "exercise": 0.6, "lab": 0.55, "code": 0.5, "cards": 0.4, "practice": 0.4, "hunt": 0.35,
}  # fmt: skip
FOLDERS = {"calculators": 0.95, "interview": 0.9, "paths": 0.8, "reference": 0.55, "practice": 0.6, "contributing": 0.3}
PAGES = {"reference/bibliography.md": 0.3, "reference/glossary.md": 0.5, "calculators/index.md": 0.5}
ASIDE = 0.5  # sections that speak about the chapter or the question, not about its subject
ASIDES = frozenset({"moment", "objectives", "self-assessment", "listens-for", "checkpoints", "further-reading", "follow-ups"})
PART_OF = {"calculators": "Calculator", "interview": "Interview", "paths": "Paths", "reference": "Reference", "practice": "Practice", "contributing": "Contributing", "code": "Code"}
LEAD = 600  # characters; less under a heading only leads into its parts
TAG = re.compile(r"</?(?:p|code|pre|li|ol|ul|sub|sup)>")
LISTING = re.compile(r"<pre>.*?</pre>", re.S)
LISTING_BAR = re.compile(r"(\S+\.py)\s*Open test")
BLOCK = re.compile(r"</?(?:p|pre|li|ol|ul)>")


def shape(path: Path, handbook: Handbook, directory_urls: bool = True) -> list[str]:
    """Rewrite the index on disk; return problems, one a line. The folder edition has files for addresses."""
    index = json.loads(path.read_text(encoding="utf-8"))
    if index.get("shaped"):  # a preview that wrote no new one
        return []
    index["docs"], problems = sections(index["docs"], handbook, directory_urls)
    path.write_text(compact({**index, "shaped": True}), encoding="utf-8")
    return problems


def sections(entries: list[dict], handbook: Handbook, directory_urls: bool = True) -> tuple[list[dict], list[str]]:
    titles = {entry["location"]: _plain(entry["title"]) for entry in entries if "#" not in entry["location"]}
    texts = {place(entry["location"], handbook): _plain(entry["text"]) for entry in entries}
    names = names_of_sections(handbook, texts)
    spoken = {place(address, handbook): (address, names) for address, names in said(handbook.root).items()}
    found = []
    for entry in entries:
        address = entry["location"].partition("#")[0]
        source, anchor = place(entry["location"], handbook)
        section = {"location": entry["location"], "title": _plain(entry["title"]), "text": _plain(entry["text"])}
        if source == glossary.PAGE:  # its terms are entries of their own
            section["text"] = section["text"].split(". ")[0]
        if navigation.kind_of(source) == "hunt":  # the listing stands in its chapter, without the fault
            section["text"] = _plain(LISTING.sub("", entry["text"]))
        page = part_of(source, titles.get(address, "") if anchor else "")
        if page:
            section["page"] = page
        if named := names.get((source, anchor), []) + spoken.pop((source, anchor), ("", []))[1]:
            section["names"] = named
        section["boost"] = weight(source, anchor)
        found.append(section)
    problems = [f"docs/{DATA}: no section is at {address}; give the address as in the built site" for address, _ in spoken.values()]
    return [*found, *terms(handbook, directory_urls)], problems


def said(root: Path) -> dict[str, list[str]]:
    """What readers call a section, by its address."""
    file = root / "docs" / DATA
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}


def place(location: str, handbook: Handbook) -> tuple[str, str]:
    """The file under docs/ that an address of either edition is built from, and the anchor."""
    address, _, anchor = location.partition("#")
    stem = address.removesuffix(".html").rstrip("/")
    if navigation.kind_of(f"{stem}.ipynb") == "lab":
        return f"{stem}.ipynb", anchor
    is_file = f"docs/{stem}.md" in handbook.pages or navigation.kind_of(f"{stem}.md") in ("question", "hunt", "exercise", "code")
    return f"{stem}.md" if is_file or address.endswith(".html") else f"{address}index.md", anchor


def part_of(source: str, page: str) -> str:
    """What a section's result names beside its heading."""
    group = PART_OF.get(source.split("/")[0], "")
    if navigation.kind_of(source) == "question":
        group = "Question"
    return ": ".join(part for part in (group, page) if part)


def weight(source: str, anchor: str) -> float:
    kind = navigation.kind_of(source)
    base = PAGES.get(source) or WEIGHTS.get(kind) or FOLDERS.get(source.split("/")[0], 0.7)
    return round(base * ASIDE, 3) if kind in ("chapter", "question") and anchor in ASIDES else base


def names_of_sections(handbook: Handbook, texts: dict[tuple[str, str], str]) -> dict[tuple[str, str], list[str]]:
    """By (file, anchor): the terms that are explained there; `texts` of the sections."""
    found: dict[tuple[str, str], list[str]] = {}
    for term in handbook.terms:
        source, anchor = glossary.place(term.where)
        names = [term.term, *term.aliases]
        found.setdefault((source, closest(handbook, source, anchor, names, texts)), []).extend(names)
    return found


def closest(handbook: Handbook, source: str, anchor: str, names: list[str], texts: dict[tuple[str, str], str]) -> str:
    """The glossary names a whole section; one of its parts if that has the name in its heading, or if the whole only leads in."""
    page = handbook.pages.get(f"docs/{source}")
    headings = prose.headings(page.body) if page else ()
    at = next((number for number, heading in enumerate(headings) if heading.id == anchor), None)
    if at is None:
        return anchor
    after = (number for number, heading in enumerate(headings) if number > at and heading.level <= headings[at].level)
    family = headings[at : next(after, None)]
    best, most = anchor, 0.0
    for heading in family:
        title, text = set(_words(prose.plain(heading.title))), texts.get((source, heading.id), "")
        shared = max(len(title & set(_words(name))) / len(_words(name)) for name in names)
        if shared == 1:
            return heading.id
        if heading is family[0] and len(text) >= LEAD:
            most = 2.0  # it explains by itself: only a part with the name in its heading is closer
        said = sum(len(re.findall(re.escape(name), text, re.I)) for name in names)
        score = shared + min(said, 4) / 10 if said else 0
        if score > most:
            best, most = heading.id, score
    return best


def terms(handbook: Handbook, directory_urls: bool = True) -> list[dict]:
    """Each term of the glossary, as an entry of the index."""
    address = url_of(glossary.PAGE, directory_urls)
    return [
        {
            "location": f"{address}#{glossary.identity(term.term)}",
            "title": term.term,
            "text": _plain(glossary.as_html(term.definition), every_tag=True),
            "page": "Glossary",
            "names": list(term.aliases),
            "boost": PAGES[glossary.PAGE],
        }
        for term in handbook.terms
        if f"docs/{glossary.PAGE}" in handbook.pages
    ]


def _words(text: str) -> list[str]:
    return [word.removesuffix("s") for word in re.findall(r"[^\W_]+", text.lower())]


def _plain(markup: str, every_tag: bool = False) -> str:
    """HTML of the plugin's index as text: it keeps a few tags and escapes the rest. Listings come last: results quote prose first."""
    if every_tag:
        markup = re.sub(r"<[^>]*>", "", markup)
    code = LISTING.findall(markup)
    text = TAG.sub("", BLOCK.sub(" ", " ".join([LISTING.sub(" ", markup), *code])))
    return re.sub(r"\s+", " ", LISTING_BAR.sub(r"\1 ", html.unescape(text))).strip()
