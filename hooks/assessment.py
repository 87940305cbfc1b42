"""Self-assessment and the calibration quiz: eleven subjects, five levels each, three objective questions a level.

A chapter's levels are those of its own front matter; docs/paths/levels.yml holds them for subjects without a chapter.
The quiz of a chapter is calibration.yml in its folder. The page works on paper; widgets/assessment brings it to life.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hooks import check_pages, macros, paths, prose, widget_data
from hooks.building import Building, Site, folder_of
from hooks.model import Chapter, Handbook
from hooks.parts import link
from hooks.paths import Subject
from hooks.problems import Problem, nearest
from hooks.sources import inline

LEVELS = "docs/paths/levels.yml"
NAMES = ["never seen", "read about", "can explain", "can derive or build", "can teach"]
EACH = 3  # questions a level
BANDS = [  # from which total, and what to do there
    (40, "40 and up", "You are ready to be asked. Spend the time on mock rounds, on questions of level 4 and 5, and on the two subjects with the lowest score; read a chapter only where a question showed a gap."),
    (25, "25 to 39", "You know the ground and would be found out on depth. Take each subject at 3 one step further by its derivations and its code, and let the planner put practice questions behind every chapter."),
    (0, "below 25", "Build the base first. Read transformer internals to explain, then the subjects of your role in reading order, and answer level 2 and 3 questions aloud before you touch design. If the interview is less than three weeks away, choose four subjects and leave the rest."),
]  # fmt: skip


def subjects(handbook: Handbook) -> list[tuple[Subject, list[str]]]:
    """Each subject with its five levels, in reading order."""
    return [
        (subject, [level.text for level in subject.chapter.record.levels] if subject.chapter else list(handbook.levels[subject.slug]))
        for subject in paths.subjects(handbook)
        if subject.chapter or subject.slug in handbook.levels
    ]


# ---- checks ------------------------------------------------------------------------------------------


def check(handbook: Handbook) -> Iterator[Problem]:
    yield from levels(handbook)
    for chapter in handbook.chapters:
        yield from calibration(handbook, chapter)


def levels(handbook: Handbook) -> Iterator[Problem]:
    """One definition each: in the chapter where there is one, else in levels.yml."""
    document = handbook.lines.get(LEVELS)
    if document is None or document.problems:
        return
    topics = [topic.slug for topic in handbook.topics]
    for slug in handbook.levels:
        line = document.line((slug,))
        if slug in handbook.folders:
            yield Problem(LEVELS, line, f"`{slug}` has a chapter now, whose front matter holds its levels", "remove its row")
        elif slug not in topics:
            yield Problem(LEVELS, line, f"`{slug}` is no subject of docs/paths/topics.yml", nearest(slug, topics))
    for slug in topics:
        if slug not in handbook.levels:
            yield Problem(LEVELS, 1, f"the levels of `{slug}` are missing", "write five, from never seen to can teach")


def calibration(handbook: Handbook, chapter: Chapter) -> Iterator[Problem]:
    name = f"docs/chapters/{chapter.slug}/calibration.yml"
    document = handbook.lines.get(name)
    if document is None or document.problems:
        return
    known = prose.anchors(chapter.body)
    counted = Counter(question.level for question in chapter.calibration)
    for level in range(1, 6):
        if counted[level] != EACH:
            yield Problem(name, 1, f"{counted[level]} questions of level {level}", f"a level has {EACH}")
    for index, question in enumerate(chapter.calibration):
        line = document.line((index, "id"))
        if question.taught not in known:
            yield Problem(name, document.line((index, "taught")), f"the chapter has no anchor `{question.taught}`", nearest(question.taught, known))
        options = [question.right, *question.wrong]
        if len(set(options)) < len(options):
            yield Problem(name, line, f"`{question.id}` offers the same option twice", "let each say something else")
        for text in (question.question, *options, question.why):
            yield from check_pages.calls(handbook, f"docs/{chapter.folder}/index.md", text, name, line)


# ---- data --------------------------------------------------------------------------------------------


def rendered(site: Site, chapter: Chapter, text: str) -> str:
    """Text with its macros done and no markup: what a radio button can say."""
    name = f"docs/chapters/{chapter.slug}/calibration.yml"
    page = Building(name, site.handbook.root, folder_of(name, site.handbook.root))
    done = page.restore(page.plain(macros.render(site, page, text, name, 1)))
    return re.sub(r"(?<=\w)'", "’", " ".join(html.unescape(re.sub(r"<[^>]+>", "", done)).split()))


def data(site: Site) -> dict[str, Any]:
    """The quiz by chapter: id, level, question, options with the right one first, reason, anchor. The widget shuffles."""
    found = {}
    for chapter in site.handbook.chapters:
        if chapter.calibration:
            found[chapter.slug] = [
                [each.id, each.level, *(rendered(site, chapter, text) for text in (each.question, each.why)), each.taught, [rendered(site, chapter, text) for text in (each.right, *each.wrong)]]
                for each in chapter.calibration
            ]
    return {"folders": site.directory_urls, "quiz": found}


def write(site: Site, out: Path) -> None:
    widget_data.write(out, "assessment", widget_data.script("strongHireQuiz", data(site)))


# ---- the page ----------------------------------------------------------------------------------------


def assessment(site: Site, page: Building) -> str:
    """`<%= assessment() %>`: a form of radio buttons that also prints, and a place for what the widget adds."""
    fields = "".join(_subject(page, *each) for each in subjects(site.handbook))
    total = 5 * len(subjects(site.handbook))
    when = "".join(
        f'<input type="radio" name="when" id="when-{value}" value="{value}"{" checked" if value == "before" else ""}><label for="when-{value}">{words}</label>'
        for value, words in (("before", "before studying"), ("after", "after studying"))
    )
    bands = "".join(f'<tr data-from="{start}"><th scope="row">{words}</th><td>{todo}</td></tr>' for start, words, todo in BANDS)
    return page.keep(
        f'<sh-assessment class="calc assess"><form class="assess-form" aria-label="Self-assessment">{fields}'
        f'<fieldset class="assess-when"><legend>This is</legend>{when}</fieldset>'
        f'<p class="assess-total">Total: <b class="assess-sum"></b> of {total}<span class="assess-said" role="status"></span></p>'
        '<p class="assess-foot"></p></form>'
        f'<div class="assess-bands"><table><caption>What to do with the total</caption><thead><tr><th scope="col">total</th><th scope="col">what to do</th></tr></thead><tbody>{bands}</tbody></table></div>'
        '<div class="assess-quiz"></div><div class="assess-past"></div></sh-assessment>'
    )


def _subject(page: Building, subject: Subject, texts: list[str]) -> str:
    rows, slug, chapter = [], subject.slug, subject.chapter
    for level, (name, text) in enumerate(zip(NAMES, texts, strict=True), start=1):
        identity = f"level-{slug}-{level}"
        rows.append(
            f'<div class="assess-level"><input type="radio" name="{slug}" id="{identity}" value="{level}">'
            f'<label for="{identity}"><b>{level} {name}.</b> {inline(text)}</label></div>'
        )
    words = html.escape(subject.title, quote=False)
    more = f'<p class="assess-more">{link(page, f"chapters/{slug}/index.md", "Questions that show the level", "self-assessment")}</p>' if chapter else ""
    quiz = " data-quiz" if chapter and chapter.calibration else ""
    return f'<fieldset class="assess-subject" data-slug="{slug}" data-title="{words}"{quiz}><legend>{words}</legend>{"".join(rows)}{more}</fieldset>'
