"""What stands in a Markdown file: blocks, macro calls, links, anchors, formulas, each with its line.

Reads as the site's Markdown does, without building anything. Knows no chapter and no handbook; lines are those of the
file, since each function takes the line on which its text starts. Answers are kept by text, so that a preview reads
only the page that changed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markdown.extensions.toc import slugify

FENCE = re.compile(r"^(?P<indent>\s*)(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)((?:(?!\n\s*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
MACRO = re.compile(r"<%=((?:(?!<%|%>).)*)%>", re.DOTALL)
RAW = re.compile(r"<%-?\s*raw\s*-?%>.*?<%-?\s*endraw\s*-?%>", re.DOTALL)
MACRO_COMMENT = re.compile(r"<%#.*?%>", re.DOTALL)
STATEMENT = re.compile(r"<%(?:(?!<%|%>).)*%>", re.DOTALL)
HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
ATTRIBUTES = re.compile(r"[ \t]*\{:?[ ]*([^{}\n]*)[ ]*\}$")
ID = re.compile(r"(?:^|\s)#([\w.-]+)")
BLOCK_START = re.compile(r"^ {0,3}(/{3,})[ ]*([\w-]+)[ ]*(?:\|[ ]*(.*?)[ ]*)?$")
BLOCK_END = re.compile(r"^ {0,3}(/{3,})[ ]*$")
LINK = re.compile(
    r"!?\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+[\"'][^)]*)?\s*\)"
)
REFERENCE = re.compile(r"^ {0,3}\[[^\]^]+\]:[ \t]*<?(\S+?)>?(?:[ \t].*)?$", re.MULTILINE)
# as pymdownx.arithmatex reads them; a display formula is a paragraph of its own
DISPLAY = re.compile(
    r"^[ ]*(?:\$\$(?P<dollars>(?:\\.|[^\\])+?)\$\$|\\\[(?P<brackets>(?:\\[^\]]|[^\\])+?)\\\])[ ]*$", re.DOTALL
)
INLINE = re.compile(r"(?<!\\)\$(?![\s$])((?:\\.|[^\\$])+?)(?<!\s)\$|(?<!\\)\\\(((?:\\[^)]|[^\\])+?)\\\)", re.DOTALL)


remembered = lru_cache(maxsize=2**16)  # more than there are pages, or each check that goes over all of them reads all anew


@dataclass(frozen=True)
class Block:
    """`/// name | argument`, its lines, `///`. `end` is None where it is never closed."""

    name: str
    argument: str
    line: int
    end: int | None
    body: str


@dataclass(frozen=True)
class Call:
    """A macro call. Arguments that are not written out are None, and `literal` is false."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    line: int
    source: str
    literal: bool = True


@dataclass(frozen=True)
class Heading:
    level: int
    title: str  # without attributes
    id: str  # given, or made from the title
    given: bool
    attributes: str
    line: int


def blank(match: re.Match) -> str:
    """The match as spaces of the same length, so that lines and columns stay."""
    return re.sub(r"[^\n]", " ", match[0])


@remembered
def without_code(text: str) -> str:
    """The text with fences, code spans and comments blanked."""
    lines = [" " * len(line) for line in text.split("\n")]
    for number, line in outside_fences(text):
        lines[number] = line
    return COMMENT.sub(blank, CODE_SPAN.sub(blank, "\n".join(lines)))


def outside_fences(text: str) -> list[tuple[int, str]]:
    """Lines of prose, counted from 0: what stands in a code fence is left out."""
    kept, fence = [], ""
    for number, line in enumerate(text.split("\n")):
        match = FENCE.match(line)
        if fence:
            if match and match["mark"].startswith(fence) and not match["info"].strip():
                fence = ""
        elif match and not ("`" in match["mark"] and "`" in match["info"]):
            fence = match["mark"]
        else:
            kept.append((number, line))
    return kept


@remembered
def without_macros(text: str) -> str:
    """The text with all that the macro environment replaces blanked."""
    return STATEMENT.sub(blank, MACRO_COMMENT.sub(blank, RAW.sub(blank, text)))


def line_at(text: str, position: int, first_line: int = 1) -> int:
    return first_line + text.count("\n", 0, position)


@remembered
def blocks(text: str, first_line: int = 1) -> tuple[tuple[Block, ...], tuple[tuple[int, str], ...], tuple[int, ...]]:
    """Blocks, the lines of prose outside them, and lines that close nothing.

    A block that opens inside another ends the outer one, which is then not closed.
    """
    found: list[Block] = []
    outside: list[tuple[int, str]] = []
    strays: list[int] = []
    lines, visible = text.split("\n"), without_code(text).split("\n")
    opened: tuple[str, str, int] | None = None
    for index, line in enumerate([*visible, None]):
        start = BLOCK_START.match(line) if line is not None else None
        end = BLOCK_END.match(line) if line is not None else None
        if opened and (start or end or line is None):
            name, argument, at = opened
            body = "\n".join(lines[at + 1 : index])
            found.append(Block(name, argument, first_line + at, first_line + index if end else None, body))
            opened = None
        elif end:
            strays.append(first_line + index)
        elif not start and line is not None and not opened:
            outside.append((first_line + index, lines[index]))
        if start:
            opened = (start[2].lower(), start[3] or "", index)
    return tuple(found), tuple(outside), tuple(strays)


