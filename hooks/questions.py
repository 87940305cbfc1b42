"""Assembles what is written flat: a question's page, a chapter's practice page, cards, objectives, levels.

Everything here takes Markdown whose macros are done and gives Markdown; the blocks in it become HTML in blocks.py.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from typing import get_args

from hooks import anki, progress
from hooks.building import Building, Site
from hooks.formatting import counted, day
from hooks.icons import DEPTHS
from hooks.model import Chapter, Question, QuestionSet
from hooks.navigation import code_page, exercise_page
from hooks.parts import chapter_number, facts, hours, link, meta, related, subject_name, subject_names, table
from hooks.paths import subjects
from hooks.prose import BLOCK_START, outside_fences
from hooks.schema import Role, Tier
from hooks.sources import cite, inline

LINK = re.compile(r"(\]\(\s*<?)((?![a-z][a-z0-9+.-]*:|#|/)[^)\s>]+)")
PARTS = {
    "rubric": ("Grade your answer", "grade"),
    "followup": ("Follow-ups", "follow-ups"),
    "sample": ("Sample answers", "samples"),
    "redflags": ("Red flags", "red-flags"),
}
HIDDEN = ("rubric", "sample", "redflags")  # titles that search need not know: their content is left out


def assemble(body: str, identity: str, level: int = 2, prefix: str = "") -> str:
    """A question's flat blocks with the titles between them; `prefix` keeps ids apart where several stand on a page."""
    lines = body.split("\n")
    seen = set()
    for number, line in outside_fences(body):
        match = BLOCK_START.match(line)
        if not match:
            continue
        name = match[2].lower()
        if name == "answer":
            lines[number] = "/// spoken"
        elif name == "rubric":
            lines[number] = f"/// rubric | {identity}"
        if name in PARTS and name not in seen:
            seen.add(name)
            title, part = PARTS[name]
            hidden = " data-search-exclude=1" if name in HIDDEN else ""
            lines[number] = f"{'#' * level} {title} {{ #{prefix}{part}{hidden} }}\n\n{lines[number]}"
    return "\n".join(lines)


def question_page(site: Site, page: Building, home: Chapter | QuestionSet, question: Question, body: str) -> str:
    head = meta([link(page, f"{home.folder}/index.md", home.title), *facts(question.record.kind, question.record)])
    place = home.questions.index(question)
    parts = [
        page.keep_aside(head),
        f"# {question.record.title} {{ #{question.id} }}",
        page.keep_aside(progress.done([f"question:{question.id}"])),
        assemble(body, question.id),
        page.keep_aside(related(ways(site, page, home, question))),
    ]
    around = []
    if place:
        around.append(_neighbour(page, home.questions[place - 1], "prev", "Previous"))
    if place + 1 < len(home.questions):
        around.append(_neighbour(page, home.questions[place + 1], "next", "Next"))
    if around:
        parts.append(page.keep_aside(f'<nav class="around" aria-label="Other questions">{"".join(around)}</nav>'))
    return "\n\n".join(parts)


def _neighbour(page: Building, question: Question, relation: str, words: str) -> str:
    return f'<a rel="{relation}" href="{page.href(question.source)}"><span>{words}</span> {html.escape(question.record.title)}</a>'


def ways(site: Site, page: Building, home: Chapter | QuestionSet, question: Question) -> list[tuple[str, list[str]]]:
    """Where else to go from a question: what to read first, the chapter and its other pages or the set, the code, the
    sources."""
    rows = []
    if question.record.chapters:
        rows.append(("Read first", subject_names(site, page, question.record.chapters)))
    if isinstance(home, Chapter):
        go = [
            link(page, f"{home.folder}/index.md", "Chapter"),
            link(page, f"{home.folder}/practice.md", "All questions of the chapter", question.id),
        ]
    else:
        go = [link(page, f"{home.folder}/index.md", f"All of {home.title}")]
    rows.append(("Go on", go + siblings(page, home, without=("practice",))))
    code = [path for path in question.record.snippets if path in site.handbook.snippets]
    if code:
        rows.append(("Code", [link(page, code_page(path), path) for path in code]))
    if question.record.exercise in site.handbook.exercises:
        exercise = site.handbook.exercises[question.record.exercise]
        words = f"{exercise.record.title}, an exercise with tests"
        rows.append(("Graded by", [link(page, exercise_page(exercise.id), words)]))
    sources = [page.restore(cite(site, page, key)) for key in question.record.sources if key in site.handbook.sources]
    if sources:
        rows.append(("Sources", sources))
    return rows


