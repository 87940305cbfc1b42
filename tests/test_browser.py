"""The built site in a browser: by mouse, by keyboard, without a script, from a folder, on narrow screens."""

from __future__ import annotations

import itertools
import re

import pytest
from conftest import SITE, TEMPLATES, every_template
from playwright.sync_api import expect


def test_a_click_makes_no_document_request(visit):
    """Instant navigation: the next page is fetched and put in place, the document stays."""
    page = visit("home")
    asked = []
    page.on("request", lambda request: asked.append((request.resource_type, request.url)))
    page.locator(".md-tabs__link", has_text="Chapters").click()
    page.wait_for_url(re.compile("/chapters/"))
    page.locator(".md-tabs__item--active", has_text="Chapters").wait_for()
    assert [url for kind, url in asked if kind == "document"] == []


@every_template
def test_page_loads_cleanly(visit, kind):
    """No error on the console, nothing blocked by the policy, nothing asked of another origin (see `visit`); headings go down one at a time."""
    page = visit(kind)
    page.wait_for_load_state("networkidle")
    levels = page.evaluate("[...document.querySelectorAll('article :is(h1,h2,h3,h4,h5,h6)')].map((h) => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


# ---- computed numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 1280])
def test_number_shows_its_arithmetic(visit, width):
    page = visit("chapter", width=width)
    number = page.locator("button.num").first
    number.scroll_into_view_if_needed()
    number.click()
    sums = page.locator("[popover]:popover-open")
    assert sums.count() == 1
    box = sums.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width, "the sum is cut off"
    near = number.bounding_box()
    assert min(abs(box["y"] - near["y"] - near["height"]), abs(near["y"] - box["y"] - box["height"])) < 30
    page.keyboard.press("Escape")
    assert sums.count() == 0


def test_number_by_keyboard(visit):
    page = visit("question")
    page.locator("details.step-solution > summary").focus()
    page.keyboard.press("Enter")
    number = page.locator("details.step-solution button.num").first
    number.focus()
    page.keyboard.press("Enter")
    assert page.locator("[popover]:popover-open").count() == 1
    page.keyboard.press("Escape")
    assert number.evaluate("element => element === document.activeElement")


# ---- rubric ------------------------------------------------------------------------------------------------


def choose(page, grades):
    for row, grade in enumerate(grades):
        page.locator("sh-rubric tbody tr").nth(row).locator(f"td.{grade} label").click()


def test_rubric_by_mouse(visit):
    page = visit("question")
    summary = page.locator(".rubric-sum")
    summary.wait_for()
    rows = page.locator("sh-rubric tbody tr").count()
    choose(page, ["strong"] * (rows - 1))
    assert f"{rows - 1} of {rows} graded" in summary.inner_text()
    choose(page, ["strong"] * (rows - 1) + ["lean"])
    criterion = page.locator("sh-rubric tbody tr").last.locator("th").inner_text()
    text = summary.inner_text()
    assert text.startswith(f"{rows - 1} of {rows} at strong hire.") and f"Your gap is {criterion}:" in text
    choose(page, ["strong"] * rows)
    assert f"{rows} of {rows} at strong hire." in summary.inner_text()
    summary.get_by_role("button", name="Clear").click()
    assert page.locator("sh-rubric input:checked").count() == 0


def test_the_worst_row_is_the_gap(visit):
    page = visit("question")
    page.locator(".rubric-sum").wait_for()
    rows = page.locator("sh-rubric tbody tr").count()
    choose(page, ["lean", "no"] + ["strong"] * (rows - 2))
    worst = page.locator("sh-rubric tbody tr").nth(1).locator("th").inner_text()
    assert f"Your gap is {worst}" in page.locator(".rubric-sum").inner_text()


def test_rubric_by_keyboard(visit):
    page = visit("question")
    page.locator(".rubric-sum").wait_for()
    page.locator("sh-rubric input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.locator("sh-rubric tbody tr").first.locator("input:checked").get_attribute("value") == "lean"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == page.locator("sh-rubric tbody tr").nth(1).locator("input").first.get_attribute("name")
    assert "1 of" in page.locator(".rubric-sum").inner_text()


def test_widget_wakes_after_instant_navigation(visit):
    page = visit("chapter")
    documents = []
    page.on("request", lambda request: documents.append(request.url) if request.resource_type == "document" else None)
    page.locator(".md-nav--primary a.md-nav__link", has_text="Practice").first.click()
    page.wait_for_url(re.compile("/practice/"))
    page.locator(".rubric-sum").first.wait_for(state="attached")
    assert documents == []
    assert page.locator(".rubric-sum").count() == page.locator("sh-rubric").count()


def test_rubrics_of_a_page_do_not_share_choices(visit):
    page = visit("practice")
    page.locator(".rubric-sum").first.wait_for(state="attached")
    page.locator("sh-rubric").nth(0).locator("tbody td.strong label").first.click()
    page.locator("sh-rubric").nth(1).locator("tbody td.no label").first.click()
    assert page.locator("sh-rubric input:checked").count() == 2


# ---- without a script, from a folder ------------------------------------------------------------------------------


def test_without_javascript_nothing_is_lost(visit):
    page = visit("question", java_script_enabled=False)
    fold = page.locator("details.step-solution")
    fold.locator("summary").click()
    assert fold.locator("section").is_visible()
    page.locator("sh-rubric td.strong label").first.click()
    assert page.locator("sh-rubric input:checked").count() == 1
    number = fold.locator("button.num").first
    number.click()
    assert page.locator("[popover]:popover-open").count() == 1, "the popover needs no script"
    page.goto(visit.address + TEMPLATES["chapter"])
    assert page.locator(".md-nav--primary a").count() > 3 and page.locator(".katex-html").first.is_visible()


def test_from_a_folder(visit):
    """Opened as a file: styles, fonts and widgets come along, the policy in force."""
    page = visit.blank()
    page.goto((SITE / TEMPLATES["question"] / "index.html").as_uri())
    page.locator(".rubric-sum").wait_for()
    page.evaluate("document.fonts.ready.then(() => 0)")
    assert page.evaluate("document.fonts.check('18px \"SH Text\"')")
    assert page.locator("h1").evaluate("element => getComputedStyle(element).fontFamily").startswith('"SH Text"')
    # a folder's files cannot be fetched by script, so the theme's search index fails there; nothing else may
    visit.faults = [fault for fault in visit.faults if not re.search("search|sitemap|Access to|ERR_FAILED|preload", fault)]


# ---- the small things ---------------------------------------------------------------------------------------------


def test_copy_takes_the_listing(visit):
    page = visit("chapter", permissions=["clipboard-read", "clipboard-write"])
    listing = page.locator(".listing").first
    listing.scroll_into_view_if_needed()
    button = listing.locator(".md-code__button[data-md-type=copy]")
    button.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == listing.locator("pre code").inner_text().strip()
    box, bar = button.bounding_box(), listing.locator(".listing-bar").bounding_box()
    assert bar["y"] <= box["y"] and box["y"] + box["height"] <= bar["y"] + bar["height"], "the button belongs in the bar"


def test_open_test_leads_to_the_test(visit):
    page = visit("chapter")
    link = page.locator(".listing-test").first
    link.click()
    page.wait_for_url(re.compile("/code/.*#"))
    target = page.url.partition("#")[2]
    expect(page.locator(f"[id='{target}']")).to_have_count(1)


def test_scheme_is_kept(visit):
    page = visit.blank()
    page.goto(visit.address + TEMPLATES["chapter"])
    page.locator("label[for^=__palette]:visible").click()
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    page.reload()
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"


def test_keyboard_reaches_what_scrolls_sideways(visit):
    page = visit("chapter", width=390)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(200)
    stuck = page.evaluate(
        """() => [...document.querySelectorAll(".md-typeset__scrollwrap, .formula, pre > code")]
        .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).map((e) => e.textContent.slice(0, 60))"""
    )
    assert stuck == []


def test_drawer_and_search_on_a_phone(visit):
    page = visit("chapter", width=390, height=844)
    page.locator(".drawer-button").click()
    drawer = page.locator(".md-sidebar--primary")
    drawer.get_by_role("link", name="Practice").first.wait_for()
    assert drawer.bounding_box()["x"] >= 0
    page.locator(".md-overlay").click(position={"x": 380, "y": 400})
    page.locator(".search-button").click()
    page.locator(".md-search__input").press_sequentially("grouped-query")
    page.locator(".md-search-result__item").first.wait_for()


PROBE = """() => {
  const groups = new Map();
  const walk = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (element.closest("math, script, style, title, desc")) continue;
    const style = getComputedStyle(element);
    const key = [style.fontFamily, style.fontWeight, style.fontStyle].join("|");
    const seen = groups.get(key) ?? groups.set(key, new Set()).get(key);
    for (const character of walk.currentNode.data) if (character.trim() && !/\\p{So}/u.test(character)) seen.add(character);
  }
  for (const [key, characters] of groups) {
    const [family, weight, style] = key.split("|");
    const probe = document.createElement("div");
    probe.className = "probe";
    probe.textContent = [...characters].join("");
    Object.assign(probe.style, {fontFamily: family, fontWeight: weight, fontStyle: style});
    document.body.append(probe);
  }
  return document.fonts.ready.then(() => groups.size);
}"""


@every_template
def test_every_character_is_drawn_by_our_fonts(visit, kind):
    """A reader's machine may lack any font: no text falls back to one of the system's, pictures (␣) aside."""
    page = visit(kind)
    assert page.evaluate(PROBE)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    foreign = []
    for probe in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": ".probe"})["nodeIds"]:
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": probe})["fonts"]
        foreign += [(font["familyName"], font["glyphCount"]) for font in fonts if not font["isCustomFont"]]
    assert foreign == []


def test_forced_colours_show_the_choice(visit):
    page = visit("question", forced_colors="active")
    page.locator(".rubric-sum").wait_for()
    cell = page.locator("sh-rubric td.strong").first
    cell.locator("label").click()
    page.mouse.move(0, 0)
    cell.locator("input").evaluate("element => element.blur()")
    assert cell.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_nothing_moves_when_motion_is_unwanted(visit):
    page = visit("chapter")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((e) => {
          const s = getComputedStyle(e);
          return s.transitionDuration.split(", ").some((d) => parseFloat(d) > 0) || s.animationName !== "none";
        }).map((e) => e.className || e.tagName)"""
    )
    assert moving == []


def test_loader_is_small():
    assert (SITE / "assets/widgets/loader.js").stat().st_size <= 1088
