"""The foot of a page: Copy as Markdown, and a report that carries what the reader has selected. And what all pages say of themselves."""

from __future__ import annotations

import re

import pytest
from conftest import SITE, TEMPLATES
from lxml import html as lxml_html
from playwright.sync_api import expect

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
WITH_FOOT = [kind for kind in TEMPLATES if kind != "notfound"]
REPORT = "https://github.com/someone/handbook/issues/new?template=wrong-answer.yml&page=here"


def foot(page):
    return page.locator(".mend")


def ready(page) -> None:
    """The foot's script is here: it comes when the foot is near."""
    foot(page).scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Copy as Markdown")).to_be_visible()


def twin(kind: str) -> str:
    return (SITE / TEMPLATES[kind] / "index.md").read_text(encoding="utf-8")


# ---- copy -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WITH_FOOT)
def test_every_page_has_the_button(visit, kind):
    page = visit(kind)
    ready(page)
    expect(page.locator(".mend .copy")).to_have_count(1)


def test_it_copies_by_keyboard_and_says_so(visit):
    page = visit("question", **CLIPBOARD)
    button = page.get_by_role("button", name="Copy as Markdown")
    ready(page)
    button.focus()
    page.keyboard.press("Enter")
    expect(foot(page).get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == twin("question")
    expect(button).to_be_focused()


def test_it_copies_the_page_that_one_has_gone_to(visit):
    """After instant navigation the foot is another's."""
    page = visit("question", **CLIPBOARD)
    ready(page)
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(foot(page).get_by_role("status")).to_have_text("Copied")
    page.locator(".related a", has_text="Chapter").first.click()
    page.wait_for_url(lambda url: "/questions/" not in url)
    page.locator("ul.objectives").wait_for()
    ready(page)
    expect(foot(page).get_by_role("status")).to_have_text("")
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(foot(page).get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f'url: "{page.url.partition("#")[0]}"' in copied


def test_a_twin_that_does_not_come_is_offered_as_a_link(visit):
    page = visit.blank()
    page.route("**/index.md", lambda route: route.fulfill(status=404, body="gone"))
    page.goto(visit.address + TEMPLATES["question"])
    ready(page)
    page.get_by_role("button", name="Copy as Markdown").click()
    status = foot(page).get_by_role("status")
    expect(status).to_have_text("Not copied: open it")
    expect(status.get_by_role("link")).to_have_attribute("href", "index.md")
    visit.faults = [fault for fault in visit.faults if "404" not in fault]


def test_it_is_not_shown_where_it_cannot_work(visit):
    page = visit("question", java_script_enabled=False)
    expect(page.locator(".mend .copy")).to_be_hidden()
    page = visit.blank()
    page.goto((SITE / TEMPLATES["question"] / "index.html").as_uri())
    foot(page).scroll_into_view_if_needed()
    page.locator("sh-mend:defined").wait_for()  # its script runs
    expect(page.locator(".mend .copy")).to_be_hidden()
    visit.faults = [fault for fault in visit.faults if not re.search("search|sitemap|Access to|ERR_FAILED|preload", fault)]


# ---- report -----------------------------------------------------------------------------------------------------------


def test_a_report_carries_the_selection(visit):
    page = visit("question")
    ready(page)
    link = page.locator(".mend a").first
    link.evaluate("(link, address) => { link.href = address; }", REPORT)
    page.evaluate("() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('h1')); getSelection().addRange(range); }")
    chosen = page.evaluate("String(getSelection())").strip()
    link.hover()
    expect(link).to_have_attribute("href", re.compile("says="))
    assert page.evaluate("new URL(document.querySelector('.mend a').href).searchParams.get('says')") == chosen
    assert page.evaluate("new URL(document.querySelector('.mend a').href).searchParams.get('page')") == "here"
    page.evaluate("getSelection().removeAllRanges()")
    page.locator("h1").hover()
    link.hover()
    expect(link).not_to_have_attribute("href", re.compile("says="))


# ---- the head of every page -------------------------------------------------------------------------------------------


def test_every_page_says_what_it_is_and_no_two_the_same():
    seen: dict[str, str] = {}
    for path in sorted(SITE.rglob("*.html")):
        if path.name == "404.html":
            continue
        document = lxml_html.document_fromstring(path.read_text(encoding="utf-8"))
        told = {element.get("property") or element.get("name"): element.get("content") for element in document.iter("meta")}
        words, name = told.get("description", ""), path.relative_to(SITE).as_posix()
        assert 30 <= len(words) <= 210, f"{name}: a description of {len(words)} characters"
        assert words not in seen, f"{name} and {seen[words]} say the same of themselves"
        seen[words] = name
        card = SITE / told["og:image"].partition("/assets/")[2].join(("assets/", ""))
        assert card.is_file() and card.stat().st_size <= 40 * 1024, name
    assert seen
