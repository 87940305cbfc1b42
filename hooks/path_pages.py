"""Macros of docs/paths/: the topic map, tables over roles and company tiers, and the page of one role.

Thin over paths.py, which works everything out, and path_figures.py, which draws. What has a chapter is a link; every other
subject of the syllabus is a plain name.
"""

from __future__ import annotations

import html
import re

from hooks import path_figures, paths
from hooks.building import Building, CallError, Site
from hooks.figures import inline as inline_drawing
from hooks.formatting import day
from hooks.icons import depth_badge
from hooks.parts import hours, link, subject_name
from hooks.paths import DEPTHS, Path, Step, Subject, Week
from hooks.plan import SETS
from hooks.problems import nearest
from hooks.questions import path_control as control
from hooks.schema import Preparation
from hooks.sources import inline


def _address(subject: Subject, page: Building, file: str = "index.md", fragment: str = "") -> str | None:
    return page.href(f"chapters/{subject.slug}/{file}", fragment) if subject.chapter else None


def _table(heads: list[str], rows: list[list[str]], look: str = "") -> str:
    head = "".join(f'<th scope="col">{words}</th>' for words in heads)
    body = ""
    for name, *cells in rows:  # on a phone a row of words is a list, and each cell says what it is
        labelled = "".join(f'<td data-label="{html.escape(label)}">{cell}</td>' for label, cell in zip(heads[1:], cells, strict=True))
        body += f'<tr><th scope="row">{name}</th>{labelled}</tr>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="{f"path-table {look}".strip()}">{table}</div>'


def _need(found, what: str):
    if not found:
        raise CallError(f"there is no docs/paths/{what}.yml; add it")
    return found


# ---- the roadmap ---------------------------------------------------------------------------------


def topic_map(site: Site, page: Building) -> str:
    """The eleven subjects with what each needs: the map for a laptop and for paper, and the one for a phone."""
    known = paths.subjects(site.handbook)
    drawn = {"wide": path_figures.wide_map, "narrow": path_figures.narrow_map}
    panels = "".join(
        f'<div class="map-{name}">{_linked(draw(known, lambda subject: _address(subject, page)), page, f"map-{name}")}</div>' for name, draw in drawn.items()
    )
    caption = (
        "What each subject needs, from left to right; on a phone from top to bottom. A box with an accent edge is a chapter and a link. "
        "The word under a name is its kind: foundation, training, application or integration."
    )
    return page.keep(f'<div><figure class="fig topic-map" id="{page.unique("topic-map")}">{panels}<figcaption>{caption}</figcaption></figure></div>')


def _linked(drawing: str, page: Building, stem: str) -> str:
    """A drawing that holds links is a group, not one image."""
    prefix = page.unique(f"svg-{stem}")
    width = re.search(r'viewBox="0 0 ([\d.]+)', drawing)[1]
    drawing = drawing.replace('<svg xmlns="http://www.w3.org/2000/svg"', f'<svg role="group" aria-labelledby="{prefix}-title" style="max-width:{width}px" data-search-exclude=""', 1)
    drawing = drawing.replace("<title>", f'<title id="{prefix}-title">', 1)
    return re.sub(r">\s*\n\s*<", "><", drawing.strip())


def path_control(site: Site, page: Building) -> str:
    """Where a reader says who they are, outside a chapter."""
    return page.keep_aside(control(site, page))


def subject_table(site: Site, page: Building) -> str:
    """What each subject is for, in a line."""
    titles = {subject.slug: subject.title for subject in paths.subjects(site.handbook)}
    rows = []
    for number, subject in enumerate(paths.subjects(site.handbook), start=1):
        needed = ", ".join(html.escape(titles[slug], quote=False) for slug in subject.prerequisites) or "nothing"
        rows.append([f"{number}. {subject_name(page, subject)}", inline(subject.summary), subject.kind, needed])
    return page.keep(_table(["subject", "what it is for", "kind", "needs"], rows, "words"))


