"""What there is to do is named by ids that exist and that the log accepts, and a page that shows progress has its style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from hooks import progress, theme
from hooks.building import Building, CallError, Site
from hooks.model import load

ROOT = Path(__file__).parents[1]
ITEM = re.compile(r"^(section:[\w-]+#[\w-]+|(question|hunt|exercise):[\w-]+|(lab|sheet|cards):[\w-]+|checkpoint:[\w-]+:(0|3|7|14|21))$")


@pytest.fixture(scope="module")
def handbook():
    return load(ROOT)


def built(handbook, part: str) -> str:
    page = Building("docs/practice/progress.md", ROOT, ROOT / "docs/practice")
    return page.restore_late(page.restore(progress.progress(Site(handbook), page, part)))


def test_the_pattern_here_is_the_one_of_the_log():
    assert ITEM.pattern in (ROOT / "widgets/store/schema.ts").read_text(encoding="utf-8")


def test_the_table_has_every_chapter_and_set_with_all_that_can_be_done(handbook):
    rows = html.fromstring(built(handbook, "chapters")).xpath("//tr[@data-slug]")
    assert [row.get("data-slug") for row in rows] == [home.folder.rpartition("/")[2] for home in (*handbook.chapters, *handbook.sets)] + ["interview"]
    assert rows[-1].get("data-sections").split() == [task.page for task in handbook.preparation] and rows[-1].get("data-other") == "sheet:interview"
    extras = [item for row in rows for item in (row.get("data-extras") or "").split()]
    assert len(extras) == len(set(extras)) and {f"hunt:{fault.id}" for snippet in handbook.snippets.values() for fault in snippet.faults} <= set(extras)
    assert all(map(ITEM.match, extras))
    for row, chapter in zip(rows, handbook.chapters, strict=False):
        slug = chapter.slug
        assert row.get("data-questions").split() == [question.id for question in chapter.questions]
        assert row.get("data-cards").split() == [card.id for card in chapter.cards]
        sections = row.get("data-sections").split()
        assert sections and set(sections) <= {section.id for section in chapter.sections} and "objectives" not in sections
        for item in [f"section:{slug}#{section}" for section in sections] + row.get("data-other").split():
            assert ITEM.match(item), item
        counts = [cell.text for cell in row.xpath("td")]
        assert counts == [str(len(row.get(f"data-{name}").split())) for name in ("sections", "questions", "cards", "other", "extras")]


def test_a_box_names_its_items_and_a_chapters_box_comes_late(handbook):
    assert progress.done(["question:a"]) == '<sh-done item="question:a"></sh-done>'
    chapter = handbook.chapters[0]
    (box,) = html.fragments_fromstring(progress.chapter_read(chapter))
    items = box.get("item").split()
    assert items == [f"section:{chapter.slug}#{section}" for section in progress.read_sections(chapter)] and all(map(ITEM.match, items))
    assert box.get("label") == "Mark this chapter as read" and "data-late" in box.attrib


def test_an_unknown_part_is_refused(handbook):
    with pytest.raises(CallError, match="unknown part 'all'; write one of did, chapters, transfer"):
        built(handbook, "all")


@pytest.mark.parametrize("part", ["did", "transfer"])
def test_without_a_script_a_part_says_so(handbook, part):
    assert re.search("needs? JavaScript", built(handbook, part))


def test_the_style_sheet_comes_where_progress_is_shown_only():
    link = '<link rel="stylesheet" href="../assets/stylesheets/progress.css">'
    assert link in theme.trim(f"{link}<sh-progress></sh-progress>")
    assert link not in theme.trim(f"{link}<sh-done></sh-done>")
