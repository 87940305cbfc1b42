"""Walks by keyboard alone: Tab goes in the order that is seen, each stop shows itself, nothing keeps the focus, Escape leads back."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import expect

LONGEST_WALK = 60
BEGIN = """scope => {
  window.walked = scope;
  const start = document.createElement("span");
  Object.assign(start, { tabIndex: -1, id: "walk-start" });
  start.style.cssText = "position:absolute;outline:0";
  scope.before(start);
  start.focus();
}"""
STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || !window.walked.contains(e)) return null;
  const label = e.labels?.[0];
  const shows = (x) => x && getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2;
  const box = (x) => x.getClientRects()[0] ?? x.getBoundingClientRect();
  // a tip stands beside its own link and goes with the focus; a table taller than the screen need not show its top
  const at = (x) => { const r = box(x); return [12, r.height / 2, r.height - 12].map((y) => document.elementFromPoint(r.x + r.width / 2, r.y + (r.height < 24 ? r.height / 2 : y))); };
  const seen = (x) => x && at(x).some((hit) => hit && (x.contains(hit) || hit.contains(x) || label?.contains(hit) || hit.closest("sh-tips")));
  const r = (e.matches(".md-option") ? e.nextElementSibling : label && e.matches("[type=radio], [type=checkbox]") ? label : e).getBoundingClientRect();
  return {
    what: e.outerHTML.slice(0, 100), shown: [e, label, e.closest("td, fieldset, label"), e.closest(".md-search__form"), e.nextElementSibling].some(shows), uncovered: !!(seen(e) || seen(label)),
    left: r.left + scrollX, right: r.right + scrollX, top: r.top + scrollY, bottom: r.bottom + scrollY,
  };
}"""
# what is walked: the page, the part of it, its width, and how many stops it has at least
WALKS = [
    ("home", ".md-header", 1280, 3),
    ("home", ".md-tabs", 1280, 5),
    ("home", "main", 390, 4),
    ("chapter", ".md-sidebar--primary", 1280, 5),
    ("chapter", "article", 1280, 40),
    ("chapter", "article", 390, 40),
    ("question", "article", 1280, 8),
    ("twenty-question", "article", 390, 8),
    ("practice", "article", 1280, 20),
    ("calculator", "sh-calculator", 1280, 6),
    ("calculator", "sh-calculator", 390, 6),
    ("drill", "sh-drill", 390, 4),
    ("hunt", "sh-hunt", 1280, 3),
    ("planner", "sh-planner", 1280, 5),
    ("planner", "sh-planner", 390, 5),
    ("assessment", "sh-assessment", 390, 10),
    ("review", "sh-review", 390, 3),
    ("progress", "article", 1280, 4),
    ("table", "article", 1280, 5),
    ("roadmap", "article", 390, 5),
    ("worksheet", "article", 1280, 1),
    ("sheet", "article", 1280, 2),
    ("glossary", "article", 390, 20),
    ("code", "article", 1280, 2),
]
WIDGETS = {"sh-calculator": ".calc-live", "sh-drill": ".drill-form", "sh-hunt": ".hunt-form", "sh-review": ".review-turn", "sh-assessment": ".save-state"}


def before(one: dict, other: dict) -> bool:
    """Whether `one` is read before `other`: above it, left of it in a line, or in a column left of it."""
    if one["right"] <= other["left"] + 2:
        return True
    return one["top"] <= other["top"] + 2 or one["bottom"] <= other["top"] + 8


