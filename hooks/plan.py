"""The planner's data, from the content model: what there is to do, how long it takes and what must come first.

The page shows a table by chapter for whoever runs no script, and the form that widgets/planner fills with life. The data
is one script beside the widget, written in the build's last step.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any, get_args

from hooks import hunts, widget_data
from hooks.building import Building, Site
from hooks.model import Chapter, Handbook, Question
from hooks.navigation import exercise_page, hunt_page
from hooks.parts import chapter_number, hours, link
from hooks.schema import Depth, Preparation, Role, Tier

ROLES = {"research": "Research", "full-stack": "Full stack", "applied": "Applied", "platform": "Platform and infrastructure"}
TIERS = {"frontier": "Frontier lab", "llm-infrastructure": "LLM infrastructure", "ai-native": "AI-native product", "enterprise": "Enterprise"}
DEPTHS = list(get_args(Depth))
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
HOURS = [1, 1, 1, 1, 1, 2, 1]  # what the form opens with: eight a week
WHY = [  # the order of widgets/planner/plan.ts, steps
    "Bug hunts and exercises: they sharpen what questions already test",
    "Labs: an interview asks for the result, which the chapter states",
    "Questions asked in the fewest kinds of round, down to six a chapter or set",
    "Interview pages about single rounds; the loop, the pitch and the five stories stay",
    "Depth, where your role needs least first, but not below explain",
    "Questions again, down to two a chapter or set",
    "Cards, which repeat the chapter",
    "Depth again, down to skim",
    "Whole chapters and sets, never one that a kept chapter needs; the sheet stays",
]
assert set(ROLES) == set(get_args(Role)) and set(TIERS) == set(get_args(Tier))


SETS = ("interview/twenty-questions", "paths/separating-questions", "interview/design-prompts")


def data(handbook: Handbook, directory_urls: bool = True) -> dict[str, Any]:
    """All that the engine knows: the interview's first steps, the chapters, what its rounds ask for, the questions across chapters."""
    tasks = {stays: [task for task in handbook.preparation if task.stays is stays] for stays in (True, False)}
    chapters = [chapter_data(handbook, chapter) for chapter in handbook.chapters]
    groups = [
        *([group("interview", "The interview", extras=[task_data(task) for task in tasks[True]], sheet=True)] if tasks[True] else []),
        *chapters,
        *([group("rounds", "The rounds", extras=[task_data(task) for task in tasks[False]])] if tasks[False] else []),
        *(group(home.folder.rpartition("/")[2], home.title, handbook, home=home.folder, questions=[question_data(question) for question in home.questions])
          for folder in SETS for home in handbook.sets if home.folder == folder),
    ]  # fmt: skip
    return {"folders": directory_urls, "why": WHY, "chapters": groups}


def group(slug: str, title: str, after: Handbook | None = None, home: str = "interview", **parts: Any) -> dict[str, Any]:
    """What is no chapter, in the form of one, but without depth and checkpoints; `after` a handbook's chapters if they are given."""
    always = {"roles": dict.fromkeys(ROLES, len(DEPTHS) - 1), "tiers": dict.fromkeys(TIERS, len(DEPTHS) - 1)}
    none = {"minutes": [0] * len(DEPTHS), "sections": [], "questions": [], "extras": [], "lab": False, "sheet": False, "cards": 0}
    return {"slug": slug, "title": title, "home": home, "needs": [chapter.slug for chapter in after.chapters] if after else [], **always, **none, **parts}


def task_data(task: Preparation) -> dict[str, Any]:
    roles = {"roles": task.roles} if task.roles else {}
    return {"item": f"section:interview#{task.page}", "title": task.do, "minutes": task.minutes, "page": f"interview/{task.page}", "stays": task.stays, **roles}


def question_data(question: Question) -> dict[str, Any]:
    record = question.record
    return {"id": question.id, "title": plain(record.title), "minutes": record.minutes, "level": record.level,
            "roles": record.roles, "tiers": record.company_tiers, "asked": len(record.rounds)}  # fmt: skip


