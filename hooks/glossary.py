"""The glossary: docs/data/glossary.yml as a page, and as what tooltips show.

Definitions are one line of Markdown with simple formulas (hooks/linear.py sets them), so that page and tooltip show the
same and neither needs KaTeX. Does not know how prose is linked: see tips.py.
"""

from __future__ import annotations

import html
import re

from hooks.building import Building, Site
from hooks.linear import linear
from hooks.model import Handbook
from hooks.schema import Term
from hooks.sources import inline

PAGE = "reference/glossary.md"
FORMULA = re.compile(r"\$([^$]+)\$")


def identity(term: str) -> str:
    """The anchor of a term."""
    return re.sub(r"[^a-z0-9]+", "-", term.lower().replace("’", "").replace("'", "").replace("+", " plus")).strip("-")


def place(where: str) -> tuple[str, str]:
    """Path under docs/ and anchor of `where`: a page, or a chapter's slug, with or without #section."""
    page, _, anchor = where.partition("#")
    return (page if page.endswith(".md") else f"chapters/{page}/index.md"), anchor


def as_html(text: str) -> str:
    """A definition as HTML. A formula that `linear` does not know is shown as it is written; the checker refuses it."""
    parts = FORMULA.split(text)
    return "".join(linear(part) or html.escape(part) if index % 2 else inline(part) for index, part in enumerate(parts))


def letter(term: str) -> str:
    first = next((sign for sign in term if sign.isalnum()), "")
    return first.upper() if first.isalpha() and first.isascii() else "0"


def glossary(site: Site, page: Building) -> str:
    """`<%= glossary() %>`: all terms by their first letter."""
    terms = sorted(site.handbook.terms, key=lambda term: (letter(term.term), term.term.lower()))
    letters = list(dict.fromkeys(letter(term.term) for term in terms))
    index = "".join(f'<li><a href="#letter-{sign.lower()}">{sign if sign != "0" else "0–9"}</a></li>' for sign in letters)
    groups = []
    for sign in letters:
        # the id stands on the section: a heading with an id would be an entry of its own in search
        rows = "".join(entry(site, page, term) for term in terms if letter(term.term) == sign)
        groups.append(f'<section id="letter-{sign.lower()}"><h2>{sign if sign != "0" else "0–9"}</h2><dl>{rows}</dl></section>')
    return page.keep(f'<div class="glossary"><ul class="letters">{index}</ul>{"".join(groups)}</div>')


def entry(site: Site, page: Building, term: Term) -> str:
    source, anchor = place(term.where)
    also = f' <span class="alias">{html.escape(", ".join(term.aliases), quote=False)}</span>' if term.aliases else ""
    title = html.escape(section_title(site.handbook, source, anchor), quote=False)
    ways = f'In <a href="{page.href(source, anchor)}">{title}</a>.'
    if term.see:
        others = ", ".join(f'<a href="#{identity(other)}">{html.escape(other, quote=False)}</a>' for other in term.see)
        ways += f" See {others}."
    return (
        f'<div id="{identity(term.term)}"><dt>{html.escape(term.term, quote=False)}{also}</dt>'
        f'<dd>{as_html(term.definition)} <span class="ways">{ways}</span></dd></div>'
    )


def section_title(handbook: Handbook, source: str, anchor: str) -> str:
    """What a link to there is called: the section, or the page."""
    from hooks import prose
    from hooks.navigation import title_of

    page = handbook.pages.get(f"docs/{source}")
    heading = next((each for each in prose.headings(page.body) if each.id == anchor), None) if page and anchor else None
    return prose.plain(heading.title) if heading else title_of(handbook, source)
