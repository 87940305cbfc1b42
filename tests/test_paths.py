"""The reader's path: the control at the head of a chapter, its marks, and the pages of the roadmap, in a browser."""

from __future__ import annotations

import re

import pytest
from conftest import SITE
from lxml import html
from playwright.sync_api import expect
from test_print import printed

from hooks import paths
from hooks.model import load

CHAPTER = "chapters/transformer-internals/"
DEPTHS = paths.DEPTHS
HANDBOOK = load()
RECORD = HANDBOOK.by_slug["transformer-internals"].record
DEEP = [section for section in HANDBOOK.by_slug["transformer-internals"].sections if section.depth]


def beyond(role: str, tier: str | None = None) -> list[str]:
    """What the content model says lies beyond."""
    depth = paths.reach(RECORD.depth, role, tier)
    return [section.id for section in DEEP if not paths.within(section.depth, depth)]


def marked(page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('h2:has(.depth .beyond)')].map((h) => h.id)")


def comes_to_mark(page, wanted: list[str]) -> None:
    page.wait_for_function("wanted => [...document.querySelectorAll('h2:has(.depth .beyond)')].map((h) => h.id).join() === wanted", arg=",".join(wanted))


def role_of(page):
    return page.locator("sh-path select").first


def opened(visit, path: str = CHAPTER, **settings):
    page = visit.blank(**settings)
    page.goto(visit.address + path)
    page.locator("sh-path select").first.wait_for()
    return page


@pytest.mark.parametrize(("role", "tier"), [("applied", ""), ("applied", "frontier"), ("platform", "enterprise"), ("research", "frontier"), ("full-stack", "ai-native")])
def test_marks_are_those_of_the_content_model(visit, role, tier):
    page = opened(visit)
    comes_to_mark(page, [])
    role_of(page).select_option(role)
    page.locator("sh-path select").nth(1).select_option(tier)
    wanted = beyond(role, tier or None)
    comes_to_mark(page, wanted)
    expect(page.locator("sh-path [role=status]").first).to_have_text(
        f"To {paths.reach(RECORD.depth, role, tier or None)} here; {len(wanted)} section{'' if len(wanted) == 1 else 's'} beyond."
    )
    contents = page.evaluate("[...new Set([...document.querySelectorAll('.md-nav--secondary a.past')].map((a) => a.hash.slice(1)))]")
    assert contents == wanted


def test_by_keyboard_and_after_reload(visit):
    page = opened(visit)
    role_of(page).focus()
    page.keyboard.press("A")  # Applied
    expect(role_of(page)).to_have_value("applied")
    comes_to_mark(page, beyond("applied"))
    page.get_by_text("Saved on this device").wait_for()
    page.reload()
    page.locator("sh-path button").wait_for()
    comes_to_mark(page, beyond("applied"))
    button = page.get_by_role("button", name="Show all")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    comes_to_mark(page, [])
    assert page.locator("div.beyond").count() == 0
    page.keyboard.press("Enter")
    comes_to_mark(page, beyond("applied"))


def test_text_is_the_same_marked_or_not(visit):
    """Marks neither lose nor move anything: same words in the same order, and the page as high as before."""
    page = opened(visit)
    read = "document.querySelector('article').innerText.replaceAll('beyond your path', '').replace(/^.*?The real interview moment/s, '').replace(/\\s+/g, ' ')"
    before, height = page.evaluate(read), page.evaluate("document.querySelector('article').offsetHeight")
    role_of(page).select_option("applied")
    assert len(marked(page)) > 3
    assert page.evaluate(read) == before
    assert page.evaluate("document.querySelector('article').offsetHeight") == height
    role_of(page).select_option("")
    assert (page.evaluate(read), marked(page)) == (before, [])
    assert page.evaluate("document.querySelector('article').offsetHeight") == height


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_marked_is_still_readable(visit, dark):
    page = opened(visit, dark=dark)
    role_of(page).select_option("applied")
    ratio = page.evaluate(
        """() => {
          const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
          const text = light(getComputedStyle(document.querySelector("div.beyond > p")).color), paper = light(getComputedStyle(document.body).backgroundColor);
          return (Math.max(text, paper) + .05) / (Math.min(text, paper) + .05);
        }"""
    )
    assert ratio >= 4.5


