"""Citations and the bibliography, from docs/data/bibliography.yml."""

from __future__ import annotations

import html
import re

from hooks import prose
from hooks.building import Building, CallError, Site
from hooks.formatting import day
from hooks.model import Handbook
from hooks.navigation import exercise_page
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
    """Every source once, by first author and year, under an anchor of its key, with the pages that cite it."""
    users = cited(site.handbook)
    entries = sorted(
        site.handbook.sources.items(), key=lambda item: (item[1].authors[0].lower(), item[1].year, item[1].title)
    )
    rows = []
    for key, source in entries:
        names = ", ".join(source.authors[:6]) + (" et al." if len(source.authors) > 6 else "")
        note = f" {inline(source.note)}" if source.note else ""
        links = ", ".join(f'<a href="{page.href(path)}">{html.escape(title, quote=False)}</a>' for title, path in users.get(key, ()))
        cites = page.keep_late(f' <span class="bib-cited">Cited in {links}.</span>') if links else ""
        rows.append(
            f'<li id="{html.escape(key)}"><span class="bib-names">{html.escape(names)}</span> '
            f'<span class="bib-year">{source.year}</span> '
            f'<a href="{html.escape(source.url)}">{html.escape(source.title)}</a> '
            f'<span class="bib-kind">{source.kind}, read {day(source.accessed)}.</span>{note}{cites}</li>'
        )
    return page.keep(f'<ul class="bibliography">{"".join(rows)}</ul>')


def cited(handbook: Handbook) -> dict[str, list[tuple[str, str]]]:
    """(title, path under docs/) of the pages that cite each source, by a call in the text or a key in the front matter. A
    question counts as the page that holds all of its chapter or set."""
    found: dict[str, dict[str, str]] = {}
    for name, text in handbook.texts.items():
        front = text.front.fields
        keys = {call.args[0] for call in prose.calls(text.body)[0] if call.name == "cite" and call.args}
        listed = front.get("sources")
        keys |= {key for key in listed if isinstance(key, str)} if isinstance(listed, list) else set()
        home = handbook.home_of(name) if text.path.parent.name == "questions" else None
        path, title = name.removeprefix("docs/"), str(front.get("title") or text.path.stem)
        if front.get("render_macros") is False:  # a page about macros shows them
            continue
        if home is not None:
            path = f"{home.folder}/{'practice' if (home.dir / 'practice.md').exists() else 'index'}.md"
            title = f"{home.title}: questions" if handbook.chapter_of(name) else home.title
        elif text.path.name in ("cheatsheet.md", "cards.md") and (chapter := handbook.chapter_of(name)):
            title = f"{chapter.title}: {'sheet' if text.path.name == 'cheatsheet.md' else 'cards'}"
        elif name not in handbook.pages:
            path = exercise_page(text.path.parent.name)
        for key in keys & set(handbook.sources):
            found.setdefault(key, {})[path] = title
    return {key: sorted((title, path) for path, title in pages.items()) for key, pages in found.items()}


def inline(text: str) -> str:
    """Plain text with `code`, *emphasis* and **strong** as HTML: for words that do not come from a page."""
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"(?<![*\w])\*([^*\s][^*]*)\*", r"<em>\1</em>", text)
