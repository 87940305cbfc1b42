
"""Each way to break a handbook is refused with its file and line, and a sound one is not."""

from __future__ import annotations

import subprocess
import sys

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown

from hooks import blocks, check_pages, prose
from hooks.check import check, main
from hooks.fixtures import (
    BIBLIOGRAPHY,
    CARDS,
    CHAPTER,
    FIGURE,
    FILES,
    IDS,
    INDEX,
    PRACTICE,
    QUESTION,
    REPOSITORY,
    SNIPPET,
    TEST,
    TOPICS,
    edit,
    line_of,
    small_handbook,
)  # fmt: skip


@pytest.fixture
def root(tmp_path):
    return small_handbook(tmp_path)


def messages(root) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_a_sound_handbook_passes(root):
    assert messages(root) == []


# file, what to replace, by what; then the file and a word of the line that is blamed, and words of the message
BREAKS = {
    "unknown key": (INDEX, "summary:", "sumary:", INDEX, "sumary:", "unknown key `sumary`, did you mean `summary`?"),
    "unknown value": (INDEX, "kind: foundation", "kind: fundation", INDEX, "kind:", "did you mean `foundation`?"),
    "unknown role": (QUESTION, "roles: [research]", "roles: [resarch]", QUESTION, "roles:", "did you mean `research`?"),
    "key twice": (INDEX, "order: 10\n", "order: 10\norder: 20\n", INDEX, "order: 20", "stands twice"),
    "missing key": (QUESTION, "minutes: 6\n", "", QUESTION, "title:", "`minutes` is missing"),
    "text for a number": (QUESTION, "minutes: 6", "minutes: six", QUESTION, "minutes:", "must be a valid integer, not `six`"),
    "broken YAML": (QUESTION, "kind: derive", "kind: [derive", QUESTION, "competency", "not valid YAML"),
    "a role without its depth": (INDEX, "research: build, full", "full", INDEX, "roles:", "lacks research"),
    "four levels": (INDEX, "  - {text: Builds it., probe: Write it.}\n", "", INDEX, "levels:", "at least 5"),
    "missing help step": (QUESTION, "/// step | Hint 2: insight\nVariances add.\n///\n", "", QUESTION, "///", "`/// step | Hint 2: insight` is missing"),
    "help step renamed": (QUESTION, "Hint 1: direction", "Hint 1: directions", QUESTION, "Hint 1", "did you mean `step | Hint 1: direction`?"),
    "no solution": (QUESTION, "/// solution", "/// trap", QUESTION, "/// trap", "among the help steps"),
    "wrong order": (QUESTION, "/// step | Hint 1: direction", "/// followup | Early?\nNo.\n///\n\n/// step | Hint 1: direction", QUESTION, "Hint 1", "stands too late"),
    "empty answer": (QUESTION, '"Variances add."\n', "", QUESTION, "/// answer", "is empty"),
    "no follow-up": (QUESTION, "/// followup | And with 64?\nLess.\n///\n", "", QUESTION, "///", "`/// followup` is missing"),
    "rubric columns": (QUESTION, "| lean hire | no hire |", "| no hire |", QUESTION, "| criterion", "columns are not the four"),
    "rubric cell": (QUESTION, "| grows | constant |", "| grows | |", QUESTION, "| law", "fill the four columns"),
    "text outside a block": (QUESTION, "/// answer", "Lost.\n\n/// answer", QUESTION, "Lost.", "text outside a block"),
    "unknown sample": (QUESTION, "/// followup", "/// sample | Good\nSo.\n///\n\n/// followup", QUESTION, "/// sample", "unknown grade `Good`"),
    "wrong section name": (INDEX, "## Self-assessment {", "## Self assesment {", INDEX, "## Self assesment", "write `## Self-assessment { #self-assessment }`"),
    "wrong section id": (INDEX, "{ #moment }", "{ #momment }", INDEX, "## The real", "is not the section's heading"),
    "section missing": (INDEX, "## What an interviewer listens for { #listens-for }\n\nPrecision.\n", "", INDEX, "## Further", "`What an interviewer listens for` is missing"),
    "section too early": (INDEX, "## Scores {", "## Further reading { #further-reading }\n\n- One.\n\n## Scores {", INDEX, "## Scores", "stands among the fixed sections"),
    "sections exchanged": (INDEX, "## What an interviewer listens for { #listens-for }\n\nPrecision.\n\n## Spaced-repetition checkpoints { #checkpoints }", "## Spaced-repetition checkpoints { #checkpoints }\n\nDay 0 to 21.\n\n## What an interviewer listens for { #listens-for }", INDEX, "## What an interviewer", "stands too late"),
    "section id twice": (INDEX, "/// trap", "## More { #scores data-depth=skim }\n\n/// trap", INDEX, "## More", "the section id `scores` is taken"),
    "questions not shown": (PRACTICE, "<%= questions() %>\n", "", PRACTICE, "Aloud", "add `<%= questions() %>`"),
    "question's snippet": (QUESTION, "snippet: snippets/attention/scale.py", "snippet: snippets/attention/skale.py", QUESTION, "snippet:", "did you mean `snippets/attention/scale.py`?"),
    "question's lab": (QUESTION, "level: 2", "level: 2\nlab: true", QUESTION, "lab:", "the chapter has no lab"),
    "no depth": (INDEX, "{ #scores data-depth=derive }", "{ #scores }", INDEX, "## Scores", "lacks its id or depth"),
    "unknown depth": (INDEX, "data-depth=derive", "data-depth=deep", INDEX, "## Scores", "unknown depth `deep`"),
    "checkpoint missing": (INDEX, "Day 14", "Day 15", INDEX, "## Spaced", "Day 14 is missing"),
    "objectives not shown": (INDEX, "<%= objectives() %>\n", "", INDEX, "## What you will", "add `<%= objectives() %>`"),
    "objective unchecked": (INDEX, "[why-scale, score-size]", "[why-scale, scor-size]", INDEX, "checked_by", "did you mean `score-size`?"),
    "six to read": (INDEX, ": where it began.", ": where it began.\n" + "- more\n" * 5, INDEX, "## Further", "6 sources to read"),
    "unknown prerequisite": (INDEX, "prerequisites: []", "prerequisites: [ragg]", INDEX, "prerequisites", "did you mean `rag`?"),
    "prerequisites in a circle": (INDEX, "prerequisites: []", "prerequisites: [rag]", INDEX, "prerequisites", "run in a circle"),
    "unknown source": (QUESTION, "sources: [vaswani2017attention]", "sources: [vaswani2018attention]", QUESTION, "sources", "did you mean `vaswani2017attention`?"),
    "unknown citation": (INDEX, '- <%= cite("vaswani2017attention") %>', '- <%= cite("nobody2017nothing") %>', INDEX, "nobody2017", "nobody2017nothing"),
    "a topic with a folder": (TOPICS, "- slug: rag", "- slug: attention", TOPICS, "- slug", "has a folder now"),
    "order taken": (TOPICS, "order: 50", "order: 10", TOPICS, "order", "is `attention`'s"),
    "dead link": (QUESTION, "../index.md#scores", "../indx.md#scores", QUESTION, "See [", "`../indx.md` leads nowhere"),
    "dead anchor": (QUESTION, "../index.md#scores", "../index.md#score", QUESTION, "See [", "did you mean `scores`?"),
    "dead anchor on the page": (INDEX, "(#moment)", "(#momment)", INDEX, "A score is", "did you mean `moment`?"),
    "absolute link": (QUESTION, "../index.md#scores", "/chapters/attention/", QUESTION, "See [", "absolute link"),
    "lost question": (IDS, "question why-scale\n", "question why-scale\nquestion gone\n", IDS, "gone", "the question `gone` is lost"),
    "lost card": (CARDS, "#score-size", "#size-of-score", IDS, "score-size", "the card `score-size` is lost"),
    "new card": (CARDS, "#divisor", "#divisor-of-scores", CARDS, "#divisor", "is new, record it"),
    "duplicate id": (CARDS, "#divisor", "#score-size", CARDS, "Divisor?", "the id `score-size` is taken"),
    "card named as a question": (CARDS, "#divisor", "#why-scale", CARDS, "#why-scale", "the id `why-scale` is taken"),
    "id twice": (IDS, "card divisor\n", "card divisor\ncard divisor\n", IDS, "card divisor", "stands twice"),
    "alias to nothing": (IDS, "card divisor\n", "card divisor\ncard old -> new\n", IDS, "old -> new", "there is no card `new`"),
    "card without id": (CARDS, "Divisor? { #divisor }", "Divisor?", CARDS, "Divisor?", "a card without an id"),
    "unclosed block": (INDEX, "Dividing by $d_k$.\n///", "Dividing by $d_k$.", INDEX, "/// trap", "the block `trap` is not closed"),
    "nested block": (QUESTION, "How large is a sum?\n", "How large is a sum?\n\n/// trap\nNo.\n///\n", QUESTION, "Hint 1", "the block `step` is not closed"),
    "unknown block": (INDEX, "/// trap", "/// tarp", INDEX, "/// tarp", "did you mean `trap`?"),
    "stray end": (INDEX, "Precision.", "Precision.\n\n///", INDEX, "///", "`///` closes nothing"),
    "step in a chapter": (INDEX, "/// trap", "/// step | Hint 1: direction", INDEX, "/// step", "outside a question"),
    "as of no day": (INDEX, "/// trap", "/// asof | 31 November 2026", INDEX, "/// asof", "is no date"),
    "bad LaTeX": (INDEX, "s = q^\\top k", "s = \\frac{q", INDEX, "$$", "KaTeX refuses"),
    "bad LaTeX in a card": (CARDS, "$\\sqrt{d_k}$", "$\\sqr{d_k}$", CARDS, "\\sqr", "KaTeX refuses `\\sqr{d_k}`"),
    "mathematics in a heading": (INDEX, "## Scores {", "## Scores $s$ {", INDEX, "## Scores", "mathematics in a heading"),
    "display in a paragraph": (INDEX, "Precision.", "Precision $$x$$ here.", INDEX, "Precision", "`$$` inside a paragraph"),
    "unknown model": (INDEX, "Precision.", '<%= value("kv_cache_bytes", model="llama-3.1-71b", tokens=1) %>', INDEX, "3.1-71b", "llama-3.1-70b"),
    "unknown quantity": (INDEX, "Precision.", '<%= value("kv_cash_bytes", model="llama-3.1-70b") %>', INDEX, "kv_cash", "kv_cache_bytes"),
    "unknown argument": (INDEX, "Precision.", '<%= value("kv_cache_bytes", model="llama-3.1-70b", tokns=1) %>', INDEX, "tokns", "tokns"),
    "unknown gpu": (INDEX, "Precision.", '<%= value("decode_floor_seconds", model="llama-3.1-70b", gpu="h100-sxm6", batch=1, tokens=1, gpus=8) %>', INDEX, "sxm6", "h100-sxm5-80gb"),
    "unknown field": (INDEX, "Precision.", '<%= field("llama-3.1-70b", "n_layer") %>', INDEX, '"n_layer"', "n_layers"),
    "unknown name in a sum": (INDEX, "Precision.", '<%= calc("sqrt(d_k)", d=64) %>', INDEX, "d=64", "d_k"),
    "no lab to quote": (INDEX, "Precision.", '<%= lab("loss") %>', INDEX, 'lab("loss")', "lab"),
    "unknown macro": (INDEX, "Precision.", '<%= valeu("x") %>', INDEX, "valeu", "did you mean `value`?"),
    "unknown snippet": (INDEX, '"snippets/attention/scale.py", "scale"', '"snippets/attention/scales.py", "scale"', INDEX, "scales.py", "scale.py"),
    "unknown section": (INDEX, 'scale.py", "scale"', 'scale.py", "skale"', INDEX, "skale", "scale"),
    "no macro call": (INDEX, "Precision.", "<%= value('x' %>", INDEX, "value('x'", "is not a macro call"),
    "half a macro": (INDEX, "Precision.", "<%= value('x')", INDEX, "value('x'", "stands alone"),
    "include by hand": (INDEX, "Precision.", '--8<-- "snippets/attention/scale.py"', INDEX, '--8<-- "', "by hand"),
    "figure missing": (INDEX, "images/heads.svg", "images/head.svg", INDEX, "/// figure", "did you mean `images/heads.svg`?"),
    "figure without caption": (INDEX, "Two heads.\n", "", INDEX, "/// figure", "without a caption"),
    "figure without description": (FIGURE, "<desc>Two boxes side by side.</desc>\n", "", FIGURE, "<svg", "no <desc>"),
    "figure with a colour": (FIGURE, 'class="cell"', 'fill="#0b6b4b"', FIGURE, "<rect", "a literal colour"),
    "figure with a colour in a style": (FIGURE, 'class="cell"', 'style="stroke: red"', FIGURE, "<rect", "a literal colour"),
    "figure with a style element": (FIGURE, "<title>", "<style>rect {fill: red}</style>\n<title>", FIGURE, "<style>", "a <style>"),
    "figure too wide": (FIGURE, "0 0 200 100", "0 0 700 100", FIGURE, "<svg", "700 units wide"),
    "figure without its box": (FIGURE, 'viewBox="0 0 200 100"', 'viewBox="10 0 200 100"', FIGURE, "<svg", "no `viewBox` that starts at 0 0"),
    "figure with a size": (FIGURE, "<svg ", '<svg width="200" ', FIGURE, "<svg", "a fixed `width`"),
    "figure cut short": (FIGURE, "</title>", "", FIGURE, "", "not valid XML"),
    "figure that is no drawing": (FIGURE, 'xmlns="http://www.w3.org/2000/svg" ', "", FIGURE, "<svg", "no SVG"),
    "figure that acts": (FIGURE, 'class="cell"', 'onclick="go()"', FIGURE, "<rect", "neither acts nor loads"),
    "figure that loads": (FIGURE, "</svg>", '<image href="https://example.org/a.png"/></svg>', FIGURE, "<image", "neither acts nor loads"),
    "figure that is a picture": (INDEX, "images/heads.svg", "cards.md", INDEX, "/// figure", "is no SVG file"),
    "figure without a file": (INDEX, "/// figure | images/heads.svg", "/// figure", INDEX, "/// figure", "without a file"),
    "follow-up without a question": (QUESTION, "/// followup | And with 64?", "/// followup", QUESTION, "/// followup", "without its question"),
    "rubric without rows": (QUESTION, "| law | $s$ grows as the root | grows | constant |\n", "", QUESTION, "| criterion", "no criterion"),
    "second solution": (QUESTION, "/// answer", "/// solution\nAgain.\n///\n\n/// answer", QUESTION, "/// solution", "stands twice"),
    "indented block": (INDEX, "Dividing by $d_k$.", "    Dividing by $d_k$.", INDEX, "Dividing", "begins indented"),
    "line that is no id": (IDS, "card divisor\n", "card divisor\ncards of old\n", IDS, "cards of old", "is no id"),
    "renamed but there": (IDS, "card divisor\n", "card divisor\ncard divisor -> score-size\n", IDS, "->", "renamed but still there"),
    "id in capitals": (CARDS, "#divisor", "#Divisor", CARDS, "#Divisor", "use lower-case words"),
    "section left open": (SNIPPET, "# --8<-- [end:scale]\n", "", SNIPPET, "start:scale", "never ends"),
    "unused snippet": (INDEX, '<%= snippet("snippets/attention/scale.py", "scale") %>\n', "", SNIPPET, '"""', "no page shows this module"),
    "test without words": (TEST, '"""A scaled score has unit size."""\n', "", TEST, "", "no docstring"),
    "TODO left": (INDEX, "Precision.", "TODO: say it", INDEX, "TODO", "a TODO is left, write say it"),
    "unknown key in a source": (BIBLIOGRAPHY, "  kind: paper", "  kindd: paper", BIBLIOGRAPHY, "kindd", "did you mean `kind`?"),
    "a source for nothing": (BIBLIOGRAPHY, "  accessed: 2026-11-25\n", "  accessed: 2026-11-25\nother2017else:\n  title: Else\n  authors: [Vaswani]\n  year: 2017\n  url: https://example.org/\n  kind: paper\n  accessed: 2026-11-25\n", BIBLIOGRAPHY, "other2017else", "nobody cites `other2017else`"),
    "source twice": (BIBLIOGRAPHY, "  accessed: 2026-11-25\n", "  accessed: 2026-11-25\nother2017same:\n  title: Same\n  authors: [Vaswani]\n  year: 2017\n  url: http://arxiv.org/abs/1706.03762\n  kind: paper\n  accessed: 2026-11-25\n", BIBLIOGRAPHY, "http://arxiv", "has the same address"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_refused_with_file_and_line(root, name):
    file, old, new, blamed, at, words = BREAKS[name]
    edit(root, file, old, new)
    found = messages(root)
    lines = [n for n, text in enumerate((root / blamed).read_text("utf-8").splitlines(), start=1) if at in text]
    places = tuple(f"{blamed}:{line}:" for line in lines)
    assert any(text.startswith(places) and words in text for text in found), found


def test_a_snippet_without_a_test_is_refused(root):
    (root / TEST).unlink()
    assert f"{SNIPPET}:1: no test beside it, add {TEST}" in messages(root)


def test_a_closed_form_is_reached_by_a_test(root):
    folder = root / "snippets/sizing"
    folder.mkdir()
    for name, text in {"shown": "from snippets.sizing import inner", "inner": "", "lost": ""}.items():
        (folder / f"{name}.py").write_text(f'"""A form."""\n{text}\n')
    (folder / "test_forms.py").write_text('"""Forms hold."""\nfrom snippets.sizing.shown import inner\n')
    assert [text.split(",")[0] for text in messages(root)] == ["snippets/sizing/lost.py:1: no test reaches this module"]


def test_a_missing_file_of_a_chapter_is_refused(root):
    (root / CHAPTER / "cheatsheet.md").unlink()
    assert any(text.startswith(f"{CHAPTER}/cheatsheet.md:1: the file is missing") for text in messages(root))


def test_all_problems_come_at_once_and_sorted(root):
    edit(root, INDEX, "kind: foundation", "kind: fundation")
    edit(root, QUESTION, "level: 2", "level: 6")
    edit(root, CARDS, "$\\sqrt{d_k}$", "$\\sqr{d_k}$")
    found = check(root)
    assert found == sorted(found)
    assert {INDEX, QUESTION, CARDS} <= {problem.path for problem in found}


def test_text_shared_by_two_questions_is_refused(root):
    shared = "The " + " ".join(f"word{number}" for number in range(30)) + " end."
    edit(root, QUESTION, "How large is a sum?", shared)
    text = (root / QUESTION).read_text("utf-8")
    (root / CHAPTER / "questions/second.md").write_text(text.replace("Less.", "More."), "utf-8")
    line = line_of(root, QUESTION, "Head size")  # the two files are alike from there on
    found = messages(root)
    assert any(
        text.startswith(f"{QUESTION}:{line}:") and f"stands in {CHAPTER}/questions/second.md:{line} too" in text
        for text in found
    )


def test_fix_records_new_ids_and_nothing_else(root, capsys):
    edit(root, IDS, "card divisor\n", "")
    assert main(["--root", str(root)]) == 1
    assert main(["--root", str(root), "--fix"]) == 0
    assert (root / IDS).read_text("utf-8") == "question why-scale\ncard score-size\ncard divisor\n"
    assert "recorded" in capsys.readouterr().out


def test_a_renamed_id_lives_on_as_an_alias(root):
    edit(root, CARDS, "#divisor", "#divisor-of-scores")
    edit(root, IDS, "card divisor\n", "card divisor\ncard divisor -> divisor-of-scores\ncard divisor-of-scores\n")
    assert messages(root) == []


def test_an_id_taken_out_of_the_file_is_missed(root):
    """Removing the question and its line together hides nothing from the history."""
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-qm", "one"],
        ["commit", "-q", "--allow-empty", "-m", "two"],
    ):
        subprocess.run([*git, *command], check=True)
    edit(root, CARDS, "Divisor? { #divisor }\n: The same.\n", "")
    edit(root, IDS, "card divisor\n", "")
    assert f"{IDS}:1: the line `card divisor` was removed, put it back: ids are permanent" in messages(root)


def test_what_code_shows_is_not_read(root):
    edit(
        root,
        INDEX,
        "Precision.",
        "```\n/// nothing\n$\\bad$ [x](y.md)\n# TITLE\n```\n\nIn `$\\bad$ /// [x](y.md)` too.",
    )
    assert messages(root) == []


def test_raw_macros_are_not_called(root):
    edit(root, INDEX, "Precision.", '<% raw %>`<%= value("nothing") %>`<% endraw %> <%# a note: <%= x %>')
    assert messages(root) == []


def test_the_names_of_blocks_are_those_of_the_extension():
    assert {block.NAME for block in blocks.BLOCKS} == check_pages.BLOCKS | check_pages.ASSEMBLED
    assert check_pages.IN_QUESTIONS <= check_pages.BLOCKS


def test_the_command_names_file_and_line(root):
    edit(root, INDEX, "summary:", "sumary:")
    done = subprocess.run(
        [sys.executable, "-m", "hooks.check", "--root", str(root)], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"{INDEX}:{line_of(root, INDEX, 'sumary:')}: unknown key `sumary`" in done.stdout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a $x$ b", [("x", False, 1)]),
        ("costs $5 and $6", []),
        ("\\$x$ no", []),
        ("$$\nx\n$$", [("x", True, 1)]),
        ("a\n\n  $$x$$\n", [("x", True, 3)]),
        ("`$x$`", []),
        ("two\nlines $a\n+ b$", [("a\n+ b", False, 2)]),
        ("/// trap\n$y$\n///", [("y", False, 2)]),
        ("\\(z\\)", [("z", False, 1)]),
    ],
)
def test_formulas_are_found_with_their_lines(text, found):
    assert list(prose.formulas(text)) == found


