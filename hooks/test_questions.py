"""Flat blocks become a question, a practice page, cards and objectives; ids stay unique and links stay right."""

import re

import pytest

from hooks import building, questions
from hooks.assembly import addresses, facts
from hooks.fixtures import CARDS, QUESTION, edit, small_handbook
from hooks.macros import MacroError, render_cards, render_question
from hooks.model import load
from hooks.parts import hours
from hooks.questions import assemble, rebase_links

FLAT = """\
Context.

```
/// rubric
```

/// answer | 60 seconds
So.
///

/// rubric
| criterion | strong hire | lean hire | no hire |
|---|---|---|---|
| a | b | c | d |
///

/// followup | One?
1
///

/// followup | Two?
2
///

/// sample | No hire
n
///

/// redflags
- r
///
"""


def headings(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#")]


def test_titles_stand_between_the_parts_once_each():
    assert headings(assemble(FLAT, "q")) == [
        "## Grade your answer { #grade data-search-exclude=1 }",
        "## Follow-ups { #follow-ups }",
        "## Sample answers { #samples data-search-exclude=1 }",
        "## Red flags { #red-flags data-search-exclude=1 }",
    ]


def test_on_a_page_of_many_questions_ids_differ():
    assert headings(assemble(FLAT, "q", level=3, prefix="q-"))[:2] == [
        "### Grade your answer { #q-grade data-search-exclude=1 }",
        "### Follow-ups { #q-follow-ups }",
    ]


def test_the_rubric_learns_its_question_and_code_is_left_alone():
    text = assemble(FLAT, "why-scale")
    assert "/// rubric | why-scale" in text and "```\n/// rubric\n```" in text
    assert "/// spoken" in text and "/// answer" not in text


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("[a](../index.md#scores)", "[a](index.md#scores)"),
        ("[a](other.md)", "[a](questions/other.md)"),
        ("[a](../../fine-tuning/index.md)", "[a](../fine-tuning/index.md)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("[a](mailto:x@example.org)", "[a](mailto:x@example.org)"),
        ("![a](../images/b.svg)", "![a](images/b.svg)"),
        ("`` ` `` and [a](../index.md)", "`` ` `` and [a](index.md)"),
        ("```\n[a](../index.md)\n```", "```\n[a](../index.md)\n```"),
    ],
)
def test_links_are_seen_from_the_practice_page(written, seen):
    assert rebase_links(written, "questions") == seen


# ---- with a handbook -------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    return small_handbook(tmp_path)


def start(root, name="practice.md"):
    site = building.start(building.Site(load(root)))
    page = building.begin(building.Building(f"docs/chapters/attention/{name}", root, root / "docs/chapters/attention"))
    return site, page, site.handbook.chapters[0]


def done(page, text: str) -> str:
    return page.restore_late(page.restore(text))


def test_the_practice_page_wraps_each_question(root):
    site, page, chapter = start(root)
    text = questions.questions(site, page, chapter, lambda question: render_question(site, page, question))
    assert text.count("//// question | why-scale") == 1 and text.rstrip().endswith("////")
    assert "## Why are scores divided by √d_k? { #why-scale }" in text
    assert "[the chapter](index.md#scores)" in text
    assert 'id="with-answers"' in done(page, text)


def test_a_question_page_leads_to_chapter_practice_code_and_sources(root):
    site, page, chapter = start(root, "questions/why-scale.md")
    text = done(page, questions.question_page(site, page, chapter, chapter.questions[0], "Body."))
    for link in (
        "../../",
        "../../practice/#why-scale",
        "../../cheatsheet/",
        "../../cards/",
        "../../../../code/attention/scale/",
    ):
        assert f'href="{link}"' in text, link
    assert ">derive</li>" in text and "6 minutes" in text and "level 2 of 5" in text and 'data-depth="explain"' in text
    assert "Vaswani and Shazeer 2017" in text


def test_neighbours_of_a_question_are_linked(root):
    (root / QUESTION.replace("why-scale", "second")).write_text(
        (root / QUESTION).read_text().replace("level: 2", "level: 3")
    )
    site, page, chapter = start(root, "questions/why-scale.md")
    assert [question.id for question in chapter.questions] == ["why-scale", "second"]
    first = done(page, questions.question_page(site, page, chapter, chapter.questions[0], ""))
    other = building.Building("docs/chapters/attention/questions/second.md", root, page.folder)
    second = done(other, questions.question_page(site, other, chapter, chapter.questions[1], ""))
    assert 'rel="next" href="../second/"' in first and 'rel="prev"' not in first
    assert 'rel="prev" href="../why-scale/"' in second and 'rel="next"' not in second


def test_an_error_in_a_question_names_its_file_and_line(root):
    edit(root, QUESTION, "Variances add.\n", 'Variances <%= cite("nobody") %>.\n')
    site, page, chapter = start(root)
    line = (root / QUESTION).read_text().split("\n").index('Variances <%= cite("nobody") %>.') + 1
    with pytest.raises(MacroError, match=rf"^{QUESTION}:{line}: cite\(\): no source `nobody`"):
        render_question(site, page, chapter.questions[0])


def test_broken_macro_syntax_in_a_question_names_its_file_and_line(root):
    edit(root, QUESTION, "Variances add.\n", "Variances <%= cite( %>.\n")
    site, page, chapter = start(root)
    line = (root / QUESTION).read_text().split("\n").index("Variances <%= cite( %>.") + 1
    with pytest.raises(MacroError, match=rf"^{QUESTION}:{line}: macro syntax"):
        render_question(site, page, chapter.questions[0])