def chapter_data(handbook: Handbook, chapter: Chapter) -> dict[str, Any]:
    record = chapter.record
    by = {kind: dict(values) for kind, values in (("roles", record.depth.roles), ("tiers", record.depth.company_tiers))}
    return {
        "slug": chapter.slug,
        "title": record.title,
        "needs": record.prerequisites,
        "minutes": [getattr(record.minutes, depth) for depth in DEPTHS],
        "roles": {role: DEPTHS.index(depth) for role, depth in by["roles"].items()},
        "tiers": {tier: DEPTHS.index(depth) for tier, depth in by["tiers"].items()},
        "sections": [
            {"id": section.id, "title": plain(section.title), "depth": DEPTHS.index(section.depth), "words": len(section.body.split())}
            for section in chapter.sections
            if section.depth in DEPTHS and section.id
        ],
        "questions": [question_data(question) for question in chapter.questions],
        "extras": extras(handbook, chapter),
        "lab": chapter.lab is not None and chapter.lab.notebook is not None,
        "sheet": chapter.sheet is not None,
        "cards": len(chapter.cards),
    }  # fmt: skip


def extras(handbook: Handbook, chapter: Chapter) -> list[dict[str, Any]]:
    """What a chapter is practised by besides questions, each with one chapter, so that none comes twice.

    A bug hunt goes to the first chapter that shows its module: the clock, and six minutes for the fix. An exercise goes to
    the last of its chapters, when all that it needs has been read.
    """
    found: list[dict[str, Any]] = []
    order = [each.slug for each in handbook.chapters]
    for exercise in handbook.exercises.values():
        record = exercise.record
        if max((slug for slug in record.chapters if slug in order), key=order.index, default="") == chapter.slug:
            found.append({"item": f"exercise:{exercise.id}", "title": f"Exercise: {plain(record.title)}", "minutes": record.minutes, "roles": record.roles, "page": exercise_page(exercise.id).removesuffix(".md")})
    for number, hunt in enumerate(hunts.hunts(handbook), start=1):
        shown = [each.slug for each in handbook.chapters if hunt.snippet.path in each.body]
        if shown[:1] == [chapter.slug]:
            page = hunt_page(hunt.fault.id).removesuffix(".md")
            found.append({"item": f"hunt:{hunt.fault.id}", "title": hunts.title(number, hunt), "minutes": hunts.MINUTES + 6, "page": page})
    return found


def plain(text: str) -> str:
    return re.sub(r"[*`]|\$", "", text)


def script(handbook: Handbook, directory_urls: bool = True) -> str:
    return widget_data.script("strongHirePlan", data(handbook, directory_urls))


def write(site: Site, out: Path) -> None:
    widget_data.write(out, "planner", script(site.handbook, site.directory_urls))


# ---- the page ----------------------------------------------------------------------------------------


def planner(site: Site, page: Building) -> str:
    """`<%= planner() %>`: the form, and for whoever runs no script what it takes to plan on paper."""
    return page.keep(f'<sh-planner class="calc plan">{form()}{frame()}{by_hand(site, page)}</sh-planner>')


