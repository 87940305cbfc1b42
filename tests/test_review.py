"""The review page: a whole session by keyboard, undo, limits, two tabs, another day, checkpoints, calendar and deck; axe in every state."""

from __future__ import annotations

import datetime as dt
import json
import re

import icalendar
import pytest
from axe import faults
from conftest import ROOT, SITE, TEMPLATES
from playwright.sync_api import expect

from hooks import anki
from hooks.model import load

PAGE = "practice/review/"
CHAPTERS = [chapter for chapter in load(ROOT).chapters if chapter.cards]
FIRST = [card.id for card in CHAPTERS[0].cards]
LOG = "async (...types) => (await strongHireStore.open()).all(...types)"
ADD = "async (entries) => { const store = await strongHireStore.open(); for (const entry of entries) await store.append(entry); }"
FULL = "() => { window.add = IDBObjectStore.prototype.add; IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
DAY = 86_400_000


def log(page, kind: str = "review") -> list[dict]:
    return page.evaluate(LOG, kind)


def day_of(page) -> int:
    return page.evaluate("() => { const now = new Date(); return Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / 864e5; }")


def opened(visit, page, path: str = PAGE):
    page.goto(visit.address + path)
    return ready(page)


def ready(page):
    """A card or the empty table is there."""
    page.locator("sh-review :is(.review-turn, .review-empty, .review-grades button)").first.wait_for()
    page.locator("sh-review .save-state").wait_for()
    return page


def seed(visit, page, entries: list[dict]):
    """A page whose log holds `entries` before it is opened."""
    opened(visit, page)
    page.evaluate(ADD, entries)
    page.reload()
    return ready(page)


def review(page, card: str, rating: int, ago: int) -> dict:
    return {"type": "review", "at": 1_764_000_000_000, "card": card, "rating": rating, "day": day_of(page) - ago}


def focused(page) -> str:
    return page.evaluate("document.activeElement.className || document.activeElement.localName")


def answer(page, key: str) -> None:
    """Turn by Enter, grade by `key`, wait for what comes next; the focus must be where the next key is understood."""
    expect(page.locator(".review-turn")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".review-grades")).to_be_focused()
    before = page.locator(".review-progress").inner_text()
    front = page.locator(".review-front").inner_text()
    page.keyboard.press(key)
    page.wait_for_function("([before, front]) => document.querySelector('.review-progress').textContent !== before || document.querySelector('.review-front')?.innerText !== front", arg=[before, front])
    page.locator("sh-review :is(.review-turn, .review-empty)").wait_for()


# ---- a session --------------------------------------------------------------------------------------


def test_a_whole_session_by_keyboard_alone(visit):
    page = opened(visit, visit.blank())
    expect(page.locator(".review-hint")).to_contain_text("Your first card")
    for _ in range(40):
        page.keyboard.press("Tab")
        if "review-turn" in focused(page):
            break
    for place in range(1, 11):
        expect(page.locator(".review-progress")).to_have_text(f"{place} of 10 today")
        answer(page, "1234"[place % 4] if place % 4 else "3")
    # what failed comes once more, after all others
    failed = [entry["card"] for entry in log(page) if entry["rating"] == 1]
    assert failed == [] or page.locator(".review-turn").count()
    while page.locator(".review-turn").count():
        expect(page.locator(".review-meta")).to_contain_text("once more today")
        answer(page, "3")
    expect(page.locator(".review-empty")).to_be_focused()
    expect(page.locator(".review-empty")).to_contain_text("Done for today.")
    expect(page.locator(".review-progress")).to_have_text("10 of 10 today")
    assert list(dict.fromkeys(entry["card"] for entry in log(page))) == FIRST[:10]
    page.reload()
    ready(page)
    expect(page.locator(".review-empty")).to_contain_text("Done for today.")
    assert {entry["day"] for entry in log(page)} == {day_of(page)}


