"""Do the role paths hold? Subjects, questions and weeks exist, and no week needs what comes later."""

from __future__ import annotations

from collections.abc import Iterator

from hooks import paths
from hooks.model import Handbook
from hooks.problems import Problem, nearest
from hooks.schema import PathStep, QuestionRule

ROLES_FILE = "docs/paths/roles.yml"
TIERS_FILE = "docs/paths/tiers.yml"
ASKED_FILE = "docs/paths/asked.yml"
INTERVIEW_FILE = "docs/paths/interview.yml"


def check(handbook: Handbook) -> Iterator[Problem]:
    known = {subject.slug for subject in paths.subjects(handbook)}
    yield from _roles(handbook, known)
    yield from _tiers(handbook, known)
    yield from _asked(handbook, known)
    yield from _preparation(handbook)
    if handbook.roles:
        yield from _depths(handbook)
        yield from _order(handbook)


def _at(handbook: Handbook, file: str, place: tuple) -> int:
    return handbook.lines[file].line(place)


def _roles(handbook: Handbook, known: set[str]) -> Iterator[Problem]:
    missing = [role for role in paths.ROLES if handbook.roles and role not in handbook.roles]
    if missing:
        yield Problem(ROLES_FILE, 1, f"no path for {', '.join(missing)}", "add it: every role has one")
    for role, record in handbook.roles.items():
        for number, week in enumerate(record.weeks):
            where = (role, "weeks", number)
            for index, entry in enumerate(week.chapters):
                slug = entry.chapter if isinstance(entry, PathStep) else entry
                if slug not in known:
                    line = _at(handbook, ROLES_FILE, (*where, "chapters", index))
                    yield Problem(ROLES_FILE, line, f"unknown subject `{slug}`", nearest(slug, known))
            here = {slug for slug, _ in paths.entries(week)}
            for name in ("labs", "sheets"):
                for index, slug in enumerate(getattr(week, name)):
                    if slug not in here:
                        line = _at(handbook, ROLES_FILE, (*where, name, index))
                        yield Problem(ROLES_FILE, line, f"`{slug}` in {name} is no chapter of this week", "list it in chapters")
            if isinstance(week.questions, QuestionRule):
                continue
            for index, name in enumerate(week.questions):
                if name not in handbook.questions:
                    line = _at(handbook, ROLES_FILE, (*where, "questions", index))
                    yield Problem(ROLES_FILE, line, f"no question `{name}`", nearest(name, handbook.questions))


def _preparation(handbook: Handbook) -> Iterator[Problem]:
    pages = {name.removeprefix("docs/interview/").removesuffix(".md") for name in handbook.pages if name.startswith("docs/interview/")}
    seen = set()
    for index, task in enumerate(handbook.preparation):
        line = _at(handbook, INTERVIEW_FILE, (index, "page"))
        if task.page not in pages:
            yield Problem(INTERVIEW_FILE, line, f"no page docs/interview/{task.page}.md", nearest(task.page, pages))
        if task.page in seen:
            yield Problem(INTERVIEW_FILE, line, f"`{task.page}` stands twice", "a page is one thing to do: join them")
        seen.add(task.page)


def _tiers(handbook: Handbook, known: set[str]) -> Iterator[Problem]:
    for tier, record in handbook.tiers.items():
        for role, change in record.roles.items():
            if role not in handbook.roles:
                continue
            weeks = len(handbook.roles[role].weeks)
            held = {slug for week in handbook.roles[role].weeks for slug, _ in paths.entries(week)}
            where = (tier, "roles", role)
            for name in ("add", "focus"):
                for week in getattr(change, name):
                    if int(week) > weeks:
                        line = _at(handbook, TIERS_FILE, (*where, name, week))
                        yield Problem(TIERS_FILE, line, f"the path {role} has no week {week}", f"name one of 1 to {weeks}")
            for week, slugs in change.add.items():
                for slug in slugs:
                    line = _at(handbook, TIERS_FILE, (*where, "add", week))
                    if slug not in known:
                        yield Problem(TIERS_FILE, line, f"unknown subject `{slug}`", nearest(slug, known))
                    elif slug in held:
                        yield Problem(TIERS_FILE, line, f"`{slug}` is on the path {role} already", "take it out of `add`")
            for index, slug in enumerate(change.drop):
                if slug not in held:
                    line = _at(handbook, TIERS_FILE, (*where, "drop", index))
                    yield Problem(TIERS_FILE, line, f"`{slug}` is not on the path {role}", nearest(slug, held))


def _asked(handbook: Handbook, known: set[str]) -> Iterator[Problem]:
    for index, row in enumerate(handbook.asked.rows if handbook.asked else ()):
        line = _at(handbook, ASKED_FILE, ("rows", index))
        if (row.subject is None) == (row.title is None):
            yield Problem(ASKED_FILE, line, "a row needs either `subject` or `title`", "keep one of them")
        elif row.subject is not None and row.subject not in known:
            yield Problem(ASKED_FILE, line, f"unknown subject `{row.subject}`", nearest(row.subject, known))


def _depths(handbook: Handbook) -> Iterator[Problem]:
    """A subject without a chapter says in topics.yml how deep who needs it."""
    for index, topic in enumerate(handbook.topics):
        for name in ("summary", "depth"):
            if getattr(topic, name) is None:
                line = _at(handbook, "docs/paths/topics.yml", (index, "slug"))
                yield Problem("docs/paths/topics.yml", line, f"`{topic.slug}` has no `{name}`", "the paths need it until its chapter is there")


def _order(handbook: Handbook) -> Iterator[Problem]:
    """On every path x tier a chapter's prerequisites come before it."""
    for role, _record in handbook.roles.items():
        said: set[tuple] = set()  # what is wrong for everybody is said once
        for tier in (None, *handbook.tiers):
            read: set[str] = set()
            for number, week in enumerate(paths.plan(handbook, role, tier).weeks):
                for step in week.steps:
                    lacking = [slug for slug in step.subject.prerequisites if slug not in read]
                    read.add(step.subject.slug)
                    if lacking and (step.subject.slug, *lacking) not in said:
                        said.add((step.subject.slug, *lacking))
                        changed = tier is not None
                        file = TIERS_FILE if changed else ROLES_FILE
                        place = (tier, "roles", role) if changed else (role, "weeks", number)
                        here = f"week {number + 1} of {role}" + (f" for {tier}" if tier else "")
                        what = f"{here}: `{step.subject.slug}` needs {', '.join(f'`{slug}`' for slug in lacking)} before it"
                        yield Problem(file, _at(handbook, file, place), what, "read that first, or drop both")
