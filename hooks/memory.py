"""Problems of a page that a check found before, for the same text and the same inputs of its macros (inputs.py).

A build gives the check its cache; `make check` has none, and looks at everything.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hooks.model import Handbook, Page
from hooks.problems import Problem

_given: list[tuple[Any, Any]] = []


@contextlib.contextmanager
def using(pages: Any, inputs: Any) -> Iterator[None]:
    """Keep what checks find in `pages` (page_cache.Pages) meanwhile."""
    _given.append((pages, inputs))
    try:
        yield
    finally:
        _given.pop()


def problems(handbook: Handbook, kind: str, page: Page, find: Callable[[], Iterable[Problem]]) -> Iterable[Problem]:
    """What `find` says, which depends on this page and on what its macros may ask for, and reads no other file."""
    if not _given or _given[-1][1].handbook is not handbook:
        return find()
    pages, inputs = _given[-1]
    parts = (kind, page.name, page.body_line, page.body, page.front.data, inputs.of(page.name, page.body))
    found = pages.remember("check", parts, lambda: [[each.path, each.line, each.what, each.mend] for each in find()])
    return [Problem(*each) for each in found]