def test_a_failed_card_comes_again_at_the_end_of_the_day(visit):
    page = opened(visit, visit.blank())
    page.locator("#review-limit").fill("2")
    page.locator("#review-limit").press("Tab")
    expect(page.locator(".review-progress")).to_have_text("1 of 2 today")
    page.locator(".review-turn").focus()
    answer(page, "1")
    expect(page.locator(".review-progress")).to_have_text("1 of 2 today")
    answer(page, "3")
    expect(page.locator(".review-meta")).to_contain_text("once more today")
    answer(page, "3")
    assert [(entry["card"], entry["rating"]) for entry in log(page)] == [(FIRST[0], 1), (FIRST[1], 3), (FIRST[0], 3)]
    expect(page.locator(".review-empty")).to_be_visible()


def test_by_mouse_and_what_the_buttons_promise(visit):
    page = opened(visit, visit.blank())
    page.locator(".review-turn").click()
    expect(page.locator(".review-grades button")).to_have_text(["1 Again later today", "2 Hard 1 day", "3 Good 2 days", "4 Easy 8 days"])
    page.get_by_role("button", name="Easy 8 days").click()
    expect(page.locator(".review-progress")).to_have_text("2 of 10 today")
    page.evaluate("document.querySelector('.review-counts').scrollIntoView()")
    rows = page.locator(".review-counts tr").all_inner_texts()
    assert [row.split("\t")[1] for row in rows] == ["0"] * 8, "eight days ahead is beyond the table"


def test_the_answer_is_read_out_and_hidden_until_then(visit):
    page = opened(visit, visit.blank())
    status = page.locator(".review-back")
    assert status.get_attribute("role") == "status" and status.inner_text() == ""
    page.locator(".review-turn").focus()
    page.keyboard.press("Space")
    expect(status).not_to_be_empty()
    assert page.locator(".review-turn").count() == 0
    described = page.locator("#review-front")
    assert described.inner_text()


def test_keys_mean_nothing_outside_the_widget(visit):
    page = opened(visit, visit.blank())
    page.locator(".review-turn").click()
    page.locator("main a").last.focus()
    for key in ("3", "u", "1"):
        page.keyboard.press(key)
    page.locator("#review-limit").focus()
    page.keyboard.press("1")
    page.locator("#review-chapter").focus()
    page.keyboard.press("2")
    assert log(page) == []


# ---- undo -------------------------------------------------------------------------------------------


def test_undo_by_key_and_by_button(visit):
    page = opened(visit, visit.blank())
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    page.locator(".review-turn").focus()
    front = page.locator(".review-front").inner_text()
    answer(page, "4")
    answer(page, "3")
    page.keyboard.press("u")
    expect(page.locator(".review-progress")).to_have_text("2 of 10 today")
    expect(page.locator(".review-turn")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".review-front")).to_have_text(re.compile(re.escape(front[:20])))
    expect(page.locator("sh-review .review-told")).to_have_text("Taken back.")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    expect(page.locator(".review-turn")).to_be_focused()
    given = [entry["id"] for entry in log(page)]
    assert [entry["of"] for entry in log(page, "review-undo")] == given[::-1]
    page.reload()
    ready(page)
    expect(page.locator(".review-hint")).to_contain_text("Your first card")
    page.locator(".review-turn").focus()
    answer(page, "3")
    page.reload()
    ready(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".review-hint")).to_contain_text("Your first card")


def test_undo_brings_back_a_card_of_another_chapter(visit):
    page = opened(visit, visit.blank())
    page.locator(".review-turn").focus()
    front = page.locator(".review-front").inner_html()
    answer(page, "3")
    page.locator("#review-chapter").select_option(CHAPTERS[1].slug)
    expect(page.locator(".review-meta")).to_contain_text(CHAPTERS[1].record.title)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".review-meta")).to_contain_text(CHAPTERS[0].record.title)
    assert page.locator("#review-chapter").input_value() == ""
    assert page.locator(".review-front").inner_html() == front


