"""What building a page costs, done once for the same input: Markdown, the search plugin's reading, and the finished HTML.

Each of the three is a function of what goes into it, so its result is kept under the hash of just that:

    markdown   text after the macros, what macros kept aside, ids given out; and, checked when it is used again, every file
               that was read meanwhile (figures, listings) and every link that was looked up
    search     HTML, table of contents and title of the page, and what its front matter says of search
    finish     HTML from the template, what was kept for the end, and the glossary

and of the same code: our hooks, mkdocs.yml, Python and the installed packages. Macros and templates run in every build:
they may ask for anything. So a build that finds everything here writes the same bytes as one that finds nothing.

An entry that is torn or altered does not bear its own checksum, and counts as missing. Entries are JSON, never code. What
neither this build nor the one before has used is thrown away.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mkdocs.structure.toc import get_toc

HOOKS = Path(__file__).resolve().parent
PROGRAMS = tuple({os.path.realpath(path) + os.sep for path in (sys.prefix, sys.base_prefix)})  # they count by their versions
GENERATIONS = "generations.json"


class Pages:
    """The entries of one handbook under `root`; `settings` is whatever else the result depends on."""

    def __init__(self, root: Path, settings: bytes = b"") -> None:
        self.root = root
        self.folder = root / ".cache/pages"
        self.settings, self.code, self.started = settings, _stamp(settings), time.time()
        self.glossary = ""  # what stands for the terms that are linked in finished pages
        self.used: set[str] = set()
        self.written: set[str] = set()
        self.found = self.made = 0
        self._digests: dict[str, str | None] = {}

    def key(self, kind: str, *parts: Any) -> str:
        """The name of the result of these inputs."""
        text = json.dumps([self.code, kind, parts], ensure_ascii=False, sort_keys=True, default=str)
        return f"{kind}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"

    def get(self, key: str) -> Any:
        """What is kept under `key`, or None."""
        try:
            digest, _, packed = (self.folder / key).read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest != _checksum(key, packed):
            return None
        try:
            value = json.loads(zlib.decompress(packed))
        except (ValueError, zlib.error):
            return None
        self.used.add(key)
        return value

    def put(self, key: str, value: Any) -> None:
        """Written beside and moved into place: who builds at the same time sees all of it or nothing."""
        packed = zlib.compress(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)
        with contextlib.suppress(OSError):  # no room, no rights: a build needs no cache
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self.folder / key, _checksum(key, packed) + b"\n" + packed)
            self.used.add(key)
            self.written.add(key)

    def remember(self, kind: str, parts: Iterable[Any], make: Callable[[], Any]) -> Any:
        """The result of `make`, which depends on `parts` only."""
        key = self.key(kind, *parts)
        value = self.get(key)
        if value is None:
            self.made += 1
            value = make()
            self.put(key, value)
        else:
            self.found += 1
        return value

    def digest(self, name: str) -> str | None:
        """Of a file under the root, read once a build; None where there is none."""
        if name not in self._digests:
            try:
                self._digests[name] = hashlib.sha256((self.root / name).read_bytes()).hexdigest()
            except OSError:
                self._digests[name] = None
        return self._digests[name]

    def changed_since(self, names: Iterable[str]) -> bool:
        """Whether one of these files was written while we build: nobody knows which of its texts was read."""
        for name in names:
            with contextlib.suppress(OSError):
                state = (self.root / name).stat()
                if max(state.st_mtime, state.st_ctime) > self.started - 0.1:  # clocks of file systems tick slowly
                    return True
        return False

    def close(self, whole: bool = True) -> None:
        """A build is done: if it was a whole one, forget what neither it nor the last one used."""
        if self.written and _stamp(self.settings) != self.code:  # our code was edited meanwhile: made by which?
            for key in self.written:
                (self.folder / key).unlink(missing_ok=True)
            self.used -= self.written
        if not whole or not self.folder.is_dir():
            return
        try:
            last = set(json.loads((self.folder / GENERATIONS).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            last = set()
        with contextlib.suppress(OSError):
            _write(self.folder / GENERATIONS, json.dumps(sorted(self.used)).encode())
            for path in self.folder.iterdir():
                if path.name not in self.used | last and path.name != GENERATIONS and not path.name.startswith("new-"):
                    path.unlink(missing_ok=True)


def _checksum(key: str, packed: bytes) -> bytes:
    return hashlib.sha256(key.encode() + packed).hexdigest().encode()


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix="new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _stamp(settings: bytes) -> str:
    """Changes with our code, with Python and with any installed package."""
    import markdown

    digest = hashlib.sha256(settings + sys.version.encode())
    for path in sorted(HOOKS.iterdir()):
        if path.is_file() and not path.name.startswith("test_"):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    packages = Path(markdown.__file__).parents[1]
    digest.update("\n".join(sorted(path.name for path in packages.glob("*.dist-info"))).encode())
    return digest.hexdigest()


# ---- Markdown -----------------------------------------------------------------------------------------------

_watchers: list[set[str]] = []
_hooked = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watchers and isinstance(arguments[0], (str, bytes, os.PathLike)):
        _watchers[-1].add(str(Path(os.fsdecode(arguments[0])).absolute()))


@contextlib.contextmanager
def _reads():
    """Every file that is opened meanwhile, by whatever code."""
    global _hooked
    if not _hooked:  # an audit hook stays for good; it looks at nothing while nobody watches
        sys.addaudithook(_watch)
        _hooked = True
    seen: set[str] = set()
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.pop()


class _Lookups:
    """MkDocs' files, noting which links were looked up and what was found."""

    def __init__(self, files: Any) -> None:
        self.files = files
        self.seen: dict[str, Any] = {}

    def get_file_from_path(self, uri: str) -> Any:
        self.seen[uri] = _answer(self.files, uri)
        return self.files.get_file_from_path(uri)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.files, name)


