"""Five levels a subject, one definition each; a quiz whose answers nobody can guess from their looks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from hooks import assessment, in_node
from hooks.building import Building, Site
from hooks.check import check
from hooks.fixtures import CHAPTER, TOPICS, small_handbook
from hooks.ids import fix
from hooks.model import load
from hooks.new_chapter import LEVELS, drop_row

ROOT = Path(__file__).parents[1]
QUIZ = f"{CHAPTER}/calibration.yml"
FIVE = "  - One.\n  - Two.\n  - Three.\n  - Four.\n  - Five.\n"


@pytest.fixture(scope="module")
def handbook():
    return load(ROOT)


def entry(level: int, number: int, **changed: str) -> str:
    fields = {"question": f"Question {level} {number}?", "right": "Aye", "wrong": "[Nay, Perhaps]", "why": "It is.", "taught": "scores"} | changed
    return f"- id: check-{level}-{number}\n  level: {level}\n" + "".join(f"  {key}: {value}\n" for key, value in fields.items())


def whole() -> list[str]:
    return [entry(level, number) for level in range(1, 6) for number in range(3)]


@pytest.fixture
def handmade(tmp_path) -> Path:
    """A handbook with one chapter, one subject without, and all that both need."""
    root = small_handbook(tmp_path)
    (root / QUIZ).write_text("".join(whole()), encoding="utf-8")
    topics = (root / TOPICS).read_text(encoding="utf-8")
    slugs = re.findall(r"slug: (\S+)", topics)
    (root / assessment.LEVELS).write_text("".join(f"{slug}:\n{FIVE}" for slug in slugs), encoding="utf-8")
    fix(load(root))
    return root


def faults(root: Path, file: str) -> list[str]:
    return [str(problem) for problem in check(root) if problem.path == file]


def test_what_is_whole_has_no_fault(handmade):
    assert faults(handmade, QUIZ) == faults(handmade, assessment.LEVELS) == []


@pytest.mark.parametrize(("place", "text", "line", "says"), [
    (0, entry(1, 0, taught="nowhere"), 7, "no anchor `nowhere`"),
    (0, entry(1, 0, wrong="[Nay, Aye]"), 1, "the same option twice"),
    (0, entry(1, 0, wrong="[Nay]"), 5, "`wrong`"),
    (0, entry(1, 0).replace("level: 1", "level: 6"), 2, "`level`"),
    (0, entry(1, 0, hint="None"), 8, "unknown key `hint`"),
    (14, "", 1, "2 questions of level 5"),
    (0, entry(1, 0, right="'<%= value(\"nothing\") %>'"), 1, "value()"),
])  # fmt: skip
def test_a_fault_of_the_quiz_names_its_line(handmade, place, text, line, says):
    parts = whole()
    parts[place] = text
    (handmade / QUIZ).write_text("".join(parts), encoding="utf-8")
    found = [fault for fault in faults(handmade, QUIZ) if says in fault]
    assert found, faults(handmade, QUIZ)
    assert found[0].startswith(f"{QUIZ}:{line}:"), found


def test_an_id_of_the_quiz_is_permanent(handmade):
    text = (handmade / QUIZ).read_text(encoding="utf-8")
    (handmade / QUIZ).write_text(text.replace("check-1-0", "check-other"), encoding="utf-8")
    assert any("`check-other` is new" in fault for fault in faults(handmade, QUIZ))
    assert any("the quiz `check-1-0` is lost" in fault for fault in faults(handmade, f"{CHAPTER}/ids.txt"))


def test_levels_stand_once(handmade):
    path = handmade / assessment.LEVELS
    text = path.read_text(encoding="utf-8")
    path.write_text(text + f"attention:\n{FIVE}", encoding="utf-8")
    assert any("`attention` has a chapter now" in fault for fault in faults(handmade, assessment.LEVELS))
    path.write_text(text + f"nothing:\n{FIVE}", encoding="utf-8")
    assert any("`nothing` is no subject" in fault for fault in faults(handmade, assessment.LEVELS))
    path.write_text("{}\n", encoding="utf-8")
    assert any("are missing" in fault for fault in faults(handmade, assessment.LEVELS))
    path.write_text(text.replace("  - Five.\n", "", 1), encoding="utf-8")
    assert any(":1:" in fault or ":2:" in fault for fault in faults(handmade, assessment.LEVELS))


def test_a_chapter_that_is_started_takes_its_row_along(handmade):
    handbook = load(handmade)
    slug = handbook.topics[0].slug
    drop_row(handbook, slug)
    assert f"{slug}:" not in (handmade / LEVELS).read_text(encoding="utf-8")
    assert slug not in [topic.slug for topic in load(handmade).topics]


def test_eleven_subjects_in_reading_order_and_each_level_once(handbook):
    found = assessment.subjects(handbook)
    assert [subject.order for subject, _ in found] == sorted(subject.order for subject, _ in found)
    assert len(found) == len(handbook.chapters) + len(handbook.topics) == 11
    assert all(len(levels) == 5 for _, levels in found)
    texts = [text for _, levels in found for text in levels]
    assert len(set(texts)) == len(texts) == 55


def test_bands_are_of_the_total(handbook):
    assert [start for start, *_ in assessment.BANDS] == [40, 25, 0]
    built = shown(handbook)
    assert "of 55" in built and built.count('type="radio"') == 55 + 2


def shown(handbook) -> str:
    page = Building("docs/practice/self-assessment.md", ROOT, ROOT / "docs/practice")
    return page.restore(assessment.assessment(Site(handbook), page))


def quiz(handbook) -> list[list]:
    return [question for questions in assessment.data(Site(handbook))["quiz"].values() for question in questions]


def test_three_questions_a_level_and_no_macro_left(handbook):
    found = assessment.data(Site(handbook))["quiz"]
    assert set(found) == {chapter.slug for chapter in handbook.chapters}
    for questions in found.values():
        assert sorted(question[1] for question in questions) == sorted([1, 2, 3, 4, 5] * 3)
        for _, _, question, why, _, options in questions:
            for text in (question, why, *options):
                assert text and not re.search(r"<%|%>|ʘ|[<>]|\*\*|`", text), text
            assert len(options) == len(set(options)) and 3 <= len(options) <= 4


def test_the_right_option_does_not_stick_out_by_its_length(handbook):
    """By chance it is the longest of four in a quarter of the questions."""
    texts = [options for *_, options in quiz(handbook) if len(options[0]) > 12]
    longest = sum(len(options[0]) == max(map(len, options)) for options in texts)
    shortest = sum(len(options[0]) == min(map(len, options)) for options in texts)
    assert longest <= len(texts) * 0.5 and shortest <= len(texts) * 0.5, (longest, shortest, len(texts))


def test_options_are_shuffled_without_a_preferred_place(handbook, tmp_path):
    """The right option of each question, on a hundred days: about as often in each place, and in one place on one day."""
    seeds = [f"{question[0]}{day}" for question in quiz(handbook) for day in range(20_780, 20_880)]
    orders, again = in_node.run(
        tmp_path,
        f"import {{ shuffled }} from '{in_node.WIDGETS}/assessment/shuffle';\n"
        f"const seeds: string[] = {json.dumps(seeds)}; console.log(JSON.stringify([0, 1].map(() => seeds.map((seed) => shuffled([0, 1, 2, 3], seed)))));",
    )
    assert orders == again and all(sorted(order) == [0, 1, 2, 3] for order in orders)
    for option in range(4):
        places = Counter(order.index(option) for order in orders)
        assert all(abs(places[place] / len(seeds) - 0.25) < 0.03 for place in range(4)), (option, places)


def test_a_number_that_is_an_answer_is_computed(handbook):
    """An option that is a quantity comes from a formula; shapes, letters and words do not."""
    for chapter in handbook.chapters:
        for question in chapter.calibration:
            for text in (question.right, *question.wrong):
                assert not re.fullmatch(r"[\d.,]+ [A-Za-z]+", text), f"{question.id}: {text}"


def test_its_script_is_at_most_4_kb(tmp_path):
    assert in_node.weight(tmp_path, "assessment") <= 4_000
