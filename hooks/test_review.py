"""The review page's arithmetic: the schedule against the Python package fsrs, the queue against its rules, the calendar file.

All of it is the widgets' own TypeScript, bundled once and run by the pinned Node on everything asked.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import icalendar
import pytest
from fsrs import Card, Rating, Scheduler

from hooks import cards, in_node
from hooks import review as page_parts
from hooks.assets import node
from hooks.model import load

ROOT = Path(__file__).parents[1]
POINTS = 20_000
GAPS = (0, 0, 0, 1, 1, 2, 3, 4, 7, 14, 21, 90, 365, 3650, 36500)
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4


@cache
def modules() -> Path:
    """The widgets' modules as one script for Node: `S`, `R` and `C`."""
    sources = {"S": "review/schedule", "R": "review/queue", "C": "ics"}
    return in_node.bundled(Path(tempfile.mkdtemp()), "".join(f"export * as {name} from '{in_node.WIDGETS}/{path}';" for name, path in sources.items()), "cjs")


def run(folder: Path, code: str) -> object:
    """What `code` gives as `answer`, run by Node."""
    (folder / "run.cjs").write_text(f"const {{ S, R, C }} = require({json.dumps(str(modules()))}); let answer; {code}; console.log(JSON.stringify(answer));", encoding="utf-8")
    return json.loads(subprocess.run([node(), str(folder / "run.cjs")], cwd=ROOT, check=True, capture_output=True, text=True).stdout)


# ---- the schedule -----------------------------------------------------------------------------------


def histories() -> list[list[list[int]]]:
    """Cards as [rating, days since the last review]: the corners (one rating for ever, at every gap), then chance."""
    found = [[[rating, gap] for _ in range(30)] for rating in (AGAIN, HARD, GOOD, EASY) for gap in sorted(set(GAPS))]
    chance = random.Random(6)
    while sum(map(len, found)) < POINTS:
        found.append([[chance.choice((1, 2, 3, 3, 3, 4)), chance.choice((*GAPS, chance.randrange(400)))] for _ in range(chance.randint(1, 25))])
    return found


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory) -> list[list[dict]]:
    """Each history by the widget: after each review the memory, its interval, and how likely it was known before."""
    code = f"""const histories = {json.dumps(histories())};
      answer = histories.map((history) => {{ let memory, day = 20000; return history.map(([rating, gap]) => {{
        day += gap; const known = memory ? S.retrievability(memory, day) : null; memory = S.graded(memory, rating, day);
        return {{ ...memory, known, interval: S.interval(memory.stability) }}; }}); }});"""
    return run(tmp_path_factory.mktemp("schedule"), code)


class Oracle:
    """The core of the Python package: its formulas for state, recall and interval, without its steps and clock.

    `_initial_stability`, `_initial_difficulty`, `_short_term_stability` (on the same day), `_next_stability` (later),
    `_next_difficulty` and `_next_interval` are called as they are; recall is `get_card_retrievability`'s one line.
    """

    def __init__(self, decimals: int | None) -> None:
        self.core, self.decimals = Scheduler(enable_fuzzing=False), decimals
        self.core._FACTOR = self.rounded(self.core._FACTOR)

    def rounded(self, value: float) -> float:
        return value if self.decimals is None else round(value, self.decimals)

    def known(self, stability: float, gap: int) -> float:
        return self.rounded((1 + self.core._FACTOR * gap / stability) ** self.core._DECAY)

    def after(self, before: tuple[float, float] | None, rating: int, gap: int) -> tuple[float, float]:
        core, mark = self.core, Rating(rating)
        if before is None:
            return core._initial_stability(rating=mark), core._initial_difficulty(rating=mark, clamp=True)
        stability, difficulty = before
        next_difficulty = core._next_difficulty(difficulty=difficulty, rating=mark)
        if gap == 0:
            return core._short_term_stability(stability=stability, rating=mark), next_difficulty
        return core._next_stability(difficulty=difficulty, stability=stability, retrievability=self.known(stability, gap), rating=mark), next_difficulty

    def interval(self, stability: float) -> int:
        return self.core._next_interval(stability=stability)


CEILING = 36_500  # days: ts-fsrs lets no stability grow further


