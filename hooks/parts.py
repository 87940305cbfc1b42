"""Pieces that many pages are made of: links, the line above a title, names of subjects, tables, folds, times."""

from __future__ import annotations

import html
from collections.abc import Iterable

from hooks.building import Building, Site
from hooks.formatting import counted
from hooks.icons import LEVEL_DEPTH, depth_badge
from hooks.model import Chapter
from hooks.paths import Subject, subjects
from hooks.schema import ExerciseRecord, QuestionRecord


def link(page: Building, source: str, words: str, fragment: str = "") -> str:
    return f'<a href="{page.href(source, fragment)}">{html.escape(words, quote=False)}</a>'


def meta(items: list[str]) -> str:
    """The line above a title; its slashes are the theme's."""
    return '<ul class="meta">' + "".join(f"<li>{item}</li>" for item in items if item) + "</ul>"


def facts(kind: str, record: QuestionRecord | ExerciseRecord) -> list[str]:
    """What a question or exercise asks of the reader, for its meta line."""
    return [kind, counted(record.minutes, "minute"), f"level {record.level} of 5", depth_badge(LEVEL_DEPTH[record.level])]


def subject_name(page: Building, subject: Subject) -> str:
    """A link where there is a chapter, else a plain name."""
    if subject.chapter is None:
        return html.escape(subject.title, quote=False)
    return link(page, f"{subject.chapter.folder}/index.md", subject.title)


def subject_names(site: Site, page: Building, slugs: Iterable[str]) -> list[str]:
    """The same for subjects named by their slugs."""
    known = {subject.slug: subject for subject in subjects(site.handbook)}
    return [subject_name(page, known[slug]) if slug in known else html.escape(slug, quote=False) for slug in slugs]


def chapter_number(site: Site, chapter: Chapter) -> int:
    """Its place among all subjects, those still without a folder too."""
    return 1 + [subject.slug for subject in subjects(site.handbook)].index(chapter.slug)


def related(rows: list[tuple[str, list[str]]]) -> str:
    """Where else to go from a page: links by what they are for."""
    cells = "".join(f"<dt>{name}</dt><dd>{', '.join(links)}</dd>" for name, links in rows)
    return f'<dl class="related">{cells}</dl>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{words}</th>' for words in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def fold(title: str, body: str) -> str:
    """Markdown that a reader opens and search does not see."""
    return (
        f'<details class="hunt-answer" markdown="1">\n<summary>{title}</summary>\n'
        f'<section data-search-exclude markdown="1">\n\n{body.strip()}\n\n</section>\n</details>'
    )


def hours(minutes: int) -> str:
    """90 is 1 h 30."""
    whole, rest = divmod(minutes, 60)
    return f"{rest} min" if not whole else f"{whole} h" + (f" {rest:02}" if rest else "")