def _answer(files: Any, uri: str) -> Any:
    file = files.get_file_from_path(uri)
    return file and [file.src_uri, file.url, file.inclusion.name]


class _Said(logging.Handler):
    """Whether MkDocs said anything: a warning must come again with each build."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.any = False

    def emit(self, record: logging.LogRecord) -> None:
        self.any = True


def convert(pages: Pages, page: Any, built: Any, config: Any, files: Any, render: Callable[[Any, Any], None]) -> None:
    """MkDocs' `page.render`, or what it left behind for the same page."""
    key = pages.key("markdown", page.file.src_uri, page.file.url, page.markdown, dict(built.ids), built.kept, len(built.late))
    entry = pages.get(key)
    if entry is not None and _still(pages, entry, files):
        pages.found += 1
        page.content, page._title_from_render = entry["html"], entry["title"]
        page.toc = get_toc(entry["toc"])
        page.present_anchor_ids = set(entry["anchors"])
        page.links_to_anchors = {files.get_file_from_path(uri): links for uri, links in entry["links"]}
        built.kept += [tuple(pair) for pair in entry["kept"]]
        built.late += entry["late"]
        built.ids = Counter(entry["ids"])
        return
    pages.made += 1
    kept, late, faults = len(built.kept), len(built.late), len(built.faults)
    lookups, said, log = _Lookups(files), _Said(), logging.getLogger("mkdocs")
    log.addHandler(said)
    try:
        with _reads() as read:
            render(config, lookups)
    finally:
        log.removeHandler(said)
    names = sorted(_names(pages.root, read))
    if said.any or len(built.faults) > faults or page.links_to_anchors is None or pages.changed_since(names):
        return
    pages.put(
        key,
        {
            "html": page.content,
            "title": page._title_from_render,
            "toc": [_token(entry) for entry in page.toc],
            "anchors": sorted(page.present_anchor_ids or (), key=str),
            "links": [[file.src_uri, links] for file, links in page.links_to_anchors.items()],
            "kept": built.kept[kept:],
            "late": built.late[late:],
            "ids": dict(built.ids),
            "read": {name: pages.digest(name) for name in names},
            "looked": lookups.seen,
        },
    )


def _still(pages: Pages, entry: dict[str, Any], files: Any) -> bool:
    """Whether what was read and looked up then is the same now."""
    same = all(pages.digest(name) == digest for name, digest in entry["read"].items())
    return same and all(_answer(files, uri) == answer for uri, answer in entry["looked"].items())


def _names(root: Path, paths: Iterable[str]) -> Iterable[str]:
    """Files as digest() takes them: relative where they lie under the root."""
    for path in paths:
        if not path.endswith(".pyc") and not os.path.realpath(path).startswith(PROGRAMS):
            name = os.path.relpath(path, root)
            yield path if name.startswith(os.pardir) else Path(name).as_posix()


def _token(entry: Any) -> dict[str, Any]:
    return {"level": entry.level, "id": entry.id, "name": entry.title, "children": [_token(child) for child in entry.children]}


# ---- search -------------------------------------------------------------------------------------------------


def remember_search(pages: Pages, index: Any) -> None:
    """Let the search plugin's `index` read a page's HTML only where it is new."""
    read = index.add_entry_from_context

    def add(page: Any) -> None:
        def make() -> list[dict[str, Any]]:
            before = len(index.entries)
            read(page)
            made = index.entries[before:]
            del index.entries[before:]
            return made

        meta = [page.meta.get(name) for name in ("search", "tags")]
        title = str(page.meta.get("title", page.title))
        toc = [_token(entry) for entry in page.toc]
        index.entries += pages.remember("search", (page.url, page.content, title, meta, toc), make)

    index.add_entry_from_context = add