def test_each_step_is_the_python_packages_to_the_last_decimal_kept(reviewed):
    """ts-fsrs rounds to eight decimals: the curve's factor, recall, the damped change, the result. From the same state the
    two agree to 1e-9 of the value, or to that last decimal where it is coarser."""
    oracle, points = Oracle(decimals=8), 0
    for history, got in zip(histories(), reviewed, strict=True):
        before = None
        for (rating, gap), memory in zip(history, got, strict=True):
            stability, difficulty = oracle.after(before, rating, gap)
            assert memory["stability"] == pytest.approx(min(stability, CEILING), rel=1e-9, abs=1.01e-8), (history, before)
            assert memory["difficulty"] == pytest.approx(difficulty, rel=1e-9, abs=1.01e-8), (history, before)
            if before is not None:
                assert memory["known"] == pytest.approx(oracle.known(before[0], gap), rel=0, abs=1e-9)
            before, points = (memory["stability"], memory["difficulty"]), points + 1
    assert points >= POINTS


def test_whole_histories_end_where_the_python_packages_do(reviewed):
    """Without any rounding on the Python side, whole histories end within a millionth and every interval is equal."""
    oracle = Oracle(decimals=None)
    for history, got in zip(histories(), reviewed, strict=True):
        state = None
        for (rating, gap), memory in zip(history, got, strict=True):
            stability, difficulty = oracle.after(state, rating, gap)
            state = (min(stability, CEILING), difficulty)
            assert memory["stability"] == pytest.approx(state[0], rel=2e-6, abs=1e-7), history
            assert memory["difficulty"] == pytest.approx(difficulty, rel=1e-7), history
            assert memory["interval"] == oracle.interval(state[0]), history


def test_the_python_packages_own_scheduler_gives_the_same_days():
    """The oracle's six functions are what `Scheduler.review_card` computes with: without learning steps it schedules as they do."""
    scheduler, oracle, card, state = Scheduler(enable_fuzzing=False, learning_steps=(), relearning_steps=()), Oracle(None), Card(), None
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for rating, gap in [(3, 0), (3, 2), (1, 11), (2, 0), (3, 1), (4, 3), (1, 40), (3, 5), (3, 0), (4, 9)]:
        now += dt.timedelta(days=gap)
        card, _ = scheduler.review_card(card, Rating(rating), now)
        state = oracle.after(state, rating, gap)
        assert (card.stability, card.difficulty) == pytest.approx(state, rel=1e-12)
        assert (card.due - now).days == oracle.interval(state[0])


def test_the_days_between(reviewed):
    for history, got in zip(histories(), reviewed, strict=True):
        for (rating, _), memory in zip(history, got, strict=True):
            assert isinstance(memory["interval"], int) and 1 <= memory["interval"] <= 36_500
            assert memory["due"] == memory["day"] + (0 if rating == AGAIN else memory["interval"])
            assert 1 <= memory["difficulty"] <= 10 and memory["stability"] >= 0.001


def test_forgetting_never_strengthens_and_a_better_grade_never_weakens(tmp_path):
    states = [[stability, difficulty, gap] for stability in (0.001, 0.01, 0.1, 0.5, 1, 3, 10, 50, 200, 1000, 36_500) for difficulty in (1, 1.5, 3, 5, 7, 9, 10) for gap in sorted(set(GAPS))]
    answer = run(tmp_path, f"""answer = {json.dumps(states)}.map(([stability, difficulty, gap]) =>
        [1, 2, 3, 4].map((rating) => S.graded({{ stability, difficulty, day: 100, due: 100 }}, rating, 100 + gap)));""")
    for (stability, difficulty, gap), four in zip(states, answer, strict=True):
        strengths, hardness = [memory["stability"] for memory in four], [memory["difficulty"] for memory in four]
        assert strengths[0] <= stability, (stability, difficulty, gap)
        assert strengths[1] >= stability * (1 - 1e-12)
        assert strengths == sorted(strengths) and hardness == sorted(hardness, reverse=True)
        assert [memory["due"] for memory in four] == sorted(memory["due"] for memory in four)
    first = run(tmp_path, "answer = [1, 2, 3, 4].map((rating) => S.graded(undefined, rating, 5));")
    assert [memory["stability"] for memory in first] == sorted(memory["stability"] for memory in first)
    assert [memory["due"] - 5 for memory in first] == [0, 1, 2, 8]


