"""The paths hold on the real content, and the checker says what does not on a small one."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from hooks import check_paths, path_figures, path_pages, paths
from hooks.building import Building, Site
from hooks.check import check
from hooks.fixtures import REPOSITORY, TOPICS, edit, line_of, small_handbook
from hooks.model import load

ROLES = "docs/paths/roles.yml"
TIERS = "docs/paths/tiers.yml"
ASKED = "docs/paths/asked.yml"
HANDBOOK = load(REPOSITORY)
EVERY = [(role, tier) for role in paths.ROLES for tier in (None, *paths.TIERS)]
every_path = pytest.mark.parametrize(("role", "tier"), EVERY)

WEEK = """\
    - title: First
      chapters: [{chapters}]
      focus: Scores.
      questions: {questions}
      labs: []
      sheets: [{sheets}]
      checkpoint: Say it.
"""
ROLE = """\
{role}:
  title: {role}
  openings: engineer
  summary: Does it.
  fits: [You do it.]
  titles: [{{title: Engineer, note: the default}}]
  weeks:
"""
TOPIC = "  summary: Finds it.\n  depth:\n    roles: {research: build, full-stack: derive, applied: explain, platform: skim}\n    company_tiers: {frontier: skim, llm-infrastructure: skim, ai-native: build, enterprise: derive}\n"


@pytest.fixture
def root(tmp_path):
    """A small handbook with paths: attention, then rag, which needs it."""
    small_handbook(tmp_path)
    with (tmp_path / TOPICS).open("a") as topics:
        topics.write(TOPIC)
    weeks = WEEK.format(chapters="{chapter: attention, to: explain}", questions="{first: 3}", sheets="attention")
    weeks += WEEK.format(chapters="attention, rag", questions="[why-scale]", sheets="").replace("First", "Second")
    (tmp_path / ROLES).write_text("".join(ROLE.format(role=role) + weeks for role in paths.ROLES))
    change = "    {role}: {{says: More.}}\n"
    tier = "{tier}:\n  title: {tier}\n  summary: S.\n  tests: [T.]\n  how_deep: D.\n  roles:\n"
    text = "".join(tier.format(tier=name) + "".join(change.format(role=role) for role in paths.ROLES) for name in paths.TIERS)
    (tmp_path / TIERS).write_text(text)
    (tmp_path / ASKED).write_text("as_of: 2026-11-22\nbanks: 2\ndistinct: 5\nnoise: Some.\nrows:\n  - {subject: rag, questions: 4}\n  - {title: Other, questions: 1}\n")
    return tmp_path


# ---- the real paths ------------------------------------------------------------------------------


def test_weeks_of_each_role():
    assert {role: len(record.weeks) for role, record in HANDBOOK.roles.items()} == {"research": 6, "full-stack": 5, "applied": 4, "platform": 4}
    assert set(HANDBOOK.tiers) == set(paths.TIERS)


@every_path
def test_prerequisites_come_first(role, tier):
    read = set()
    for week in paths.plan(HANDBOOK, role, tier).weeks:
        assert week.steps, f"week {week.number} is empty"
        for step in week.steps:
            assert set(step.subject.prerequisites) <= read, (week.number, step.subject.slug)
            read.add(step.subject.slug)


@every_path
def test_minutes_add_up_to_the_depth_reached(role, tier):
    """In however many passes a chapter is read, its minutes are those of its depth, and no section comes twice."""
    path = paths.plan(HANDBOOK, role, tier)
    for subject in path.subjects:
        if subject.chapter is None:
            continue
        steps = [step for week in path.weeks for step in week.steps if step.subject.slug == subject.slug]
        depth = paths.reach(subject.depth, role, tier)
        assert sum(step.minutes for step in steps) == getattr(subject.chapter.record.minutes, depth)
        named = [section.id for step in steps for section in step.sections]
        wanted = [section.id for section in subject.chapter.sections if section.depth and paths.within(section.depth, depth)]
        assert sorted(named) == sorted(wanted)
    assert path.minutes == sum(sum(step.minutes or 0 for step in week.steps) + sum(q.record.minutes for q in week.questions) for week in path.weeks)


@every_path
def test_questions_fit_and_come_once(role, tier):
    named = [question for week in paths.plan(HANDBOOK, role, tier).weeks for question in week.questions]
    assert len({question.id for question in named}) == len(named)
    for question in named:
        assert role in question.record.roles
        assert tier is None or tier in question.record.company_tiers


@pytest.mark.parametrize("role", paths.ROLES)
def test_a_tier_changes_depth(role):
    """Not just the order: on every path each tier moves some subject."""
    usual = {step.subject.slug: step.to for week in paths.plan(HANDBOOK, role).weeks for step in week.steps}
    for tier in paths.TIERS:
        here = {step.subject.slug: step.to for week in paths.plan(HANDBOOK, role, tier).weeks for step in week.steps}
        assert any(usual.get(slug) not in (None, depth) for slug, depth in here.items()), tier
        for slug in usual.keys() & here.keys():
            assert abs(paths.DEPTHS.index(usual[slug]) - paths.DEPTHS.index(here[slug])) <= 1


@pytest.mark.parametrize("draw", [path_figures.wide_map, path_figures.narrow_map])
def test_the_map_has_every_subject_and_every_edge(draw):
    subjects = paths.subjects(HANDBOOK)
    assert len(subjects) == 11
    linked = [subject.slug for subject in subjects if subject.chapter]
    drawing = draw(subjects, lambda subject: f"chapters/{subject.slug}/" if subject.chapter else None)
    root = etree.fromstring(drawing.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1))
    svg = {"s": "http://www.w3.org/2000/svg"}
    words = " ".join(root.xpath("//s:text/text()", namespaces=svg)).replace("- ", "-")
    for subject in subjects:
        assert subject.title in words
        assert f"{subject.title} ({subject.kind})" in root.findtext("s:desc", namespaces=svg)
    assert len(root.xpath("//s:path[@class='flow']", namespaces=svg)) == len(path_figures.edges(subjects)) == sum(len(s.prerequisites) for s in subjects)
    assert len(root.xpath("//s:a", namespaces=svg)) == len(linked)
    width, height = map(float, root.get("viewBox").split()[2:])
    assert width <= 688
    for box in root.xpath("//s:rect", namespaces=svg):
        assert float(box.get("x")) >= 0 and float(box.get("x")) + float(box.get("width")) <= width
        assert float(box.get("y")) + float(box.get("height")) <= height


def test_boxes_of_the_wide_map_do_not_overlap():
    drawing = path_figures.wide_map(paths.subjects(HANDBOOK), lambda subject: None)
    boxes = [tuple(map(float, found)) for found in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawing)]
    assert len(boxes) == 11
    for place, (x, y, width, height) in enumerate(boxes):
        for x2, y2, *_ in boxes[place + 1 :]:
            assert abs(x - x2) >= width or abs(y - y2) >= height


def test_the_count_of_what_is_asked_is_whole():
    rows = HANDBOOK.asked.rows
    assert {row.subject for row in rows if row.subject} == {subject.slug for subject in paths.subjects(HANDBOOK)}
    assert HANDBOOK.asked.distinct <= sum(row.questions for row in rows) == 1988


@pytest.mark.parametrize("role", paths.ROLES)
def test_only_chapters_are_links(role):
    """A subject without a chapter is a plain name everywhere on a role's page."""
    page = Building(f"docs/paths/{role}.md", REPOSITORY, REPOSITORY / "docs/paths")
    html = page.restore(path_pages.role_path(Site(HANDBOOK), page, role))
    linked = set(re.findall(r'href="\.\./\.\./chapters/([\w-]+)/', html))
    assert linked and linked <= set(HANDBOOK.by_slug)
    for topic in HANDBOOK.topics:
        assert topic.title in html