def asked_figure(site: Site, page: Building) -> str:
    """How often public question banks ask about each subject: bars, and the same as a table."""
    asked = _need(site.handbook.asked, "asked")
    by_slug = {subject.slug: subject for subject in paths.subjects(site.handbook)}
    total = sum(row.questions for row in asked.rows)
    rows = sorted(asked.rows, key=lambda row: -row.questions)
    named = [(by_slug[row.subject].title if row.subject in by_slug else row.title or row.subject or "", row.questions) for row in rows]
    drawing = inline_drawing(path_figures.bars(named).encode(), "asked", "the figure of what is asked", page)
    caption = (
        f"Questions by subject in {asked.banks} public English question banks, counted by this project on {day(asked.as_of)}: {total:,}, of them {asked.distinct:,} distinct. "
        f"{inline(asked.noise)} It counts what is published, which is not what any one company asks."
    )
    cells = [
        [subject_name(page, by_slug[row.subject]) if row.subject in by_slug else html.escape(row.title or "", quote=False), str(row.questions), f"{100 * row.questions / total:.1f} %"]
        for row in rows
    ]
    cells.append(["all", f"{total:,}", "100 %"])
    table = _table(["subject", "questions", "share"], cells, "numbers")
    return page.keep(f'<div><figure class="fig" id="{page.unique("fig-asked")}">{drawing}<figcaption>{caption}</figcaption></figure><details class="step"><summary>The same as a table</summary>{table}</details></div>')


def competency_list(site: Site, page: Building) -> str:
    """The five, each with how many questions of the handbook name it."""
    counted = dict.fromkeys(site.handbook.competencies, 0)
    for _, question in site.handbook.questions.values():
        counted[question.record.competency] += 1
    rows = [[html.escape(record.title), inline(record.summary), str(counted[name])] for name, record in site.handbook.competencies.items()]
    return page.keep(_table(["competency", "you show it when", "questions here"], rows, "words"))


# ---- roles and company tiers ---------------------------------------------------------------------


def role_list(site: Site, page: Building) -> str:
    """The four paths, a link each, with what they are and how long they take."""
    rows = []
    for role, record in _need(site.handbook.roles, "roles").items():
        path = paths.plan(site.handbook, role)
        rows.append(
            [
                link(page, f"paths/{role}.md", record.title),
                inline(record.summary),
                f"{len(record.weeks)}",
                hours(path.minutes),
            ]
        )
    return page.keep(_table(["path", "for whom", "weeks", "hours written so far"], rows, "words"))


def title_table(site: Site, page: Building) -> str:
    """Job titles by role."""
    rows = [
        [html.escape(title.title, quote=False), link(page, f"paths/{role}.md", record.title), inline(title.note)]
        for role, record in _need(site.handbook.roles, "roles").items()
        for title in record.titles
    ]
    return page.keep(_table(["title in the opening", "path", "when"], rows, "words"))


def tier_list(site: Site, page: Building) -> str:
    """What each company tier tests and how deep: Markdown with a heading a tier."""
    parts = []
    for tier, record in _need(site.handbook.tiers, "tiers").items():
        tests = "\n".join(f"- {text}" for text in record.tests)
        changes = _table(
            ["path", "what changes at this tier"],
            [[link(page, f"paths/{role}.md", site.handbook.roles[role].title), inline(change.says)] for role, change in record.roles.items()],
            "words",
        )
        parts.append(f"## {record.title} {{ #{tier} }}\n\n{record.summary} It tests:\n\n{tests}\n\n**How deep.** {record.how_deep}\n\n{page.keep(changes)}")
    return "\n\n".join(parts)


def depth_matrix(site: Site, page: Building) -> str:
    """Every subject by role: the depth without a company tier."""
    roles = _need(site.handbook.roles, "roles")
    rows = [
        [subject_name(page, subject), *(depth_badge(paths.reach(subject.depth, role)) if subject.depth else "" for role in roles)]
        for subject in paths.subjects(site.handbook)
    ]
    return page.keep(_table(["subject", *(record.title for record in roles.values())], rows))


# ---- the page of one role ------------------------------------------------------------------------