def test_recall_is_nine_in_ten_on_the_day_it_is_due_and_falls(tmp_path):
    answer = run(tmp_path, "answer = [5, 37, 800].map((stability) => [0, stability, 2 * stability].map((day) => S.retrievability({ stability, difficulty: 5, day: 0, due: 0 }, day)));")
    for fresh, due, late in answer:
        assert fresh == 1 and due == pytest.approx(0.9, abs=1e-6) and late < due


def test_a_clock_set_back_makes_no_negative_gap(tmp_path):
    before, after = run(tmp_path, "const first = S.graded(undefined, 3, 100); answer = [first, S.graded(first, 3, 90)];")
    assert after["day"] == 100 and after["stability"] >= before["stability"]


# ---- the queue --------------------------------------------------------------------------------------

DECK = {"chapters": [{"slug": "one", "title": "One", "cards": ["a", "b", "c"]}, {"slug": "two", "title": "Two", "cards": ["d", "e", "f"]}],
        "aliases": {"old-a": "older-a", "older-a": "a", "x": "gone", "loop": "pool", "pool": "loop"}}  # fmt: skip


def review(number: int, card: str, rating: int, day: int, **other) -> dict:
    return {"type": "review", "id": f"id-{number:04}", "at": 1_764_000_000_000 + number, "card": card, "rating": rating, "day": day} | other


def undo(number: int, of: int) -> dict:
    return {"type": "review-undo", "id": f"id-{number:04}", "at": 1_764_000_000_000 + number, "of": f"id-{of:04}"}


def asked(folder: Path, entries: list[dict], day: int, limit: int = 10, chapter: str = "") -> dict:
    code = f"""const state = R.replay({json.dumps(entries)}, {json.dumps(DECK)});
      answer = {{ ...R.plan(state, {json.dumps(DECK)}, {day}, {limit}, {json.dumps(chapter)}), cards: Object.fromEntries(state.cards), last: state.last?.id ?? null, now: state.last?.now ?? null,
                  ahead: R.ahead(state, {json.dumps(DECK)}, {day}, 8, {json.dumps(chapter)}) }};"""
    return run(folder, code)


def test_due_cards_come_first_then_new_ones_then_those_that_failed_today(tmp_path):
    entries = [review(1, "c", GOOD, 100), review(2, "e", HARD, 100), review(3, "a", AGAIN, 103), review(4, "d", AGAIN, 103)]
    found = asked(tmp_path, entries, 103, limit=4)
    assert found["cards"]["e"]["due"] == 101 and found["cards"]["c"]["due"] == 102
    assert found["queue"] == ["e", "c", "b", "f", "a", "d"]
    assert found["done"] == 0 and found["fresh"] == 0 and found["begun"] == 2
    again = [*entries, review(5, "e", AGAIN, 103), review(6, "a", AGAIN, 103)]
    assert asked(tmp_path, again, 103, limit=2)["queue"] == ["c", "d", "e", "a"], "in the order in which they failed"


def test_new_cards_keep_to_the_limit_of_a_day_whatever_the_chapter(tmp_path):
    entries = [review(1, "a", GOOD, 100), review(2, "d", GOOD, 100)]
    assert asked(tmp_path, entries, 100, limit=3)["queue"] == ["b"]
    assert asked(tmp_path, entries, 100, limit=3, chapter="two")["queue"] == ["e"]
    assert asked(tmp_path, entries, 100, limit=2)["queue"] == []
    assert asked(tmp_path, entries, 100, limit=1) | {"cards": 0} == asked(tmp_path, entries, 100, limit=0) | {"cards": 0}
    tomorrow = asked(tmp_path, entries, 101, limit=3)
    assert tomorrow["queue"] == ["b", "c", "e"] and tomorrow["fresh"] == 1


def test_a_failed_card_stays_until_it_is_known_and_is_due_tomorrow_if_left(tmp_path):
    failed = [review(1, "a", AGAIN, 100)]
    assert asked(tmp_path, failed, 100, limit=0)["queue"] == ["a"]
    assert asked(tmp_path, failed, 101, limit=0)["queue"] == ["a"]
    known = asked(tmp_path, [*failed, review(2, "a", GOOD, 100)], 100, limit=0)
    assert known["queue"] == [] and known["done"] == 1 and known["cards"]["a"]["due"] > 100 and known["cards"]["a"]["reviews"] == 2


def test_undo_takes_back_exactly_one_review(tmp_path):
    entries = [review(1, "a", GOOD, 100), review(2, "b", EASY, 100)]
    before, with_undo = asked(tmp_path, entries[:1], 100), asked(tmp_path, [*entries, undo(3, 2)], 100)
    assert {**with_undo, "last": 0} == {**before, "last": 0} and with_undo["last"] == "id-0001"
    assert asked(tmp_path, [*entries, undo(3, 2), undo(4, 1)], 100)["cards"] == {}
    assert asked(tmp_path, [*entries, undo(3, 77)], 100)["cards"] == asked(tmp_path, entries, 100)["cards"]


def test_renamed_cards_keep_their_history_and_lost_ones_are_left_out(tmp_path):
    entries = [review(1, "old-a", GOOD, 100), review(2, "a", GOOD, 102), review(3, "gone", GOOD, 100), review(4, "x", GOOD, 100), review(5, "loop", GOOD, 100)]
    found = asked(tmp_path, entries, 102)
    assert list(found["cards"]) == ["a"] and found["cards"]["a"]["reviews"] == 2
    assert found["cards"]["a"]["stability"] == asked(tmp_path, [review(1, "a", GOOD, 100), review(2, "a", GOOD, 102)], 102)["cards"]["a"]["stability"]
    assert asked(tmp_path, entries[:1], 100)["now"] == "a"


