"""A term stands once, says something of its own in a few words and leads to its place."""

import pytest

from hooks import building, glossary
from hooks.check import check
from hooks.fixtures import edit, line_of, small_handbook
from hooks.model import load

PATH = "docs/data/glossary.yml"
DATA = """\
- term: attention score
  aliases: [score]
  definition: 'How well a key matches, $q^\\top k / \\sqrt{d_k}$.'
  where: attention#scores
  see: ['α-entmax', 4-bit type]
- term: α-entmax
  definition: A sparse *softmax*.
  where: attention#scores
- term: 4-bit type
  definition: Sixteen levels.
  where: chapters/attention/cards.md#score-size
  link: false
"""


@pytest.fixture
def root(tmp_path):
    root = small_handbook(tmp_path)
    (root / PATH).write_text(DATA.replace("q^\\top k", "q k"))
    (root / "docs/reference").mkdir()
    (root / "docs/reference/glossary.md").write_text("# Glossary\n\n<%= glossary() %>\n")
    (root / "docs/index.md").write_text("# Home\n\nSee [scores](reference/glossary.md#attention-score).\n")
    return root


def messages(root) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_a_sound_glossary_passes(root):
    assert messages(root) == []


def test_a_handbook_needs_none(tmp_path):
    assert messages(small_handbook(tmp_path)) == []


BREAKS = {
    "unknown key": ("  see: ['α", "  sea: ['α", "sea:", "unknown key `sea`"),
    "an alias twice": ("aliases: [score]", "aliases: [4-bit types]", "term: 4-bit", "`4-bit type` stands under `attention score` too"),
    "an alias that is its term": ("aliases: [score]", "aliases: [Attention scores]", "aliases:", "stands under `attention score` too"),
    "a long definition": ("Sixteen levels.", "word " * 40 + "more.", "word", "a definition of 41 words"),
    "no full stop": ("Sixteen levels.", "Sixteen levels", "Sixteen", "without its full stop"),
    "a link": ("Sixteen levels.", "Sixteen [levels](x.md).", "Sixteen", "a link, a macro or HTML"),
    "a figure": ("Sixteen levels.", "Saves 40 GiB.", "Saves", "nobody computed or cited '40 GiB'"),
    "a formula for KaTeX": ("q k / \\sqrt{d_k}", "\\begin{matrix}q\\end{matrix}", "How well", "does not fit on one line"),
    "a definition twice": ("Sixteen levels.", "A sparse softmax.", "A sparse softmax.", "the definition of `α-entmax`"),
    "a page that is not there": ("chapters/attention/cards.md#score-size", "chapters/attention/card.md", "card.md", "leads nowhere"),
    "a section that is not there": ("where: attention#scores\n  see", "where: attention#score\n  see", "where: attention#score", "did you mean `scores`?"),
    "a term that is not there": ("4-bit type]", "4-bit typ]", "see:", "did you mean `4-bit type`?"),
    "itself": ("4-bit type]", "attention score]", "see:", "no other term `attention score`"),
}


@pytest.mark.parametrize("case", BREAKS)
def test_each_break_is_refused_at_its_line(root, case):
    old, new, where, words = BREAKS[case]
    edit(root, PATH, old, new)
    found = messages(root)
    assert [message for message in found if message.startswith(f"{PATH}:{line_of(root, PATH, where)}: ") and words in message], found


def test_terms_with_one_anchor_are_told_apart(root):
    edit(root, PATH, "term: 4-bit type", "term: attention, score")
    assert [message for message in messages(root) if "the anchor of `attention, score` is that of `attention score`" in message]


def test_a_link_to_a_term_is_checked(root):
    edit(root, "docs/index.md", "#attention-score", "#attention-scores")
    assert [message for message in messages(root) if "did you mean `attention-score`?" in message]


def test_the_page_sorts_by_letter_and_leads_on(root):
    site = building.start(building.Site(load(root)))
    page = building.begin(building.Building("docs/reference/glossary.md", root, root / "docs/reference"))
    text = page.restore(glossary.glossary(site, page))
    places = [text.index(part) for part in ('id="letter-0"', 'id="4-bit-type"', 'id="letter-a"', 'id="attention-score"')]
    assert places == sorted(places)
    assert '<a href="../../chapters/attention/#scores">Scores</a>' in text and '<a href="#4-bit-type">4-bit type</a>' in text
    assert '<span class="alias">score</span>' in text and "<em>softmax</em>" in text and "√<i>d</i><sub><i>k</i></sub>" in text


@pytest.mark.parametrize(("term", "anchor"), [("LoRA+", "lora-plus"), ("Little’s law", "littles-law"), ("KV cache", "kv-cache")])
def test_an_anchor_is_lower_case_words(term, anchor):
    assert glossary.identity(term) == anchor