def siblings(page: Building, home: Chapter | QuestionSet, without: tuple[str, ...] = ()) -> list[str]:
    """Links to the other pages of a chapter or set, those that exist."""
    pages = {
        "practice": ("practice.md", counted(len(home.questions), "practice question")),
        "sheet": ("cheatsheet.md", "one-page sheet"),
        "cards": ("cards.md", f"{len(home.cards)} cards"),
    }
    found = [
        link(page, f"{home.folder}/{file}", words)
        for name, (file, words) in pages.items()
        if name not in without and (home.dir / file).exists()
    ]
    if home.lab and home.lab.notebook and "lab" not in without:
        found.append(link(page, f"{home.folder}/lab.ipynb", "lab"))
    return found


def chapter_list(site: Site, page: Building) -> str:
    """Every subject in order: a link where there is a chapter, a plain name where there is none yet."""
    rows = "".join(f"<li>{subject_name(page, subject)}</li>" for subject in subjects(site.handbook))
    return page.keep(f'<ol class="chapter-list">{rows}</ol>')


def chapter_table(site: Site, page: Building) -> str:
    """The chapters that exist, with what they hold, and below them the names of the subjects still without one."""
    rows = []
    for chapter in site.handbook.chapters:
        minutes, asked = chapter.record.minutes, str(len(chapter.questions))
        rows.append(
            (
                f"{chapter_number(site, chapter)}. {link(page, f'{chapter.folder}/index.md', chapter.title)}",
                inline(chapter.record.summary),
                f"{hours(minutes.explain)} / {hours(minutes.derive)}",
                link(page, f"{chapter.folder}/practice.md", asked) if chapter.questions else asked,
            )
        )
    names = ", ".join(subject_name(page, subject) for subject in subjects(site.handbook) if subject.chapter is None)
    after = f"\n\nSubjects without a chapter yet, in reading order: {names}." if names else ""
    return page.keep(table(("chapter", "about", "to explain / to derive", "questions"), rows)) + after


def chapter_page(site: Site, page: Building, chapter: Chapter, body: str) -> str:
    """The meta line and the title, over what the author wrote."""
    head = meta(
        [
            f"Chapter {chapter_number(site, chapter)}",
            f"reviewed {day(chapter.record.reviewed)}",
            *siblings(page, chapter),
        ]
    )
    titled = _titled(chapter.record.title, body).split("\n")
    at = next(number for number, line in outside_fences("\n".join(titled)) if re.match(r"#\s", line))
    titled[at] += f"\n\n{page.keep_aside(path_control(site, page, chapter))}\n"
    return f"{page.keep_aside(head)}\n\n" + "\n".join(titled) + f"\n\n{page.keep_aside(progress.chapter_read(chapter))}"


def path_control(site: Site, page: Building, chapter: Chapter | None = None) -> str:
    """Asks for role and company tier; on a chapter it says without a script how deep each role needs it."""
    if chapter is None:
        return '<sh-path><p class="screen-only">With JavaScript you can choose a role and a company here.</p></sh-path><sh-setting read></sh-setting>'
    depth = chapter.record.depth
    digits = ["".join(str(DEPTHS[given[name]]) for name in get_args(names)) for given, names in ((depth.roles, Role), (depth.company_tiers, Tier))]
    told = ", ".join(f"{role} {depth.roles[role]}" for role in get_args(Role))
    way = " " + link(page, "paths/index.md", "Paths") if "docs/paths/index.md" in site.handbook.pages else ""
    return f'<sh-path roles="{digits[0]}" tiers="{digits[1]}"><p>Depth by role: {told}.{way}</p></sh-path>'


def _titled(title: str, body: str) -> str:
    """The body under its title, unless it brings one."""
    has_title = any(re.match(r"#\s", line) for _, line in outside_fences(body))
    return body if has_title else f"# {title}\n\n{body}"


# ---- practice --------------------------------------------------------------------------------------


def question_list(site: Site, page: Building, home: Chapter | QuestionSet) -> str:
    """Every question by its title, with what it asks of the reader: for an index that cannot hold them all."""
    rows = []
    for question in home.questions:
        record = question.record
        words = [record.kind, record.competency, counted(record.minutes, "minute"), f"level {record.level} of 5"]
        rows.append(f"<li>{link(page, question.source, record.title)}{meta(words)}</li>")
    return page.keep(f'<ol class="question-list">{"".join(rows)}</ol>')