# ---- what is asked ------------------------------------------------------------------------------------


def test_the_limit_is_kept_and_nonsense_is_named(visit):
    page = opened(visit, visit.blank())
    box = page.locator("#review-limit")
    for bad in ("", "-1", "2.5", "999"):
        box.fill(bad)
        box.press("Enter")
        box.dispatch_event("change")
        expect(page.locator("sh-review .review-told")).to_contain_text("a whole number from 0 to 200")
        assert box.get_attribute("aria-invalid") == "true"
    assert log(page, "setting") == []
    box.fill("3")
    box.press("Tab")
    expect(page.locator(".review-progress")).to_have_text("1 of 3 today")
    expect(page.locator("sh-review .review-told")).to_have_text("")
    page.reload()
    ready(page)
    assert box.input_value() == "3"
    expect(page.locator(".review-progress")).to_have_text("1 of 3 today")


def test_with_nothing_due_it_says_when_and_offers_more(visit):
    page = visit.blank()
    opened(visit, page)
    page.locator("#review-limit").fill("1")
    page.locator("#review-limit").press("Tab")
    expect(page.locator(".review-progress")).to_have_text("1 of 1 today")
    page.locator(".review-turn").focus()
    answer(page, "3")
    expect(page.locator(".review-empty")).to_have_text("Done for today. Next: 1 card in 2 days.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".review-progress")).to_have_text("2 of 11 today")
    expect(page.locator(".review-turn")).to_be_focused()
    page.locator("#review-limit").fill("0")
    page.locator("#review-limit").press("Tab")
    page.reload()
    ready(page)
    page.get_by_role("button", name="10 more new cards").click()
    expect(page.locator(".review-progress")).to_have_text("2 of 11 today")


def test_a_chapter_alone(visit):
    page = opened(visit, visit.blank())
    page.locator("#review-chapter").select_option(CHAPTERS[2].slug)
    expect(page.locator(".review-meta")).to_contain_text(CHAPTERS[2].record.title)
    page.locator(".review-turn").focus()
    answer(page, "3")
    assert [entry["card"] for entry in log(page)] == [CHAPTERS[2].cards[0].id]


def test_from_a_chapters_cards_to_its_review_and_on_by_instant_navigation(visit):
    page = visit.blank()
    page.goto(f"{visit.address}chapters/{CHAPTERS[1].slug}/cards/")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="review them by day").click()
    ready(page)
    assert page.locator("#review-chapter").input_value() == CHAPTERS[1].slug
    page.locator(".review-turn").focus()
    answer(page, "3")
    page.get_by_role("link", name="Napkin mathematics").first.click()
    page.locator("sh-drill form").first.wait_for()
    page.get_by_role("link", name="Review", exact=True).first.click()
    ready(page)
    assert page.evaluate("window.same"), "no document was loaded"
    expect(page.locator(".review-progress")).to_have_text("2 of 10 today")
    page.locator(".review-turn").focus()
    answer(page, "3")
    expect(page.locator(".review-progress")).to_have_text("3 of 10 today")
    assert len(log(page)) == 2, "one element listens, not two"


def test_due_cards_come_first_and_another_day_begins_by_itself(visit):
    page = visit.blank()
    page.clock.set_fixed_time(dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC))
    seed(visit, page, [review_at(20_520, FIRST[7], 3), review_at(20_521, FIRST[3], 2)])  # due 20_522 both; today is 20_522
    expect(page.locator(".review-progress")).to_have_text("1 of 12 today")
    expect(page.locator(".review-meta")).to_contain_text("seen 1 time")
    page.locator(".review-turn").focus()
    answer(page, "3")
    answer(page, "3")
    assert {entry["card"] for entry in log(page)[2:]} == {FIRST[7], FIRST[3]}
    expect(page.locator(".review-meta")).to_contain_text("new")
    page.clock.set_fixed_time(dt.datetime(2026, 3, 30, 12, tzinfo=dt.UTC))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".review-progress")).to_have_text("1 of 12 today")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def review_at(day: int, card: str, rating: int) -> dict:
    return {"type": "review", "at": day * DAY, "card": card, "rating": rating, "day": day}