@pytest.mark.parametrize(("kind", "part", "width", "least"), WALKS, ids=[f"{kind}-{part.strip('.')}-{width}" for kind, part, width, _ in WALKS])
def test_tab_goes_in_the_order_that_is_seen(visit, kind, part, width, least):
    page = visit(kind, width=width, height=844)
    page.wait_for_load_state("networkidle")
    scope = page.locator(part).first
    if part in WIDGETS:
        scope.locator(WIDGETS[part]).first.wait_for(state="attached")
    scope.evaluate(BEGIN)
    stops = []
    for _ in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        if (stop := page.evaluate(STOP)) is None:
            break
        stops.append(stop)
    assert len(stops) >= least, [stop["what"] for stop in stops]
    assert [stop["what"] for stop in stops if not stop["shown"]] == [], "no outline"
    assert [stop["what"] for stop in stops if not stop["uncovered"]] == [], "something lies over it"
    assert [(one["what"], two["what"]) for one, two in itertools.pairwise(stops) if not before(one, two)] == [], "out of order"
    if len(stops) < LONGEST_WALK:  # walked through: so does it lead back
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(STOP) is not None
    elif len(stops) > 1:
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(STOP)["what"] == stops[-2]["what"]


ON_TOP = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return document.activeElement.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


def walk_to(page, button) -> None:
    """Tab from the top of the page to this."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    expect(button).to_be_focused()


def test_the_menu_of_a_phone(visit):
    """A button that says whether it is open. Closed it is out of Tab's way; Enter opens it and leads into it, Escape closes it and leads back."""
    page = visit("chapter", width=390, height=844)
    button = page.get_by_role("button", name="Menu", exact=True, expanded=False)
    walk_to(page, button)
    menu = page.locator(".md-sidebar--primary")
    expect(menu).not_to_be_visible()
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        expect(menu.locator("a:focus")).to_have_count(1)
        assert page.evaluate(ON_TOP), "another level of the menu lies over it"
        expect(page.locator(".drawer-button")).to_have_attribute("aria-expanded", "true")
        for way in ("Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):  # the last out of what is on top, where a level lies below
            page.keyboard.press(way)
            if not menu.locator(":is(a, label, input):focus").count():
                break
            assert page.evaluate(ON_TOP), "another level of the menu lies over it"
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        expect(menu).not_to_be_visible()


def test_the_menu_s_button_by_touch_and_after_another_page(visit):
    """Its state follows the menu, whoever opens or closes it."""
    page = visit("chapter", width=390, height=844)
    button = page.locator(".drawer-button")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.locator(".md-overlay").click(position={"x": 380, "y": 600})
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    on_top = page.evaluate_handle("""() => [...document.querySelectorAll(".md-sidebar--primary a:not(.md-nav__link--active)")].find((link) => {
      const box = link.getBoundingClientRect();
      return box.width && link.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
    })""").as_element()
    start = page.url
    on_top.click()
    page.wait_for_url(lambda url: url != start)
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".md-header").get_by_role("button", name="Menu", exact=True)).to_have_count(1)


def test_a_laptop_has_neither_button(visit):
    page = visit("home", width=1280)
    expect(page.locator(".drawer-button, .search-button")).to_have_count(2)
    assert not any(button.is_visible() for button in page.locator(".drawer-button, .search-button").all())


def ask(page) -> None:
    """A query at one stroke: results of half a word would come and go, and the focus with them."""
    page.keyboard.insert_text("grouped-query")
    page.keyboard.press("Shift")
    page.locator(".md-search-result__item").first.wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_search_opens_and_closes(visit, width):
    page = visit("home", width=width, height=844)
    page.keyboard.press("/")
    box = page.locator(".md-search__input")
    expect(box).to_be_focused()
    ask(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".md-search-result__link:focus").first).to_be_in_viewport()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(page.locator("#__search")).not_to_be_checked()


@pytest.mark.parametrize("press", ["mouse", "Enter"])
def test_escape_gives_the_focus_back_to_the_button_that_opened_search(visit, press):
    page = visit("home", width=390, height=844)
    button = page.get_by_role("button", name="Search", exact=True, expanded=False)
    if press == "mouse":
        button.click()
    else:
        walk_to(page, button)
        page.keyboard.press(press)
    box = page.locator(".md-search__input")
    expect(box).to_be_focused()
    expect(page.locator("#__search")).to_be_checked()
    ask(page)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.locator("#__search")).not_to_be_checked()