def test_a_call_keeps_its_arguments_and_line():
    found, bad = prose.calls('one\n<%= value("a", tokens=-2,\n  x=[1]) %>', first_line=10)
    assert not bad
    assert [(call.name, call.args, call.kwargs, call.line) for call in found] == [
        ("value", ("a",), {"tokens": -2, "x": [1]}, 11)
    ]


MISHAPS = ["///", "<%=", "%>", "$$", "\x07", "```", "---\n", "{", "[", "- ", "\t", ": ", "é", "&a ", "*a", "!x ", "|"]


@settings(deadline=None)  # a busy machine is no fault
@given(st.data())
def test_no_mishap_stops_the_check(tmp_path_factory, data):
    """A file cut short or with a stray mark gives problems with lines, never a traceback."""
    root = small_handbook(tmp_path_factory.mktemp("mishap"))
    name = data.draw(st.sampled_from(sorted(FILES)))
    start = data.draw(st.integers(0, len(FILES[name])))
    cut = data.draw(st.sampled_from([0, 1, 20, 10**6]))
    mark = data.draw(st.sampled_from(["", *MISHAPS]))
    (root / name).write_text(FILES[name][:start] + mark + FILES[name][start + cut :], "utf-8")
    assert all(problem.line >= 1 and (root / problem.path).is_relative_to(root) for problem in check(root))