def test_the_order_of_writing_does_not_matter_when_another_devices_log_is_added(tmp_path):
    entries = [review(number, card, 1 + number % 4, 100 + number // 3) for number, card in enumerate("abcabdabeacf")]
    shuffled = random.Random(3).sample(entries, len(entries))
    assert asked(tmp_path, shuffled, 105) == asked(tmp_path, entries, 105)


def test_nonsense_in_the_log_is_passed_over(tmp_path):
    entries = [review(1, "a", 5, 100), review(2, "a", GOOD, 100.5), review(3, "__proto__", GOOD, 100), review(4, "constructor", GOOD, 100), {"type": "other", "at": 1}]
    assert asked(tmp_path, entries, 100)["cards"] == {}


def test_the_days_ahead_count_what_is_due(tmp_path):
    entries = [review(1, "a", GOOD, 100), review(2, "b", HARD, 100), review(3, "d", EASY, 100), review(4, "c", GOOD, 90)]
    found = asked(tmp_path, entries, 100)
    assert found["ahead"] == [1, 1, 1, 0, 0, 0, 0, 0]
    assert asked(tmp_path, entries, 101)["ahead"] == [2, 1, 0, 0, 0, 0, 0, 1]
    assert asked(tmp_path, entries, 100, chapter="two")["ahead"] == [0] * 8


# ---- the calendar file --------------------------------------------------------------------------------


def awkward() -> list[dict]:
    chance = random.Random(5545)
    letters = "abc ,;:\\\"'\n\r\t\x07\x7fé√漢🎓👩‍🏫 "
    events = [{"uid": "plain@strong-hire", "day": 20_514, "title": "Day 0", "text": "Read, recall; repeat"}]
    for number in range(300):
        title, text = ("".join(chance.choice(letters) for _ in range(chance.randrange(1, 200))) for _ in range(2))
        events.append({"uid": f"n-{number}@strong-hire", "day": chance.randrange(60_000), "title": title, **({"text": text} if number % 3 else {})})
    return events


def meant(text: str) -> str:
    """What a calendar must show: one kind of line end, no other control characters."""
    return "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c in "\n\t" or (c >= " " and c != "\x7f"))


@pytest.fixture(scope="module")
def calendar(tmp_path_factory) -> bytes:
    return run(tmp_path_factory.mktemp("ics"), f"answer = C.ics({json.dumps(awkward())}, 'Strong Hire: Attention, heads; more');").encode()


def test_the_calendar_file_keeps_the_grammar(calendar):
    """RFC 5545, sections 3.1 and 3.3.11: CRLF, at most 75 octets a line, no character cut in two, text escaped."""
    assert calendar.endswith(b"\r\n") and calendar.count(b"\n") == calendar.count(b"\r\n") == calendar.count(b"\r")
    lines = calendar.split(b"\r\n")[:-1]
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode("utf-8")
    unfolded = calendar.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert unfolded[0] == "BEGIN:VCALENDAR" and unfolded[-1] == "END:VCALENDAR" and "VERSION:2.0" in unfolded
    for line in unfolded:
        name, _, value = line.partition(":")
        assert name.split(";")[0].replace("-", "").isalpha() and name == name.upper()
        if name in ("SUMMARY", "DESCRIPTION", "UID", "X-WR-CALNAME"):
            assert re.fullmatch(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,n])*", value), value


def test_a_strict_reader_gets_back_what_was_written(calendar):
    read = icalendar.Calendar.from_ical(calendar)
    assert read.errors == [] and read["PRODID"] and read["VERSION"] == "2.0" and b"X-WR-CALNAME:Strong Hire: Attention\\, heads\\; more\r\n" in calendar
    events = read.walk("VEVENT")
    assert len(events) == len(awkward())
    for event, wanted in zip(events, awkward(), strict=True):
        day = dt.date(1970, 1, 1) + dt.timedelta(days=wanted["day"])
        assert event.errors == []
        assert (event["UID"], event.decoded("DTSTART"), event.decoded("DTEND")) == (wanted["uid"], day, day + dt.timedelta(days=1))
        assert event["DTSTART"].params["VALUE"] == "DATE" and event.decoded("DTSTAMP").tzinfo is not None and event.decoded("SEQUENCE") > 0
        assert str(event["SUMMARY"]) == meant(wanted["title"])
        assert str(event.get("DESCRIPTION", "")) == meant(wanted.get("text", ""))


# ---- what the build writes ----------------------------------------------------------------------------


def test_a_card_travels_with_its_sums_and_its_links_lead_from_the_root():
    page = """<html><body><article><details class="card" id="one"><summary>How <b>big</b>?</summary><section data-search-exclude="">
      <p>It is <button class="num" popovertarget="n-1">8 GiB</button>, see <a href="../#heads">heads</a>, <a href="#two">two</a>,
      <a href="https://example.org/">Vaswani</a>, <img src="../images/a.svg" alt=""></p></section></details>
      <details class="other" id="no"><summary>x</summary><section>y</section></details></article>
      <span popover="auto" id="n-1" class="sum">2 × 4 <a href="../../../code/sizing/">code</a></span><span popover="auto" id="n-2">other</span></body></html>"""
    ((identity, front, back),) = cards.read(page, "chapters/attention/cards/index.html")
    assert (identity, front) == ("one", "How <b>big</b>?")
    assert 'href="chapters/attention/#heads"' in back and 'href="chapters/attention/cards/#two"' in back
    assert 'href="https://example.org/"' in back and 'src="chapters/attention/images/a.svg"' in back
    assert 'id="n-1"' in back and 'href="code/sizing/"' in back and "other" not in back
    ((_, _, flat),) = cards.read(page.replace("../../../code/sizing/", "../../code/sizing.html"), "chapters/attention/cards.html")
    assert 'href="chapters/attention/cards.html#two"' in flat and 'href="code/sizing.html"' in flat


def test_checkpoints_are_read_from_the_chapter():
    """As plain text: a calendar shows no links, macros or marks."""
    for chapter in load(ROOT).chapters:
        found = page_parts.tasks(chapter)
        assert tuple(found) == page_parts.DAYS, chapter.slug
        assert not any(set("[]{}<>$`") & set(text) for text in found.values()), chapter.slug
    assert page_parts._plain('Do [cards](cards.md) at 80 GB {given} or <%= value("x") %> now.') == "Do cards at 80 GB or now."


def test_all_of_it_is_at_most_10_kb(tmp_path):
    """With the scheduler, the checkpoints and the calendar writer; the store is one script for all widgets."""
    assert in_node.weight(tmp_path, "review") <= 10_000
