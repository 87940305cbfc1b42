"""The review page: what stands in its two widgets for whoever runs no script, and the links to the Anki deck."""

from __future__ import annotations

import re

from hooks import anki
from hooks.building import Building, Site
from hooks.model import Chapter
from hooks.parts import link
from hooks.sources import inline

DAYS = (0, 3, 7, 14, 21)  # of a chapter's checkpoints
ROADMAP = "roadmap"
WHOLE = {  # the same rhythm over all chapters
    0: "Score yourself in every chapter, on paper, before you open one. Start the two chapters with the widest gap to your role, and do their cards once.",
    3: "Without the pages: the one formula of each chapter begun, with its units. Review what is due. Take one question cold, aloud, against the clock.",
    7: "Grade two answers of two chapters with their rubrics. Run one bug hunt. Move the chapter whose lines you missed most to the front.",
    14: "A mock with a person: one sizing question and one design question from different chapters. Write from an empty file what you could not say.",
    21: "Score yourself again, chapter by chapter, and compare with Day 0. Where the score fell, believe it, and begin that chapter’s Day 0 anew.",
}
ITEM = re.compile(r"^- \*\*Day (\d+)\.\*\*\s*(.+(?:\n  .+)*)", re.M)


def review(site: Site, page: Building) -> str:
    """`<%= review() %>`: the widget, and inside it the chapters' cards pages."""
    rows = "".join(
        f'<li id="chapter={chapter.slug}">{link(page, f"chapters/{chapter.slug}/cards.md", chapter.record.title)}, {len(chapter.cards)} cards</li>'
        for chapter in site.handbook.chapters
        if chapter.cards
    )
    return page.keep(
        '<sh-review><div class="review-still"><p>With JavaScript this page asks for the cards that are due today, one at a time, '
        "and works out from your grades when each comes back. Without it, turn the cards on the chapters’ own pages, on the days below:</p>"
        f"<ul>{rows}</ul></div></sh-review>"
    )


def tasks(chapter: Chapter) -> dict[int, str]:
    """What a chapter says to do on each checkpoint day, by day."""
    section = next((section for section in chapter.sections if section.id == "checkpoints"), None)
    found = {int(day): " ".join(text.split()) for day, text in ITEM.findall(section.body if section else "")}
    return {day: _plain(text) for day, text in found.items() if day in DAYS}


def _plain(text: str) -> str:
    """Markdown of a checkpoint without links, macros and formulas: it goes into calendars too."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)(?:\{[^}]*\})?", r"\1", text)
    return re.sub(r"\s*<%.*?%>|\s*\{[^}\s]*\}", "", text)


def checkpoints(site: Site, page: Building) -> str:
    """`<%= checkpoints() %>`: the widget, and inside it every chapter's list, which the widget reads."""
    parts = [_list(ROADMAP, "The whole roadmap", WHOLE)]
    for chapter in site.handbook.chapters:
        found = tasks(chapter)
        if found:
            title = link(page, f"chapters/{chapter.slug}/index.md", chapter.record.title, "checkpoints")
            parts.append(_list(chapter.slug, title, found))
    return page.keep(f'<sh-review-checkpoints><div class="review-still">{"".join(parts)}</div></sh-review-checkpoints>')


def _list(slug: str, title: str, found: dict[int, str]) -> str:
    rows = "".join(f'<li data-day="{day}"><b>Day {day}.</b> <span>{inline(text)}</span></li>' for day, text in sorted(found.items()))
    return f'<details data-chapter="{slug}"{" open" if slug == ROADMAP else ""}><summary>{title}</summary><ul>{rows}</ul></details>'


def anki_links(site: Site, page: Building) -> str:
    """`<%= anki_links() %>`: the two files of the deck."""
    count = sum(len(chapter.cards) for chapter in site.handbook.chapters)
    deck, text = (page.href_file(f"{anki.FOLDER}/{name}") for name in (anki.PACKAGE, anki.TEXT))
    return page.keep(
        f'<ul class="review-files"><li><a href="{deck}" download>{anki.PACKAGE}</a>: {count} cards, a subdeck a chapter</li>'
        f'<li><a href="{text}" download>{anki.TEXT}</a>: the same cards as text</li></ul>'
    )
