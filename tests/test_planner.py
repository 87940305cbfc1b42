"""Planner and self-assessment in a browser: from the home page to a dated plan by keyboard, days that are missed, what a link
and a calendar file hold, scores before and after, and a quiz that corrects them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import axe
import pytest
from conftest import ROOT
from playwright.sync_api import expect

from hooks import assessment, plan
from hooks.building import Site
from hooks.model import load

PLANNER, ASSESSMENT = "paths/planner/", "practice/self-assessment/"
ALL = "async () => (await strongHireStore.open()).all()"
MONDAY = datetime.datetime(2026, 11, 23, 10)
LINK = "#role=platform&tier=frontier&hours=1,1,1,1,1,2,1&start=2026-11-23&interview=2026-12-14"
A_MINUTE = 60  # key presses, at one a second


def at(page, moment: datetime.datetime):
    page.clock.set_fixed_time(moment)
    return page


def opened(visit, path: str = PLANNER, day: datetime.datetime = MONDAY, **settings):
    page = at(visit.blank(**settings), day)
    page.goto(visit.address + path)
    return page


def made(visit, role: str = "platform", tier: str = "ai-native", interview: str = "2026-12-14", hours: str = "8", **settings):
    """A plan, made by the form."""
    page = opened(visit, **settings)
    ready(page)
    page.locator("#plan-role").select_option(role)
    page.locator("#plan-tier").select_option(tier)
    page.locator("#plan-interview").fill(interview)
    page.locator("#plan-week").fill(hours)
    page.locator(".plan-go").click()
    page.get_by_role("heading", name="Your plan").wait_for()
    expect(page.locator(".plan-foot .save-state")).to_have_text("Saved on this device")
    return page


def ready(page):
    """The widget has filled its dates."""
    expect(page.locator("#plan-interview")).not_to_have_value("")


def days(page) -> list[str]:
    return [re.match(r"\w+ \d+ \w+", text)[0] for text in page.locator(".plan-weeks th[scope=row]").all_inner_texts()]


def log(page, kind: str) -> list[dict]:
    return [entry for entry in page.evaluate(ALL) if entry["type"] == kind]


# ---- a plan ------------------------------------------------------------------------------------------


def test_a_new_reader_has_a_dated_plan_within_a_minute_of_keys(visit):
    """From the home page, by keyboard alone, with two choices."""
    page = at(visit.blank(), MONDAY)
    page.goto(visit.address)
    pressed = 0

    def press(key: str) -> None:
        nonlocal pressed
        pressed += 1
        page.keyboard.press(key)

    def tab_to(selector: str) -> None:
        for _ in range(A_MINUTE):
            press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached")

    tab_to(".home a.sh-button.first")
    press("Enter")
    page.wait_for_url("**/paths/planner/")
    ready(page)
    tab_to("#plan-role")
    press("a")  # Applied
    expect(page.locator("#plan-role")).to_have_value("applied")
    tab_to("#plan-tier")
    press("e")
    expect(page.locator("#plan-tier")).to_have_value("enterprise")
    tab_to(".plan-go")
    press("Enter")
    page.get_by_role("heading", name="Your plan").wait_for()
    expect(page.locator(".plan-weeks table").first).to_be_visible()
    assert days(page)[0] == "Mon 23 Nov" and len(days(page)) == 28
    assert pressed <= A_MINUTE, f"{pressed} keys"
    assert page.evaluate("document.activeElement.textContent") == "Your plan"


def test_the_first_button_of_the_home_page_makes_a_plan_and_all_is_on_one_screen(visit):
    page = visit("home")
    button = page.locator(".home a.sh-button").first
    assert button.inner_text() == "Make your plan"
    assert page.evaluate("document.querySelector('.home .chapters').getBoundingClientRect().top") > 0
    for part in (".promise", ".example", ".doors dl", ".depths dl"):
        box = page.locator(f".home {part}").bounding_box()
        assert box["y"] + box["height"] <= 800, part
    links = page.locator(".home .buttons a").all()
    assert len({round(link.bounding_box()["y"] + link.bounding_box()["height"] / 2) for link in links}) == 1, "the buttons stand in one row"


def test_who_comes_back_is_led_to_today(visit):
    page = made(visit)
    page.goto(visit.address)
    button = page.locator(".home a.sh-button.first")
    expect(button).to_have_text("Today’s plan")
    button.click()
    page.get_by_role("heading", name="Now: Monday").wait_for()
    at(page, MONDAY + datetime.timedelta(days=60))
    page.goto(visit.address)
    page.wait_for_load_state("networkidle")
    assert button.inner_text() == "Make your plan"  # the interview is over


def test_a_plan_of_two_years_is_told_shortly(visit):
    page = made(visit, interview="2028-11-20")
    assert "All of it fits by " in page.locator(".plan-out [role=status]").inner_text()
    free = page.locator(".plan-weeks .plan-free")
    assert re.fullmatch(r"Monday, \d+ \w+ 2027 to Sunday, \d+ \w+ 2028: nothing new\. Review what is due\.", free.inner_text())
    assert page.locator(".plan-weeks table").count() < 20
    assert days(page)[-1] == "Sun 19 Nov" or "19 Nov" in days(page)[-1]


@pytest.mark.parametrize(("typed", "kept"), [("7.3", 7.25), ("10", 10), ("0.1", 0), ("111", 111), ("111.9", 112)])
def test_hours_a_week_become_quarters_a_day(visit, typed, kept):
    page = made(visit, hours=typed)
    hours = [float(page.locator(f"[name=h{day}]").input_value()) for day in range(7)]
    assert sum(hours) == kept == float(page.locator("#plan-week").input_value()) and all(4 * each == int(4 * each) for each in hours)


def test_the_mock_leads_to_how_to_hold_one(visit):
    page = made(visit)
    page.locator(".plan-weeks a", has_text="Mock: three questions aloud").click()
    page.wait_for_url("**/interview/twenty-questions/#mock")
    page.locator("h2#mock").wait_for()


def test_a_plan_stays_after_a_reload_and_what_is_done_too(visit):
    page = made(visit)
    before = days(page)
    box = page.locator(".plan-now input").first
    name = box.get_attribute("aria-label")
    box.check()
    expect(page.locator(".plan-now .plan-done")).to_have_count(1)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name, "focus stays where it was"
    page.reload()
    page.get_by_role("heading", name="Your plan").wait_for()
    expect(page.locator(".plan-now .plan-done")).to_have_count(1)
    assert days(page) == before
    page.locator(".plan-now input").first.uncheck()
    expect(page.locator(".plan-now .plan-done")).to_have_count(0)
    assert [entry["type"] for entry in page.evaluate(ALL)] == ["plan", "setting", "setting", "done", "not-done"]


def test_chapters_mark_their_sections_by_the_plan(visit):
    page = made(visit, role="platform", tier="frontier")
    page.wait_for_function("localStorage['sh-role'] === 'platform' && localStorage['sh-tier'] === 'frontier'")
    page.goto(visit.address + "chapters/fine-tuning/")
    expect(page.locator("sh-path select").first).to_have_value("platform")
    expect(page.locator("sh-path select").last).to_have_value("frontier")


def test_after_missed_days_the_rest_is_planned_anew_and_what_is_done_stays(visit):
    page = made(visit)
    page.locator(".plan-now input").first.check()
    expect(page.locator(".plan-now .plan-done")).to_have_count(1)
    done = log(page, "done")[0]["item"]
    at(page, MONDAY + datetime.timedelta(4))
    page.reload()
    note = page.locator(".plan-note")
    expect(note).to_contain_text("Not done on the days before today")
    note.get_by_role("button", name="Plan the rest from today").click()
    expect(note).to_have_count(0)
    assert days(page)[0] == "Fri 27 Nov"
    items = [each.split(" ", 1)[1] for each in page.evaluate("[...document.querySelectorAll('.plan-weeks [data-item]')].map((e) => e.dataset.item)")]
    assert done not in items and len(items) == len(set(items))
    assert [entry["item"] for entry in log(page, "done")] == [done]


def test_the_table_shows_the_plan_that_the_engine_makes_of_the_log(visit):
    page = made(visit)
    shown = page.evaluate("[...document.querySelectorAll('.plan-weeks [data-item]')].map((e) => e.dataset.item.slice(4))")
    known = plan.data(load(ROOT))
    names = {f"question:{question['id']}" for chapter in known["chapters"] for question in chapter["questions"]}
    names |= {f"section:{chapter['slug']}#{section}" for chapter in known["chapters"] for section in ["objectives", *(each["id"] for each in chapter["sections"])]}
    names |= {extra["item"] for chapter in known["chapters"] for extra in chapter["extras"]}
    assert len(shown) > 30 and {item for item in shown if item.startswith(("question:", "section:"))} <= names


def test_every_link_of_a_plan_leads_to_a_page_and_an_anchor(visit):
    from conftest import SITE

    page = made(visit, role="research", tier="frontier", interview="2027-05-01", hours="40")
    for href in sorted(set(page.evaluate("[...document.querySelectorAll('.plan-weeks a')].map((a) => a.href)"))):
        path, _, fragment = href.removeprefix(visit.address).partition("#")
        file = SITE / path / "index.html"
        assert file.is_file(), href
        if fragment and "=" not in fragment:
            assert re.search(rf'id="?{re.escape(fragment)}["> ]', file.read_text(encoding="utf-8")), href


def test_a_mistake_is_named_and_focus_goes_there(visit):
    page = opened(visit)
    ready(page)
    good = {"role": "applied", "tier": "frontier", "interview": "2026-12-23", "start": "2026-11-23", "h2": "1"}
    for field, value, says in [
        ("role", "", "Choose a role"), ("tier", "", "Choose a kind"), ("interview", "", "Give a day"), ("interview", "2026-11-01", "from today on"),
        ("interview", "2029-11-01", "within two years"), ("start", "2026-12-24", "on or before the interview"), ("h2", "17", "from 0 to 16"), ("h2", "", "from 0 to 16"),
    ]:  # fmt: skip
        fill(page, good | {field: value})
        page.locator(".plan-go").click()
        expect(page.locator("#plan-wrong")).to_contain_text(says)
        assert page.evaluate("document.activeElement.name") == field
        assert page.locator(f"[name={field}]").get_attribute("aria-invalid") == "true"
        assert page.locator(f"[name={field}]").is_visible(), "a field in a fold is unfolded"
        page.locator(".plan-more").evaluate("(fold) => { fold.open = false; }")
    assert log(page, "plan") == []


def fill(page, values: dict[str, str]) -> None:
    """Sets fields, folded ones too, as a reader does."""
    page.locator(".plan-more").evaluate("(fold) => { fold.open = true; }")
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if name in ("role", "tier"):
            field.select_option(value)
        else:
            field.fill(value)
    page.locator(".plan-more").evaluate("(fold) => { fold.open = false; }")


def test_the_edges_are_said(visit):
    page = opened(visit)
    ready(page)
    for interview, hours, says in [
        ("2026-11-23", "8", "The interview is today"), ("2026-11-24", "8", "1 day of study"), ("2026-12-14", "0", "No weekday before the interview has hours"),
        ("2026-12-14", "1", "left out"), ("2027-06-11", "10", "200 days of study"),
    ]:  # fmt: skip
        fill(page, {"role": "applied", "tier": "frontier", "interview": interview, "week": hours})
        page.locator(".plan-go").click()
        expect(page.locator(".plan-out > [role=status]")).to_contain_text(says)


def test_an_interview_in_the_past_is_said_and_planned_no_further(visit):
    page = made(visit)
    at(page, MONDAY + datetime.timedelta(30))
    page.reload()
    expect(page.locator(".plan-out > [role=status]")).to_contain_text("The interview was on Monday")
    expect(page.locator(".plan-weeks")).to_have_count(0)


# ---- a link, a file, paper ---------------------------------------------------------------------------


def test_a_link_shows_a_plan_and_keeps_nothing_unasked(visit):
    page = opened(visit, PLANNER + LINK)
    page.get_by_role("heading", name="A shared plan").wait_for()
    assert page.locator(".plan-weeks input").count() == 0 and log(page, "plan") == []
    page.get_by_role("button", name="Keep this plan").click()
    page.get_by_role("heading", name="Your plan").wait_for()
    assert [entry["role"] for entry in log(page, "plan")] == ["platform"]


@pytest.mark.parametrize("broken", ["#role=nobody&tier=frontier&hours=1,1,1,1,1,1,1&start=2026-11-23&interview=2026-12-14", LINK.replace("1,1,1", "1,x,1"), LINK.replace("2026-12-14", "9999-12-14"), "#%", "#role=%22%5D"])
def test_a_link_with_nonsense_is_an_empty_form(visit, broken):
    page = opened(visit, PLANNER + broken)
    ready(page)
    expect(page.locator(".plan-empty")).to_be_visible()


def test_a_link_holds_no_scores_unless_they_are_ticked(visit):
    page = opened(visit, PLANNER + LINK + "&levels=fine-tuning.4,rag.2")
    page.get_by_role("button", name="Keep this plan").click()
    page.get_by_role("heading", name="Your plan").wait_for()
    assert log(page, "plan")[0]["levels"] == {"fine-tuning": 4, "rag": 2}
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_url(lambda url: "role=platform" in url)
    assert "levels" not in page.url
    page.locator("#plan-share").check()
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_url(re.compile(r"levels=fine-tuning\.4,rag\.2"))


@pytest.mark.parametrize("without", ["delete Navigator.prototype.clipboard", "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"], ids=["plain-http", "refused"])
def test_where_nothing_can_be_copied_the_link_stands_in_a_field(visit, without):
    page = opened(visit, PLANNER + LINK)
    page.get_by_role("heading", name="A shared plan").wait_for()
    page.evaluate(without)
    for _ in range(2):  # the second takes the first one's place
        page.get_by_role("button", name="Copy link").click()
        shown = page.get_by_role("textbox", name="Link to this plan")
        expect(shown).to_be_focused()
        expect(shown).to_have_value(page.url)
        assert "role=platform" in page.url
        assert page.evaluate("getSelection().toString()") == page.url
    expect(page.locator(".plan-told")).to_have_text("Copy it from here:")


def events(page) -> dict[str, str]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Calendar file").click()
    text = Path(waiting.value.path()).read_bytes().decode().replace("\r\n ", "")
    found = dict(re.findall(r"UID:(\S+)\r\n(?:(?!END:VEVENT).*\r\n)*?DTSTART;VALUE=DATE:(\d+)", text))
    assert len(found) == text.count("BEGIN:VEVENT")
    return found


def test_the_calendar_file_names_an_item_the_same_after_a_new_plan(visit):
    page = made(visit)
    before = events(page)
    assert before["interview@strong-hire"] == "20261214"
    at(page, MONDAY + datetime.timedelta(3))
    page.reload()
    page.get_by_role("button", name="Plan the rest from today").click()
    expect(page.locator(".plan-note")).to_have_count(0)
    after = events(page)
    whole = {uid for uid in after if "-part-" not in uid and uid.startswith(("section", "question", "sheet", "cards"))}
    assert len(whole & set(before)) > len(whole) / 2
    assert any(before[uid] != after[uid] for uid in whole & set(before)), "the same item, on another day"


def test_a_plan_prints_on_few_pages_without_the_form(visit, tmp_path):
    from pypdf import PdfReader

    page = made(visit)
    file = tmp_path / "plan.pdf"
    page.pdf(path=file, format="A4")
    pages = [sheet.extract_text() for sheet in PdfReader(file).pages]
    text = " ".join(pages)
    assert len(pages) <= 3
    assert "Week of Mon 23 Nov" in text and "the interview" in text
    assert "Make a new plan" not in text and "How it decides" not in text and "Calendar file" not in text


def test_without_a_script_the_table_stands(visit):
    page = visit(PLANNER, java_script_enabled=False)
    assert page.locator(".plan-still table").is_visible()
    assert not page.locator(".plan-form").is_visible()


# ---- self-assessment ---------------------------------------------------------------------------------


def score(page, level: int = 0, **levels: int) -> None:
    for subject in page.locator("[data-slug]").all():
        chosen = levels.get(subject.get_attribute("data-slug").replace("-", "_"), level)
        if chosen:
            subject.locator("input").nth(chosen - 1).check()


def ready_to_score(page):
    page.get_by_role("button", name="Save these scores").wait_for()
    return page


def save(page, count: int) -> None:
    page.get_by_role("button", name="Save these scores").click()
    expect(page.locator(".assess-past tbody tr")).to_have_count(count)


def scored(visit, **settings):
    return ready_to_score(opened(visit, ASSESSMENT, **settings))


def test_the_total_names_its_band(visit):
    page = scored(visit)
    for level, changed, total, band in [
        (2, {}, 22, "below 25"), (2, {"rag": 4}, 24, "below 25"), (2, {"rag": 5}, 25, "25 to 39"), (3, {"rag": 5, "agents": 5, "safety": 5}, 39, "25 to 39"),
        (4, {"rag": 1, "agents": 3}, 40, "40 and up"), (5, {}, 55, "40 and up"),
    ]:  # fmt: skip
        score(page, level, **changed)
        expect(page.locator(".assess-sum")).to_have_text(str(total))
        expect(page.locator(".assess-said")).to_contain_text(band)
        assert page.locator("[aria-current=true] th").inner_text() == band


def test_a_part_of_the_subjects_has_no_band(visit):
    page = scored(visit)
    score(page, rag=3, agents=2)
    expect(page.locator(".assess-said")).to_have_text(", with 2 of 11 subjects scored")
    assert page.locator("[aria-current=true] th").count() == 0


def test_before_and_after_make_a_history_in_words_and_picture(visit):
    page = scored(visit)
    score(page, 2)
    save(page, 1)
    at(page, MONDAY + datetime.timedelta(20))
    page.reload()
    ready_to_score(page)
    expect(page.locator("#level-rag-2")).to_be_checked()
    score(page, rag=4)
    page.locator("#when-after").check()
    save(page, 2)
    rows = [row.inner_text().split("\t") for row in page.locator(".assess-past tbody tr").all()]
    assert [row[1:3] for row in rows] == [["before", "22"], ["after", "24"]]
    assert rows[1][3] == "Retrieval-augmented generation 2 to 4"
    assert page.locator(".assess-past svg").get_attribute("aria-label").startswith("Total of the self-assessment, from 22 to 24 of 55")


def test_the_scores_go_into_the_plan(visit):
    page = scored(visit)
    score(page, transformer_internals=5, fine_tuning=1)
    save(page, 1)
    page.get_by_role("link", name="Plan with them").click()
    page.wait_for_url("**/paths/planner/")
    ready(page)
    page.locator("#plan-role").select_option("platform")
    page.locator("#plan-tier").select_option("frontier")
    page.locator(".plan-go").click()
    page.get_by_role("heading", name="Your plan").wait_for()
    assert log(page, "plan")[0]["levels"] == {"transformer-internals": 5, "fine-tuning": 1}
    items = page.evaluate("[...document.querySelectorAll('.plan-weeks [data-item]')].map((e) => e.dataset.item)")
    assert not any("section:transformer-internals" in item for item in items) and any("section:fine-tuning" in item for item in items)


def test_it_works_on_paper_and_without_a_script(visit, tmp_path):
    from pypdf import PdfReader

    page = visit(ASSESSMENT, java_script_enabled=False)
    assert page.locator("[data-slug]").count() == 11
    assert page.locator("[data-slug] input[type=radio]").count() == 55
    file = tmp_path / "assessment.pdf"
    page.pdf(path=file, format="A4")
    pages = [sheet.extract_text() for sheet in PdfReader(file).pages]
    assert len(pages) <= 4 and "of 55" in " ".join(pages) and "below 25" in " ".join(pages)


def quiz() -> dict[str, list]:
    return assessment.data(Site(load(ROOT)))["quiz"]


def answer(page, right: int) -> None:
    """Of the three questions asked, answers the first `right` ones rightly."""
    known = {question[0]: question for questions in quiz().values() for question in questions}
    sets = page.locator(".assess-quiz fieldset")
    expect(sets).to_have_count(3)
    for place, box in enumerate(sets.all()):
        options = known[box.get_attribute("data-id")][5]
        box.get_by_text(options[0] if place < right else options[1], exact=True).click()
    page.get_by_role("button", name="Check", exact=True).click()


@pytest.mark.parametrize(("claimed", "answers", "says", "level"), [
    (4, [1, 2], "You said 4; at level 4 you got 1 of 3: plan with 3", 3),
    (4, [0, 1, 3], "plan with 2", 2),
    (2, [3, 2, 1], "level 3 holds too: you were too strict. Plan with 3", 3),
    (3, [2, 0], "You said 3, and 3 it is", None),
    (5, [3], "You said 5, and 5 it is", None),
    (1, [0], "You said 1, and 1 it is", None),
])  # fmt: skip
def test_a_quiz_corrects_a_score_either_way(visit, claimed, answers, says, level):
    page = scored(visit)
    score(page, 2, fine_tuning=claimed)
    save(page, 1)
    page.get_by_role("button", name=f"Fine-tuning: you said {claimed}").click()
    for place, right in enumerate(answers):
        expect(page.locator(".assess-quiz form")).to_be_visible()
        answer(page, right)
        if place + 1 < len(answers):
            page.get_by_role("button", name=re.compile("Try level")).click()
    expect(page.locator(".assess-quiz [role=status]")).to_contain_text(says)
    asked = log(page, "quiz")
    assert len(asked) == 3 * len(answers) and sum(entry["right"] for entry in asked) == sum(answers)
    if level:
        page.get_by_role("button", name=f"Use {level}").click()
        expect(page.locator(f"#level-fine-tuning-{level}")).to_be_checked()
        assert log(page, "assessment")[-1] | {"id": 0, "at": 0, "day": 0} == {"type": "assessment", "when": "check", "levels": {"fine-tuning": level}, "id": 0, "at": 0, "day": 0}


# ---- all states --------------------------------------------------------------------------------------


def faults(page) -> dict:
    """What axe finds, seen from the top: elsewhere the page's header lies over what it is about to scroll away."""
    page.evaluate("scrollTo(0, 0)")
    return axe.faults(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light-1280", "dark-390"])
def test_axe_finds_nothing_in_any_state_of_the_planner(visit, width, dark):
    settings = {"width": width, "dark": dark, "bypass_csp": True}
    page = opened(visit, **settings)
    ready(page)
    assert faults(page) == {}
    page.locator(".plan-more summary").click()
    page.locator(".plan-go").click()
    expect(page.locator("#plan-wrong")).not_to_be_empty()
    assert faults(page) == {}
    page = made(visit, hours="4", **settings)
    page.locator(".plan-cuts summary").click()
    page.locator(".plan-now input").first.check()
    expect(page.locator(".plan-now .plan-done")).to_have_count(1)
    assert faults(page) == {}
    at(page, MONDAY + datetime.timedelta(4))
    page.reload()
    page.locator(".plan-note").wait_for()
    assert faults(page) == {}
    page = opened(visit, PLANNER + LINK, **settings)
    page.get_by_role("heading", name="A shared plan").wait_for()
    assert faults(page) == {}
    page = opened(visit, PLANNER + LINK, MONDAY + datetime.timedelta(21), **settings)
    expect(page.locator(".plan-out > [role=status]")).to_contain_text("is today")
    assert faults(page) == {}


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light-1280", "dark-390"])
def test_axe_finds_nothing_in_any_state_of_the_assessment(visit, width, dark):
    page = scored(visit, width=width, dark=dark, bypass_csp=True)
    score(page, 2)
    save(page, 1)
    score(page, 3)
    save(page, 2)
    page.locator(".assess-past svg").wait_for()
    assert faults(page) == {}
    page.get_by_role("button", name="Fine-tuning: you said 3").click()
    page.locator(".assess-quiz form").wait_for()
    assert faults(page) == {}
    answer(page, 1)
    page.locator(".assess-quiz [role=status] p").wait_for()
    assert faults(page) == {}


def test_both_survive_instant_navigation(visit):
    page = made(visit)
    page.evaluate("window.same = true")
    page.locator("article a", has_text="self-assessment").first.click()
    page.wait_for_url(f"**/{ASSESSMENT}")
    ready_to_score(page)
    page.locator("article a", has_text=re.compile("^planner$")).click()
    page.wait_for_url(f"**/{PLANNER}")
    page.get_by_role("heading", name="Your plan").wait_for()
    assert page.evaluate("window.same"), "no document was loaded"


def test_another_tab_shows_what_is_ticked_here(visit):
    page = made(visit)
    other = at(visit._page(page.context, 1280, 800), MONDAY)
    other.goto(visit.address + PLANNER)
    other.get_by_role("heading", name="Your plan").wait_for()
    page.locator(".plan-now input").first.check()
    expect(other.locator(".plan-now .plan-done")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(visit, width):
    page = made(visit, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
