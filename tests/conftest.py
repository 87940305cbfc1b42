"""One server for the whole run and a Chromium for each worker; the built site is $SITE_DIR, else site/.

Instant navigation is silently off unless `site_url` is the address that serves the site, so the server takes its port
from the site's own canonical address. Every page that a test opens through `visit` must load without an error on the
console, without a blocked request and without a request to anywhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hooks.pdf import served

ROOT = Path(__file__).resolve().parent.parent
SITE = Path(os.environ.get("SITE_DIR", ROOT / "site")).resolve()


def templates(site: Path = SITE) -> dict[str, str]:
    """One page of each kind, by name: its address under the root. Kinds that the site lacks are left out."""
    kinds = {
        "home": "index.html",
        "chapters": "chapters/index.html",
        "chapter": "chapters/*/index.html",
        "practice": "chapters/*/practice/index.html",
        "question": "chapters/*/questions/*/index.html",
        "cards": "chapters/*/cards/index.html",
        "sheet": "chapters/*/cheatsheet/index.html",
        "lab": "chapters/*/lab/index.html",
        "practise": "practice/index.html",
        "review": "practice/review/index.html",
        "drill": "practice/napkin-math/index.html",
        "hunts": "practice/bug-hunts/index.html",
        "hunt": "practice/hunts/*/index.html",
        "exercises": "practice/exercises/index.html",
        "exercise": "practice/exercises/*/index.html",
        "assessment": "practice/self-assessment/index.html",
        "progress": "practice/progress/index.html",
        "calculators": "calculators/index.html",
        "calculator": "calculators/*/index.html",
        "offline": "practice/offline/index.html",
        "roadmap": "paths/index.html",
        "path": "paths/research/index.html",
        "planner": "paths/planner/index.html",
        "asked": "paths/interviews/index.html",
        "overview-sheet": "paths/overview-sheet/index.html",
        "separating-questions": "paths/separating-questions/index.html",
        "separating-question": "paths/separating-questions/questions/*/index.html",
        "interview": "interview/index.html",
        "round": "interview/behavioural/index.html",
        "loop-sheet": "interview/cheatsheet/index.html",
        "worksheet": "interview/behavioural-worksheet/index.html",
        "checklist": "interview/take-home-checklist/index.html",
        "twenty": "interview/twenty-questions/index.html",
        "twenty-question": "interview/twenty-questions/questions/*/index.html",
        "twenty-practice": "interview/twenty-questions/practice/index.html",
        "design-prompts": "interview/design-prompts/index.html",
        "design-prompt": "interview/design-prompts/questions/*/index.html",
        "table": "reference/models/index.html",
        "benchmarks": "reference/benchmarks/index.html",
        "misconceptions": "reference/misconceptions/index.html",
        "glossary": "reference/glossary/index.html",
        "bibliography": "reference/bibliography/index.html",
        "code": "code/*/*/index.html",
        "prose": "how-to-use/index.html",
        "contributing": "contributing/question/index.html",
        "notfound": "404.html",
    }
    found = {}
    for kind, pattern in kinds.items():
        page = next(iter(sorted(site.glob(pattern))), None)
        if page is not None:
            found[kind] = page.relative_to(site).as_posix().removesuffix("index.html")
    return found


TEMPLATES = templates()


def source(kind: str) -> str:
    """The HTML of the page of this kind."""
    path = SITE / TEMPLATES[kind]
    return (path if path.suffix else path / "index.html").read_text(encoding="utf-8")


WITH_FORMULAS = [kind for kind in TEMPLATES if 'class="katex"' in source(kind)]
every_template = pytest.mark.parametrize("kind", TEMPLATES)


def canonical() -> str:
    """Where the built site wants to be served: its own site_url."""
    home = SITE / "index.html"
    assert home.is_file(), f"no built site in {SITE}: run `make site`, or set SITE_DIR"
    found = re.search(r'rel="?canonical"? href="?([^">\s]+)', home.read_text(encoding="utf-8"))
    assert found, "the home page has no canonical address: set site_url"
    url = urlsplit(found[1])
    assert url.hostname == "localhost" and url.port and url.path == "/", (
        f"the site was built for {found[1]}; tests need SITE_URL=http://localhost:8000/ (any free port)"
    )
    return found[1]


def port() -> int:
    return urlsplit(canonical()).port


@contextmanager
def serving() -> Iterator[str]:
    """The built site, served at its own address."""
    try:
        with served(SITE, port()) as running:
            yield running
    except OSError as error:
        pytest.exit(f"port {port()} of the built site is taken ({error}); free it or build with another SITE_URL")


def pytest_configure(config) -> None:
    """Where pytest has workers, their controller serves the site to all of them."""
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        running = ExitStack()
        running.enter_context(serving())
        config.add_cleanup(running.close)


@pytest.fixture(scope="session")
def address(request) -> Iterator[str]:
    """Where the built site is served."""
    if hasattr(request.config, "workerinput"):
        yield canonical()
    else:
        with serving() as running:
            yield running


@pytest.fixture(scope="session")
def playwright():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright):
    import chromium

    running = chromium.launch(playwright)
    yield running
    running.close()


def turn(page, dark: bool) -> None:
    """The page that is open in the other scheme, as the theme does it: that is quicker than to load it again."""
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.evaluate("scheme => { document.body.dataset.mdColorScheme = scheme; }", "slate" if dark else "default")


class Visits:
    """Opens pages and keeps what went wrong on them. Pages of equal settings share a context, and so its cache."""

    def __init__(self, browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.faults: list[str] = []
        self.shared: dict[str, object] = {}
        self.pages: list = []
        self.contexts: list = []

    def __call__(self, path: str = "", width: int = 1280, height: int = 800, dark: bool = False, **settings):
        """A page at `path` (or a kind of TEMPLATES), loaded, its fonts too."""
        key = repr((dark, sorted(settings.items())))
        if key not in self.shared:
            self.shared[key] = self._context(dark, settings)
        page = self._page(self.shared[key], width, height)
        page.goto(self.address + TEMPLATES.get(path, path), wait_until="load")
        if settings.get("java_script_enabled", True):
            page.evaluate("document.fonts.ready.then(() => 0)")
        return page

    def blank(self, width: int = 1280, height: int = 800, dark: bool = False, **settings):
        """A page of a context of its own: nothing cached, nothing stored."""
        context = self._context(dark, settings)
        self.contexts.append(context)
        return self._page(context, width, height)

    def _context(self, dark: bool, settings: dict):
        scheme = "dark" if dark else "light"
        fixed = {"color_scheme": scheme, "reduced_motion": "reduce", "service_workers": "block"}  # tests/test_offline.py lets them in
        context = self.browser.new_context(**(fixed | settings))
        context.set_default_timeout(30_000)
        return context

    def _page(self, context, width: int, height: int):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on("console", lambda message: self._console(page, message))
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self._request(page, request))
        self.pages.append(page)
        return page

    def _console(self, page, message) -> None:
        if message.type == "error" and not page.url.endswith("404.html"):
            self.faults.append(f"{page.url}: {message.text[:300]}")

    def _request(self, page, request) -> None:
        if not request.url.startswith((self.address, "file:", "blob:")):
            self.faults.append(f"{page.url}: asked for {request.url[:200]}")

    def end(self) -> list[str]:
        """Close what a test opened; return what went wrong."""
        for opened in (*self.pages, *self.contexts):
            opened.close()
        faults, self.faults, self.pages, self.contexts = self.faults, [], [], []
        return faults


@pytest.fixture(scope="session")
def visits(browser, address) -> Iterator[Visits]:
    opened = Visits(browser, address)
    yield opened
    for context in opened.shared.values():
        context.close()


@pytest.fixture
def visit(visits) -> Iterator[Visits]:
    yield visits
    assert visits.end() == []