def questions(site: Site, page: Building, home: Chapter | QuestionSet, render: Callable[[Question], str]) -> str:
    """Every question of the chapter or set, whole; `render` does a question's macros."""
    parts = [
        page.keep_aside(
            '<p class="print-switch"><input type="checkbox" id="with-answers"> '
            '<label for="with-answers">Print with answers</label></p>'
        )
    ]
    for number, question in enumerate(home.questions, start=1):
        own = link(page, question.source, "own page")
        body = rebase_links(render(question), "questions")
        parts += [
            f"//// question | {question.id}",
            page.keep_aside(meta([f"Question {number}", *facts(question.record.kind, question.record), own])),
            f"## {question.record.title} {{ #{question.id} }}",
            assemble(body, question.id, level=3, prefix=f"{question.id}-"),
            "////",
        ]
    return "\n\n".join(parts)


def practice_page(site: Site, page: Building, home: Chapter | QuestionSet, body: str) -> str:
    head = meta([link(page, f"{home.folder}/index.md", home.title), *siblings(page, home, without=("practice",))])
    return f"{page.keep_aside(head)}\n\n{_titled(f'Practice: {home.title}', body)}"


def rebase_links(body: str, folder: str) -> str:
    """Relative links of a file in `folder`, as seen from the folder above."""
    lines = body.split("\n")
    for number, line in outside_fences(body):
        lines[number] = LINK.sub(lambda match: match[1] + _rebased(match[2], folder), line)
    return "\n".join(lines)


def _rebased(target: str, folder: str) -> str:
    path, mark, fragment = target.partition("#")
    return posixpath.normpath(posixpath.join(folder, path)) + mark + fragment


# ---- cards, objectives, levels ---------------------------------------------------------------------


def cards(site: Site, page: Building, chapter: Chapter, render: Callable[[str, int], str]) -> str:
    """The chapter's cards, each a fold: the term, then the answer. `render` does the macros of (text, line)."""
    parts = [
        f"/// card | {card.id}: {render(card.front, card.line)}\n{render(card.back, card.line + 1)}\n///"
        for card in chapter.cards
    ]
    return "\n\n".join(parts)


def before_cards(site: Site, page: Building, chapter: Chapter) -> str:
    """The prose of cards.md that stands before its first card."""
    source = site.handbook.pages[page.name]
    if not chapter.cards:
        return source.body
    return "\n".join(source.body.split("\n")[: chapter.cards[0].line - source.body_line])


def cards_page(site: Site, page: Building, chapter: Chapter, prose: str, assembled: str) -> str:
    """cards.md shown as folds: `prose`, then the cards in place of the definition list."""
    words = [link(page, f"chapters/{chapter.slug}/index.md", chapter.record.title), f"{len(chapter.cards)} cards"]
    if "docs/practice/review.md" in site.handbook.pages:
        words.append(link(page, "practice/review.md", "review them by day", f"chapter={chapter.slug}"))
        words += [f'<a href="{page.href_file(file)}" download>{name}</a>' for file, name in anki.FILES]
    head = meta(words)
    return f"{page.keep_aside(head)}\n\n{_titled(f'Cards: {chapter.record.title}', prose)}\n\n{assembled}"


def objectives(site: Site, page: Building, chapter: Chapter) -> str:
    """What the reader can tick off, each with the questions and cards that check it."""
    numbers = {question.id: number for number, question in enumerate(chapter.questions, start=1)}
    titles = {card.id: card.front for card in chapter.cards}
    rows = []
    for number, objective in enumerate(chapter.record.objectives, start=1):
        checks = []
        for identity in objective.checked_by:
            if identity in numbers:
                question = chapter.questions[numbers[identity] - 1]
                checks.append(f'<a class="ask" href="{page.href(question.source)}">question {numbers[identity]}</a>')  # tips.py: its title
            elif identity in titles:
                checks.append(
                    link(page, f"chapters/{chapter.slug}/cards.md", f"card “{_words(titles[identity])}”", identity)
                )
        name = page.unique(f"objective-{number}")
        checked = page.keep_late(f' <span class="checked-by">checked by {", ".join(checks)}</span>') if checks else ""
        rows.append(
            f'<li><input type="checkbox" id="{name}"><label for="{name}">{inline(objective.text)}</label>{checked}</li>'
        )
    return page.keep(f'<ul class="objectives">{"".join(rows)}</ul>')


def _words(front: str) -> str:
    """A card's front without its markup."""
    from hooks.mathematics import plain

    return re.sub(r"\$([^$]+)\$", lambda match: plain(match[1]).split(" ")[0], re.sub(r"[*`]", "", front)).strip()


def self_assessment(site: Site, page: Building, chapter: Chapter) -> str:
    """Five levels, each with the question that probes it."""
    rows = [
        f'<li><p class="level-text">{inline(level.text)}</p>'
        f'<p class="level-probe"><b>Probe:</b> {inline(level.probe)}</p></li>'
        for level in chapter.record.levels
    ]
    return page.keep(f'<ol class="levels">{"".join(rows)}</ol>')
