"""Role paths x company tiers, worked out from the content: who reads what, how deep, in which week, and how long it takes.

    path = plan(handbook, "research", "frontier")
    path.weeks[0].steps[0].minutes

Depth is never listed here: it comes from the record of each chapter (from topics.yml while there is no chapter). The role
sets it, and a company tier moves it one step towards its own. Weeks come from roles.yml, their changes from tiers.yml.
Does not know HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import get_args

from hooks.icons import LEVEL_DEPTH
from hooks.model import Chapter, Handbook, Question, Section
from hooks.schema import ChapterDepth, Depth, PathStep, PathWeek, QuestionRule, Role, Tier

DEPTHS: tuple[str, ...] = get_args(Depth)
ROLES: tuple[str, ...] = get_args(Role)
TIERS: tuple[str, ...] = get_args(Tier)


@dataclass(frozen=True)
class Subject:
    """One of the syllabus: a chapter, or a name that waits for one."""

    slug: str
    title: str
    order: int
    kind: str
    prerequisites: tuple[str, ...]
    summary: str
    depth: ChapterDepth | None
    chapter: Chapter | None


@dataclass(frozen=True)
class Step:
    """One pass over a subject: from the depth reached so far to `to`."""

    subject: Subject
    since: str | None
    to: str
    minutes: int | None  # unknown while there is no chapter
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Week:
    number: int
    record: PathWeek
    focus: str
    steps: tuple[Step, ...]
    questions: tuple[Question, ...]
    labs: tuple[Subject, ...]
    sheets: tuple[Subject, ...]

    @property
    def study(self) -> int:
        return sum(step.minutes or 0 for step in self.steps)

    @property
    def practice(self) -> int:
        return sum(question.record.minutes for question in self.questions)


@dataclass(frozen=True)
class Path:
    role: str
    tier: str | None
    weeks: tuple[Week, ...]

    @property
    def minutes(self) -> int:
        return sum(week.study + week.practice for week in self.weeks)

    @property
    def subjects(self) -> list[Subject]:
        return list({step.subject.slug: step.subject for week in self.weeks for step in week.steps}.values())


def subjects(handbook: Handbook) -> list[Subject]:
    """Every subject in reading order."""
    return handbook.once(_in_reading_order)


def _in_reading_order(handbook: Handbook) -> list[Subject]:
    found = [
        Subject(c.slug, c.record.title, c.record.order, c.record.kind, tuple(c.record.prerequisites), c.record.summary, c.record.depth, c)
        for c in handbook.chapters
    ]
    found += [
        Subject(t.slug, t.title, t.order, t.kind, tuple(t.prerequisites), t.summary or "", t.depth, None) for t in handbook.topics
    ]
    return sorted(found, key=lambda subject: (subject.order, subject.slug))


def reach(depth: ChapterDepth, role: str, tier: str | None = None) -> str:
    """How deep a role needs a chapter; a company tier moves that one step towards its own depth."""
    wanted = DEPTHS.index(depth.roles[role])
    if tier is not None:
        asked = DEPTHS.index(depth.company_tiers[tier])
        wanted += (asked > wanted) - (asked < wanted)
    return DEPTHS[wanted]


def within(depth: str, limit: str) -> bool:
    return DEPTHS.index(depth) <= DEPTHS.index(limit)


def entries(week: PathWeek) -> Iterator[tuple[str, str | None]]:
    """Chapters of a week, each with the depth at which this pass stops."""
    for entry in week.chapters:
        yield (entry.chapter, entry.to) if isinstance(entry, PathStep) else (entry, None)


def plan(handbook: Handbook, role: str, tier: str | None = None) -> Path:
    """The weeks of a role, for one company tier or for any. What it cannot know (a bad slug) it leaves out: check_paths tells."""
    known = {subject.slug: subject for subject in subjects(handbook) if subject.depth is not None}
    change = handbook.tiers[tier].roles[role] if tier else None
    reached: dict[str, str] = {}
    used: set[str] = set()
    weeks = []
    for number, record in enumerate(handbook.roles[role].weeks, start=1):
        listed = list(entries(record)) + [(slug, None) for slug in (change.add.get(str(number), []) if change else [])]
        steps = []
        for slug, stop in listed:
            if slug not in known or (change and slug in change.drop):
                continue
            step = _step(known[slug], role, tier, stop, reached.get(slug))
            if step is not None:
                steps.append(step)
                reached[slug] = step.to
        here = {step.subject.slug for step in steps}
        found = _questions(handbook, record.questions, steps, role, tier, used)
        used |= {question.id for question in found}
        weeks.append(
            Week(
                number=number,
                record=record,
                focus=(change.focus.get(str(number)) if change else None) or record.focus,
                steps=tuple(steps),
                questions=tuple(found),
                labs=tuple(known[slug] for slug in record.labs if slug in here),
                sheets=tuple(known[slug] for slug in record.sheets if slug in here),
            )
        )
    return Path(role, tier, tuple(weeks))


def _step(subject: Subject, role: str, tier: str | None, stop: str | None, since: str | None) -> Step | None:
    """The pass, or None where the path's depth is reached already."""
    to = reach(subject.depth, role, tier)
    if stop is not None and within(stop, to):
        to = stop
    if since is not None and within(to, since):
        return None
    chapter = subject.chapter
    if chapter is None:
        return Step(subject, since, to, None, ())
    minutes = getattr(chapter.record.minutes, to) - (getattr(chapter.record.minutes, since) if since else 0)
    sections = tuple(
        section
        for section in chapter.sections
        if section.depth in DEPTHS and within(section.depth, to) and not (since and within(section.depth, since))
    )
    return Step(subject, since, to, minutes, sections)


def _questions(handbook: Handbook, rule, steps: list[Step], role: str, tier: str | None, used: set[str]) -> list[Question]:
    if not isinstance(rule, QuestionRule):
        return [handbook.questions[name][1] for name in rule if name in handbook.questions]
    columns = [
        [question for question in step.subject.chapter.questions if question.id not in used and _suits(question, rule, step, role, tier)]
        for step in steps
        if step.subject.chapter
    ]
    in_turn = [question for question in chain.from_iterable(zip_longest(*columns)) if question]  # one of each chapter, then the next
    return in_turn[: rule.first]


def _suits(question: Question, rule: QuestionRule, step: Step, role: str, tier: str | None) -> bool:
    record = question.record
    return (
        role in record.roles
        and (tier is None or tier in record.company_tiers)
        and (rule.kinds is None or record.kind in rule.kinds)
        and (rule.levels is None or record.level in rule.levels)
        and within(LEVEL_DEPTH[record.level], step.to)
    )