def role_path(site: Site, page: Building, role: str) -> str:
    """All of a role's page below its first line: Markdown, so that its headings stand in the table of contents."""
    roles = _need(site.handbook.roles, "roles")
    if role not in roles:
        raise CallError(f"no role `{role}`; {nearest(role, roles)}")
    record, path = roles[role], paths.plan(site.handbook, role)
    fits = "\n".join(f"- {text}" for text in record.fits)
    titles = ", ".join(title.title for title in record.titles)
    parts = [
        f"{record.summary}\n\nIt fits you if:\n\n{fits}\n\n**Openings:** {record.openings}. **Titles that may belong here:** {titles}; [what decides](roles.md#titles).",
        f"## The weeks at a glance {{ #weeks }}\n\n{page.keep(_glance(path, page))}\n\n{_unwritten(path)}",
        *(_week(week, page) for week in path.weeks),
        *([f"## The interview itself {{ #interview }}\n\n{_interview(site, page, role)}"] if site.handbook.preparation else []),
        f"## How the company changes it {{ #companies }}\n\n{_company(site, page, role, path)}",
    ]
    return "\n\n".join(parts)


def _unwritten(path: Path) -> str:
    names = [subject.title for subject in path.subjects if subject.chapter is None]
    if not names:
        return "Study is the time that the chapters give for reaching the depth; practice is the time of a real round for each question."
    return (
        "Study is the time that the chapters give for reaching the depth; practice is the time of a real round for each question. "
        f"Subjects of the syllabus without a chapter yet are named and not counted: {', '.join(names)}."
    )


def _glance(path: Path, page: Building) -> str:
    rows = []
    for week in path.weeks:
        chapters = "<br>".join(f"{subject_name(page, step.subject)} {depth_badge(step.to)}" for step in week.steps)
        rows.append([f'<a href="#week-{week.number}">{week.number}. {html.escape(week.record.title, quote=False)}</a>', chapters, _time(week.study), _time(week.practice)])
    study, practice = (sum(getattr(week, name) for week in path.weeks) for name in ("study", "practice"))
    rows.append(["together", "", _time(study), _time(practice)])
    return _table(["week", "subjects, to which depth", "study", "practice"], rows)


def _time(minutes: int) -> str:
    return hours(minutes) if minutes else "–"


def _week(week: Week, page: Building) -> str:
    rows = []
    for step in week.steps:
        rows.append(f"<dt>{subject_name(page, step.subject)} {depth_badge(step.to)}</dt><dd>{_sections(step, page)}</dd>")
    if week.questions:
        listed = "".join(
            f"<li>{link(page, question.source, question.record.title)} "
            f"<small>{question.record.kind}, {question.record.minutes} min</small></li>"
            for question in week.questions
        )
        rows.append(f"<dt>Questions, {_time(week.practice)}</dt><dd><ol>{listed}</ol></dd>")
    also = [f'{link(page, f"chapters/{s.slug}/lab.ipynb", f"Lab: {s.title}")}' for s in week.labs if s.chapter and s.chapter.lab and s.chapter.lab.notebook]
    also += [link(page, f"chapters/{s.slug}/cheatsheet.md", f"Sheet: {s.title}") for s in week.sheets if s.chapter and s.chapter.sheet]
    also += [link(page, f"chapters/{s.subject.slug}/cards.md", f"Cards: {s.subject.title}") for s in week.steps if s.subject.chapter and s.since is None]
    if also:
        rows.append(f"<dt>Also</dt><dd>{', '.join(also)}</dd>")
    details = page.keep(f'<dl class="path-week">{"".join(rows)}</dl>')
    return f"## Week {week.number}: {week.record.title} {{ #week-{week.number} }}\n\n{week.focus}\n\n{details}\n\n**Checkpoint.** {week.record.checkpoint}"


