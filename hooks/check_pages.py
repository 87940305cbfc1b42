"""Does each page say what the site can show? Blocks, macro calls, links, figures, formulas, repeated text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from hooks import blocks as extension
from hooks import glossary, macros, mathematics, memory, prose, questions
from hooks.building import folder_of
from hooks.check_questions import GRADES, RUBRIC, cells
from hooks.figures import SVG, WIDEST
from hooks.model import Handbook, Page
from hooks.navigation import code_page, exercise_page, hunt_page
from hooks.problems import Problem, nearest

TOOLS = Path(__file__).resolve().parent.parent  # where KaTeX and its cache are
ASSEMBLED = {"spoken", "card", "question", "listing"}  # blocks that only macros and the assembler write
BLOCKS = {block.NAME for block in extension.BLOCKS} - ASSEMBLED
IN_QUESTIONS = {"step", "solution", "rubric", "followup", "sample", "redflags"}
INCLUDE = re.compile(r"^[ \t]*-+8<-+(?:[ \t]|$)")
SHARED_WORDS = 25  # this many words alike in a row are no chance
COLOURS = {"fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"}
NO_COLOUR = re.compile(r"^(none|currentColor|inherit|transparent|var\(--[\w-]+\)|url\(#[^)]+\))$")
STYLE_COLOUR = re.compile(
    r"(?:fill|stroke|color)\s*:\s*(?!none|currentColor|inherit|var\()|#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\("
)


def check(handbook: Handbook) -> Iterator[Problem]:
    for page in handbook.texts.values():
        yield from blocks(page)
        yield from includes(page)
        if not renders_no_macros(page):
            found = partial(calls, handbook, page.name, page.body, page.name, page.body_line)
            yield from memory.problems(handbook, "calls", page, found)
        yield from links(handbook, page)
        yield from figures(handbook, page)
        yield from mathematics_in_place(page)
    yield from formulas(handbook)
    yield from repeated(handbook)


def blocks(page: Page) -> Iterator[Problem]:
    """Closed, known, flat, with an argument where one is due."""
    found, _, strays = prose.blocks(page.body, page.body_line)
    in_question = page.path.parent.name == "questions"
    for line in strays:
        yield Problem(page.name, line, "`///` closes nothing", "remove it, or open the block above with `/// name`")
    for block in found:
        if block.end is None:
            mend = "end it with a line `///` before the next block: blocks do not nest"
            yield Problem(page.name, block.line, f"the block `{block.name}` is not closed", mend)
        if block.name not in BLOCKS:
            yield Problem(page.name, block.line, f"unknown block `{block.name}`", nearest(block.name, BLOCKS))
        elif block.name in IN_QUESTIONS and not in_question:
            yield Problem(page.name, block.line, f"the block `{block.name}` outside a question", "use a call-out")
        if block.name == "asof" and not is_day(block.argument):
            yield Problem(
                page.name, block.line, f"`{block.argument}` is no date", "write `/// asof | 25 November 2026`"
            )
        if re.match(r" {4,}\S", block.body):
            yield Problem(
                page.name, block.line + 1, "a block that begins indented", "indented lines there are read as options"
            )


def is_day(text: str) -> bool:
    try:
        datetime.strptime(re.sub(r"(?i)^as of ", "", text), "%d %B %Y")
    except ValueError:
        return False
    return True


def includes(page: Page) -> Iterator[Problem]:
    """Files are shown by the macro, which checks section and test."""
    for index, line in enumerate(page.body.split("\n")):
        if INCLUDE.match(line):
            yield Problem(
                page.name, page.body_line + index, "`--8<--` by hand", 'use `<%= snippet("snippets/…", "section") %>`'
            )


def calls(handbook: Handbook, page: str, text: str, file: str, first_line: int) -> Iterator[Problem]:
    """Macro calls in a `text` of `file`, shown on `page`, are known and their arguments hold."""
    found, bad = prose.calls(text, first_line)
    for line, what, mend in bad:
        yield Problem(file, line, what, mend)
    for call in found:
        if not call.literal:
            continue  # a loop's variable: the build will tell
        complaint = macros.validate(call, page, handbook)
        if complaint:
            what, _, mend = complaint.partition("; ")
            yield Problem(file, call.line, f"{call.name}(): {what}", mend)


def renders_no_macros(page: Page) -> bool:
    return page.front.fields.get("render_macros") is False


def links(handbook: Handbook, page: Page) -> Iterator[Problem]:
    """Relative links lead to a file, and fragments to an id."""
    for target, line in prose.links(page.body, page.body_line):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        if target.startswith("/"):
            yield Problem(page.name, line, f"the absolute link `{target}`", "write it relative to this file")
            continue
        address, _, fragment = unquote(target).partition("#")
        path = Path(os.path.normpath(page.path.parent / address)) if address else page.path
        inside = path.is_relative_to(handbook.root / "docs")
        if inside and handbook.name(path) in generated(handbook):
            continue
        if not inside or not path.is_file():
            yield Problem(page.name, line, f"`{address}` leads nowhere", near_file(handbook, path))
            continue
        other = handbook.pages.get(handbook.name(path))
        if fragment and other is not None:
            known = page_anchors(handbook, other)
            if fragment not in known:
                yield Problem(page.name, line, f"`{target}` has no such anchor", nearest(fragment, known))


def generated(handbook: Handbook) -> set[str]:
    """Pages that the site makes: one for each module's code, for each bug hunt and for each exercise."""
    hunts = (hunt_page(fault.id) for snippet in handbook.snippets.values() for fault in snippet.faults)
    return {f"docs/{source}" for source in (*map(code_page, handbook.snippets), *hunts, *map(exercise_page, handbook.exercises))}


