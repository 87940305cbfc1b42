"""`make serve`: what an edit needs built again.

An edit of a page's text builds that page, from what the last whole build left in memory: menu, templates, settings. A
question's text builds also the page that assembles it. Everything else is a whole build: a file that came or went, front
matter, headings (other pages name them), cards (scripts and the Anki deck hold them), data, snippets, hooks, styles. A
build of one page never touches the search index, which MkDocs' own "dirty" build would cut down to that page; nor does it
check the content, which takes longer than the page: `make check` does, and so does the next whole build.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hooks.navigation import kind_of, listed_parent
from hooks.records import split_front_matter

WATCHED = ("docs", "hooks", "snippets", "exercises", "widgets")
log = logging.getLogger("mkdocs.plugins.handbook")
State = dict[str, tuple[int, int]]


def state(root: Path) -> State:
    """Every watched file with its time and size. By the names that the disk gives: paths as objects take five times as long."""
    found, folders, start = {}, [str(root / folder) for folder in WATCHED], len(str(root)) + 1

    def note(path: str, stat: Callable[[], os.stat_result]) -> None:
        with contextlib.suppress(FileNotFoundError):  # an editor's temporary file
            seen = stat()
            found[path[start:].replace(os.sep, "/")] = (seen.st_mtime_ns, seen.st_size)

    note(str(root / "mkdocs.yml"), (root / "mkdocs.yml").stat)
    while folders:
        with contextlib.suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    note(entry.path, entry.stat)
                elif entry.name != "__pycache__":
                    folders.append(entry.path)
    return found


def outline(text: str) -> tuple[str | None, tuple[str, ...]]:
    """What other pages may hold of a page: its front matter and its headings."""
    front, body, _ = split_front_matter(text)
    return front, tuple(line for line in body.split("\n") if line.startswith("#"))


def outlines(root: Path) -> dict[str, Any]:
    return {path.relative_to(root).as_posix(): outline(path.read_text("utf-8")) for path in (root / "docs").rglob("*.md")}


def pages_to_build(changed: set[str], known: dict[str, Any], root: Path) -> list[str] | None:
    """Sources under docs/ of the pages to build for these changed files, or None for all."""
    wanted: dict[str, None] = {}
    for name in sorted(changed):
        source = name.removeprefix("docs/")
        if source == name or not name.endswith(".md") or kind_of(source) == "cards":
            return None
        try:
            if known.get(name) != outline((root / name).read_text("utf-8")):
                return None
        except (OSError, ValueError):
            return None
        wanted[source] = None
        if kind_of(source) == "question":
            wanted[listed_parent(source)] = None
    return list(wanted)


def look_often(server: Any, seconds: float = 0.2, still: float = 0.05) -> None:
    """Have MkDocs look for changed files more often than twice a second, as each look takes some milliseconds, and begin
    as soon as an editor is done, which may write a file in two steps."""
    server.build_delay = still
    observer = getattr(server, "observer", None)
    for looking in (observer, *getattr(observer, "emitters", ())):
        if hasattr(looking, "_timeout"):
            looking._timeout = seconds


class Preview:
    """Stands where MkDocs calls its builder. `last` is what the last whole build left; `one` builds these pages from it."""

    def __init__(self, root: Path, whole: Callable[[], None], one: Callable[[list[Any]], None], page_of: Callable[[str], Any]) -> None:
        self.root, self.whole, self.one, self.page_of = root, whole, one, page_of
        self.before, self.known = state(root), outlines(root)
        self.sound = True  # the last whole build went through
        _settle()

    def __call__(self) -> None:
        now = state(self.root)  # before the build: what is saved meanwhile counts as changed the next time
        changed = {name for name, _ in self.before.items() ^ now.items()}
        wanted = pages_to_build(changed, self.known, self.root) if self.sound else None
        pages = [self.page_of(source) for source in wanted or ()]
        self.before = now
        if not changed and self.sound:
            return
        if wanted is None or None in pages:
            self.known, self.sound = outlines(self.root), False
            gc.unfreeze()
            self.whole()
            self.sound = True
            _settle()
            return
        log.info("Building %s", ", ".join(wanted))
        self.one(pages)


def _settle() -> None:
    """Python need not look again and again, each time for a tenth of a second, whether what a whole build left is still used."""
    gc.collect()
    gc.freeze()
