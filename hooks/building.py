"""The site and the page that are being built: where a page lies, which ids it has given out, and HTML that must pass
Markdown untouched.

A macro runs before Markdown. What it returns as HTML is kept here and a token of letters and digits stands for it
(`keep`), so that tables, quotes and emphasis around it work and nothing inside it is taken for Markdown; the extension
in blocks.py puts it back (`restore`). What no search should find and no formula count should hold, the popovers, is
kept until the page is written (`keep_late`, `restore_late`).
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hooks.model import Handbook

MARK = "ʘ"  # a letter, so that quotes and emphasis beside a token see a word
TOKEN = re.compile(f"{MARK}(\\d+){MARK}")
ALONE = re.compile(f"<p>{MARK}(\\d+){MARK}</p>")
LATE = re.compile(r"<!--late (\d+)-->")
BLOCK_TAGS = ("<!--late", "<sh-", "<ul", "<ol", "<p", "<div", "<nav", "<table", "<section", "<dl")


class CallError(ValueError):
    """A macro call with a fault in it; the text says which and how to mend it."""


@dataclass
class Site:
    """What the whole build shares."""

    handbook: Handbook = field(repr=False)
    directory_urls: bool = True
    repository: str = ""  # address of the repository, where one is known
    branch: str = "main"
    commit: str = ""  # of which the site is built, where one is known
    cards: dict[str, str] = field(default_factory=dict)  # slug -> HTML of its cards page, formulas still TeX
    recall: Callable[[Building, str], bool] | None = None  # whether an earlier build did the macros of this text: see page_cache.py


@dataclass
class Building:
    """One page. `name` is relative to the root (docs/…), `folder` is where its figures lie."""

    name: str
    root: Path
    folder: Path
    directory_urls: bool = True
    ids: Counter = field(default_factory=Counter)
    kept: list[tuple[str, str]] = field(default_factory=list)  # HTML, and HTML for it where no button may stand
    late: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # macros that failed, each with file and line
    text: str | None = None  # as written, where macros were done in this build
    recall: dict | None = None  # what an earlier build left of the same page: see page_cache.py

    def unique(self, wish: str) -> str:
        """`wish`, or `wish-2` where this page has it already: the same on each build."""
        self.ids[wish] += 1
        count = self.ids[wish]
        return wish if count == 1 else self.unique(f"{wish}-{count}")

    def keep(self, html: str, plain: str = "") -> str:
        self.kept.append((html, plain))
        return f"{MARK}{len(self.kept) - 1}{MARK}"

    def keep_late(self, html: str) -> str:
        """HTML that is put in when the page is written, so that search never sees it."""
        self.late.append(html)
        return f"<!--late {len(self.late) - 1}-->"

    def restore(self, text: str) -> str:
        text = ALONE.sub(self._unwrapped, text)
        while TOKEN.search(text):  # a token may stand in kept HTML
            text = TOKEN.sub(lambda match: self.kept[int(match[1])][0], text)
        return text.replace("-->\n<h1", "--><h1")  # white space before a title would make search count it as a part

    def _unwrapped(self, match: re.Match) -> str:
        html = self.kept[int(match[1])][0]
        return html if html.startswith(BLOCK_TAGS) else f"<p>{html}</p>"

    def plain(self, text: str) -> str:
        """Tokens for the bare number, for a label or a summary: a button must not hold a button."""
        return TOKEN.sub(lambda match: self.keep(self.kept[int(match[1])][1]), text)

    def keep_aside(self, html: str) -> str:
        """A token for what stands around the text: links to other pages, facts, switches."""
        return self.keep(self.keep_late(html))

    def restore_late(self, html: str) -> str:
        """Popovers stand together at the end of the article: alike beside alike compresses, and prose stays prose. All
        else stands where it was written."""
        popovers: list[str] = []

        def put(match: re.Match) -> str:
            kept = self.late[int(match[1])]
            if "popover=" not in kept.partition(">")[0]:
                return kept
            popovers.append(kept)
            return ""

        body, end, foot = html.rpartition("</article>")
        if not end:
            return LATE.sub(lambda match: self.late[int(match[1])], html)
        body = LATE.sub(put, body)
        return f"{body}{''.join(popovers)}{end}{LATE.sub('', foot)}"

    @property
    def url(self) -> str:
        return url_of(self.name.removeprefix("docs/"), self.directory_urls)

    def href(self, source: str, fragment: str = "") -> str:
        """Link from this page to another, given by its path under docs/ (code/attention/latent.md)."""
        target = url_of(source, self.directory_urls)
        here = self.url if self.url.endswith("/") or not self.url else posixpath.dirname(self.url) + "/"
        link = posixpath.relpath("/" + target, "/" + here)
        if target.endswith("/") or not target:
            link = "./" if link == "." else link + "/"
        return link + (f"#{fragment}" if fragment else "")

    def href_file(self, path: str) -> str:
        """Link from this page to a file that the build writes, given by its path in the site (anki/strong-hire.apkg)."""
        return posixpath.relpath("/" + path, "/" + (self.url if self.url.endswith("/") or not self.url else posixpath.dirname(self.url)))


def url_of(source: str, directory_urls: bool = True) -> str:
    """Address of a page under the site's root, from its path under docs/."""
    folder, _, file = source.rpartition("/")
    stem = file.rpartition(".")[0]
    if not directory_urls:
        return f"{folder}/{stem}.html" if folder else f"{stem}.html"
    parts = [part for part in (folder, "" if stem == "index" else stem) if part]
    return "/".join(parts) + "/" if parts else ""


_site: Site | None = None
_pages: dict[str, Building] = {}
_current: Building | None = None


def start(site: Site) -> Site:
    """A build begins: pages of an earlier one are forgotten only as they are read again (a preview reads some)."""
    global _site
    _site = site
    return site


def site() -> Site:
    if _site is None:
        raise RuntimeError("no site is being built")
    return _site


def begin(page: Building) -> Building:
    """`page` is the one that macros and Markdown work on from now."""
    global _current
    _current = _pages[page.name] = page
    return page


def current() -> Building:
    if _current is None:
        raise RuntimeError("no page is being built")
    return _current


def find(name: str) -> Building | None:
    """The page of that name in this build, if it was read."""
    return _pages.get(name)


def folder_of(name: str, root: Path) -> Path:
    """Where a page's figures lie: the chapter's folder for everything in a chapter, the set's for its questions, else
    the page's own."""
    parts = Path(name).parts
    if parts[:2] == ("docs", "chapters") and len(parts) > 3:
        return root.joinpath(*parts[:3])
    folder = Path(name).parent
    return root / (folder.parent if folder.name == "questions" else folder)
