"""The planner's engine, as the browser gets it, driven in Node: what every plan keeps to, whatever is asked of it."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hooks import in_node, plan
from hooks.assets import node
from hooks.model import load
from hooks.schema import Role, Tier

ROOT = Path(__file__).parents[1]
REVIEW = {"sheet", "check", "mock", "drill"}
ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
MONDAY = 20_780  # 23 November 2026
SEVEN = [1.0] * 7
FULL = {"role": "research", "tier": "frontier", "hours": [4.0] * 7, "start": MONDAY, "interview": MONDAY + 60}


def day(year: int, month: int, number: int) -> int:
    return (datetime.date(year, month, number) - datetime.date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def real() -> dict:
    return plan.data(load(ROOT))


class Engine:
    """One Node that answers a line with a line."""

    def __init__(self, bundle: Path, zone: str = "UTC") -> None:
        self.process = subprocess.Popen([node(), str(bundle)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"TZ": zone, "PATH": ""})

    def __call__(self, content: dict, inputs: dict) -> dict:
        self.process.stdin.write(json.dumps([content, inputs]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "fault" not in answer, answer
        return answer

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    return in_node.bundled(
        tmp_path_factory.mktemp("plan"),
        f"import {{ plan, weekday, fromDay, toDay }} from '{in_node.WIDGETS}/planner/plan'; import {{ createInterface }} from 'node:readline';\n"
        "createInterface({ input: process.stdin }).on('line', (line: string) => { let answer: any; try { const [content, inputs] = JSON.parse(line);"
        " answer = 'days' in inputs ? inputs.days.map((day: number) => [fromDay(day), toDay(fromDay(day)), weekday(day)]) : plan(content, inputs); }"
        " catch (error) { answer = { fault: String(error) }; } console.log(JSON.stringify(answer)); });",
    )


@pytest.fixture(scope="module")
def engine(bundle):
    running = Engine(bundle)
    yield running
    running.end()


# ---- what may be asked -------------------------------------------------------------------------------


@st.composite
def contents(draw) -> dict:
    """Any handbook: chapters in any order of prerequisites, with or without parts, questions, labs and sheets."""
    count = draw(st.integers(1, 5))
    roles, tiers = list(plan.ROLES), list(plan.TIERS)
    chapters = []
    for place in range(count):
        steps = draw(st.lists(st.integers(5, 300), min_size=4, max_size=4))
        questions = [
            {"id": f"q{place}-{number}", "title": f"Question {number}", "minutes": draw(st.integers(3, 45)), "level": draw(st.integers(1, 5)),
             "roles": draw(st.lists(st.sampled_from(roles), min_size=1, unique=True)), "tiers": draw(st.lists(st.sampled_from(tiers), min_size=1, unique=True)),
             "asked": draw(st.integers(1, 5))}
            for number in range(draw(st.integers(0, 5)))
        ]  # fmt: skip
        chapters.append({
            "slug": f"c{place}", "title": f"Chapter {place}", "minutes": [sum(steps[: each + 1]) for each in range(4)],
            "needs": draw(st.lists(st.sampled_from([f"c{each}" for each in range(place)] + ["no-folder-yet"]), max_size=3, unique=True)),
            "roles": {role: draw(st.integers(0, 3)) for role in roles}, "tiers": {tier: draw(st.integers(0, 3)) for tier in tiers},
            "sections": [{"id": f"s{each}", "title": f"Part {each}", "depth": draw(st.integers(0, 3)), "words": draw(st.integers(1, 900))} for each in range(draw(st.integers(0, 4)))],
            "questions": questions, "extras": [{"item": f"hunt:h{place}", "title": "Hunt", "minutes": 10, "page": "hunts/h"}] * draw(st.integers(0, 1)),
            "lab": draw(st.booleans()), "sheet": draw(st.booleans()), "cards": draw(st.integers(0, 60)),
        })  # fmt: skip
    chapters = draw(st.permutations(chapters))
    tasks = [{"item": f"section:interview#t{place}", "title": "Task", "minutes": draw(st.integers(5, 60)), "page": "interview/t", "stays": place < 2} for place in range(4)]
    first, later = plan.group("interview", "Interview", extras=tasks[:2], sheet=True), plan.group("rounds", "Rounds", extras=tasks[2:])
    asked = [{"id": f"s{place}", "title": "Any", "minutes": 9, "level": 3, "roles": roles, "tiers": tiers, "asked": place + 1} for place in range(3)]
    across = plan.group("across", "Across", home="interview/across", questions=asked) | {"needs": [chapter["slug"] for chapter in chapters]}
    return {"chapters": [first, *chapters, later, across][draw(st.integers(0, 1)) :], "why": plan.WHY}


HOURS = st.lists(st.one_of(st.just(0.0), st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 8.0])), min_size=7, max_size=7)


@st.composite
def asked(draw, content: dict | None = None) -> tuple[dict, dict]:
    content = content or draw(contents())
    start = draw(st.integers(MONDAY, MONDAY + 400))
    slugs = [chapter["slug"] for chapter in content["chapters"]]
    items = [f"section:{chapter['slug']}#{section['id']}" for chapter in content["chapters"] for section in chapter["sections"]]
    items += [f"question:{question['id']}" for chapter in content["chapters"] for question in chapter["questions"]]
    items += [f"{kind}:{slug}" for slug in slugs for kind in ("lab", "cards", "sheet")] + [f"checkpoint:{slug}:{after}" for slug in slugs for after in (0, 3, 7, 14, 21)]
    items += ["exercise:napkin-1", "exercise:mock-1"]
    return content, {
        "role": draw(st.sampled_from(list(plan.ROLES))), "tier": draw(st.sampled_from(list(plan.TIERS))), "hours": draw(HOURS),
        "start": start, "interview": start + draw(st.one_of(st.integers(-2, 12), st.integers(13, 200))),
        "levels": draw(st.dictionaries(st.sampled_from(slugs), st.integers(1, 5))),
        "done": draw(st.dictionaries(st.sampled_from(items), st.integers(start - 30, start))),
    }  # fmt: skip


EXAMPLES = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much])


def pieces(found: dict) -> list[tuple[int, dict]]:
    return [(day["day"], piece) for day in found["days"] for piece in day["pieces"]]


def by_item(found: dict) -> dict[str, list[tuple[int, dict]]]:
    items = defaultdict(list)
    for number, piece in pieces(found):
        items[piece["item"]].append((number, piece))
    return items


def demand(engine, content: dict, inputs: dict) -> int:
    """Minutes of a plan that has all the time there is."""
    return sum(piece["minutes"] for _, piece in pieces(engine(content, inputs | {"hours": [16.0] * 7, "interview": inputs["start"] + 200})) if piece["kind"] not in REVIEW)


# ---- what holds of every plan ------------------------------------------------------------------------


@EXAMPLES
@given(asked())
def test_it_says_when_there_is_nothing_to_plan(engine, case):
    content, inputs = case
    found = engine(content, inputs)
    length = inputs["interview"] - inputs["start"]
    days = [number for number in range(inputs["start"], inputs["interview"]) if inputs["hours"][(number + 3) % 7]]
    assert found["state"] == ("past" if length < 0 else "today" if length == 0 else "plan" if days else "empty")
    assert [each["day"] for each in found["days"]] == (days if length > 0 else [])


@EXAMPLES
@given(asked())
def test_a_day_holds_what_fits_and_none_without_hours(engine, case):
    content, inputs = case
    for each in engine(content, inputs)["days"]:
        given_minutes = round(inputs["hours"][(each["day"] + 3) % 7] * 60)
        assert 0 < each["minutes"] <= given_minutes
        assert sum(piece["minutes"] for piece in each["pieces"]) <= each["minutes"]
        assert all(piece["minutes"] > 0 for piece in each["pieces"])
        assert inputs["start"] <= each["day"] < inputs["interview"]


@EXAMPLES
@given(asked())
def test_prerequisites_come_before_what_needs_them(engine, case):
    content, inputs = case
    found = engine(content, inputs)
    order = [piece for _, piece in pieces(found)]
    needs = {chapter["slug"]: set(chapter["needs"]) for chapter in content["chapters"]}
    for place, piece in enumerate(order):
        if piece["kind"] not in ("read", "lab", "question", "extra"):
            continue
        above, todo = set(), set(needs[piece["chapter"]])
        while todo:
            slug = todo.pop()
            if slug in needs and slug not in above:
                above.add(slug)
                todo |= needs[slug]
        late = [other["item"] for other in order[place + 1 :] if other["kind"] == "read" and other["chapter"] in above]
        assert not late, f"{piece['item']} stands before {late}"
        if piece["kind"] != "read":  # what tests a chapter comes after its reading
            assert not [other for other in order[place + 1 :] if other["kind"] == "read" and other["chapter"] == piece["chapter"]]


@EXAMPLES
@given(asked())
def test_no_item_comes_twice(engine, case):
    """An item longer than what is left of a day goes on the next time, in numbered parts."""
    content, inputs = case
    for item, parts in by_item(engine(content, inputs)).items():
        assert [piece["part"] for _, piece in parts] == list(range(1, len(parts) + 1)), item
        assert {piece["of"] for _, piece in parts} == {len(parts)}
        assert len({number for number, _ in parts}) == len(parts)


@EXAMPLES
@given(asked())
def test_what_is_done_is_not_planned_again(engine, case):
    content, inputs = case
    assert not set(by_item(engine(content, inputs))) & set(inputs["done"])


@EXAMPLES
@given(asked())
def test_within_the_time_or_the_shortage_is_named(engine, case):
    content, inputs = case
    found = engine(content, inputs)
    planned = sum(piece["minutes"] for _, piece in pieces(found))
    assert planned == found["planned"] <= found["budget"] == sum(each["minutes"] for each in found["days"])
    assert found["left"] == sum(cut["minutes"] for cut in found["cuts"])
    assert all(cut["slug"] and plan.WHY[cut["why"]] and cut["minutes"] > 0 for cut in found["cuts"])
    if found["state"] == "plan" and len(found["days"]) > 2:
        study = sum(piece["minutes"] for _, piece in pieces(found) if piece["kind"] not in REVIEW)
        assert study + found["left"] == demand(engine, content, inputs), "minutes got lost between the plan and what it leaves out"


@EXAMPLES
@given(asked())
def test_the_last_two_days_review_and_the_eve_is_light(engine, case):
    content, inputs = case
    found = engine(content, inputs)
    for each in found["days"][-2:]:
        allowed = REVIEW | ({"question"} if len(found["days"]) <= 2 else set())
        assert {piece["kind"] for piece in each["pieces"]} <= allowed
    for each in found["days"]:
        assert each["light"] == (each["day"] == inputs["interview"] - 1)
        if each["light"]:
            assert each["minutes"] <= max(10, min(60, inputs["hours"][(each["day"] + 3) % 7] * 30))


@EXAMPLES
@given(asked())
def test_the_same_input_gives_the_same_plan(engine, case):
    content, inputs = case
    first = engine(content, inputs)
    engine(content, inputs | {"role": "applied", "interview": inputs["start"] + 30})
    assert engine(content, inputs) == first


@EXAMPLES
@given(asked(), st.integers(1, 20), st.randoms(use_true_random=False))
def test_a_new_plan_keeps_what_is_done(engine, case, later, chance):
    """After missed days: the rest is laid out from then, nothing done comes again, and nothing undone disappears if it fits."""
    content, inputs = case
    before = engine(content, inputs)
    items = by_item(before)
    finished = {item: parts[-1][0] for item, parts in items.items() if parts[-1][0] < inputs["start"] + later and chance.random() < 0.5}
    again = inputs | {"start": inputs["start"] + later, "done": inputs["done"] | finished}
    after = engine(content, again)
    assert not set(by_item(after)) & set(again["done"])
    assert all(number >= again["start"] for number, _ in pieces(after))
    if after["state"] == "plan" and not after["cuts"] and len(after["days"]) > 2:
        studied = {item for item, parts in items.items() if parts[0][1]["kind"] not in REVIEW}
        assert studied - set(finished) <= set(by_item(after)), "an undone item was forgotten"


@EXAMPLES
@given(asked(), st.data())
def test_a_higher_self_score_leaves_no_more_to_read(engine, case, data):
    content, inputs = case
    slug = data.draw(st.sampled_from([chapter["slug"] for chapter in content["chapters"]]))
    level = inputs["levels"].get(slug, 1)
    chapter = next(each for each in content["chapters"] if each["slug"] == slug)
    roomy = inputs | {"hours": [16.0] * 7, "interview": inputs["start"] + 200, "done": {}}

    def reading(level: int) -> int:
        found = engine(content, roomy | {"levels": inputs["levels"] | {slug: level}})
        return sum(piece["minutes"] for _, piece in pieces(found) if piece["chapter"] == slug and piece["kind"] in ("read", "lab"))

    rounding = 5 * len(chapter["sections"])  # each part is rounded to five minutes
    assert all(reading(each) <= reading(level) + rounding for each in range(level, 6))


@EXAMPLES
@given(asked())
def test_checkpoints_follow_the_reading(engine, case):
    content, inputs = case
    items = by_item(engine(content, inputs | {"done": {}, "levels": {}}))
    for item, parts in items.items():
        if not item.startswith("checkpoint:"):
            continue
        _, slug, after = item.split(":")
        read = [number for other, each in items.items() if other.startswith(f"section:{slug}#") for number, _ in each]
        assert parts[0][0] >= max(read) + int(after)


# ---- the real content --------------------------------------------------------------------------------


@settings(EXAMPLES, max_examples=25)
@given(st.data())
def test_all_of_it_holds_of_the_handbook_too(engine, real, data):
    case = data.draw(asked(real))
    for test in (
        test_a_day_holds_what_fits_and_none_without_hours, test_prerequisites_come_before_what_needs_them, test_no_item_comes_twice,
        test_what_is_done_is_not_planned_again, test_within_the_time_or_the_shortage_is_named, test_the_last_two_days_review_and_the_eve_is_light,
    ):  # fmt: skip
        test.hypothesis.inner_test(engine, case)


@pytest.mark.parametrize("role", plan.ROLES)
@pytest.mark.parametrize("tier", plan.TIERS)
def test_with_time_enough_all_that_a_role_needs_is_planned(engine, real, role, tier):
    found = engine(real, FULL | {"role": role, "tier": tier, "interview": MONDAY + 200})
    assert not found["cuts"]
    items = set(by_item(found))
    chapters = [chapter for chapter in real["chapters"] if "home" not in chapter]
    assert {f"sheet:{chapter['slug']}" for chapter in chapters} | {"sheet:interview"} <= items
    for chapter in chapters:
        assert found["depths"][chapter["slug"]] in range(4)
        assert any(item.startswith(f"section:{chapter['slug']}#") for item in items)


def test_a_tier_changes_depth(engine, real):
    depths = {tier: engine(real, FULL | {"role": "full-stack", "tier": tier})["depths"]["inference-and-serving"] for tier in plan.TIERS}
    assert depths == {"frontier": 3, "llm-infrastructure": 3, "ai-native": 2, "enterprise": 1}


def test_what_is_dropped_goes_in_the_stated_order(engine, real):
    """The shorter the time, the further down the list: hunts, labs, questions, rounds, depth, questions, cards, depth, chapters."""
    seen = []
    for hours, days in ((16, 21), (3.5, 21), (2, 21), (1, 21), (0.5, 21), (0.25, 21), (0.25, 7)):
        found = engine(real, FULL | {"hours": [hours] * 7, "interview": MONDAY + days})
        seen.append(max((cut["why"] for cut in found["cuts"]), default=-1))
    assert seen == sorted(seen) and seen[0] == -1 and seen[-1] == 8, seen


@pytest.mark.parametrize("role", plan.ROLES)
def test_the_interview_itself_is_planned(engine, real, role):
    """Its first steps before the chapters, the questions across chapters after them; when time is short the first steps go last."""
    handbook = load(ROOT)
    stays = [f"section:interview#{task.page}" for task in handbook.preparation if task.stays]
    rounds = {f"section:interview#{task.page}" for task in handbook.preparation if not task.stays and role in (task.roles or plan.ROLES)}
    found = engine(real, FULL | {"role": role, "interview": MONDAY + 200})
    order = list(by_item(found))
    reading = [place for place, item in enumerate(order) if item.startswith("section:") and not item.startswith("section:interview#")]
    assert [item for item in order if item in stays] == stays and max(map(order.index, stays)) < reading[0]
    assert rounds <= set(order) and not {item for item in order if item.startswith("section:interview#")} - rounds - set(stays)
    across = {f"question:{question.id}" for home in handbook.sets if home.folder in plan.SETS for question in home.questions if {role, "frontier"} <= {*question.record.roles, *question.record.company_tiers}}
    assert len(across) > 10 and across <= set(order) and min(map(order.index, across)) > reading[-1]
    short = engine(real, FULL | {"role": role, "hours": [0.5] * 7, "interview": MONDAY + 7})
    assert set(stays) <= set(by_item(short)) and any(cut["why"] == 8 for cut in short["cuts"])


@pytest.mark.parametrize("hours", [0.85, 1.15, 1.6, 2.2, 3])
def test_what_a_role_is_for_is_cut_last(engine, real, hours):
    """A company that wants all chapters alike does not make a platform engineer skim serving and derive fine-tuning."""
    depths = engine(real, FULL | {"role": "platform", "tier": "ai-native", "hours": [hours] * 7, "interview": MONDAY + 21})["depths"]
    assert depths["inference-and-serving"] >= depths["fine-tuning"] and depths["inference-and-serving"] >= 1, depths


@pytest.mark.parametrize("hours", [1, 1.5, 4])
def test_a_mock_stands_before_the_eve_however_short_the_time(engine, real, hours):
    found = engine(real, FULL | {"hours": [hours] * 7, "interview": MONDAY + 14})
    mocks = [number for number, piece in pieces(found) if piece["kind"] == "mock"]
    assert mocks == [MONDAY + 12] and found["cuts"]


@pytest.mark.parametrize("role", plan.ROLES)
def test_with_two_days_the_questions_asked_most_come_in_turn(engine, real, role):
    found = engine(real, FULL | {"role": role, "interview": MONDAY + 2, "hours": [2.0] * 7})
    depths = engine(real, FULL | {"role": role, "interview": MONDAY + 200})["depths"]
    named = [piece for _, piece in pieces(found) if piece["kind"] == "question"]
    homes = [chapter["slug"] for chapter in real["chapters"] if chapter["questions"]]
    assert {piece["chapter"] for piece in named[: len(homes)]} == set(homes)
    for slug in homes:
        chapter = next(each for each in real["chapters"] if each["slug"] == slug)
        most = max(question["asked"] for question in chapter["questions"] if {role, "frontier"} <= {*question["roles"], *question["tiers"]} and question["level"] <= depths[slug] + 2)
        first = next(piece["item"] for piece in named if piece["chapter"] == slug)
        assert next(question["asked"] for question in chapter["questions"] if f"question:{question['id']}" == first) == most


@pytest.mark.parametrize(("inputs", "state"), [
    ({"interview": MONDAY}, "today"), ({"interview": MONDAY - 1}, "past"), ({"hours": [0.0] * 7}, "empty"),
    ({"hours": [0, 0, 0, 0, 0, 1, 0]}, "plan"), ({"interview": MONDAY + 1}, "plan"), ({"interview": MONDAY + 200, "hours": SEVEN}, "plan"),
])  # fmt: skip
def test_the_edges(engine, real, inputs, state):
    found = engine(real, FULL | inputs)
    assert found["state"] == state
    if state == "plan":
        assert pieces(found)


def test_a_free_eve_before_the_interview_holds_the_sheets(engine, real):
    found = engine(real, FULL | {"interview": MONDAY + 1, "hours": [3.0] * 7})
    (only,) = found["days"]
    assert only["minutes"] == 60 and [piece["kind"] for piece in only["pieces"]][:4] == ["sheet"] * 4
    assert {cut["why"] for cut in found["cuts"]} >= {8} and found["left"] > 0


# ---- days are day numbers ----------------------------------------------------------------------------

CHANGEOVERS = [day(2026, 3, 8), day(2026, 11, 1), day(2027, 4, 4), day(2026, 9, 27), day(2028, 2, 29), day(2026, 12, 31)]


@pytest.mark.parametrize("zone", ZONES)
def test_days_stand_still_under_any_clock(bundle, real, zone):
    """Around each change of the clocks, in zones whose day begins at another time than ours."""
    there, here = Engine(bundle, zone), Engine(bundle)
    try:
        for change in CHANGEOVERS:
            days = list(range(change - 3, change + 4))
            for number, (text, back, weekday) in zip(days, there({}, {"days": days}), strict=True):
                date = datetime.date(1970, 1, 1) + datetime.timedelta(number)
                assert (text, back, weekday) == (date.isoformat(), number, date.weekday())
            inputs = FULL | {"start": change - 5, "interview": change + 9, "hours": [1.0, 0, 2.0, 0.5, 0, 3.0, 1.0]}
            assert there(real, inputs) == here(real, inputs)
    finally:
        there.end()
        here.end()


# ---- the data ----------------------------------------------------------------------------------------


def test_the_data_is_what_the_chapters_say(real):
    handbook = load(ROOT)
    chapters = [chapter for chapter in real["chapters"] if "home" not in chapter]
    assert [chapter["slug"] for chapter in chapters] == [chapter.slug for chapter in handbook.chapters]
    for data, chapter in zip(chapters, handbook.chapters, strict=True):
        assert data["minutes"] == [chapter.record.minutes.skim, chapter.record.minutes.explain, chapter.record.minutes.derive, chapter.record.minutes.build]
        assert {question["id"] for question in data["questions"]} == {question.id for question in chapter.questions}
        assert data["cards"] == len(chapter.cards)
    extras = [extra["item"] for chapter in real["chapters"] for extra in chapter["extras"]]
    assert len(extras) == len(set(extras)) > 0
    practised = {f"exercise:{name}" for name, exercise in handbook.exercises.items() if set(exercise.record.chapters) & set(handbook.by_slug)}
    assert {item for item in extras if item.startswith("exercise:")} == practised


def test_its_script_is_at_most_9_kb(tmp_path):
    assert in_node.weight(tmp_path, "planner") <= 9_000


def test_every_role_and_tier_has_a_name():
    from typing import get_args

    assert set(plan.ROLES) == set(get_args(Role)) and set(plan.TIERS) == set(get_args(Tier))



