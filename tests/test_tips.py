"""Terms and citations explain themselves: by mouse, by keyboard, by finger, and as plain links without a script."""

from __future__ import annotations

import json
import re

import pytest
from axe import faults
from conftest import SITE, TEMPLATES
from playwright.sync_api import expect

TIP = "sh-tips:popover-open"


def entry(href: str) -> str:
    """The definition that the glossary page gives, as letters alone."""
    text = (SITE / "reference/glossary/index.html").read_text(encoding="utf-8")
    found = re.search(rf'<div id="{href.partition("#")[2]}">.*?<dd>(.*?)<span class="ways">', text, re.S)
    return letters(re.sub(r"<[^>]+>", "", found[1]))


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text.replace("&lt;", "").replace("&amp;", ""))


def term(page):
    """A term in view."""
    link = page.locator("a.term:visible").first
    link.evaluate("element => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
    return link


@pytest.mark.parametrize("width", [390, 1280])
def test_a_term_is_explained_under_the_pointer(visit, width):
    page = visit("chapter", width=width)
    link = term(page)
    link.hover()
    tip = page.locator(TIP)
    tip.wait_for()
    assert entry(link.get_attribute("href")) in letters(tip.inner_text())
    box, line = tip.bounding_box(), link.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0 and box["y"] + box["height"] <= 800
    assert min(abs(box["y"] - line["y"] - line["height"]), abs(line["y"] - box["y"] - box["height"])) < 40, "beside its link"
    expect(link).to_have_attribute("aria-describedby", "sh-tips")


def test_it_stays_under_the_pointer_and_goes_with_it(visit):
    page = visit("chapter")
    term(page).hover()
    tip = page.locator(TIP)
    tip.wait_for()
    page.clock.install()
    tip.hover()
    page.clock.run_for(1000)  # longer than its grace
    assert tip.count() == 1
    page.mouse.move(5, 400)
    page.clock.run_for(1000)
    tip.wait_for(state="detached")
    assert page.locator("[aria-describedby='sh-tips']").count() == 0


def test_escape_closes_it(visit):
    page = visit("chapter")
    term(page).hover()
    page.locator(TIP).wait_for()
    page.keyboard.press("Escape")
    page.locator(TIP).wait_for(state="detached")


def test_the_keyboard_shows_it(visit):
    page = visit("chapter")
    link = term(page)
    page.keyboard.press("Tab")  # so that focus counts as the keyboard's
    link.focus()
    page.locator(TIP).wait_for()
    assert page.locator("sh-tips").get_attribute("role") == "tooltip"
    link.blur()
    page.locator(TIP).wait_for(state="detached")


def test_a_citation_names_its_source(visit):
    page = visit("chapter")
    cited = page.locator("article a.cite:visible").first
    cited.evaluate("element => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
    assert cited.get_attribute("title") is None
    cited.hover()
    tip = page.locator(TIP)
    tip.wait_for()
    data = json.loads((SITE / "assets/widgets/tips-data.js").read_text(encoding="utf-8").partition("=")[2].rstrip(";\n"))
    assert tip.inner_text().strip() == data["cites"][cited.get_attribute("href")]


def test_a_finger_holds_to_see_and_taps_to_go(visit):
    page = visit("chapter", width=390, height=844, has_touch=True)
    link = term(page)
    page.wait_for_load_state("networkidle")
    box = link.bounding_box()
    point = {"x": box["x"] + min(box["width"], 60) / 2, "y": box["y"] + 8}
    touch = page.context.new_cdp_session(page)
    here = page.url
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.locator(TIP).wait_for()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(TIP)).to_be_visible()
    assert page.url == here, "letting go is no visit"
    page.touchscreen.tap(200, 20)
    page.locator(TIP).wait_for(state="detached")
    page.touchscreen.tap(point["x"], point["y"])
    page.wait_for_url(re.compile("/reference/glossary/#"))


def test_nothing_is_loaded_before_it_is_wanted(visit):
    page = visit.blank()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(visit.address + TEMPLATES["chapter"])
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/tips" in url] == []
    for number in (0, 1):
        link = page.locator("a.term:visible").nth(number)
        link.evaluate("element => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
        link.hover()
        page.locator(TIP).wait_for()
        page.keyboard.press("Escape")
        page.locator(TIP).wait_for(state="detached")
    assert sorted(url.rpartition("/")[2] for url in asked if "/tips" in url) == ["tips-data.js", "tips.js"]


def test_it_works_after_instant_navigation(visit):
    page = visit("chapter")
    term(page).hover()
    page.locator(TIP).wait_for()
    page.locator(".md-nav--primary a.md-nav__link", has_text="Practice").first.click()
    page.wait_for_url(re.compile("/practice/"))
    page.locator("article.question").first.wait_for(state="attached")
    expect(page.locator(TIP)).to_have_count(0)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    term(page).hover()
    page.locator(TIP).wait_for()


def test_without_a_script_a_term_is_a_link(visit):
    page = visit("chapter", java_script_enabled=False)
    link = page.locator("a.term").first
    name = link.get_attribute("href").partition("#")[2]
    link.click()
    page.wait_for_url(re.compile(f"/reference/glossary/#{name}$"))
    assert page.locator(f"[id='{name}'] dd").is_visible()


def test_from_a_folder(visit):
    page = visit.blank()
    page.goto((SITE / TEMPLATES["chapter"] / "index.html").as_uri())
    term(page).hover()
    page.locator(TIP).wait_for()
    visit.faults = [fault for fault in visit.faults if not re.search("search|sitemap|Access to|ERR_FAILED|preload", fault)]


def test_axe_finds_nothing_while_it_is_open(visit):
    page = visit("chapter", bypass_csp=True)
    term(page).hover()
    page.locator(TIP).wait_for()
    assert faults(page, "sh-tips") == {}


def test_the_glossary_prints_in_two_columns(visit):
    page = visit("reference/glossary/")
    page.emulate_media(media="print")
    assert page.locator(".glossary").evaluate("element => getComputedStyle(element).columnCount") == "2"
    assert page.locator(".glossary .ways:visible").count() == 0
