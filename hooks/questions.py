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
from hooks.formatting import day
from hooks.icons import DEPTHS, LEVEL_DEPTH, depth_badge
from hooks.model import Chapter, Question, QuestionSet, outside_fences
from hooks.schema import Role, Tier
from hooks.sources import cite, inline

BLOCK = re.compile(r"^ {0,3}///[ ]*([\w-]+)[ ]*(?:\|[ ]*(.*?)[ ]*)?$")
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
        match = BLOCK.match(line)
        if not match:
            continue
        name = match[1].lower()
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


def meta(items: list[str]) -> str:
    """The line above a title; its slashes are the theme's."""
    return '<ul class="meta">' + "".join(f"<li>{item}</li>" for item in items if item) + "</ul>"


def facts(question: Question) -> list[str]:
    record = question.record
    minutes = f"{record.minutes} minute{'' if record.minutes == 1 else 's'}"
    return [record.kind, minutes, f"level {record.level} of 5", depth_badge(LEVEL_DEPTH[record.level])]


def link(page: Building, source: str, words: str, fragment: str = "") -> str:
    return f'<a href="{page.href(source, fragment)}">{html.escape(words, quote=False)}</a>'


def question_page(site: Site, page: Building, home: Chapter | QuestionSet, question: Question, body: str) -> str:
    head = meta([link(page, f"{home.folder}/index.md", home.title), *facts(question)])
    place = home.questions.index(question)
    parts = [
        page.keep_aside(head),
        f"# {question.record.title} {{ #{question.id} }}",
        page.keep_aside(progress.done([f"question:{question.id}"])),
        assemble(body, question.id),
        page.keep_aside(related(site, page, home, question)),
    ]
    around = []
    if place:
        around.append(_neighbour(page, home, home.questions[place - 1], "prev", "Previous"))
    if place + 1 < len(home.questions):
        around.append(_neighbour(page, home, home.questions[place + 1], "next", "Next"))
    if around:
        parts.append(page.keep_aside(f'<nav class="around" aria-label="Other questions">{"".join(around)}</nav>'))
    return "\n\n".join(parts)


def _neighbour(page: Building, home: Chapter | QuestionSet, question: Question, relation: str, words: str) -> str:
    address = page.href(f"{home.folder}/questions/{question.id}.md")
    return f'<a rel="{relation}" href="{address}"><span>{words}</span> {html.escape(question.record.title)}</a>'


def related(site: Site, page: Building, home: Chapter | QuestionSet, question: Question) -> str:
    """Where else to go from a question: what to read first, the chapter and its other pages or the set, the code, the
    sources."""
    rows = []
    if question.record.chapters:
        rows.append(("Read first", [chapter_name(site, page, slug) for slug in question.record.chapters]))
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
        rows.append(
            (
                "Code",
                [
                    link(page, "code/" + path.removeprefix("snippets/").removesuffix(".py") + ".md", path)
                    for path in code
                ],
            )
        )
    if question.record.exercise in site.handbook.exercises:
        exercise = site.handbook.exercises[question.record.exercise]
        words = f"{exercise.record.title}, an exercise with tests"
        rows.append(("Graded by", [link(page, f"practice/exercises/{exercise.id}.md", words)]))
    sources = [page.restore(cite(site, page, key)) for key in question.record.sources if key in site.handbook.sources]
    if sources:
        rows.append(("Sources", sources))
    return (
        '<dl class="related">'
        + "".join(f"<dt>{name}</dt><dd>{', '.join(links)}</dd>" for name, links in rows)
        + "</dl>"
    )


def chapter_name(site: Site, page: Building, slug: str) -> str:
    """A link to the chapter, or the bare title of a subject that has none yet."""
    chapter = site.handbook.by_slug.get(slug)
    if chapter:
        return link(page, f"{chapter.folder}/index.md", chapter.title)
    return html.escape(next((topic.title for topic in site.handbook.topics if topic.slug == slug), slug), quote=False)


def siblings(page: Building, home: Chapter | QuestionSet, without: tuple[str, ...] = ()) -> list[str]:
    """Links to the other pages of a chapter or set, those that exist."""
    pages = {
        "practice": (
            "practice.md",
            f"{len(home.questions)} practice question{'' if len(home.questions) == 1 else 's'}",
        ),
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


def chapter_number(site: Site, chapter: Chapter) -> int:
    """Its place among all subjects, those still without a folder too."""
    return site.handbook.numbers[chapter.record.order]


def chapter_list(site: Site, page: Building) -> str:
    """Every subject in order: a link where there is a chapter, a plain name where there is none yet."""
    rows = [
        (chapter.record.order, link(page, f"chapters/{chapter.slug}/index.md", chapter.record.title))
        for chapter in site.handbook.chapters
    ]
    rows += [(topic.order, html.escape(topic.title, quote=False)) for topic in site.handbook.topics]
    return page.keep(f'<ol class="chapter-list">{"".join(f"<li>{words}</li>" for _, words in sorted(rows))}</ol>')


def chapter_table(site: Site, page: Building) -> str:
    """The chapters that exist, with what they hold, and below them the names of the subjects still without one."""
    rows = []
    for chapter in site.handbook.chapters:
        minutes, record = chapter.record.minutes, chapter.record
        name = link(page, f"chapters/{chapter.slug}/index.md", record.title)
        cells = [
            f"{chapter_number(site, chapter)}. {name}",
            inline(record.summary),
            f"{hours(minutes.explain)} / {hours(minutes.derive)}",
            link(page, f"chapters/{chapter.slug}/practice.md", str(len(chapter.questions)))
            if chapter.questions
            else "0",
        ]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = "".join(
        f'<th scope="col">{words}</th>' for words in ("chapter", "about", "to explain / to derive", "questions")
    )
    names = ", ".join(
        html.escape(topic.title, quote=False) for topic in sorted(site.handbook.topics, key=lambda topic: topic.order)
    )
    after = f"\n\nSubjects without a chapter yet, in reading order: {names}." if names else ""
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return page.keep(table) + after


def hours(minutes: int) -> str:
    """90 is 1 h 30."""
    whole, rest = divmod(minutes, 60)
    return f"{rest} min" if not whole else f"{whole} h" + (f" {rest:02}" if rest else "")


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
        minutes = f"{record.minutes} minute{'' if record.minutes == 1 else 's'}"
        words = (record.kind, record.competency, minutes, f"level {record.level} of 5")
        title = link(page, f"{home.folder}/questions/{question.id}.md", record.title)
        rows.append(f"<li>{title}{meta(list(words))}</li>")
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
        own = link(page, f"{home.folder}/questions/{question.id}.md", "own page")
        body = rebase_links(render(question), "questions")
        parts += [
            f"//// question | {question.id}",
            page.keep_aside(meta([f"Question {number}", *facts(question), own])),
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
                address = page.href(f"chapters/{chapter.slug}/questions/{question.id}.md")
                checks.append(f'<a class="ask" href="{address}">question {numbers[identity]}</a>')  # tips.py: its title
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