def test_a_day_is_the_readers_own(visit):
    """Half past eleven in the evening in Los Angeles is tomorrow in London: it still counts for today."""
    page = visit.blank(timezone_id="America/Los_Angeles")
    page.clock.set_fixed_time(dt.datetime(2026, 3, 11, 6, 30, tzinfo=dt.UTC))
    opened(visit, page)
    page.locator(".review-turn").focus()
    answer(page, "3")
    assert log(page)[0]["day"] == (dt.date(2026, 3, 10) - dt.date(1970, 1, 1)).days


def test_renamed_and_lost_cards(visit):
    page = visit.blank()
    page.route("**/assets/cards/index.js", lambda route: route.fulfill(
        body=(SITE / "assets/cards/index.js").read_text(encoding="utf-8").replace('"aliases":{', f'"aliases":{{"an-old-name":"{FIRST[0]}",').replace(",}", "}"), content_type="text/javascript"))
    opened(visit, page)
    page.evaluate(ADD, [review(page, "an-old-name", 3, 5), review(page, "a-card-that-is-gone", 3, 5)])
    page.reload()
    ready(page)
    expect(page.locator(".review-meta")).to_contain_text("seen 1 time")
    expect(page.locator(".review-progress")).to_have_text("1 of 11 today")
    page.locator(".review-turn").focus()
    answer(page, "3")
    assert log(page)[-1]["card"] == FIRST[0]


def test_two_tabs_do_not_ask_the_same_card_twice(visit):
    one = opened(visit, visit.blank())
    two = opened(visit, visit._page(one.context, 1280, 800))
    one.locator(".review-turn").focus()
    two.locator(".review-turn").focus()
    two.keyboard.press("Enter")
    answer(one, "3")
    expect(two.locator("sh-review .review-told")).to_have_text("That card was graded in another tab.")
    expect(two.locator(".review-progress")).to_have_text("2 of 10 today")
    expect(two.locator(".review-turn")).to_be_focused()
    one.keyboard.press("Enter")
    answer(two, "2")
    expect(one.locator(".review-progress")).to_have_text("3 of 10 today")
    assert [entry["card"] for entry in log(one)] == FIRST[:2]
    # what was done elsewhere to another card does not disturb the one that is turned
    one.keyboard.press("Enter")
    expect(one.locator(".review-grades")).to_be_focused()
    two.evaluate(ADD, [review(two, FIRST[20], 3, 0)])
    expect(one.locator(".review-progress")).to_have_text("4 of 10 today")
    expect(one.locator(".review-grades")).to_be_focused()


# ---- when things are missing -----------------------------------------------------------------------------


def test_without_a_database_it_says_so_and_works(visit):
    page = visit.blank()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } });")
    opened(visit, page)
    expect(page.locator("sh-review .save-state")).to_contain_text("keeps nothing")
    page.locator(".review-turn").focus()
    answer(page, "3")
    expect(page.locator(".review-progress")).to_have_text("2 of 10 today")


def test_what_cannot_be_saved_is_said_and_counts_for_nothing(visit):
    page = opened(visit, visit.blank())
    page.evaluate(FULL)
    page.locator(".review-turn").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".review-grades")).to_be_focused()
    page.keyboard.press("3")
    expect(page.locator("sh-review .review-told")).to_contain_text("Not saved: the browser has no room left")
    expect(page.locator(".review-progress")).to_have_text("1 of 10 today")
    expect(page.locator(".review-grades button")).to_have_count(4)
    assert log(page) == []


def test_without_the_cards_the_links_stay(visit):
    page = visit.blank()
    page.route("**/assets/cards/*.js", lambda route: route.fulfill(status=200, body="", content_type="text/javascript"))
    page.goto(visit.address + PAGE)
    page.locator(".review-fault").wait_for()
    assert page.locator("sh-review .review-still a").count() == len(CHAPTERS)
    expect(page.locator("sh-review .review-still")).to_be_visible()