def near_file(handbook: Handbook, path: Path) -> str:
    """The page of the same name elsewhere, or the nearest one."""
    pages = [page for page in handbook.pages.values() if page.path.name == path.name and path.name != "index.md"]
    if len(pages) == 1:
        return f"the file is {pages[0].name}"
    return "a link starts at the folder of its own file and names the Markdown file"


def page_anchors(handbook: Handbook, page: Page) -> set[str]:
    """Ids on a page: those of its text and those that the site adds."""
    home = handbook.home_of(page.name)
    found = set(prose.anchors(page.body))
    called = {call.name for call in prose.calls(page.body)[0]}
    if "questions" in called and home:
        for question in home.questions:
            found.update([question.id, *(f"{question.id}-{part}" for part in question_parts(question.body))])
    if page.path.parent.name == "questions":
        found.update([page.path.stem, *question_parts(page.body)])
    if "glossary" in called:
        found.update(glossary.identity(term.term) for term in handbook.terms)
    if "bibliography" in called:
        found.update(handbook.sources)
    if "bug_hunts" in called:
        from hooks.hunts import hunts

        found.update(hunt.snippet.topic.replace("_", "-") for hunt in hunts(handbook))
    for block in prose.blocks(page.body)[0]:
        if block.name == "figure" and block.argument:
            found.add("fig-" + Path(block.argument.split()[0]).stem)
    return found


def question_parts(body: str) -> set[str]:
    """Anchors of the titles that the assembler puts above a question's parts."""
    held = {block.name for block in prose.blocks(body)[0]}
    return {anchor for name, (_, anchor) in questions.PARTS.items() if name in held}


# ---- figures -------------------------------------------------------------------------------------


def figures(handbook: Handbook, page: Page) -> Iterator[Problem]:
    folder = folder_of(page.name, handbook.root)
    for block in prose.blocks(page.body, page.body_line)[0]:
        if block.name != "figure":
            continue
        if not block.argument:
            yield Problem(page.name, block.line, "a figure without a file", "write `/// figure | images/name.svg`")
        if not block.body.strip() and not is_sheet(page):  # on paper its heading is the caption
            yield Problem(page.name, block.line, "a figure without a caption", "say what is seen and what it means")
        for name in block.argument.split():
            path = folder / name
            if not path.is_file():
                drawn = [file.relative_to(folder).as_posix() for file in folder.glob("images/*.svg")]
                yield Problem(page.name, block.line, f"there is no figure `{name}`", nearest(name, drawn))
            elif path.suffix != ".svg":
                yield Problem(page.name, block.line, f"`{name}` is no SVG file", "draw it as SVG with text as text")
    for path in sorted(folder.glob("images/*.svg")) if page.path.name == "index.md" else ():
        yield from drawing(handbook.name(path), path)


def is_sheet(page: Page) -> bool:
    return page.name.endswith("/cheatsheet.md") or page.front.fields.get("template") == "sheet.html"


