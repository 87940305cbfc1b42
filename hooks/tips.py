"""Terms in prose, linked to the glossary; and what their tooltips say, and those of citations and questions.

    link(page_html, "chapters/rag/index.md", terms, href)

In each section of a page (from one h1 or h2 to the next) the first use of a term becomes a link. Never inside a link,
code, a formula, a heading, the head of a table, a title that opens, or what stands around the text; and not in the
section that explains the term. Works on finished HTML, after search has read the page, and leaves every other
character as it was. Twice does no more than once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lxml import html as lxml_html

from hooks import widget_data
from hooks.glossary import PAGE, as_html, identity, place
from hooks.model import Handbook
from hooks.schema import Source, Term
from hooks.sources import short_names

PIECE = re.compile(  # listings and drawings are one piece each, and half of a page
    r"<!--.*?-->|<(?P<whole>pre|svg)\b[^>]*(?<!/)>.*?</(?P=whole)>|"
    r"<(?P<close>/?)(?P<tag>[a-zA-Z][\w-]*)(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>|(?P<text>[^<]+)|<", re.S
)
CLASS = re.compile(r"""\bclass=["']?([^"'>]*)""")
ID = re.compile(r"""\bid=["']?([^"'\s>]+)""")
TERM_LINK = re.compile(r"""\bclass="term"[^>]*\bhref="[^"]*#([^"]+)\"""")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NO_PROSE = {
    "a", "button", "code", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "kbd", "label", "math", "nav", "option", "pre", "samp", "script",
    "select", "style", "summary", "svg", "template", "textarea", "th", "thead", "title",
}  # fmt: skip
AROUND = {  # classes of what is no running text: formulas, titles, lists of links, probes and bars
    "arithmatex", "bibliography", "chapter-list", "co-t", "exercise-list", "fig-title", "given", "glossary", "hunt-list", "katex", "levels", "listing-bar",
    "listing-proof", "meta", "objectives", "print-switch", "question-list", "related", "sum",
}  # fmt: skip
SECTIONS = {"h1", "h2"}
NOT_LINKED = re.compile(r"(index|404)\.|reference/|code/|contributing/|practice/hunts/|.*/(cards|cheatsheet)\.md$")


def wanted(source: str, page: str) -> bool:
    """Whether this page is prose: reference, code, sheets and cards are not."""
    return not NOT_LINKED.match(source) and '<section class="sheet"' not in page


class Names:
    """Finds terms in text: whole words, the longest first, in lower case or as they are always written."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms: dict[str, tuple[str, Term]] = {}
        self.ids = set()
        for term in terms:
            self.ids.add(identity(term.term))
            if term.link:
                for name in (term.term, *term.aliases):
                    self.terms[_key(name)] = (name, term)
        by_first: dict[str, list[str]] = {}  # a class of one letter at the start of each alternative spares a look at the rest
        for name in sorted(self.terms, key=len, reverse=True):
            by_first.setdefault(name[0], []).append(re.escape(name[1:]).replace("\\ ", r"[-\s\u00a0]+"))
        spelled = "|".join(f"[{re.escape(first + first.upper())}](?i:{'|'.join(rest)})" for first, rest in by_first.items())
        self.pattern = re.compile(rf"(?<![\w-])({spelled})([sS]?)(?![\w-])") if by_first else None

    def find(self, text: str) -> list[tuple[int, int, Term]]:
        """Places of terms, from left to right."""
        found = []
        for match in self.pattern.finditer(text) if self.pattern else ():
            name, term = self.terms[_key(match[1])]
            if _as_written(match[1], name):
                found.append((match.start(), match.end(), term))
        return found


def _key(name: str) -> str:
    return re.sub(r"[-\s\u00a0]+", " ", name.lower())


def _as_written(found: str, name: str) -> bool:
    """Letters of a name that has capitals stand as in the name; a plain word may begin a sentence."""
    found, name = re.sub(r"[-\s\u00a0]+", " ", found), re.sub(r"[-\s]+", " ", name)
    return found == name or found == name[0].upper() + name[1:]


_made: list[tuple[tuple[Term, ...], Names]] = []  # the last glossary, so that a build makes its pattern once


def names(terms: tuple[Term, ...]) -> Names:
    if not _made or _made[0][0] is not terms:
        _made[:] = [(terms, Names(terms))]
    return _made[0][1]


def link(page: str, source: str, terms: tuple[Term, ...], href: Callable[[str, str], str]) -> str:
    """`page` with its terms linked; `source` is its path under docs/, `href` gives an address for a path and anchor."""
    start, end = page.find("<article"), page.rfind("</article>")
    if start < 0 or end < start or not terms:
        return page
    finder = names(terms)
    by_id = finder.ids
    seen: set[str] = set()
    here: dict[str, str] = {}  # the headings above: tag -> id
    stack: list[tuple[str, bool]] = []
    quiet = 0  # how many open elements hold no prose
    out = [page[:start]]
    for match in PIECE.finditer(page, start, end):
        tag, text = match["tag"], match["text"]
        if text is not None:
            out.append(text if quiet else _linked(text, finder, seen, {(source, anchor) for anchor in here.values()}, href))
            continue
        out.append(match[0])
        if tag is None:
            continue
        tag = tag.lower()
        if match["close"]:
            still = []  # a link that is left open goes on behind the element around it
            while stack and (still or any(name == tag for name, _ in stack)):
                name, silent = stack.pop()
                if name == "a" != tag:
                    still.append((name, silent))
                    continue
                quiet -= silent
                if name == tag:
                    break
            stack += still
            continue
        attributes = match["attributes"]
        if tag in ("h1", "h2", "h3"):
            if tag in SECTIONS:
                seen.clear()
                here.clear()
            found = ID.search(attributes)
            here[tag] = found[1] if found else ""
        elif tag == "a" and (known := TERM_LINK.search(attributes)) and known[1] in by_id:
            seen.add(known[1])
        if tag not in VOID and not attributes.endswith("/"):
            silent = _silent(tag, attributes) or (tag == "td" and _alone(page, match.end(), finder))
            stack.append((tag, silent))
            quiet += silent
    out.append(page[end:])
    return "".join(out)


def _alone(page: str, start: int, finder: Names) -> bool:
    """A cell that is a term, with or without a link beside it: in a column of such cells the links would be too near to touch."""
    cell = re.sub(r"<a\b.*?</a>", "", page[start : page.find("</td>", start)], flags=re.S).strip()
    return "<" not in cell and [found[:2] for found in finder.find(cell)] == [(0, len(cell))]


def _silent(tag: str, attributes: str) -> bool:
    if tag in NO_PROSE or tag.startswith("sh-") or " popover" in attributes:
        return True
    classes = CLASS.search(attributes)
    return bool(classes and AROUND & set(classes[1].split()))


def _linked(text: str, finder: Names, seen: set[str], here: set[tuple[str, str]], href: Callable[[str, str], str]) -> str:
    parts, place_ = [], 0
    for start, end, term in finder.find(text):
        name = identity(term.term)
        if name in seen or place(term.where) in here:
            continue
        seen.add(name)
        parts += [text[place_:start], f'<a class="term" href="{href(PAGE, name)}">{text[start:end]}</a>']
        place_ = end
    return "".join([*parts, text[place_:]])


# ---- what the tooltips say ---------------------------------------------------------------------------


def write(handbook: Handbook, site: Path) -> None:
    """assets/widgets/tips-data.js, which the widget loads when it first shows something."""
    widget_data.write(site, "tips", script(handbook))


def script(handbook: Handbook) -> str:
    data = {
        "terms": {identity(term.term): [term.term, *pieces(as_html(term.definition))] for term in handbook.terms},
        "asks": {name: question.record.title for name, (_, question) in handbook.questions.items()},
        "cites": {source.url: reference(source) for source in handbook.sources.values()},
    }
    return widget_data.script("strongHireTips", data)


def reference(source: Source) -> str:
    names = ", ".join(source.authors) if len(source.authors) <= 3 else short_names(source)
    return f"{source.title.rstrip('.')}. {names}, {source.year}."


def pieces(text: str) -> list[Any]:
    """HTML as nested lists, [tag, content…], from which a script can build elements."""

    def of(element) -> list[Any]:
        found: list[Any] = [element.text] if element.text else []
        for child in element:
            found.append([child.tag, *of(child)])
            if child.tail:
                found.append(child.tail)
        return found

    return of(lxml_html.fragment_fromstring(text, create_parent="div"))