def test_a_chapter_that_does_not_load_is_named(visit):
    page = visit.blank()
    page.route(f"**/assets/cards/{CHAPTERS[0].slug}.js", lambda route: route.fulfill(status=200, body="", content_type="text/javascript"))
    page.goto(visit.address + PAGE)
    expect(page.locator("sh-review .review-told")).to_contain_text("could not be loaded")
    page.locator("#review-chapter").select_option(CHAPTERS[1].slug)
    ready(page)
    expect(page.locator(".review-meta")).to_contain_text(CHAPTERS[1].record.title)


def test_without_a_script_it_leads_to_the_cards_and_lists_the_checkpoints(visit):
    page = visit(PAGE, java_script_enabled=False)
    links = page.locator("sh-review a")
    assert [link.get_attribute("href") for link in links.all()] == [f"../../chapters/{chapter.slug}/cards/" for chapter in CHAPTERS]
    expect(links.first).to_be_visible()
    assert page.locator("sh-review-checkpoints [data-day]").count() == 5 * (len(CHAPTERS) + 1)
    page.locator("sh-review-checkpoints summary").last.click()
    expect(page.locator("sh-review-checkpoints [data-day]").last).to_be_visible()


# ---- what a card shows ------------------------------------------------------------------------------------


def shown(visit, card: str, chapter: str, width: int = 1280):
    """The card on the table, turned."""
    page = visit.blank(width)
    opened(visit, page)
    page.evaluate(ADD, [review(page, card, 3, 30)])
    page.goto(f"{visit.address}{PAGE}?#chapter={chapter}")
    ready(page)
    page.locator(".review-turn").click()
    return page


def test_formulas_citations_and_sums_are_those_of_the_page(visit):
    page = shown(visit, "decode-floor", "inference-and-serving")
    page.locator(".review-back .num").first.click()
    expect(page.locator(".review-back [popover]").first).to_be_visible()
    source = page.locator(".review-back .sum-src a").last
    assert source.get_attribute("href").startswith(f"{visit.address}code/sizing/")
    page = shown(visit, "kv-quantization-axes", "inference-and-serving")
    assert page.locator(".review-back a.cite").get_attribute("href").startswith("https://")
    page = shown(visit, "context-that-never-saturates", "inference-and-serving")
    assert page.locator(".review-back .katex").count() >= 2
    assert page.locator(".review-back .katex-html").first.evaluate("element => getComputedStyle(element.querySelector('.mathnormal')).fontFamily").startswith("KaTeX")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_card_stays_in_the_page(visit, width):
    page = visit.blank(width)
    long = "<p>" + "x" * 3000 + "</p><p>" + "A sentence of some words. " * 200 + '</p><table><tr>' + "<td>column</td>" * 40 + "</tr></table>"
    body = f"window.strongHireCards=window.strongHireCards||{{}};strongHireCards[{json.dumps(CHAPTERS[0].slug)}]={json.dumps([[card, 'Why? ' * 300, long] for card in FIRST])};"
    page.route(f"**/assets/cards/{CHAPTERS[0].slug}.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    opened(visit, page)
    page.locator(".review-turn").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Good").click()
    expect(page.locator(".review-progress")).to_have_text("2 of 10 today")


def test_a_card_brings_no_script(visit):
    page = visit.blank()
    bad = "<img src=x onerror='window.hit = 1'><script>window.hit = 1</script><a href='javascript:window.hit=1'>x</a>"
    body = f"window.strongHireCards=window.strongHireCards||{{}};strongHireCards[{json.dumps(CHAPTERS[0].slug)}]={json.dumps([[FIRST[0], bad, bad]])};"
    page.route(f"**/assets/cards/{CHAPTERS[0].slug}.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    page.route("**/x", lambda route: route.fulfill(status=404))
    opened(visit, page)
    page.locator(".review-turn").click()
    assert page.evaluate("window.hit") is None
    visit.faults.clear()  # the policy says on the console what it refused


# ---- accessibility ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light-1280", "dark-390"])
def test_axe_in_every_state(visit, width, dark):
    page = visit.blank(width, dark=dark, bypass_csp=True)
    found = {}

    def look(state: str) -> None:
        if wrong := faults(page):
            found[state] = wrong

    opened(visit, page)
    look("first card")
    page.locator(".review-turn").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".review-grades")).to_be_focused()
    look("turned")
    page.evaluate(FULL)
    page.keyboard.press("3")
    expect(page.locator("sh-review .review-told")).to_contain_text("Not saved")
    look("not saved")
    page.evaluate("() => { IDBObjectStore.prototype.add = window.add; }")
    page.locator("#review-limit").fill("-1")
    page.locator("#review-limit").press("Tab")
    look("bad limit")
    page.locator("#review-limit").fill("1")
    page.locator("#review-limit").press("Tab")
    expect(page.locator("sh-review .review-told")).to_have_text("")
    page.locator(".review-grades").focus()
    page.keyboard.press("3")
    page.locator(".review-empty").wait_for()
    look("empty")
    page.locator("#checkpoints-of").select_option(CHAPTERS[0].slug)
    page.locator(".checkpoints-list input").first.check()
    look("checkpoints")
    page.locator("#checkpoints-of").select_option("every")
    look("nothing begun")
    assert found == {}


