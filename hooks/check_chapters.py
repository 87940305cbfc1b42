"""Does each chapter have the form of a chapter, and each question set that of a set? Records, sections, sources; not what a page says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from textwrap import shorten
from typing import get_args

from hooks import ids, prose
from hooks.model import Chapter, Handbook, Page, QuestionSet, Section
from hooks.problems import Problem, nearest
from hooks.records import Document
from hooks.review import DAYS
from hooks.schema import Depth
from hooks.sources import cited as all_cited

FILES = ("practice.md", "cards.md", "cheatsheet.md")  # beside index.md
FIXED = {  # the sections of every chapter; its own stand after the third
    "moment": "The real interview moment",
    "objectives": "What you will master",
    "self-assessment": "Self-assessment",
    "listens-for": "What an interviewer listens for",
    "checkpoints": "Spaced-repetition checkpoints",
    "further-reading": "Further reading",
}
TODO = re.compile(r"\bTODO\b:?[ ]?((?:(?!\bTODO\b)[^|\"<{*])*)")


def check(handbook: Handbook) -> Iterator[Problem]:
    yield from topics(handbook)
    yield from prerequisites(handbook)
    yield from places_in_order(handbook)
    yield from shared_addresses(handbook)
    yield from uncited(handbook)
    for slug in handbook.folders:
        folder = handbook.root / "docs/chapters" / slug
        if not ids.GOOD.match(slug):
            yield Problem(
                f"docs/chapters/{slug}/index.md", 1, f"`{slug}` is no slug", "use lower-case words joined by hyphens"
            )
        for file in FILES:
            if not (folder / file).exists():
                yield Problem(
                    f"docs/chapters/{slug}/{file}", 1, "the file is missing", "copy it from docs/chapters/_template/"
                )
        if not any(folder.glob("questions/*.md")):
            yield Problem(
                f"docs/chapters/{slug}/practice.md", 1, "the chapter has no question", "add one in questions/"
            )
        for path, line, asked in to_do(folder):
            yield Problem(handbook.name(path), line, "a TODO is left", f"write {shorten(asked, 60, placeholder='…')}")
    for chapter in handbook.chapters:
        yield from objectives(handbook, chapter)
        yield from sections(handbook, chapter)
        yield from asked_for(handbook, chapter)
    for page in handbook.pages.values():
        yield from sources(handbook, page)
    for found in handbook.sets:
        yield from question_set(handbook, found)


# ---- the handbook as a whole ---------------------------------------------------------------------


def topics(handbook: Handbook) -> Iterator[Problem]:
    """A row stands only for a subject that has no folder, and once."""
    rows = handbook.lines.get("docs/paths/topics.yml")
    counted: Counter[str] = Counter()
    for index, topic in enumerate(handbook.topics):
        line = rows.line((index, "slug"))
        counted[topic.slug] += 1
        if topic.slug in handbook.folders:
            yield Problem(rows.path, line, f"`{topic.slug}` has a folder now", "remove its row")
        elif counted[topic.slug] == 2:
            yield Problem(rows.path, line, f"`{topic.slug}` stands twice", "keep one row")


def records(handbook: Handbook) -> list[tuple[str, int, list[str], Document, tuple]]:
    """Chapters and topics alike: slug, order, prerequisites, and where they stand, a document and a place in it."""
    found = []
    for chapter in handbook.chapters:
        page = handbook.pages[handbook.name(chapter.dir / "index.md")]
        found.append((chapter.slug, chapter.record.order, chapter.record.prerequisites, page.front, ()))
    for index, topic in enumerate(handbook.topics):
        found.append((topic.slug, topic.order, topic.prerequisites, handbook.lines["docs/paths/topics.yml"], (index,)))
    return found


def prerequisites(handbook: Handbook) -> Iterator[Problem]:
    """They exist and no subject needs itself."""
    known = handbook.subjects
    graph = {}
    where = {}
    for slug, _, needed, document, place in records(handbook):
        where[slug] = (document, (*place, "prerequisites"))
        graph[slug] = needed
        for index, other in enumerate(needed):
            if other not in known:
                line = document.line((*place, "prerequisites", index))
                yield Problem(document.path, line, f"unknown prerequisite `{other}`", nearest(other, known))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        document, place = where[circle[0]]
        yield Problem(
            document.path, document.line(place), f"prerequisites run in a circle: {' needs '.join(circle)}", "drop one"
        )


def places_in_order(handbook: Handbook) -> Iterator[Problem]:
    taken: dict[int, str] = {}
    for slug, order, _, document, place in records(handbook):
        if taken.setdefault(order, slug) != slug:
            yield Problem(
                document.path,
                document.line((*place, "order")),
                f"order {order} is `{taken[order]}`'s",
                "take a free number",
            )


def shared_addresses(handbook: Handbook) -> Iterator[Problem]:
    """A source has one key, so that people cite the same one."""
    bibliography = handbook.lines.get("docs/data/bibliography.yml")
    first: dict[str, str] = {}
    for key, source in handbook.sources.items():
        other = first.setdefault(re.sub(r"^https?://(www\.)?|/$", "", source.url), key)
        if other != key:
            yield Problem(
                bibliography.path, bibliography.line((key, "url")), f"`{other}` has the same address", "keep one key"
            )


def uncited(handbook: Handbook) -> Iterator[Problem]:
    """A source is there because a page leans on it."""
    bibliography, cited = handbook.lines.get("docs/data/bibliography.yml"), all_cited(handbook)
    for key in handbook.sources.keys() - cited.keys():
        yield Problem(bibliography.path, bibliography.line((key,)), f"nobody cites `{key}`", "cite it where it is used, or remove it")


def sources(handbook: Handbook, page: Page) -> Iterator[Problem]:
    """Source keys in front matter exist."""
    given = page.front.fields.get("sources")
    known = source_keys(handbook)
    for index, key in enumerate(given if isinstance(given, list) else ()):
        if isinstance(key, str) and key not in known:
            yield Problem(
                page.name, page.front.line(("sources", index)), f"unknown source `{key}`", unknown_source(key, known)
            )


def source_keys(handbook: Handbook) -> set[str]:
    """Keys of the bibliography, those of broken entries too."""
    document = handbook.lines.get("docs/data/bibliography.yml")
    return set(document.fields) if document else set()


def unknown_source(key: str, known: set[str]) -> str:
    advice = nearest(key, known)
    return advice if advice.startswith("did you mean") else "add it to docs/data/bibliography.yml"


# ---- one chapter ---------------------------------------------------------------------------------


def objectives(handbook: Handbook, chapter: Chapter) -> Iterator[Problem]:
    """Each is checked by a question or card of this chapter."""
    page = handbook.pages[handbook.name(chapter.dir / "index.md")]
    known = {name for _, name, _, _ in ids.present(handbook, f"docs/{chapter.folder}")}
    for number, objective in enumerate(chapter.record.objectives):
        for index, name in enumerate(objective.checked_by):
            if name not in known:
                line = page.front.line(("objectives", number, "checked_by", index))
                yield Problem(page.name, line, f"no question or card `{name}` in this chapter", nearest(name, known))


def sections(handbook: Handbook, chapter: Chapter) -> Iterator[Problem]:
    """The fixed sections in their order, and a depth on each of the others."""
    path = handbook.name(chapter.dir / "index.md")
    by_title = {title.lower(): name for name, title in FIXED.items()}
    order: list[str] = []
    seen: dict[str, int] = {}
    for section in chapter.sections:
        if section.id in seen:
            what = f"the section id `{section.id}` is taken by line {seen[section.id]}"
            yield Problem(path, section.line, what, "choose another")
        elif section.id:
            seen[section.id] = section.line
        fixed = section.id if section.id in FIXED else by_title.get(prose.plain(section.title).lower())
        if fixed is None:
            yield from content(path, section, order)
            continue
        if (section.id, section.title) != (fixed, FIXED[fixed]):
            what = f"`## {section.title}` is not the section's heading"
            yield Problem(path, section.line, what, f"write `## {FIXED[fixed]} {{ #{fixed} }}`")
        yield from in_place(path, section.line, fixed, order)
        order.append(fixed)
    last = chapter.sections[-1].line if chapter.sections else chapter.body_line
    for name, title in FIXED.items():
        if name not in order:
            yield Problem(path, last, f"the section `{title}` is missing", f"add `## {title} {{ #{name} }}`")
    yield from section_contents(path, chapter)


def content(path: str, section: Section, order: list[str]) -> Iterator[Problem]:
    """A section of the author's own: it stands in the middle and bears id and depth."""
    if order[-1:] != ["self-assessment"]:
        similar = nearest(section.title, FIXED.values())
        place = "content stands between Self-assessment and What an interviewer listens for"
        mend = similar if similar.startswith("did you mean") else place
        yield Problem(path, section.line, f"`## {section.title}` stands among the fixed sections", mend)
    if not section.id or section.depth is None:
        mend = "write `## Title { #id data-depth=explain }`"
        yield Problem(path, section.line, f"`## {section.title}` lacks its id or depth", mend)
    elif section.depth not in get_args(Depth):
        yield Problem(path, section.line, f"unknown depth `{section.depth}`", nearest(section.depth, get_args(Depth)))


