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
from hooks.model import Chapter, Handbook
from hooks.parts import chapter_number, hours, link
from hooks.schema import Depth, Role, Tier

ROLES = {"research": "Research", "full-stack": "Full stack", "applied": "Applied", "platform": "Platform and infrastructure"}
TIERS = {"frontier": "Frontier lab", "llm-infrastructure": "LLM infrastructure", "ai-native": "AI-native product", "enterprise": "Enterprise"}
DEPTHS = list(get_args(Depth))
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
HOURS = [1, 1, 1, 1, 1, 2, 1]  # what the form opens with: eight a week
WHY = [  # the order of widgets/planner/plan.ts, steps
    "Bug hunts and exercises: they sharpen what questions already test",
    "Labs: an interview asks for the result, which the chapter states",
    "Questions asked in the fewest kinds of round, down to six a chapter",
    "Depth, where your role needs least first, but not below explain",
    "Questions again, down to two a chapter",
    "Depth again, down to skim",
    "Cards, which repeat the chapter",
    "Whole chapters, never one that a kept chapter needs; the sheet stays",
]
assert set(ROLES) == set(get_args(Role)) and set(TIERS) == set(get_args(Tier))


def data(handbook: Handbook, directory_urls: bool = True) -> dict[str, Any]:
    """All that the engine knows."""
    return {"folders": directory_urls, "why": WHY, "chapters": [chapter_data(handbook, chapter) for chapter in handbook.chapters]}


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
        "questions": [
            {"id": question.id, "title": plain(question.record.title), "minutes": question.record.minutes, "level": question.record.level,
             "roles": question.record.roles, "tiers": question.record.company_tiers, "asked": len(question.record.rounds)}
            for question in chapter.questions
        ],
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
            found.append({"item": f"exercise:{exercise.id}", "title": f"Exercise: {plain(record.title)}", "minutes": record.minutes, "roles": record.roles})
    for number, hunt in enumerate(hunts.hunts(handbook), start=1):
        shown = [each.slug for each in handbook.chapters if hunt.snippet.path in each.body]
        if shown[:1] == [chapter.slug]:
            found.append({"item": f"hunt:{hunt.fault.id}", "title": hunts.title(number, hunt), "minutes": hunts.MINUTES + 6})
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
        '<div class="plan-still calc-still"><p><b>By hand.</b> Take the chapters from the top, since what is needed stands above what needs it. '
        "Write the minutes for your depth over your days, keep the last two for sheets and review, and the last one light.</p>"
        f'<table><caption>Study time from nothing to each depth, and all questions</caption><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )
