"""Citations and the bibliography, from docs/data/bibliography.yml."""

from __future__ import annotations

import html
import re

from hooks.building import Building, CallError, Site
from hooks.formatting import day
from hooks.problems import nearest
from hooks.schema import Source


def cite(site: Site, page: Building, key: str, where: str = "") -> str:
    """A source where it is used: names and year, linked; `where` is a section, table or page."""
    source = site.handbook.sources.get(key)
    if source is None:
        raise CallError(f"no source `{key}` in docs/data/bibliography.yml; {nearest(key, site.handbook.sources)}")
    words = html.escape(f"{short_names(source)} {source.year}" + (f", {where}" if where else ""), quote=False)
    return page.keep(f'<a class="cite" href="{html.escape(source.url)}">{words}</a>', words)


def short_names(source: Source) -> str:
    first = source.authors[0]
    return (
        first
        if len(source.authors) == 1
        else f"{first} and {source.authors[1]}"
        if len(source.authors) == 2
        else f"{first} et al."
    )


def bibliography(site: Site, page: Building) -> str:
    """Every source once, by first author and year, under an anchor of its key."""
    entries = sorted(
        site.handbook.sources.items(), key=lambda item: (item[1].authors[0].lower(), item[1].year, item[1].title)
    )
    rows = []
    for key, source in entries:
        names = ", ".join(source.authors[:6]) + (" et al." if len(source.authors) > 6 else "")
        note = f" {inline(source.note)}" if source.note else ""
        rows.append(
            f'<li id="{html.escape(key)}"><span class="bib-names">{html.escape(names)}</span> '
            f'<span class="bib-year">{source.year}</span> '
            f'<a href="{html.escape(source.url)}">{html.escape(source.title)}</a> '
            f'<span class="bib-kind">{source.kind}, read {day(source.accessed)}</span>{note}</li>'
        )
    return page.keep(f'<ul class="bibliography">{"".join(rows)}</ul>')


def inline(text: str) -> str:
    """Plain text with `code`, *emphasis* and **strong** as HTML: for words that do not come from a page."""
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"(?<![*\w])\*([^*\s][^*]*)\*", r"<em>\1</em>", text)