# ---- depth ---------------------------------------------------------------------------------------


def test_a_tier_moves_a_depth_one_step(root):
    depth = load(root).by_slug["attention"].record.depth  # research build; enterprise skim
    assert [paths.reach(depth, "research", tier) for tier in (None, *paths.TIERS)] == ["build", "build", "derive", "derive", "derive"]
    assert paths.reach(depth, "applied", "frontier") == "derive"


def test_passes_and_rules(root):
    weeks = paths.plan(load(root), "research").weeks
    first, second = weeks
    assert [(step.subject.slug, step.since, step.to, step.minutes) for step in (*first.steps, *second.steps)] == [
        ("attention", None, "explain", 30),
        ("attention", "explain", "build", 60),
        ("rag", None, "build", None),
    ]
    assert [section.id for section in second.steps[0].sections] == ["scores"]
    assert [question.id for question in first.questions] == ["why-scale"]
    assert paths.plan(load(root), "applied").weeks[0].questions == ()  # the question is for research


# ---- what the checker says -----------------------------------------------------------------------


def test_a_sound_handbook_has_nothing_to_mend(root):
    assert check(root) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (ROLES, "platform:\n  title", "plattform:\n  title", "plattform"),
        (ROLES, "research:\n  title: research\n", "research:\n  title: research\n  colour: red\n", "colour"),
        (TIERS, "enterprise:\n  title", "enterprises:\n  title", "enterprises"),
        (ASKED, "banks: 2", "banks: two", "banks"),
        (ASKED, "{title: Other, questions: 1}", "{subject: rag, title: Other, questions: 1}", "either `subject` or `title`"),
        (ASKED, "subject: rag", "subject: ragg", "unknown subject `ragg`"),
    ],
)
def test_a_bad_record_is_named_with_its_line(root, file, old, new, words):
    edit(root, file, old, new)
    found = [problem for problem in check(root) if problem.path == file and words in str(problem)]
    assert found
    assert found[0].line >= 1