# ---- checkpoints ------------------------------------------------------------------------------------


def test_checkpoints_get_dates_are_ticked_by_keyboard_and_kept(visit):
    page = visit.blank()
    page.clock.set_fixed_time(dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC))
    opened(visit, page)
    slug = CHAPTERS[1].slug
    page.locator("#checkpoints-of").select_option(slug)
    page.locator("#checkpoints-start").fill("2026-03-06")
    rows = page.locator(".checkpoints-list li")
    expect(rows.nth(1)).to_contain_text("Day 3 · Mon, 9 Mar 2026, 1 day ago")
    assert re.findall(r"Day (\d+) · \w+, (\d+ \w+) 2026", " ".join(rows.all_inner_texts())) == [("0", "6 Mar"), ("3", "9 Mar"), ("7", "13 Mar"), ("14", "20 Mar"), ("21", "27 Mar")]
    page.locator(".checkpoints-list input").first.focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"async () => (await ({LOG})('done')).length === 1")
    expect(page.locator(f"#check-{slug}-0")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_function(f"async () => (await ({LOG})('done')).length === 2")
    page.keyboard.press("Space")
    page.wait_for_function(f"async () => (await ({LOG})('not-done')).length === 1")
    assert [entry["item"] for entry in log(page, "done")] == [f"checkpoint:{slug}:0", f"checkpoint:{slug}:3"]
    assert [(entry["key"], entry["value"]) for entry in log(page, "setting")] == [(f"checkpoints-start:{slug}", 20_518)]
    page.goto(f"{visit.address}{PAGE}?#chapter={slug}")
    ready(page)
    expect(page.locator(f"#check-{slug}-0")).to_be_checked()
    expect(page.locator(f"#check-{slug}-3")).not_to_be_checked()
    assert page.locator("#checkpoints-start").input_value() == "2026-03-06"
    page.locator("#checkpoints-of").select_option("every")
    expect(rows).to_have_count(5)
    page.locator("#checkpoints-of").select_option("roadmap")
    page.locator("#checkpoints-start").fill("2026-03-07")
    page.locator("#checkpoints-of").select_option("every")
    expect(rows).to_have_count(10)
    days = [dt.datetime.strptime(day, "%d %b %Y") for day in re.findall(r"\d+ \w+ 2026", " ".join(rows.all_inner_texts()))]
    assert days == sorted(days)


def test_a_list_begun_by_a_tick_keeps_its_dates_tomorrow(visit):
    page = visit.blank()
    page.clock.set_fixed_time(dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC))
    opened(visit, page)
    page.locator("#check-roadmap-0").check()
    expect(page.locator("sh-review-checkpoints .save-state")).to_have_text("Saved on this device")
    page.clock.set_fixed_time(dt.datetime(2026, 3, 11, 12, tzinfo=dt.UTC))
    page.reload()
    ready(page)
    expect(page.locator(".checkpoints-list li").nth(1)).to_contain_text("Day 3 · Fri, 13 Mar 2026")
    assert page.locator("#checkpoints-start").input_value() == "2026-03-10"


