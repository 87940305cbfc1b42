"""The folder edition in a browser, from file://. It is a second build, so `make weekly` runs this; FOLDER_DIR spares the build."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import expect

from hooks import folder

pytestmark = pytest.mark.weekly


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    if given := os.environ.get("FOLDER_DIR"):
        return Path(given).resolve()
    built = tmp_path_factory.mktemp("folder") / folder.NAME
    assert folder.build(ROOT, built) == []
    return built


LEFT = "net::ERR_ABORTED"  # a page was left before a script had come


@pytest.fixture
def reader(browser, book):
    """Opens pages of the folder; nothing may be asked for outside it, and no console may complain."""
    faults = []
    context = browser.new_context(reduced_motion="reduce", permissions=[])
    context.set_default_timeout(30_000)
    inside = book.as_uri() + "/"

    def asked(request) -> None:
        if not request.url.startswith((inside, "data:", "blob:", "about:")):
            faults.append(f"asked for {request.url[:200]}")

    context.on("request", asked)
    context.on("console", lambda message: faults.append(message.text[:300]) if message.type == "error" else None)
    context.on("weberror", lambda error: faults.append(str(error.error)[:300]))
    context.on("requestfailed", lambda request: faults.append(f"{request.failure}: {request.url[-120:]}") if request.failure != LEFT else None)

    def opened(path: str):
        page = context.new_page()
        page.goto(inside + path)
        page.evaluate("document.fonts.ready.then(() => 0)")
        return page

    yield opened
    context.close()
    assert faults == []


def one(book: Path, pattern: str) -> str:
    return sorted(book.glob(pattern))[0].relative_to(book).as_posix()


KINDS = (
    "index.html", "chapters/*/index.html", "chapters/*/practice.html", "chapters/*/questions/*.html", "chapters/*/cheatsheet.html", "chapters/*/cards.html",
    "chapters/*/lab.html", "code/*/*.html", "reference/glossary.html", "paths/index.html", "practice/exercises.html", "practice/offline.html",
)  # fmt: skip


@pytest.mark.parametrize("pattern", KINDS)
def test_pages_open_with_their_fonts(reader, book, pattern):
    page = reader(one(book, pattern))
    expect(page.locator("h1")).to_be_visible()
    loaded = page.evaluate("[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family)")
    assert any("SH" in face for face in loaded)
    assert page.evaluate("[...document.fonts].filter((face) => face.status === 'error' && !face.family.includes('stand-in')).length === 0")
    if page.locator(".katex:visible").count():  # cards keep theirs folded
        assert any("KaTeX" in face for face in loaded)


def test_links_lead_from_page_to_page(reader, book):
    page = reader("index.html")
    page.locator(".md-tabs__link").nth(1).click()
    page.wait_for_url(re.compile(r"\.html$"))
    expect(page.locator("h1")).to_be_visible()


def test_search_finds_a_term_and_opens_it(reader, book):
    page = reader(one(book, "chapters/*/index.html"))
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("GQA")
    page.locator(".md-search-result__link").first.click()
    page.wait_for_url(re.compile(r"\.html\?h="))
    expect(page.locator("h1")).to_be_visible()


def test_a_calculator_answers_the_keyboard(reader, book):
    page = reader(one(book, "calculators/*.html"))
    form = page.locator(".calc-form").first
    form.wait_for()
    before = page.locator("sh-calculator").first.inner_text()
    page.locator(".calc-form select").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("sh-calculator").first).not_to_have_text(before, use_inner_text=True)


def test_cards_can_be_reviewed_and_are_remembered(reader):
    page = reader("practice/review.html")
    page.locator("sh-review button").first.wait_for()


def test_planner_makes_a_plan(reader):
    page = reader("paths/planner.html")
    page.locator("sh-planner form").wait_for()


def test_a_tick_is_kept(reader, book):
    path = one(book, "chapters/*/questions/*.html")
    page = reader(path)
    box = page.locator("sh-done input").first
    box.check()
    expect(page.locator("sh-done [role=status]").first).to_contain_text("Saved")
    page.reload()
    expect(box).to_be_checked()


def test_terms_explain_themselves(reader, book):
    page = reader(one(book, "chapters/*/index.html"))
    page.locator(".term").first.hover()
    page.locator(".tip, [popover]:popover-open").first.wait_for()


def test_offline_page_says_that_all_is_here(reader):
    page = reader("practice/offline.html")
    expect(page.locator(".offline-said")).to_contain_text("folder edition")
