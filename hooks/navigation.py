"""The menu, from what is there: no list of pages is kept anywhere.

A tab is a folder of docs/ that has pages. Inside it pages stand by `order`, then title; a chapter's pages stand in the
fixed order below. Questions and code pages are reachable but not listed: they light up Practice, the index of their
set, and Code.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from hooks.model import Handbook

TABS = {
    "chapters": "Chapters",
    "practice": "Practice",
    "paths": "Paths",
    "interview": "Interview",
    "calculators": "Calculators",
    "reference": "Reference",
    "contributing": "Contributing",
}
CHAPTER_PAGES = {
    "index.md": "Chapter",
    "practice.md": "Practice",
    "cheatsheet.md": "Cheat sheet",
    "cards.md": "Cards",
    "lab.ipynb": "Lab",
}
OVERVIEW = "Overview"
LAST = 10**6  # the order of a page that names none

Entry = dict[str, Any]  # {title: path or entries}, as mkdocs reads `nav`


def build(handbook: Handbook, sources: set[str]) -> list[Entry]:
    """`nav` for the pages in `sources` (paths under docs/, generated ones too)."""
    nav: list[Entry] = [{"Home": "index.md"}] if "index.md" in sources else []
    folders = {source.split("/")[0] for source in sources if "/" in source}
    others = sorted(folders - set(TABS) - {"code", "data", "assets"})
    for folder in [*TABS, *others]:
        children = chapters(handbook, sources) if folder == "chapters" else folder_entries(handbook, sources, folder)
        if folder == "reference" and "code/index.md" in sources:
            children.append({"Code": "code/index.md"})
        if children:
            nav.append({TABS.get(folder) or title_of(handbook, f"{folder}/index.md"): children})
    return nav


def chapters(handbook: Handbook, sources: set[str]) -> list[Entry]:
    found: list[Entry] = [{OVERVIEW: "chapters/index.md"}] if "chapters/index.md" in sources else []
    folders: dict[str, list[str]] = {}
    for source in sources:
        folders.setdefault(source.rpartition("/")[0], []).append(source)
    for chapter in handbook.chapters:
        pages = [
            {words: f"chapters/{chapter.slug}/{file}"}
            for file, words in CHAPTER_PAGES.items()
            if f"chapters/{chapter.slug}/{file}" in sources
        ]
        known = {f"chapters/{chapter.slug}/{file}" for file in CHAPTER_PAGES}
        more = sorted(
            source for source in folders.get(f"chapters/{chapter.slug}", ()) if source.endswith(".md") and source not in known
        )
        pages += [{title_of(handbook, source): source} for source in more]
        if pages:
            found.append({chapter.record.title: pages})
    return found


def folder_entries(handbook: Handbook, sources: set[str], folder: str) -> list[Entry]:
    """Pages and subfolders of a folder: its index first, the rest by order and title."""
    entries: list[tuple[int, str, Entry]] = []
    inside = {source.removeprefix(f"{folder}/") for source in sources if source.startswith(f"{folder}/") and not is_unlisted(source)}
    for file in inside:
        source = f"{folder}/{file}"
        if "/" in file:
            continue
        title = OVERVIEW if file == "index.md" else title_of(handbook, source)
        order = -1 if file == "index.md" else order_of(handbook, source)
        entries.append((order, title, {title: source}))
    for name in {file.split("/")[0] for file in inside if "/" in file}:
        index = f"{folder}/{name}/index.md"
        title = title_of(handbook, index)
        within = folder_entries(handbook, sources, f"{folder}/{name}")
        alone = within == [{OVERVIEW: index}]  # a question set, whose questions are not listed
        entries.append((order_of(handbook, index), title, {title: index if alone else within}))
    return [entry for _, _, entry in sorted(entries, key=lambda item: item[:2])]


def title_of(handbook: Handbook, source: str) -> str:
    """Title of a page: front matter, first heading, or its name in words."""
    page = handbook.pages.get(f"docs/{source}")
    if page and page.front.fields.get("title"):
        return str(page.front.fields["title"])
    heading = re.search(r"^# (.+?)\s*(?:\{[^}]*\})?$", page.body, re.M) if page else None
    if heading:
        return heading[1]
    path = Path(source)
    return (path.parent.name if path.stem == "index" else path.stem).replace("-", " ").replace("_", " ").capitalize()


def order_of(handbook: Handbook, source: str) -> int:
    page = handbook.pages.get(f"docs/{source}")
    order = page.front.fields.get("order") if page else None
    return order if isinstance(order, int) else LAST


# ---- what a page is, by its path under docs/ -------------------------------------------------------


def code_page(module: str) -> str:
    """The generated page of a module under snippets/."""
    return f"code/{module.removeprefix('snippets/').removesuffix('.py')}.md"


def hunt_page(name: str) -> str:
    """Named by a digest: the id says what is wrong, and must not stand in the address bar of who is looking for it."""
    return f"practice/hunts/{hashlib.sha256(name.encode()).hexdigest()[:8]}.md"


def exercise_page(name: str) -> str:
    return f"practice/exercises/{name}.md"


def kind_of(source: str) -> str:
    """What a page is: chapter, practice, question, sheet, cards, lab, hunt, exercise, code, or nothing of these."""
    if match := re.fullmatch(r"chapters/[^/]+/(index|practice|cheatsheet|cards)\.md", source):
        return {"index": "chapter", "cheatsheet": "sheet"}.get(match[1], match[1])
    if re.fullmatch(r".+/questions/[^/]+\.md", source):
        return "question"
    if re.fullmatch(r"[^/]+/[^/]+/practice\.md", source):  # all questions of a set, assembled
        return "practice"
    if re.fullmatch(r"chapters/[^/]+/lab\.ipynb", source):
        return "lab"
    if source.startswith("practice/hunts/"):
        return "hunt"
    if source.startswith("practice/exercises/"):
        return "exercise"
    return "code" if source.startswith("code/") else ""


def is_unlisted(source: str) -> bool:
    """Built, but not in the menu."""
    return kind_of(source) in ("question", "hunt", "exercise", "code") and source != "code/index.md"


def listed_parent(source: str) -> str | None:
    """The listed page that lights up in the menu for an unlisted one."""
    if kind_of(source) == "question":
        home = source.split("/questions/")[0]
        return f"{home}/practice.md" if home.startswith("chapters/") else f"{home}/index.md"
    if kind_of(source) == "hunt":
        return "practice/bug-hunts.md"
    if kind_of(source) == "exercise":
        return "practice/exercises.md"
    return "code/index.md" if is_unlisted(source) else None