def test_what_cannot_be_ticked_is_said_and_stays_unticked(visit):
    page = opened(visit, visit.blank())
    page.evaluate(FULL)
    page.locator("#check-roadmap-0").click()
    expect(page.locator("sh-review-checkpoints .review-told")).to_contain_text("Not saved: the browser has no room left")
    expect(page.locator("#check-roadmap-0")).not_to_be_checked()


def events(page) -> list:
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Calendar file").click()
    assert downloading.value.suggested_filename.endswith(".ics")
    return icalendar.Calendar.from_ical(downloading.value.path().read_bytes()).walk("VEVENT")


def test_the_calendar_file_moves_its_events_instead_of_doubling_them(visit):
    page = visit.blank()
    opened(visit, page)
    slug = CHAPTERS[0].slug
    page.locator("#checkpoints-of").select_option(slug)
    page.locator("#checkpoints-start").fill("2026-03-06")
    expect(page.locator(".checkpoints-list li").first).to_contain_text("6 Mar 2026")
    first = events(page)
    assert [event.decoded("DTSTART") for event in first] == [dt.date(2026, 3, 6) + dt.timedelta(days=days) for days in (0, 3, 7, 14, 21)]
    assert [str(event["SUMMARY"]) for event in first] == [f"{CHAPTERS[0].record.title}: Day {days}" for days in (0, 3, 7, 14, 21)]
    assert all(str(event["DESCRIPTION"]).strip() for event in first)
    page.locator("#checkpoints-start").fill("2026-04-01")
    expect(page.locator(".checkpoints-list li").first).to_contain_text("1 Apr 2026")
    then = events(page)
    assert [event["UID"] for event in then] == [event["UID"] for event in first] and len({event["UID"] for event in then}) == 5
    assert then[0].decoded("DTSTART") == dt.date(2026, 4, 1)
    assert all(new["SEQUENCE"] >= old["SEQUENCE"] for new, old in zip(then, first, strict=True))
    expect(page.locator("sh-review-checkpoints .review-told")).to_contain_text("5 events")


# ---- the deck -----------------------------------------------------------------------------------------


def test_the_sites_deck_holds_every_card(visit, tmp_path):
    pytest.importorskip("anki.collection")
    from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

    page = visit(PAGE)
    links = [link.get_attribute("href") for link in page.locator(".review-files a").all()]
    assert links == [f"{visit.address}anki/{name}" for name in (anki.PACKAGE, anki.TEXT)]
    collection = Collection(str(tmp_path / "collection.anki2"))
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(SITE / anki.FOLDER / anki.PACKAGE), options=ImportAnkiPackageOptions()))
    every = {card.id for chapter in CHAPTERS for card in chapter.cards}
    assert collection.card_count() == len(every)
    for chapter in CHAPTERS:
        assert len(collection.find_cards(f'deck:"{anki.NAME}::{chapter.record.title}"')) == len(chapter.cards)
    fields = collection.db.list("select flds from notes")
    assert not [text for text in fields if re.search(r"\$\$|<%|ʘ|<!--|popovertarget|class=|\x1f\x1f", text)]
    text = (SITE / anki.FOLDER / anki.TEXT).read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == len(every)
    collection.close()
    assert TEMPLATES["review"] == PAGE