def change_first(root, old, new):
    """In the first role, research, alone."""
    text = (root / ROLES).read_text()
    assert old in text
    (root / ROLES).write_text(text.replace(old, new, 1))


def test_unknown_subjects_questions_and_sheets(root):
    change_first(root, "chapters: [attention, rag]", "chapters: [attention, ragg]")
    change_first(root, "questions: [why-scale]", "questions: [why-scal]")
    change_first(root, "sheets: []", "sheets: [attention, rag]")
    found = {str(problem) for problem in check_paths.check(load(root))}
    assert any(f"{ROLES}:{line_of(root, ROLES, 'ragg')}: unknown subject `ragg`, did you mean" in words for words in found)
    assert any(f"{ROLES}:{line_of(root, ROLES, '[why-scal]')}: no question `why-scal`" in words for words in found)
    assert any("`rag` in sheets is no chapter of this week" in words for words in found)


def test_a_prerequisite_that_comes_too_late_is_said_once(root):
    change_first(root, "chapters: [{chapter: attention, to: explain}]", "chapters: [rag]")
    change_first(root, "sheets: [attention]", "sheets: []")
    found = [problem for problem in check_paths.check(load(root)) if "before it" in problem.what]
    assert len(found) == 1
    assert (found[0].path, found[0].line) == (ROLES, line_of(root, ROLES, "- title: First"))
    assert "week 1 of research: `rag` needs `attention` before it" in found[0].what


def test_a_tier_may_not_drop_what_is_needed(root):
    text = (root / TIERS).read_text()
    (root / TIERS).write_text(text.replace("research: {says: More.}", "research: {says: More., drop: [attention]}", 1))
    found = [problem for problem in check_paths.check(load(root)) if problem.path == TIERS]
    assert len(found) == 1
    assert "week 2 of research for frontier: `rag` needs `attention` before it" in found[0].what


def test_a_tier_changes_weeks_that_exist(root):
    text = (root / TIERS).read_text()
    (root / TIERS).write_text(text.replace("research: {says: More.}", "research: {says: More., add: {7: [rag]}, drop: [nothing]}", 1))
    found = " ".join(str(problem) for problem in check_paths.check(load(root)))
    assert "the path research has no week 7" in found
    assert "`rag` is on the path research already" in found
    assert "`nothing` is not on the path research" in found


def test_a_subject_without_a_chapter_needs_a_depth(root):
    edit(root, TOPICS, TOPIC, "")
    found = [str(problem) for problem in check_paths.check(load(root))]
    assert [words.split(":")[0] for words in found] == [TOPICS] * 2
    assert "has no `depth`" in "".join(found)


def test_a_handbook_may_have_no_paths(tmp_path):
    handbook = load(small_handbook(tmp_path))
    assert (handbook.roles, handbook.tiers, handbook.asked) == ({}, {}, None)
    assert list(check_paths.check(handbook)) == []