PIECES = {
    "word": "outside{n}",
    "trap": "/// trap\ninside{n}\n///",
    "spaced": "/// trap | A title\n\ninside{n}\n\n///",
    "code": "```\n/// trap\noutside{n}\n///\n```",
    "in code": "/// trap\n\n```\n///\ninside{n}\n```\n\n///",
    "list": "- outside{n}\n- more",
    "heading": "## outside{n} {{ #id{n} }}",
}


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(PIECES)), st.sampled_from(["\n", "\n\n", "\n\n\n"])), min_size=1, max_size=6
    )
)
def test_blocks_are_read_as_the_site_reads_them(pieces):
    """What the check finds inside a block is what Markdown puts into its call-out."""
    text = "".join(PIECES[name].format(n=number) + gap for number, (name, gap) in enumerate(pieces))
    found, _, strays = prose.blocks(text)
    assert not strays and all(block.end for block in found)
    page = lxml.html.fromstring(
        "<div>" + Markdown(extensions=["pymdownx.superfences", "attr_list", "hooks.blocks"]).convert(text) + "</div>"
    )
    within = " ".join(aside.text_content() for aside in page.iter("aside"))
    assert len(found) == len(list(page.iter("aside")))
    for number in range(len(pieces)):
        for word in (f"inside{number}", f"outside{number}"):
            if word in text:
                assert any(word in block.body for block in found) == (word in within) == word.startswith("inside")
