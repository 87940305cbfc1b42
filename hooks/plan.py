"""The planner's data, from the content model: what there is to do, how long it takes and what must come first.

The page shows a table by chapter for whoever runs no script, and the form that widgets/planner fills with life. The data
is one script beside the widget, written in the build's last step.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, get_args

from hooks import hunts
from hooks.building import Building, Site
from hooks.model import Chapter, Handbook
from hooks.questions import chapter_number, hours, link
from hooks.schema import Depth, Role, Tier

ROLES = {"research": "Research", "full-stack": "Full stack", "applied": "Applied", "platform": "Platform and infrastructure"}
TIERS = {"frontier": "Frontier lab", "llm-infrastructure": "LLM infrastructure", "ai-native": "AI-native product", "enterprise": "Enterprise"}
DEPTHS = list(get_args(Depth))
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
HOURS = [1, 1, 1, 1, 1, 2, 1]  # what the form opens with: eight a week
assert set(ROLES) == set(get_args(Role)) and set(TIERS) == set(get_args(Tier))


def data(handbook: Handbook, directory_urls: bool = True) -> dict[str, Any]:
    """All that the engine knows."""
    return {"folders": directory_urls, "chapters": [chapter_data(handbook, chapter) for chapter in handbook.chapters]}


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
    """Bug hunts in the modules that a chapter shows, in the first chapter that does: the clock, and six minutes for the fix."""
    found = []
    for number, hunt in enumerate(hunts.hunts(handbook), start=1):
        shown = [each.slug for each in handbook.chapters if hunt.snippet.path in each.body]
        if shown[:1] == [chapter.slug]:
            title = f"Bug hunt {number}: {hunt.snippet.concept.replace('_', ' ')}"
            found.append({"item": f"hunt:{hunt.fault.id}", "title": title, "minutes": hunts.MINUTES + 6})
    return found


def plain(text: str) -> str:
    return re.sub(r"[*`]|\$", "", text)


def script(handbook: Handbook, directory_urls: bool = True) -> str:
    return f"window.strongHirePlan={json.dumps(data(handbook, directory_urls), ensure_ascii=False, separators=(',', ':'))};\n"


def write(site: Site, out: Path) -> None:
    (out / "assets/widgets").mkdir(parents=True, exist_ok=True)
    (out / "assets/widgets/planner-data.js").write_text(script(site.handbook, site.directory_urls), encoding="utf-8")


# ---- the page ----------------------------------------------------------------------------------------


def planner(site: Site, page: Building) -> str:
    """`<%= planner() %>`: the form, and for whoever runs no script what it takes to plan on paper."""
    return page.keep(f'<sh-planner class="calc plan">{form()}<div class="plan-out"></div>{by_hand(site, page)}</sh-planner>')


def form() -> str:
    def options(names: dict[str, str]) -> str:
        return '<option value="">Choose</option>' + "".join(f'<option value="{key}">{html.escape(name)}</option>' for key, name in names.items())

    days = "".join(
        f'<div class="plan-day"><label for="plan-{day}">{day}</label><input id="plan-{day}" name="h{place}" type="number" inputmode="decimal" min="0" max="16" step="0.25" value="{HOURS[place]}"></div>'
        for place, day in enumerate(DAYS)
    )
    return (
        '<form class="plan-form" aria-label="Your plan" novalidate>'
        f'<div class="calc-field"><label for="plan-role">Role</label><select id="plan-role" name="role">{options(ROLES)}</select></div>'
        f'<div class="calc-field"><label for="plan-tier">Kind of company</label><select id="plan-tier" name="tier">{options(TIERS)}</select></div>'
        '<div class="calc-field"><label for="plan-interview">Interview on</label><input id="plan-interview" name="interview" type="date"></div>'
        f'<div class="calc-field"><label for="plan-week">Hours a week</label><input id="plan-week" name="week" type="number" inputmode="decimal" min="0" max="112" step="1" value="{sum(HOURS)}"></div>'
        f'<details class="plan-more"><summary>Hours by day, first day, self-scores</summary><div class="plan-days">{days}</div>'
        '<div class="calc-field"><label for="plan-start">First day</label><input id="plan-start" name="start" type="date"></div>'
        '<p class="plan-scores"></p></details>'
        '<p class="calc-wrong" id="plan-wrong" role="alert"></p>'
        '<button type="submit" class="drill-check plan-go">Make the plan</button></form>'
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
