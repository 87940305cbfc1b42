"""What building a page costs, done once for the same input: macros, Markdown, search, the finished HTML, and its check.

Each is a function of what goes into it, so its result is kept under the hash of just that:

    macros     the page's text and all that its macros may ask for (inputs.py); and, checked when it is used again, every
               file that was read meanwhile
    markdown   text after the macros, what macros kept aside, ids given out; files as above, and every link looked up
    search     HTML, table of contents and title of the page, and what its front matter says of search
    twin       HTML and what the page says of itself: its Markdown for machines
    page       HTML, table of contents, the whole menu, templates, front matter, what was kept for the end, the glossary
    check      the page's text and what its macros may ask for: problems of its sums and figures

and of the same code: our hooks, mkdocs.yml, Python and the installed packages. So a build that finds everything here
writes the same bytes as one that finds nothing.

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
        self.settings, self.code = settings, _stamp(settings)
        self.glossary = ""  # what stands for the terms that are linked in finished pages
        self.used: set[str] = set()
        self.written: set[str] = set()
        self.found = self.made = 0
        self.started = time.time()
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

    def close(self) -> None:
        """A whole build is done: forget what neither it nor the last one used."""
        if self.written and _stamp(self.settings) != self.code:  # our code was edited meanwhile: made by which?
            for key in self.written:
                (self.folder / key).unlink(missing_ok=True)
            self.used -= self.written
        if not self.folder.is_dir():
            return
        try:
            last = set(json.loads((self.folder / GENERATIONS).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            last = set()
        with contextlib.suppress(OSError):
            _write(self.folder / GENERATIONS, json.dumps(sorted(self.used)).encode())
            kept = self.used | last
            for path in self.folder.iterdir():
                if path.name not in kept and path.name != GENERATIONS and not path.name.startswith("new-"):
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


# ---- macros -------------------------------------------------------------------------------------------------


class Macros:
    """The macros of this build's pages, where an earlier build did the same."""

    def __init__(self, pages: Pages, inputs: Any) -> None:
        self.pages, self.inputs = pages, inputs
        self.key, self.read, self.said = "", set(), _Said()

    def recall(self, page: Any, text: str, front: Any) -> bool:
        """Give `page` (building.Building) what is kept for this text; else note what it reads from here to `keep`."""
        self.stop()
        self.key = self.pages.key("macros", page.name, text, front, self.inputs.of(page.name, text))
        entry = self.pages.get(self.key)
        if entry is not None and all(self.pages.digest(name) == digest for name, digest in entry["read"].items()):
            self.pages.found += 1
            page.recall = entry
            page.kept, page.late, page.ids = [tuple(pair) for pair in entry["kept"]], list(entry["late"]), Counter(entry["ids"])
            return True
        self.pages.made += 1
        self.read, self.said = set(), _Said()
        _listen(self.read)
        logging.getLogger("mkdocs").addHandler(self.said)
        return False

    def keep(self, page: Any, markdown: str, meta: dict[str, Any]) -> None:
        """`meta` is what the front matter learned."""
        names = sorted(_names(self.pages.root, self.read))
        self.stop()
        if page.faults or self.said.any or self.pages.changed_since(names):
            return
        read = {name: self.pages.digest(name) for name in names}
        entry = {"markdown": markdown, "meta": meta, "kept": page.kept, "late": page.late, "ids": dict(page.ids), "read": read}
        self.pages.put(self.key, entry)

    def stop(self) -> None:
        _watchers.clear()  # between two pages nobody else reads, and a page that failed may have left one
        logging.getLogger("mkdocs").removeHandler(self.said)


# ---- Markdown -----------------------------------------------------------------------------------------------

_watchers: list[set[str]] = []
_hooked = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watchers and isinstance(arguments[0], (str, bytes, os.PathLike)):
        _watchers[-1].add(str(Path(os.fsdecode(arguments[0])).absolute()))


@contextlib.contextmanager
def _reads():
    """Every file that is opened meanwhile, by whatever code."""
    seen: set[str] = set()
    _listen(seen)
    try:
        yield seen
    finally:
        _watchers.pop()


def _listen(seen: set[str]) -> None:
    global _hooked
    if not _hooked:  # an audit hook stays for good; it looks at nothing while nobody watches
        sys.addaudithook(_watch)
        _hooked = True
    _watchers.append(seen)


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


# ---- the finished page --------------------------------------------------------------------------------------

OURSELVES = ("page", "nav", "pages", "config", "build_date_utc")  # of a template's context; the first four are told apart below


def menu(nav: Any) -> list[Any]:
    """All that a template can say of the menu."""
    return [[item.title, getattr(item, "url", None), getattr(item, "meta", None), menu_of(item.children)] for item in nav.items]


def menu_of(items: Any) -> list[Any] | None:
    return [[item.title, getattr(item, "url", None), getattr(item, "meta", None), menu_of(item.children)] for item in items] if items else None


def overrides(root: Path) -> str:
    """Of our templates; the theme's count by its version."""
    digest = hashlib.sha256()
    for path in sorted((root / "docs/.overrides").rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def remember_pages(env: Any, pages: Callable[[], Pages | None], shared: str, late: Callable[[Any], Any], finish: Callable[[str, Any], str]) -> None:
    """Let the templates of `env` write a page, and `finish` finish it, only where one of their inputs is new.

    shared: what is the same for all pages of this build; late: what was kept for the end of this one.
    """
    get = env.get_template

    def get_template(name: Any, *args: Any, **kwargs: Any) -> Any:
        template = get(name, *args, **kwargs)
        return template if args or kwargs else _Template(template, pages, shared, late, finish)  # templates name their parent

    env.get_template = get_template


class _Template:
    """A page's template, which MkDocs asks for by its bare name."""

    def __init__(self, template: Any, *around: Any) -> None:
        self.template = template
        self.pages, self.shared, self.late, self.finish = around

    def __getattr__(self, name: str) -> Any:
        return getattr(self.template, name)

    def render(self, context: dict[str, Any]) -> str:
        page = context.get("page")
        if page is None:
            return self.template.render(context)
        pages = self.pages()
        if pages is None:  # a preview builds this page alone
            return self.finish(self.template.render(context), page)
        parts = (
            self.template.name,
            self.shared,
            {name: value for name, value in context.items() if name not in OURSELVES},
            (page.file.src_uri, page.url, page.canonical_url, page.abs_url, page.edit_url, page.is_homepage, page.title, page.meta, page.content),
            [_token(entry) for entry in page.toc],
            [[each.title, getattr(each, "url", None)] for each in page.ancestors],
            [each and [each.title, each.url] for each in (page.previous_page, page.next_page)],
            self.late(page),
        )
        return pages.remember("page", parts, lambda: self.finish(self.template.render(context), page))