def form() -> str:
    def options(names: dict[str, str]) -> str:
        return '<option value="">Choose</option>' + "".join(f'<option value="{key}">{html.escape(name)}</option>' for key, name in names.items())

    def hour(name: str, place: int) -> str:
        return (
            f'<div class="plan-day"><label for="plan-{name}">{name}</label><input id="plan-{name}" name="h{place}" type="number" inputmode="decimal" '
            f'required min="0" max="16" step="0.25" value="{HOURS[place]}" data-wrong="A day has from 0 to 16 hours, in quarters."></div>'
        )

    days = "".join(hour(name, place) for place, name in enumerate(DAYS))
    # the words of a mistake stand beside the field that it is about; the widget shows the first
    return (
        '<form class="plan-form" aria-label="Your plan" novalidate>'
        f'<div class="calc-field"><label for="plan-role">Role</label><select id="plan-role" name="role" required data-wrong="Choose a role.">{options(ROLES)}</select></div>'
        f'<div class="calc-field"><label for="plan-tier">Kind of company</label><select id="plan-tier" name="tier" required data-wrong="Choose a kind of company.">{options(TIERS)}</select></div>'
        '<div class="calc-field"><label for="plan-interview">Interview on</label><input id="plan-interview" name="interview" type="date" required '
        'data-wrong="Give a day from today on, and within two years."></div>'
        f'<div class="calc-field"><label for="plan-week">Hours a week</label><input id="plan-week" name="week" type="number" inputmode="decimal" required min="0" max="112" step="any" value="{sum(HOURS)}" '
        'data-wrong="A week has from 0 to 112 hours of study."></div>'
        f'<details class="plan-more"><summary>Hours by day, first day, self-scores</summary><div class="plan-days">{days}</div>'
        '<div class="calc-field"><label for="plan-start">First day</label><input id="plan-start" name="start" type="date" required data-wrong="The first day is on or before the interview."></div>'
        '<p class="plan-scores"><input type="checkbox" name="scores" id="plan-scores" checked disabled><label for="plan-scores"> Use my self-scores</label></p></details>'
        '<p class="calc-wrong" id="plan-wrong" role="alert"></p>'
        '<button type="submit" class="drill-check plan-go">Make the plan</button></form>'
    )


def frame() -> str:
    """What stands around a plan: filled and shown by the widget."""
    return (
        '<div class="plan-out"><p class="plan-empty">Choose a role and a kind of company: that is enough. The rest has a start that you can change.</p></div>'
        '<p class="calc-foot plan-foot" hidden><button type="button" data-do="print">Print</button><button type="button" data-do="calendar">Calendar file</button>'
        '<button type="button" data-do="link">Copy link</button><span><input type="checkbox" id="plan-share"><label for="plan-share">with my self-scores</label></span>'
        '<span class="plan-told" role="status"></span></p>'
    )


def by_hand(site: Site, page: Building) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("chapter", "needs", *DEPTHS, "questions"))
    rows = []
    for chapter in site.handbook.chapters:
        record = chapter.record
        needs = ", ".join(html.escape(site.handbook.by_slug[slug].record.title) for slug in record.prerequisites if slug in site.handbook.by_slug) or "nothing"
        minutes = "".join(f"<td>{hours(getattr(record.minutes, depth))}</td>" for depth in DEPTHS)
        asked = hours(sum(question.record.minutes for question in chapter.questions)) if chapter.questions else "0"
        name = link(page, f"chapters/{chapter.slug}/index.md", record.title)
        rows.append(f"<tr><th scope=\"row\">{chapter_number(site, chapter)}. {name}</th><td>{needs}</td>{minutes}<td>{asked}</td></tr>")
    return (
        '<div class="plan-still calc-still"><p><b>By hand</b>, since the form needs JavaScript, which is off. Take the chapters from the top, since what is needed stands above what needs it. '
        "Write the minutes for your depth over your days, keep the last two for sheets and review, and the last one light.</p>"
        f'<table><caption>Study time from nothing to each depth, and all questions</caption><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>{for_the_interview(site, page)}</div>'
    )


def for_the_interview(site: Site, page: Building) -> str:
    """What is to be done beside the chapters, as a list."""
    tasks = sorted(site.handbook.preparation, key=lambda task: not task.stays)
    items = "".join(f"<li>{link(page, f'interview/{task.page}.md', task.do)}, {hours(task.minutes)}</li>" for task in tasks)
    return f"<p><b>For the interview itself.</b> The first {sum(task.stays for task in tasks)} before the chapters, the others after them:</p><ul>{items}</ul>" if tasks else ""