def _interview(site: Site, page: Building, role: str) -> str:
    """What the weeks do not hold: the same list as the planner's."""
    tasks = [task for task in site.handbook.preparation if role in (task.roles or [role])]
    sets = [home for folder in SETS for home in site.handbook.sets if home.folder == folder]

    def listed(some: list[Preparation]) -> str:
        return "".join(f"<li>{link(page, f'interview/{task.page}.md', task.do)} <small>{task.minutes} min</small></li>" for task in some)

    across = ", ".join(
        f"{link(page, f'{home.folder}/index.md', home.title)} ({sum(role in question.record.roles for question in home.questions)} of them for this role)" for home in sets
    )
    rows = [("In week 1", [task for task in tasks if task.stays]), ("In the last two weeks", [task for task in tasks if not task.stays])]
    body = "".join(f"<dt>{name}</dt><dd><ul>{listed(some)}</ul></dd>" for name, some in rows if some)
    body += f"<dt>Aloud, twice a week</dt><dd>{across}</dd>" if across else ""
    minutes = sum(task.minutes for task in tasks)
    lead = f"The weeks above are about subjects. Beside them stand {_time(minutes)} of preparation that no chapter holds; the [planner](planner.md) lays it on days for you."
    details = page.keep(f'<dl class="path-week">{body}</dl>')
    return f"{lead}\n\n{details}"


def _sections(step: Step, page: Building) -> str:
    """The sections of this pass, grouped by depth, with the minutes of the whole pass."""
    if step.subject.chapter is None:
        return "no chapter yet; the depth is what the syllabus plans"
    groups = []
    for depth in DEPTHS:
        named = [
            f'<a href="{_address(step.subject, page, fragment=section.id)}">{inline(section.title)}</a>' for section in step.sections if section.depth == depth
        ]
        if named:
            groups.append(f"<b>{depth}:</b> {', '.join(named)}")
    again = f" more, from {step.since}" if step.since else ""
    return f"{_time(step.minutes or 0)}{again}<br>" + "<br>".join(groups) if groups else f"{_time(step.minutes or 0)}{again}; the same sections, deeper"


def _company(site: Site, page: Building, role: str, base: Path) -> str:
    tiers = _need(site.handbook.tiers, "tiers")
    plans = {tier: paths.plan(site.handbook, role, tier) for tier in tiers}
    everywhere = {tier: {step.subject.slug: step.to for week in path.weeks for step in week.steps} for tier, path in plans.items()}
    usual = {step.subject.slug: step.to for week in base.weeks for step in week.steps}
    rows = []
    for subject in paths.subjects(site.handbook):
        if subject.slug not in usual and not any(subject.slug in depths for depths in everywhere.values()):
            continue
        cells = [depth_badge(usual[subject.slug]) if subject.slug in usual else "–"]
        cells += [_changed(usual.get(subject.slug), everywhere[tier].get(subject.slug)) for tier in tiers]
        rows.append([subject_name(page, subject), *cells])
    rows.append(["hours written so far", _time(base.minutes), *(_time(plans[tier].minutes) for tier in tiers)])
    table = page.keep(_table(["subject", "any company", *(record.title for record in tiers.values())], rows, "tiers"))
    told = []
    for _tier, record in tiers.items():
        change = record.roles[role]
        more = [f"Week {week}: {text}" for week, text in sorted(change.focus.items())]
        titles = {subject.slug: subject.title for subject in paths.subjects(site.handbook)}
        more += [f"Week {week} adds {', '.join(titles[slug] for slug in slugs)}." for week, slugs in sorted(change.add.items())]
        if change.drop:
            more.append(f"Left out: {', '.join(titles[slug] for slug in change.drop)}.")
        told.append(f"**{record.title}.** {change.says} {' '.join(more)}")
    lead = (
        "The role sets the depth of a chapter and the company tier moves it one step towards its own, both as the chapter's record has them. "
        "What the tiers ask is our judgement; [what each tests](companies.md)."
    )
    return f"{lead}\n\n{table}\n\n" + "\n\n".join(told)


def _changed(usual: str | None, here: str | None) -> str:
    """A depth, with the direction in words for whoever cannot see the arrow."""
    if here is None:
        return "left out" if usual else "–"
    if usual is None:
        return f"added: {depth_badge(here)}"
    step = DEPTHS.index(here) - DEPTHS.index(usual)
    mark = {1: '<span class="up" title="deeper">↑</span> ', -1: '<span class="down" title="less deep">↓</span> '}.get((step > 0) - (step < 0), "")
    return mark + depth_badge(here)