@remembered
def calls(text: str, first_line: int = 1) -> tuple[tuple[Call, ...], tuple[tuple[int, str, str], ...]]:
    """Macro calls, and what is no call as (line, what, mend)."""
    found: list[Call] = []
    bad: list[tuple[int, str, str]] = []
    visible = MACRO_COMMENT.sub(blank, RAW.sub(blank, text))
    for match in MACRO.finditer(visible):
        line = line_at(visible, match.start(), first_line)
        source = match[1].strip()
        try:
            node = ast.parse(source, mode="eval").body
        except (SyntaxError, ValueError):
            bad.append((line, f"`<%= {source} %>` is not a macro call", "check its quotes, commas and brackets"))
            continue
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            bad.append((line, f"`<%= {source} %>` is not a macro call", "write a name and its arguments in brackets"))
            continue
        found.append(_call(node, line, source))
    rest = STATEMENT.sub(blank, visible)
    for mark in re.finditer(r"<%|%>", rest):
        bad.append(
            (line_at(rest, mark.start(), first_line), f"`{mark[0]}` stands alone", "a macro call is `<%= name() %>`")
        )
    return tuple(found), tuple(bad)


def _call(node: ast.Call, line: int, source: str) -> Call:
    literal = True

    def value(part: ast.expr) -> Any:
        nonlocal literal
        try:
            return ast.literal_eval(part)
        except ValueError:
            literal = False
            return None

    args = tuple(value(part) for part in node.args)
    kwargs = {word.arg or "**": value(word.value) for word in node.keywords}
    return Call(node.func.id, args, kwargs, line, source, literal)


@remembered
def headings(text: str, first_line: int = 1) -> tuple[Heading, ...]:
    """Headings with the ids that the table of contents gives them."""
    found: list[Heading] = []
    taken: set[str] = set()
    originals = text.split("\n")
    for index, line in enumerate(without_code(text).split("\n")):
        match = HEADING.match(line)
        if not match:
            continue
        title, attributes = originals[index].strip().lstrip("#").strip(), ""
        marked = ATTRIBUTES.search(title)
        if marked:
            title, attributes = title[: marked.start()], marked[1]
        given = ID.search(attributes)
        name = given[1] if given else _unique(slugify(plain(title), "-"), taken)
        taken.add(name)
        found.append(Heading(len(match[1]), title, name, bool(given), attributes, first_line + index))
    return tuple(found)


def _unique(name: str, taken: set[str]) -> str:
    """As the table of contents does it: a second `title` is `title_1`."""
    count = 0
    wish = name or "_"
    while wish in taken:
        count += 1
        wish = f"{name}_{count}"
    return wish


def plain(markdown: str) -> str:
    """The words of a line of Markdown."""
    markdown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"<[^>]*>|[`*]", "", markdown)


def first_paragraph(docstring: str) -> str:
    """Of a docstring, on one line."""
    return " ".join(docstring.strip().split("\n\n")[0].split())


def escaped(text: str) -> str:
    """Words of a docstring as Markdown that says the same."""
    parts = text.split("`")
    for place in range(0, len(parts), 2):
        for sign in "\\*_$<[{|":
            parts[place] = parts[place].replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return "`".join(parts)


@remembered
def anchors(text: str) -> frozenset[str]:
    """Every id that a link to the page may name, as far as the text tells."""
    found = {heading.id for heading in headings(text)}
    visible = without_code(text)
    for match in re.finditer(r"\{:?[ ]*([^{}\n]*)\}", visible):
        found.update(ID.findall(match[1]))
    found.update(re.findall(r"<[^>]*\bid=[\"']([^\"']+)[\"']", visible))
    return frozenset(found)


def links(text: str, first_line: int = 1) -> Iterator[tuple[str, int]]:
    """Targets of links and images with their lines."""
    visible = without_macros(without_code(text))
    for pattern in (LINK, REFERENCE):
        for match in pattern.finditer(visible):
            yield match[1], line_at(visible, match.start(), first_line)


def formulas(text: str, first_line: int = 1) -> Iterator[tuple[str, bool, int]]:
    """TeX, whether it is displayed, and its line."""
    visible = without_macros(without_code(text))
    for start, paragraph in paragraphs(visible):
        display = DISPLAY.match(paragraph)
        if display:
            tex = display["dollars"] or display["brackets"]
            yield tex.strip(), True, line_at(visible, start, first_line)
            continue
        for match in INLINE.finditer(paragraph):
            yield match[1] or match[2], False, line_at(visible, start + match.start(), first_line)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Paragraphs with their positions; a block's fence ends one too."""
    position, start, kept = 0, 0, []
    for line in [*text.split("\n"), ""]:
        if not line.strip() or line.lstrip().startswith("///"):
            if kept:
                yield start, "\n".join(kept)
            kept = []
        else:
            if not kept:
                start = position
            kept.append(line)
        position += len(line) + 1