def test_an_error_in_a_card_names_its_line(root):
    edit(root, CARDS, ": The same.", ': <%= calc("1/0") %>')
    site, page, chapter = start(root, "cards.md")
    line = (root / CARDS).read_text().split("\n").index(': <%= calc("1/0") %>') + 1
    with pytest.raises(MacroError, match=rf"^{CARDS}:{line}: calc\(\): "):
        render_cards(site, page, chapter)


def test_cards_are_folds_in_their_order(root):
    site, page, chapter = start(root, "cards.md")
    assembled = render_cards(site, page, chapter)
    assert [line for line in assembled.split("\n") if line.startswith("/// card")] == [
        "/// card | score-size: Typical score?",
        "/// card | divisor: Divisor?",
    ]
    prose = questions.before_cards(site, page, chapter)
    assert "Say it first." in prose and "Typical score?" not in prose


def test_objectives_lead_to_what_checks_them(root):
    site, page, chapter = start(root, "index.md")
    text = done(page, questions.objectives(site, page, chapter))
    assert (
        '<input type="checkbox" id="objective-1"><label for="objective-1">Say why scores are divided.</label>' in text
    )
    assert 'href="questions/why-scale/"' in text and 'href="cards/#score-size"' in text


def test_levels_are_five_with_their_probes(root):
    site, page, chapter = start(root, "index.md")
    text = done(page, questions.self_assessment(site, page, chapter))
    assert text.count('class="level-text"') == text.count('class="level-probe"') == 5


def test_a_chapter_without_a_title_gets_one_and_keeps_its_own(root):
    site, page, chapter = start(root, "index.md")
    titled = questions.chapter_page(site, page, chapter, "## First")
    assert re.search(r"# Attention\n+\S+\n+## First", titled)  # between them the control of the reader's path
    assert questions.chapter_page(site, page, chapter, "# Mine\n").count("# ") == 1
    assert "# Attention" in questions.chapter_page(site, page, chapter, "```\n# a comment\n```\n")


def test_the_list_of_chapters_links_those_that_exist(root):
    site, page, _ = start(root, "index.md")
    text = page.restore(questions.chapter_list(site, page))
    assert text == '<ol class="chapter-list"><li><a href="./">Attention</a></li><li>Retrieval</li></ol>'


def test_the_table_of_chapters_says_what_they_hold(root):
    site, page, _ = start(root, "index.md")
    text = page.restore(questions.chapter_table(site, page))
    for part in (
        "Scores, weights and what they cost.",
        "30 min / 1 h",
        '<a href="practice/">1</a>',
        "in reading order: Retrieval.",
    ):
        assert part in text, part


@pytest.mark.parametrize(("minutes", "words"), [(5, "5 min"), (60, "1 h"), (95, "1 h 35"), (605, "10 h 05")])
def test_times_are_read_in_hours(minutes, words):
    assert hours(minutes) == words


# ---- what templates know ---------------------------------------------------------------------------


def test_templates_know_the_chapter_of_a_page(root):
    site, *_ = start(root)
    sheet = facts(site, "docs/chapters/attention/cheatsheet.md")
    assert sheet == {
        "page_kind": "sheet",
        "chapter": "attention",
        "sheet_of": "attention",
        "chapter_title": "Attention",
        "chapter_number": 1,
        "reviewed": "25 November 2026",
    }
    assert facts(site, "docs/index.md") == {"page_kind": ""}


def test_a_sheet_outside_the_chapters_knows_its_folder_and_its_day(root):
    folder = root / "docs/interview"
    folder.mkdir()
    (folder / "index.md").write_text("---\ntitle: The interview\n---\n")
    (folder / "cheatsheet.md").write_text("---\ntitle: The loop\ntemplate: sheet.html\nreviewed: 2026-11-25\n---\n")
    site, *_ = start(root)
    known = {"page_kind": "", "folder_title": "The interview", "reviewed": "25 November 2026", "sheet_of": "interview"}
    assert facts(site, "docs/interview/cheatsheet.md") == known


def test_links_to_mend_a_page_need_a_repository(root):
    site, *_ = start(root)
    assert addresses(site, "docs/index.md", "https://example.org/") == {"edit_url": "", "report_url": ""}
    site.repository = "https://github.com/owner/name"
    found = addresses(site, "docs/chapters/attention/index.md", "https://example.org/chapters/attention/")
    assert found["edit_url"] == "https://github.com/owner/name/edit/main/docs/chapters/attention/index.md"
    assert found["report_url"].endswith(
        "/issues/new?template=wrong-answer.yml&page=https%3A%2F%2Fexample.org%2Fchapters%2Fattention%2F"
    )
    assert addresses(site, "docs/code/attention/scale.md", "")["edit_url"].endswith(
        "/edit/main/snippets/attention/scale.py"
    )
    assert addresses(site, "docs/code/index.md", "")["edit_url"] == ""


def test_without_a_repository_they_lead_to_how_it_is_done(root):
    (root / "docs/contributing").mkdir()
    (root / "docs/contributing/fix.md").write_text("# Fix\n")
    site, *_ = start(root)
    assert addresses(site, "docs/index.md", "") == {"edit_url": "contributing/fix/", "report_url": "contributing/fix/"}