def test_instant_navigation_keeps_the_choice(visit):
    page = opened(visit)
    role_of(page).select_option("platform")
    asked = []
    page.on("request", lambda request: asked.append(request.resource_type))
    page.locator(".md-tabs__link", has_text="Chapters").click()
    page.wait_for_url(re.compile(r"/chapters/$"))
    page.locator("article a[href*='fine-tuning']").first.click()
    page.wait_for_url(re.compile(r"/chapters/fine-tuning/"))
    expect(role_of(page)).to_have_value("platform")
    depth = paths.reach(HANDBOOK.by_slug["fine-tuning"].record.depth, "platform")
    wanted = [s.id for s in HANDBOOK.by_slug["fine-tuning"].sections if s.depth and not paths.within(s.depth, depth)]
    comes_to_mark(page, wanted)
    assert "document" not in asked
    page.go_back()
    page.go_back()
    page.wait_for_url(re.compile(CHAPTER))
    expect(role_of(page)).to_have_value("platform")
    comes_to_mark(page, beyond("platform"))


def test_another_tab_follows(visit):
    page = opened(visit)
    other = page.context.new_page()
    other.goto(visit.address + CHAPTER)
    other.locator("sh-path select").first.wait_for()
    role_of(page).select_option("applied")
    expect(role_of(other)).to_have_value("applied")
    other.locator("div.beyond").first.wait_for()
    comes_to_mark(other, beyond("applied"))
    other.close()


def test_the_log_brings_back_a_lost_mirror(visit):
    """The store is the truth: the roadmap reads it, as after an import."""
    page = opened(visit)
    role_of(page).select_option("applied")
    page.get_by_text("Saved on this device").wait_for()
    page.evaluate("localStorage.clear()")
    page.goto(visit.address + "paths/")
    expect(role_of(page)).to_have_value("applied")


def test_without_javascript(visit):
    """The depths stand in words, nothing is hidden, and no control is promised."""
    page = visit(CHAPTER, java_script_enabled=False)
    words = page.locator("sh-path").inner_text()
    for role, depth in RECORD.depth.roles.items():
        assert f"{role} {depth}" in words
    assert page.locator("sh-path select").count() == 0
    assert page.locator("article h2 .depth").count() == len(DEEP)
    assert page.locator(".beyond").count() == 0
    page.goto(visit.address + "paths/research/")
    assert "Week 6" in page.locator("article").inner_text()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_map_that_fits_is_shown(visit, width):
    page = visit("paths/", width=width)
    shown = page.locator(".topic-map svg:visible")
    assert shown.count() == 1
    sizes = shown.evaluate("(svg) => [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect().height)")
    assert len(sizes) >= 22 and min(sizes) >= 13, "the labels are too small to read"
    link = shown.locator("a", has_text="Fine-tuning")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/chapters/fine-tuning/"))


@pytest.mark.parametrize("role", paths.ROLES)
def test_a_path_prints_in_full(visit, role):
    pdf = printed(visit(f"paths/{role}/"), format="A4")
    text = " ".join(page.extract_text() for page in pdf.pages)
    for week in HANDBOOK.roles[role].weeks:
        assert re.sub(r"\s", "", week.title) in re.sub(r"\s", "", text)
    assert "any company" in re.sub(r"\s+", " ", text)
    assert len(pdf.pages) <= 7


def test_every_page_of_the_paths_is_in_the_menu_once():
    menu = html.parse(str(SITE / "paths/index.html")).xpath('//nav[contains(@class, "md-nav--primary")]//a/@href')
    for file in sorted((SITE / "paths").glob("*/index.html")):
        assert menu.count(f"{file.parent.name}/") == 1, file