def in_place(path: str, line: int, name: str, order: list[str]) -> Iterator[Problem]:
    names = list(FIXED)
    if order and names.index(name) < max(map(names.index, order)):
        yield Problem(path, line, f"`{FIXED[name]}` stands too late", "keep the order " + ", ".join(names))


def section_contents(path: str, chapter: Chapter) -> Iterator[Problem]:
    """What some fixed sections must hold."""
    by_id = {section.id: section for section in chapter.sections}
    for name, call in (("objectives", "objectives()"), ("self-assessment", "self_assessment()")):
        section = by_id.get(name)
        if section and not re.search(rf"<%=\s*{re.escape(call)}\s*%>", section.body):
            yield Problem(
                path, section.line, "the section does not show its list from the record", f"add `<%= {call} %>`"
            )
    checkpoints = by_id.get("checkpoints")
    for day in DAYS if checkpoints else ():
        if not re.search(rf"\bDay {day}\b", checkpoints.body):
            yield Problem(
                path, checkpoints.line, f"the checkpoint Day {day} is missing", "say what to do on each of " + days()
            )
    reading = by_id.get("further-reading")
    if reading:
        count = len(re.findall(r"^(?:[-*+]|\d+\.)\s", reading.body, re.MULTILINE))
        if not 1 <= count <= 5:
            yield Problem(path, reading.line, f"{count} sources to read", "list one to five, each with a line on why")


