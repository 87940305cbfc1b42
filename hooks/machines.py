"""What the site offers to machines: Markdown twins, llms.txt, llms-full.txt, and how a page looks where it is shared.

The build notes each page as it is written (`note`); the last step writes the files (`write`). The order of the lists is
the menu's, so nothing is kept here either.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hooks import social, twins
from hooks.building import Building, Site
from hooks.describe import About, about

NAME, SUMMARY = "Strong Hire", "The open handbook for LLM interviews."
START, LAST = "Start", "Optional"  # "Optional" is what llms.txt calls the part that a short context may leave out
FULL = ("Chapters", "Interview")  # tabs whose text llms-full.txt holds
OPTIONAL = ("Contributing",)


@dataclass(frozen=True)
class Noted:
    """A page as machines see it. `file` is where its HTML goes, under the site."""

    source: str  # under docs/
    url: str
    file: str
    about: About
    content: str
    late: tuple[str, ...]

    @property
    def twin(self) -> str:
        return self.file.removesuffix(".html") + ".md"

    @property
    def twin_url(self) -> str:
        return self.url + "index.md" if self.url.endswith("/") else self.url.removesuffix(".html") + ".md"

    @property
    def card(self) -> str:
        return social.name_of(self.about.title, self.about.section)


_noted: dict[str, Noted] = {}


def note(site: Site, built: Building, page: Any, root_url: str) -> dict[str, str]:
    """Remember a page (MkDocs's); return what its head says of it, ready for attributes."""
    source = page.file.src_uri
    found = about(site, source, page.meta, str(page.meta.get("title") or page.title or NAME), page.content or "")
    noted = Noted(source, page.canonical_url or page.url, page.file.dest_uri, found, page.content or "", tuple(built.late))
    _noted[source] = noted
    return {
        "title": html.escape(found.title),
        "description": html.escape(found.description),
        "url": html.escape(noted.url),
        "card": html.escape(root_url + noted.card),
        "twin": noted.twin.rpartition("/")[2],
    }


def write(root: Path, site: Path, nav: Any, root_url: str, cards: bool = True, pages: Any = None) -> None:
    """Twins, lists and cards of every page of this build; `pages` (page_cache.Pages) knows twins of earlier ones."""
    built = {source: noted for source, noted in _noted.items() if (site / noted.file).is_file()}
    texts = {source: twin(noted, pages) for source, noted in built.items()}
    for source, noted in built.items():
        (site / noted.twin).write_text(texts[source], encoding="utf-8")
    tabs = list(of_menu(nav, built))
    others = [noted for source, noted in sorted(built.items()) if "/" not in source and source != "index.md"]
    (site / "llms.txt").write_text(llms(tabs, others, root_url), encoding="utf-8")
    (site / "llms-full.txt").write_text(llms_full(tabs, texts), encoding="utf-8")
    if cards:
        social.write(root, site, {noted.card: (noted.about.title, noted.about.section) for noted in built.values()})


def twin(noted: Noted, pages: Any = None) -> str:
    parts = (noted.content, noted.url, noted.about.title, noted.about.description, noted.late)
    return pages.remember("twin", parts, lambda: twins.twin(*parts)) if pages else twins.twin(*parts)


def of_menu(nav: Any, built: dict[str, Noted]) -> Iterator[tuple[str, list[Noted]]]:
    """The tabs of the menu, each with its pages in reading order."""
    for item in nav.items:
        pages = [built[page.file.src_uri] for page in _leaves(item) if page.file.src_uri in built]
        if pages:
            yield str(item.title), pages


def _leaves(item: Any) -> Iterable[Any]:
    if item.is_page:
        yield item
    for child in item.children or ():
        yield from _leaves(child)


def llms(tabs: list[tuple[str, list[Noted]]], others: list[Noted], root_url: str) -> str:
    """llms.txt, as llmstxt.org describes it: a title, a summary, and lists of links."""
    parts = [
        f"# {NAME}",
        f"> {SUMMARY} Every number is computed, every listing is tested, every claim names its source.",
        "Each page has a twin in Markdown, linked below; so has each page that is not listed (questions, bug hunts, exercises, code): put `index.md` after its address. "
        f"All chapters and interview pages stand in one file, [llms-full.txt]({root_url}llms-full.txt). Solutions are included, under headings that say so. "
        "Text CC BY 4.0, code Apache-2.0. Prices and hardware change: each such figure says its date.",
    ]
    start = [pages[0] for _, pages in tabs if pages[0].source == "index.md"] + others
    sections = [(START, start), *((name, pages) for name, pages in tabs if pages[0].source != "index.md" and name not in OPTIONAL)]
    sections.append((LAST, [noted for name, pages in tabs if name in OPTIONAL for noted in pages]))
    for name, pages in sections:
        if pages:
            rows = [f"- [{noted.about.title.replace('[', '(').replace(']', ')')}]({noted.twin_url}): {noted.about.description}" for noted in pages]
            parts += [f"## {name}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def llms_full(tabs: list[tuple[str, list[Noted]]], texts: dict[str, str]) -> str:
    """The chapters and the interview pages whole, in reading order, each under its address."""
    parts = [f"# {NAME}", f"> {SUMMARY} Chapters and interview pages in reading order, solutions included. Text CC BY 4.0, code Apache-2.0."]
    for name, pages in tabs:
        if name in FULL:
            parts += ["\n\n".join(["---", f"Page: {noted.url}", twins.body(texts[noted.source])]) for noted in pages]
    return "\n\n".join(part.strip() for part in parts) + "\n"
