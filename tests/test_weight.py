"""What a first view costs: HTML, CSS, JavaScript and fonts as sent compressed; and that nothing jumps or blocks."""

from __future__ import annotations

import gzip
import json

import pytest
from conftest import SITE, TEMPLATES, source

KIB = 1024
BUDGET = {"chapter": 240, "practice": 240, "twenty-practice": 240, "default": 150}  # KiB; a practice page holds all questions of a chapter or set
COUNTED = {"document", "stylesheet", "script", "font"}
SHIFT = 0.02
LONGEST = 50  # milliseconds of our own scripts at a stretch


def sent(response) -> int:
    """Bytes on the wire: fonts are compressed already, the rest as any host compresses it."""
    body = response.body()
    return len(body) if response.request.resource_type == "font" else len(gzip.compress(body, 9))


CHAPTERS = [(page.parent.relative_to(SITE).as_posix() + "/", "chapter") for page in sorted(SITE.glob("chapters/*/index.html"))]
VIEWS = [(path, kind) for kind, path in TEMPLATES.items() if kind != "chapter"] + CHAPTERS
VIEWS += [
    (path, "default") for page in sorted(SITE.glob("interview/*/index.html")) if (path := page.parent.relative_to(SITE).as_posix() + "/") not in dict(VIEWS)
]
SHIFTS = """window.shift = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


def first_view(visit, path: str, width: int) -> tuple[dict[str, int], float]:
    """Bytes of each file and the shift of the layout, nothing cached, on a slow line, where fonts and styles arrive one by one."""
    page = visit.blank(width)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": 100, "downloadThroughput": 400_000, "uploadThroughput": 100_000})
    page.add_init_script(SHIFTS)
    seen = []
    page.on("response", lambda response: seen.append(response))
    page.goto(visit.address + path, timeout=120_000)  # a slow line, maybe on a busy machine
    page.wait_for_load_state("networkidle")
    sizes = {r.url.removeprefix(visit.address): sent(r) for r in seen if r.request.resource_type in COUNTED and r.ok}
    return sizes, page.evaluate("window.shift")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("path", "kind"), VIEWS)
def test_first_view_is_light_and_nothing_jumps(visit, path, kind, width):
    sizes, shift = first_view(visit, path, width)
    total = sum(sizes.values()) / KIB
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    assert total <= BUDGET.get(kind, BUDGET["default"]), f"{total:.0f} KiB: {heaviest}"
    if shift >= SHIFT:  # a busy machine may draw the text before it has read a font that is here
        _, shift = first_view(visit, path, width)
    assert shift < SHIFT


def test_search_loads_when_it_is_opened(visit):
    """Not on the first view: the index grows with the book."""
    page = visit.blank()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(visit.address)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "search" in url] == []
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("grouped-query")
    page.locator(".md-search-result__item").first.wait_for()
    assert len([url for url in asked if "search" in url]) == 2


@pytest.mark.parametrize("kind", [kind for kind in TEMPLATES if kind in ("chapter", "practice")])
def test_a_page_is_styled_once(visit, kind):
    """The theme's script as it comes has every element of a chapter styled five times and more: see PATIENCE in hooks/theme.py."""
    page = visit.blank()
    visit.browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.goto(visit.address + TEMPLATES[kind])
    page.wait_for_load_state("networkidle")
    events = json.loads(visit.browser.stop_tracing())["traceEvents"]
    styled = sum(event["args"].get("elementCount", 0) for event in events if event["name"] == "UpdateLayoutTree")
    elements = page.evaluate("document.querySelectorAll('*').length")
    assert 0 < styled < 2 * elements, f"{styled:,} for {elements:,} elements"


def test_style_sheets_are_each_read_once(visit):
    """Whether a page is loaded or comes by instant navigation."""
    page = visit.blank()
    session = page.context.new_cdp_session(page)
    read = []
    session.on("CSS.styleSheetAdded", lambda event: read.append(event["header"]["sourceURL"]))  # without one: the browser's own
    session.send("DOM.enable")
    session.send("CSS.enable")

    def go_on(kind):
        page.evaluate(
            "address => { const link = document.createElement('a'); link.href = address; document.body.append(link); link.click(); link.remove(); }",
            visit.address + TEMPLATES[kind],
        )
        page.locator(f'link[rel=canonical][href="{visit.address}{TEMPLATES[kind]}"]').wait_for(state="attached")

    page.goto(visit.address + TEMPLATES["chapter"])
    page.wait_for_load_state("networkidle")
    first = page.evaluate("[...document.styleSheets].map(sheet => sheet.href).sort().join()")
    assert sorted(filter(None, read)) == first.split(",")
    go_on("question")  # lies deeper and has the same
    go_on("chapters")  # has less, and lies higher
    assert sorted(filter(None, read)) == first.split(",")
    go_on("chapter")
    page.wait_for_function("all => [...document.styleSheets].map(sheet => sheet.href).sort().join() === all", arg=first)
    assert [url for url in read if url and read.count(url) > 1] == [url for url in read if "/katex.css" in url], "which had gone"


AHEAD = [kind for kind in TEMPLATES if source(kind).count('rel="preload"') > 1]


@pytest.mark.parametrize("kind", AHEAD)
def test_fonts_that_are_fetched_ahead_are_used(visit, kind):
    page = visit(kind)
    ahead = page.evaluate("[...document.querySelectorAll('link[as=font]')].map(link => link.href.match(/(\\w+)[^/]*$/)[1])")
    used = page.evaluate("[...document.fonts].filter(face => face.status === 'loaded').map(face => face.family)")
    assert {name for name in ahead if name != "sh"} <= set(used)


@pytest.mark.parametrize("kind", [kind for kind in TEMPLATES if kind in ("chapter", "practice", "question", "home")])
def test_our_scripts_do_not_block(visit, kind):
    """The best of three loads, since a busy machine stretches everything."""
    longest = []
    for _ in range(3):
        page = visit.blank()
        page.add_init_script(
            """window.ours = []; new PerformanceObserver((list) => {
              for (const frame of list.getEntries()) for (const script of frame.scripts ?? [])
                if (script.sourceURL.includes("/widgets/")) window.ours.push(script.duration);
            }).observe({ type: "long-animation-frame", buffered: true });"""
        )
        page.goto(visit.address + TEMPLATES[kind])
        page.wait_for_load_state("networkidle")
        longest.append(max(page.evaluate("window.ours"), default=0))
        page.close()
        if longest[-1] <= LONGEST:
            return
    assert min(longest) <= LONGEST
