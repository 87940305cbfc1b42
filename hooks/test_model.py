"""What is written by hand is read whole, and each complaint points at the line that it is about."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.fixtures import (
    CARDS,
    CHAPTER,
    INDEX,
    QUESTION,
    REPOSITORY,
    SNIPPET,
    TEST,
    TOPICS,
    edit,
    line_of,
    small_handbook,
)
from hooks.model import load, read_cards
from hooks.problems import Problem, nearest
from hooks.records import read_yaml, split_front_matter, validate
from hooks.schema import ChapterRecord, ModelRecord


@pytest.fixture
def root(tmp_path):
    return small_handbook(tmp_path)


# ---- the handbook --------------------------------------------------------------------------------


def test_everything_is_read(root):
    handbook = load(root)
    assert handbook.problems == ()
    (chapter,) = handbook.chapters
    assert (chapter.slug, chapter.record.title, chapter.record.minutes.build) == ("attention", "Attention", 90)
    assert chapter.record.depth.roles["full-stack"] == "derive"
    assert [section.id for section in chapter.sections][:4] == ["moment", "objectives", "self-assessment", "scores"]
    scores = chapter.sections[3]
    assert (scores.title, scores.depth, scores.line) == ("Scores", "derive", line_of(root, INDEX, "## Scores"))
    assert "A score is a sum" in scores.body and "Precision" not in scores.body
    (question,) = chapter.questions
    assert (question.id, question.record.level, question.record.snippets) == ("why-scale", 2, [SNIPPET])
    assert question.body.splitlines()[0] == "Head size 128. {given}"
    assert question.body_line == line_of(root, QUESTION, "Head size 128")
    card = chapter.cards[0]
    assert (card.id, card.front, card.back) == ("score-size", "Typical score?", "$\\sqrt{d_k}$.")
    assert card.line == line_of(root, CARDS, "Typical score?")
    assert chapter.sheet.name == f"{CHAPTER}/cheatsheet.md"
    snippet = handbook.snippets[SNIPPET]
    assert (snippet.topic, snippet.concept, snippet.doc) == ("attention", "scale", "Scale scores.")
    assert (snippet.test, snippet.test_doc, snippet.test_count) == (TEST, "A scaled score has unit size.", 1)
    first, last = snippet.sections["scale"]
    assert (root / SNIPPET).read_text().splitlines()[first - 1 : last] == [
        "def scale(score, head_dim):",
        "    return score / head_dim**0.5",
    ]
    assert [topic.slug for topic in handbook.topics] == ["rag"]
    assert list(handbook.sources) == ["vaswani2017attention"]
    assert handbook.models["llama-3.1-70b"].n_kv_heads == 8
    assert handbook.hardware["h100-sxm5-80gb"].mem_GB == 80
    assert handbook.by_slug["attention"] is chapter
    assert handbook.questions["why-scale"] == (chapter, question)
    assert handbook.chapter_of(QUESTION) is chapter and handbook.chapter_of("docs/index.md") is None


def test_chapters_stand_in_reading_order(root):
    text = (root / INDEX).read_text()
    for slug, order in (("zebra", 5), ("beta", 20)):
        folder = root / "docs/chapters" / slug
        folder.mkdir()
        (folder / "index.md").write_text(text.replace("order: 10", f"order: {order}"))
    assert [chapter.slug for chapter in load(root).chapters] == ["zebra", "attention", "beta"]


def test_a_broken_record_is_reported_and_left_out(root):
    edit(root, QUESTION, "level: 2", "level: 6")
    handbook = load(root)
    assert [problem.line for problem in handbook.problems] == [line_of(root, QUESTION, "level: 6")]
    assert handbook.chapters[0].questions == ()


def test_the_template_and_dot_folders_are_no_pages(root):
    for folder in ("docs/chapters/_template", "docs/.overrides"):
        (root / folder).mkdir()
        (root / folder / "index.md").write_text("---\nnonsense: 1\n---\n")
    assert load(root).problems == ()


def test_an_empty_topics_file_means_no_topics(root):
    (root / TOPICS).write_text("# all have folders\n")
    handbook = load(root)
    assert (handbook.topics, handbook.problems) == ((), ())


def test_a_file_that_is_not_utf8_is_named(root):
    (root / CARDS).write_bytes(b"---\ntitle: a\n---\nA \xe9 term\n")
    assert any(str(problem).startswith(f"{CARDS}:4: not UTF-8") for problem in load(root).problems)


def test_results_of_a_lab_are_read(root):
    (root / CHAPTER / "lab.py").write_text("# %% [markdown]\n")
    (root / CHAPTER / "results.json").write_text('{"loss": {"final": 1.5}}')
    assert load(root).chapters[0].lab.results == {"loss": {"final": 1.5}}
    (root / CHAPTER / "results.json").write_text('{"loss":\n x}')
    assert [str(problem)[: len(CHAPTER) + 15] for problem in load(root).problems] == [f"{CHAPTER}/results.json:2"]


@pytest.mark.parametrize(
    "front",
    ["A term { #a }\n: one\n", "A term { #a }\n\n: one\n", "Before.\n\nA term {#a}\n:   one\n\nB { #b }\n: two\n"],
)
def test_cards_are_found_in_each_spelling(root, front):
    (root / CARDS).write_text(f"---\ntitle: x\n---\n{front}")
    cards, problems = read_cards(load(root).pages[CARDS])
    assert problems == []
    assert (cards[0].id, cards[0].front, cards[0].back) == ("a", "A term", "one")


def test_a_card_keeps_its_paragraphs(root):
    (root / CARDS).write_text("---\ntitle: x\n---\nA { #a }\n: one\n\n    two\n\nB { #b }\n: three\n")
    assert [card.back for card in read_cards(load(root).pages[CARDS])[0]] == ["one\n\ntwo", "three"]


def test_the_repository_s_records_are_sound():
    """Models, hardware, sources and topics as they are now."""
    broken = [problem for problem in load(REPOSITORY).problems if problem.path.endswith(".yml")]
    assert broken == []


def test_bug_hunts_go_with_their_module(root):
    fault = "id: divisor\n  file: {file}\n  find: a\n  replace: b\n  test: {test}::test_scale\n"
    fault += "  why: a\n  cause: b\n  fix: c\n"
    faults = root / "snippets/attention/faults.yml"
    faults.write_text("- " + fault.format(file=SNIPPET, test=TEST))
    assert [fault.id for fault in load(root).snippets[SNIPPET].faults] == ["divisor"]
    faults.write_text("- " + fault.format(file=SNIPPET, test="nowhere").replace("why", "wy"))
    assert [(problem.line, problem.what[:18]) for problem in load(root).problems] == [
        (1, "`why` is missing"),
        (5, "`test`: String sho"),
        (6, "unknown key `wy`"),
    ]


# ---- YAML with lines -----------------------------------------------------------------------------

WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=6)


@st.composite
def nested(draw):
    """A nest of mappings and lists in which each key and each leaf is another word."""
    count = iter(range(10**6))

    def build(depth: int):
        kind = draw(st.sampled_from(["word", "list", "mapping"] if depth else ["word"]))
        if kind == "word":
            return f"{draw(WORDS)}{next(count)}"
        size = draw(st.integers(1, 4))
        if kind == "list":
            return [build(depth - 1) for _ in range(size)]
        return {f"{draw(WORDS)}{next(count)}": build(depth - 1) for _ in range(size)}

    return {f"{draw(WORDS)}{next(count)}": build(4) for _ in range(draw(st.integers(1, 4)))}


@settings(deadline=None)
@given(nested(), st.booleans(), st.integers(1, 50))
def test_each_key_is_found_on_its_line(data, flow, first_line):
    text = yaml.safe_dump(data, default_flow_style=flow, sort_keys=False, width=40)
    document = read_yaml(text, "a.yml", first_line)
    assert document.data == data
    assert document.problems == []
    lines = text.splitlines()
    for place, line in document.lines.items():
        if place and isinstance(place[-1], str):
            assert f"{place[-1]}:" in lines[line - first_line], (place, line)


@settings(deadline=None)
@given(st.data())
def test_an_unknown_key_is_reported_on_its_line(data):
    """Wherever it is put into a sound record."""
    front, _, _ = split_front_matter(small_index())
    record = yaml.safe_load(front)
    mappings = list(mappings_in(record))
    place = data.draw(st.sampled_from(mappings))
    holder = record
    for part in place:
        holder = holder[part]
    at = data.draw(st.integers(0, len(holder)))
    items = list(holder.items())
    holder.clear()
    holder.update([*items[:at], ("surplus", 1), *items[at:]])
    text = yaml.safe_dump(record, sort_keys=False)
    document = read_yaml(text, "index.md", first_line=2)
    assert validate(document, ChapterRecord) is None
    (problem,) = document.problems
    assert text.splitlines()[problem.line - 2].strip().removeprefix("- ") == "surplus: 1"
    assert "surplus" in problem.what


def small_index() -> str:
    from hooks.fixtures import FILES

    return FILES[INDEX]


def mappings_in(value, place=()):
    if isinstance(value, dict):
        yield place
        for key, child in value.items():
            yield from mappings_in(child, (*place, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from mappings_in(child, (*place, index))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key `a` stands twice"),
        ("a: 1\nb: [1, 2\n", 3, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a: &x 1\nb: *x\n", 1, "a YAML alias"),
        ("a: 1\nb: 2026-13-45\n", 2, "`2026-13-45`"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key that is not a word"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("a: !!python/object:os.system {}\n", 1, "YAML tag"),
        ("a: !mine x\n", 1, "YAML tag"),
        ("a: 1\nb: \x07\n", 2, "control character '\\x07'"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
    ],
)
def test_bad_yaml_is_refused_with_its_line(text, line, words):
    document = read_yaml(text, "a.yml")
    assert words in str(document.problems[0])
    assert document.problems[0].line == line


def test_keys_stay_as_they_are_written():
    assert read_yaml("on: 1\n1: 2\nno: 3\n", "a.yml").data == {"on": 1, "1": 2, "no": 3}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("n_layers: 80", "n_layers: '80'", "`n_layers`: must be a valid integer, not `80`"),
        ("rope_theta: 500000", "rope_theta: 5e5", "in YAML a power of ten is written 1.0e+6"),
        ("rope_theta: 500000", "rope_teta: 500000", "did you mean `rope_theta`?"),
        ("type: llama3", "type: lama3", "did you mean `llama3`?"),
        ("year: 2024", "year: .nan", "`year`"),
        ("as_of: 2026-11-22", "as_of: lately", "`as_of`: must be a valid date"),
    ],
)
def test_numbers_of_a_model_are_numbers(old, new, words):
    text = (REPOSITORY / "docs/data/models/llama-3.1-70b.yml").read_text("utf-8")
    assert text.count(old) == 1
    document = read_yaml(text.replace(old, new), "m.yml")
    assert validate(document, ModelRecord) is None
    (problem,) = document.problems
    assert words in str(problem)
    assert text.replace(old, new).splitlines()[problem.line - 1].strip() == new


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("---\na: 1\n---\nBody\n", ("a: 1", "Body\n", 4)),
        ("Body\n---\n", (None, "Body\n---\n", 1)),
        ("---\nnever closed\n", (None, "---\nnever closed\n", 1)),
        ("---\n---\n", ("", "", 3)),
    ],
)
def test_front_matter_is_split_from_the_body(text, parts):
    assert split_front_matter(text) == parts


def test_a_problem_reads_as_a_compiler_s():
    assert str(Problem("a.md", 3, "it is wrong", "mend it")) == "a.md:3: it is wrong, mend it"
    assert nearest("atention", ["attention", "other"]) == "did you mean `attention`?"
    assert nearest("zzz", ["b", "a"]) == "use one of `a`, `b`"
