"""The review page's arithmetic: the schedule against the Python package fsrs, the queue against its rules, the calendar file.

All of it is the widgets' own TypeScript, bundled once and run by the pinned Node on everything asked.
"""

from __future__ import annotations

import json
import random
import subprocess
from datetime import UTC
from pathlib import Path

import pytest
from fsrs import Rating, Scheduler

from hooks.assets import node

ROOT = Path(__file__).parents[1]
POINTS = 20_000
GAPS = (0, 0, 0, 1, 1, 2, 3, 4, 7, 14, 21, 90, 365, 3650, 36500)
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4


def run(folder: Path, code: str) -> object:
    """What `code` gives as `answer`, run by Node; `S`, `R` and `C` are the modules."""
    (folder / "run.ts").write_text(
        f"import * as S from {json.dumps(str(ROOT / 'widgets/review/schedule'))}; import * as R from {json.dumps(str(ROOT / 'widgets/review/queue'))};"
        f"import * as C from {json.dumps(str(ROOT / 'widgets/ics'))}; let answer: any; {code}; console.log(JSON.stringify([S, R, C] && answer));", encoding="utf-8")  # fmt: skip
    subprocess.run([node(), "node_modules/esbuild/bin/esbuild", str(folder / "run.ts"), "--bundle", f"--outfile={folder / 'run.js'}", "--log-level=error"], cwd=ROOT, check=True)
    return json.loads(subprocess.run([node(), str(folder / "run.js")], cwd=ROOT, check=True, capture_output=True, text=True).stdout)


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
    code = f"""const histories: any = {json.dumps(histories())};
      answer = histories.map((history: any) => {{ let memory: any, day = 20000; return history.map(([rating, gap]: any) => {{
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
    from datetime import datetime, timedelta

    from fsrs import Card

    scheduler, oracle, card, state = Scheduler(enable_fuzzing=False, learning_steps=(), relearning_steps=()), Oracle(None), Card(), None
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for rating, gap in [(3, 0), (3, 2), (1, 11), (2, 0), (3, 1), (4, 3), (1, 40), (3, 5), (3, 0), (4, 9)]:
        now += timedelta(days=gap)
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
    answer = run(tmp_path, f"""answer = {json.dumps(states)}.map(([stability, difficulty, gap]: any) =>
        [1, 2, 3, 4].map((rating: any) => S.graded({{ stability, difficulty, day: 100, due: 100 }}, rating, 100 + gap)));""")
    for (stability, difficulty, gap), four in zip(states, answer, strict=True):
        strengths, hardness = [memory["stability"] for memory in four], [memory["difficulty"] for memory in four]
        assert strengths[0] <= stability, (stability, difficulty, gap)
        assert strengths[1] >= stability * (1 - 1e-12)
        assert strengths == sorted(strengths) and hardness == sorted(hardness, reverse=True)
        assert [memory["due"] for memory in four] == sorted(memory["due"] for memory in four)
    first = run(tmp_path, "answer = [1, 2, 3, 4].map((rating: any) => S.graded(undefined, rating, 5));")
    assert [memory["stability"] for memory in first] == sorted(memory["stability"] for memory in first)
    assert [memory["due"] - 5 for memory in first] == [0, 1, 2, 8]


def test_recall_is_nine_in_ten_on_the_day_it_is_due_and_falls(tmp_path):
    answer = run(tmp_path, "answer = [5, 37, 800].map((stability) => [0, stability, 2 * stability].map((day) => S.retrievability({ stability, difficulty: 5, day: 0, due: 0 }, day)));")
    for fresh, due, late in answer:
        assert fresh == 1 and due == pytest.approx(0.9, abs=1e-6) and late < due


def test_a_clock_set_back_makes_no_negative_gap(tmp_path):
    before, after = run(tmp_path, "const first = S.graded(undefined, 3, 100); answer = [first, S.graded(first, 3, 90)];")
    assert after["day"] == 100 and after["stability"] >= before["stability"]
