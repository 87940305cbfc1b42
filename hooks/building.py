"""The page that is being built: where it lies, which ids it has given out, and HTML that must pass Markdown untouched.

A macro runs before Markdown. What it returns as HTML is kept here and a token of letters and digits stands for it
(`keep`), so that tables, quotes and emphasis around it work and nothing inside it is taken for Markdown; the extension
in blocks.py puts it back (`restore`). What no search should find and no formula count should hold, the popovers, is
kept until the page is written (`keep_late`, `restore_late`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

MARK = "ʘ"  # a letter, so that quotes and emphasis beside a token see a word
TOKEN = re.compile(f"{MARK}(\\d+){MARK}")
LATE = re.compile(r"<!--late (\d+)-->")


@dataclass
class Building:
    """One page. `name` is relative to the root (docs/…), `folder` is where its figures lie."""

    name: str
    root: Path
    folder: Path
    url: str = ""
    ids: Counter = field(default_factory=Counter)
    kept: list[tuple[str, str]] = field(default_factory=list)  # HTML, and the plain words for it
    late: list[str] = field(default_factory=list)

    def unique(self, wish: str) -> str:
        """`wish`, or `wish-2` where this page has it already: the same on each build."""
        self.ids[wish] += 1
        count = self.ids[wish]
        return wish if count == 1 else self.unique(f"{wish}-{count}")

    def keep(self, html: str, plain: str = "") -> str:
        self.kept.append((html, plain))
        return f"{MARK}{len(self.kept) - 1}{MARK}"

    def keep_late(self, html: str) -> str:
        self.late.append(html)
        return f"<!--late {len(self.late) - 1}-->"

    def restore(self, text: str) -> str:
        while TOKEN.search(text):  # a token may stand in kept HTML
            text = TOKEN.sub(lambda match: self.kept[int(match[1])][0], text)
        return text

    def plain(self, text: str) -> str:
        """Words in place of tokens, for a label or a summary: a button must not hold a button."""
        return TOKEN.sub(lambda match: self.kept[int(match[1])][1], text)

    def restore_late(self, html: str) -> str:
        return LATE.sub(lambda match: self.late[int(match[1])], html)


_pages: dict[str, Building] = {}
_current: Building | None = None


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
    """Where a page's figures lie: the chapter's folder for everything in a chapter, else the page's own."""
    parts = Path(name).parts
    if parts[:2] == ("docs", "chapters") and len(parts) > 3:
        return root.joinpath(*parts[:3])
    return root / Path(name).parent