def test_escape_gives_the_focus_back_to_a_link_when_search_was_opened_by_the_mouse(visit):
    page = visit("home", width=1280)
    link = page.locator("article a").first
    link.focus()
    box = page.locator(".md-search__input")
    for _ in range(2):
        box.click()
        expect(page.locator("#__search")).to_be_checked()
        page.keyboard.press("Escape")
        expect(link).to_be_focused()
        expect(page.locator("#__search")).not_to_be_checked()
    link.evaluate("e => e.blur()")
    box.click()  # and where nothing had it, to nothing: not to what had it before
    expect(page.locator("#__search")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("#__search")).not_to_be_checked()
    expect(page.locator(":focus")).to_have_count(0)


def test_steps_and_hints_open_by_enter_and_space(visit):
    page = visit("question")
    folds = page.locator("article details:has(> summary)")
    for index in range(min(folds.count(), 5)):
        fold = folds.nth(index)
        summary = fold.locator("> summary")
        if not summary.is_visible():
            continue
        summary.focus()
        page.keyboard.press("Enter")
        expect(fold).to_have_attribute("open", "")
        page.keyboard.press("Space")
        expect(fold).not_to_have_attribute("open", "")
        expect(summary).to_be_focused()


def test_a_tip_goes_by_escape_and_the_focus_stays(visit):
    page = visit("chapter")
    link = page.locator("a.term:visible").first
    page.keyboard.press("Tab")
    link.focus()
    page.locator("sh-tips:popover-open").wait_for()
    page.keyboard.press("Escape")
    page.locator("sh-tips:popover-open").wait_for(state="detached")
    expect(link).to_be_focused()


def test_a_box_is_ticked_by_space(visit):
    page = visit.blank()
    page.goto(visit.address + "chapters/fine-tuning/lab/")
    box = page.locator("sh-done input").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(page.locator("sh-done .save-state").first).to_have_text("Saved on this device")
    expect(box).to_be_focused()


def test_a_drill_is_answered_and_leads_to_the_next(visit):
    page = visit("drill")
    page.locator("#drill-answer").focus()
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    following = page.locator(".drill-next")
    following.wait_for()
    for _ in range(6):
        page.keyboard.press("Tab")
        if following.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#drill-answer")).to_be_focused()
    expect(following).to_have_count(0)


def test_a_hunt_is_answered(visit):
    page = visit("hunt")
    page.locator("#hunt-line").focus()
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("sh-hunt [type=radio]").nth(1)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("sh-hunt p[role=status]")).to_have_text(re.compile(r"\w"))


def test_a_score_is_chosen_by_arrows(visit):
    page = visit.blank()
    page.goto(visit.address + "practice/self-assessment/")
    page.locator("sh-assessment .save-state").first.wait_for(state="attached")
    first = page.locator("sh-assessment [type=radio]").first
    first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    second = page.locator("sh-assessment [type=radio]").nth(1)
    expect(second).to_be_checked()
    expect(second).to_be_focused()


def test_the_dialog_keeps_the_focus_and_gives_it_back(visit):
    page = visit.blank()
    page.goto(visit.address + "practice/progress/")
    page.locator("sh-progress .save-state").first.wait_for()
    page.evaluate("async () => (await strongHireStore.open()).append({ type: 'done', at: Date.now(), item: 'lab:fine-tuning', day: 20000 })")
    asks = page.locator("#delete ~ button")
    asks.wait_for()
    asks.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("#progress-word")).to_be_focused()
    stops = set()
    for _ in range(9):
        page.keyboard.press("Tab")
        inside, what = page.evaluate(
            "() => [!!document.activeElement.closest('dialog') || document.activeElement === document.body, document.activeElement.textContent]"
        )
        assert inside, "Tab left an open dialog"
        stops.add(what)
    assert {"Export first", "Cancel", "Delete for good"} <= stops
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#delete ~ button")).to_be_focused()
