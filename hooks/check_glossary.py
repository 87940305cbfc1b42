"""Is the glossary sound? Every name once, every definition short and its own, every place there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hooks import numbers
from hooks.check_pages import page_anchors
from hooks.glossary import FORMULA, identity, place
from hooks.linear import linear
from hooks.model import Handbook
from hooks.problems import Problem, nearest

LONGEST = 40  # words
PATH = "docs/data/glossary.yml"


def check(handbook: Handbook) -> Iterator[Problem]:
    if not handbook.terms:
        return
    document = handbook.lines[PATH]
    names = {term.term for term in handbook.terms}
    models = numbers.model_names(handbook)
    taken: dict[str, str] = {}
    anchors: dict[str, str] = {}
    said: dict[str, str] = {}
    for index, term in enumerate(handbook.terms):

        def at(*keys: str | int, index: int = index) -> int:
            return document.line((index, *keys))

        for number, name in enumerate([term.term, *term.aliases]):
            line = at("aliases", number - 1) if number else at("term")
            other = taken.setdefault(key(name), term.term)
            if other != term.term or (number and key(name) == key(term.term)):
                yield Problem(PATH, line, f"`{name}` stands under `{other}` too", "keep it in one place")
        if anchors.setdefault(identity(term.term), term.term) != term.term:
            yield Problem(PATH, at("term"), f"the anchor of `{term.term}` is that of `{anchors[identity(term.term)]}`", "name it otherwise")
        yield from definition(term.definition, at("definition"), models)
        other = said.setdefault(re.sub(r"\W+", " ", term.definition.lower()).strip(), term.term)
        if other != term.term:
            yield Problem(PATH, at("definition"), f"the definition of `{other}`", "say what tells the two apart")
        yield from resolves(handbook, term.where, at("where"))
        for number, see in enumerate(term.see):
            if see not in names or see == term.term:
                mend = nearest(see, names - {term.term})
                yield Problem(PATH, at("see", number), f"no other term `{see}`", mend)


def key(name: str) -> str:
    """Names that a reader would take for one: case, hyphens and a plural do not tell them apart."""
    return re.sub(r"[-\s]+", " ", name.lower()).removesuffix("s")


def definition(text: str, line: int, models: re.Pattern) -> Iterator[Problem]:
    words = len(text.split())
    if words > LONGEST:
        yield Problem(PATH, line, f"a definition of {words} words", f"keep to {LONGEST}")
    if not text.endswith((".", "”")):
        yield Problem(PATH, line, "a definition without its full stop", "write a sentence")
    if "](" in text or "<" in FORMULA.sub("", text):
        yield Problem(PATH, line, "a link, a macro or HTML in a definition", "use `where` and `see`")
    for tex in FORMULA.findall(text):
        if linear(tex) is None:
            yield Problem(PATH, line, f"`${tex}$` does not fit on one line", "say it in words, or write simpler TeX")
    for _, figure in numbers.figures(models.sub("", FORMULA.sub("", text))):
        yield Problem(PATH, line, f"nobody computed or cited '{figure.text}'", "leave figures to the page that computes them")


def resolves(handbook: Handbook, where: str, line: int) -> Iterator[Problem]:
    source, anchor = place(where)
    page = handbook.pages.get(f"docs/{source}")
    if page is None:
        known = [*handbook.folders, *(name.removeprefix("docs/") for name in handbook.pages)]
        yield Problem(PATH, line, f"`{where}` leads nowhere", nearest(where.partition("#")[0], known))
    elif anchor and anchor not in (known := page_anchors(handbook, page)):
        yield Problem(PATH, line, f"docs/{source} has no `{anchor}`", nearest(anchor, known))