def days() -> str:
    return ", ".join(f"Day {day}" for day in DAYS)


def to_do(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """What the template still asks for, as (file, line, words)."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".md", ".py", ".svg", ".txt"):
            for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
                for asked in TODO.findall(line):
                    yield path, number, asked.strip()


def asked_for(handbook: Handbook, chapter: Chapter) -> Iterator[Problem]:
    """The practice page assembles the questions."""
    page = handbook.pages.get(handbook.name(chapter.dir / "practice.md"))
    if page and not re.search(r"<%=\s*questions\(\)\s*%>", page.body):
        yield Problem(page.name, page.body_line, "the page does not show the questions", "add `<%= questions() %>`")


def question_set(handbook: Handbook, found: QuestionSet) -> Iterator[Problem]:
    """Its index leads to the questions, its name is an address, and nothing waits to be written."""
    page = handbook.pages.get(f"docs/{found.folder}/index.md")
    if page and not re.search(r"<%=\s*(questions|question_list)\(\)\s*%>", page.body):
        mend = "add `<%= question_list() %>`"
        yield Problem(page.name, page.body_line, "the page does not show the questions", mend)
    for path, line, asked in to_do(found.dir):
        yield Problem(handbook.name(path), line, "a TODO is left", f"write {shorten(asked, 60, placeholder='…')}")