def drawing(name: str, path: Path) -> Iterator[Problem]:
    """One SVG file: described, no wider than the column, coloured by classes alone."""
    try:
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        yield Problem(name, error.lineno or 1, f"not valid XML: {error.msg}", "draw it again")
        return
    if root.tag != f"{SVG}svg":
        yield Problem(name, 1, "no SVG", 'begin with `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 W H">`')
        return
    box = re.fullmatch(r"\s*0[ ,]+0[ ,]+([\d.]+)[ ,]+([\d.]+)\s*", root.get("viewBox", ""))
    if not box:
        yield Problem(name, root.sourceline, "no `viewBox` that starts at 0 0", 'write `viewBox="0 0 W H"`')
    elif float(box[1]) > WIDEST:
        yield Problem(name, root.sourceline, f"{box[1]} units wide", f"keep to {WIDEST}, or split it into panels")
    for size in ("width", "height"):
        if root.get(size):
            yield Problem(name, root.sourceline, f"a fixed `{size}`", "leave it to the page")
    for tag in ("title", "desc"):
        if not (root.findtext(f"{SVG}{tag}") or "").strip():
            yield Problem(name, root.sourceline, f"no <{tag}>", "it tells those who cannot see the figure what is seen")
    for element in root.iter(etree.Element):
        yield from painted(name, element)


def painted(name: str, element: etree._Element) -> Iterator[Problem]:
    tag = etree.QName(element).localname
    if tag in ("style", "script", "foreignObject"):
        yield Problem(name, element.sourceline, f"a <{tag}>", "use the classes of tokens.css")
    for key, value in element.attrib.items():
        key = etree.QName(key).localname
        if (key in COLOURS and not NO_COLOUR.match(value)) or (key == "style" and STYLE_COLOUR.search(value)):
            yield Problem(name, element.sourceline, f'a literal colour, {key}="{value}"', "use a class of tokens.css")
        elif key.startswith("on") or (key == "href" and not value.startswith("#")):
            yield Problem(name, element.sourceline, f'{key}="{value}"', "a figure neither acts nor loads anything")


# ---- mathematics ---------------------------------------------------------------------------------


def mathematics_in_place(page: Page) -> Iterator[Problem]:
    """None in headings; a display formula alone in its paragraph."""
    for heading in prose.headings(page.body, page.body_line):
        if prose.INLINE.search(prose.without_code(heading.title)):
            yield Problem(page.name, heading.line, "mathematics in a heading", "write plain Unicode, as in √d_k")
    visible = prose.without_macros(prose.without_code(page.body))
    for start, paragraph in prose.paragraphs(visible):
        if "$$" in paragraph and not prose.DISPLAY.match(paragraph):
            line = prose.line_at(visible, start + paragraph.index("$$"), page.body_line)
            yield Problem(page.name, line, "`$$` inside a paragraph", "give the formula blank lines before and after")


def formulas(handbook: Handbook) -> Iterator[Problem]:
    """KaTeX takes every formula."""
    found = [
        (page, tex, display, line)
        for page in handbook.texts.values()
        for tex, display, line in prose.formulas(page.body, page.body_line)
    ]
    try:
        answers = mathematics.check_tex([(tex, display) for _, tex, display, _ in found], TOOLS) if found else []
    except RuntimeError as error:
        yield Problem("package.json", 1, str(error))
        return
    for (page, tex, _, line), complaint in zip(found, answers, strict=True):
        if complaint:
            shown = re.sub(r"\s+", " ", tex)
            shown = shown if len(shown) <= 60 else shown[:57] + "…"
            yield Problem(
                page.name,
                line,
                f"KaTeX refuses `{shown}`: {complaint.removeprefix('KaTeX parse error: ')}",
                "mend the TeX",
            )


# ---- text ----------------------------------------------------------------------------------------


def repeated(handbook: Handbook) -> Iterator[Problem]:
    """No two questions share a passage: what both need stands in the chapter."""
    first: dict[tuple[str, ...], tuple[str, int]] = {}
    told: set[tuple[str, str]] = set()
    for page in handbook.pages.values():
        if page.path.parent.name != "questions":
            continue
        words, lines = spoken(page.body)
        for start in range(len(words) - SHARED_WORDS + 1):
            passage = words[start : start + SHARED_WORDS]
            here = page.body_line + lines[start]
            name, line = first.setdefault(passage, (page.name, here))
            if name != page.name and (name, page.name) not in told:
                told.add((name, page.name))
                what = f"the passage `{' '.join(passage[:8])} …` stands in {name}:{line} too"
                yield Problem(page.name, here, what, "say it in the chapter and link there, or say it anew")


@prose.remembered
def spoken(body: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Words of prose, those of a rubric's head left out, and the line of each, counted from 0."""
    visible = prose.without_macros(prose.without_code(body))
    head = {*RUBRIC, *(grade.lower() for grade in GRADES)}
    words = [
        (word, number)
        for number, line in enumerate(visible.split("\n"))
        if not line.lstrip().startswith("///") and not {cell.lower() for cell in cells(line)} & head
        for word in re.findall(r"[\w'’-]+", line.lower())
    ]
    return tuple(word for word, _ in words), tuple(line for _, line in words)
