"""Terms are linked where they are prose, once a section, and the page is otherwise the same to the letter."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks import tips
from hooks.fixtures import REPOSITORY
from hooks.model import load
from hooks.schema import Source, Term

TERMS = (
    Term(term="KV cache", definition="Kept keys.", where="attention#cache"),
    Term(term="grouped-query attention", aliases=["GQA"], definition="Shared.", where="attention#heads"),
    Term(term="attention head", aliases=["head"], definition="One.", where="attention#heads"),
    Term(term="prefill", definition="First.", where="serving#phases"),
    Term(term="token", definition="An integer.", where="attention#tokens", link=False),
    Term(term="RoPE", definition="Turns.", where="attention#rope"),
)


def linked(body: str, source: str = "chapters/rag/index.md") -> str:
    page = tips.link(f"<head><title>prefill</title></head><article>{body}</article><p>prefill</p>", source, TERMS, lambda path, anchor: f"g#{anchor}")
    start, end = "<head><title>prefill</title></head><article>", "</article><p>prefill</p>"
    assert page.startswith(start) and page.endswith(end), "what stands outside the article is left alone"
    return page.removeprefix(start).removesuffix(end)


def found(body: str, **options) -> list[str]:
    return re.findall(r'<a class="term" href="g#[^"]*">(.*?)</a>', linked(body, **options), re.S)


def test_the_first_use_is_linked_to_its_entry():
    assert linked("<p>The prefill, and prefill again.</p>") == '<p>The <a class="term" href="g#prefill">prefill</a>, and prefill again.</p>'


def test_each_section_links_anew_and_a_subsection_does_not():
    assert found("<p>prefill</p><h3>x</h3><p>prefill</p>") == ["prefill"]
    assert found("<p>prefill</p><h2 id=a>x</h2><p>prefill</p><p>prefill</p><h2 id=b>y</h2><p>prefill</p>") == ["prefill"] * 3


def test_an_alias_counts_as_its_term():
    assert found("<p>GQA is grouped-query attention.</p>") == ["GQA"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("KV cache", ["KV cache"]),
        ("KV caches", ["KV caches"]),
        ("a KV\ncache", ["KV\ncache"]),
        ("KV-cache", ["KV-cache"]),
        ("kv cache", []),  # capitals stand as they are always written
        ("rope", []),
        ("RoPE", ["RoPE"]),
        ("Prefill is", ["Prefill"]),  # begins a sentence
        ("PREFILL", []),
        ("Grouped query attention", ["Grouped query attention"]),
        ("prefilled", []),  # whole words only
        ("unprefill", []),
        ("chunked-prefill", []),
        ("prefill-only", []),
        ("prefill’s", ["prefill"]),
        ("(prefill)", ["prefill"]),
        ("attention head", ["attention head"]),  # the longest name
        ("a head", ["head"]),
        ("token", []),  # asked not to be linked
        ("GQAs and GQA", ["GQAs"]),
        ("a &lt; prefill &amp; b", ["prefill"]),
    ],
)
def test_names_are_found_as_they_are_written(text, names):
    assert found(f"<p>{text}</p>") == names


@pytest.mark.parametrize(
    "body",
    [
        '<a href="x">prefill</a>',
        '<a href="x"><em>prefill</em></a>',
        "<code>prefill</code>",
        "<pre><span>prefill</span></pre>",
        "<h2>prefill</h2>",
        "<h4>prefill</h4>",
        "<table><thead><tr><td>prefill</td></tr></thead></table>",
        "<table><tr><th>prefill</th></tr></table>",
        "<table><tr><td>prefill</td></tr></table>",
        '<table><tr><td> Prefill <a href="x">Li 2024</a></td></tr></table>',
        "<details><summary>prefill</summary></details>",
        '<span class="katex"><span>prefill</span></span>',
        '<span class="arithmatex">\\(prefill\\)</span>',
        "<svg><text>prefill</text></svg>",
        "<button>prefill</button>",
        "<label>prefill</label>",
        "<sh-rubric><td>prefill</td></sh-rubric>",
        "<script>prefill</script>",
        '<span popover="auto">prefill</span>',
        '<ul class="meta"><li>prefill</li></ul>',
        '<dl class="related"><dd>prefill</dd></dl>',
        '<p class="co-t">prefill</p>',
        "<!-- prefill -->",
        '<img alt="prefill">',
    ],
)
def test_what_is_no_prose_is_left_alone(body):
    assert linked(body) == body
    after = f"{body}<p>prefill</p>"
    assert linked(after).count('class="term"') == 1, "and what follows is prose again"


def test_prose_is_found_wherever_it_stands():
    assert found("<ul><li>prefill</li></ul>") == found("<table><tr><td>the prefill</td></tr></table>") == ["prefill"]
    assert found("<details><summary>x</summary><section><p>prefill</section></details>") == ["prefill"]  # an open <p>
    assert found("<svg/><p>prefill</p><svg>x</svg>") == ["prefill"]  # the first drawing ends at once


def test_the_section_that_explains_a_term_does_not_link_it():
    body = '<h2 id="phases">x</h2><p>prefill</p><h2 id="other">y</h2><p>prefill</p>'
    assert linked(body, "chapters/serving/index.md").count('class="term"') == 1
    assert linked(body).count('class="term"') == 2
    assert linked('<h2 id="a">x</h2><h3 id="phases">y</h3><p>prefill</p>', "chapters/serving/index.md").count('class="term"') == 0


HTML = st.lists(st.sampled_from([
    "<p>", "</p>", "<h2>", "</h2>", "<code>", "</code>", "<a href=x>", "</a>", "<br>", "<em>", "</em>", "<svg/>", " prefill ", " KV cache ",
    "GQA", "<", "&amp;", "<!-- -->", "text", '<span class="katex">', "</span>",
]), max_size=30).map("".join)  # fmt: skip


@given(HTML)
def test_nothing_else_changes_and_twice_is_once(body):
    once = linked(body)
    assert re.sub(r'<a class="term" href="[^"]*">(.*?)</a>', r"\1", once) == body
    assert linked(once) == once
    for match in re.finditer(r'<a class="term"', once):
        before = once[: match.start()]
        assert before.count("<a ") == before.count("</a>") or "</a>" in body, "never inside a link"


def test_pages_that_are_no_prose_are_not_linked():
    for source in ("index.md", "404.html", "reference/glossary.md", "code/a/b.md", "contributing/question.md", "practice/hunts/x.md",
                   "chapters/rag/cards.md", "chapters/rag/cheatsheet.md"):  # fmt: skip
        assert not tips.wanted(source, ""), source
    for source in ("chapters/rag/index.md", "chapters/rag/questions/q.md", "interview/loop.md", "calculators/index.md"):
        assert tips.wanted(source, ""), source
        assert not tips.wanted(source, '<section class="sheet" aria-label="x">')


def test_without_a_glossary_nothing_happens():
    page = "<article><p>prefill</p></article>"
    assert tips.link(page, "x.md", (), lambda path, anchor: "") is page


def test_the_data_holds_every_term_and_citation_as_plain_pieces():
    handbook = load(REPOSITORY)
    text = tips.script(handbook)
    data = json.loads(text.removeprefix("window.strongHireTips=").removesuffix(";\n"))
    assert len(data["terms"]) == len(handbook.terms) and len(data["cites"]) == len(handbook.sources)
    assert data["terms"]["rotary-base"][0] == "rotary base" and ["sup", "−2", ["i", "i"], " / ", ["i", "d"], ["sub", ["i", "h"]]] in data["terms"]["rotary-base"]

    def tags(piece):
        if isinstance(piece, list):
            yield piece[0]
            for inner in piece[1:]:
                yield from tags(inner)

    used = {tag for entry in data["terms"].values() for piece in entry[1:] for tag in tags(piece)}
    assert used <= {"em", "strong", "code", "sub", "sup", "i"}, "the widget builds no others"


def test_a_reference_is_title_names_and_year():
    fields = {"title": "A Title.", "year": 2017, "url": "https://example.org", "kind": "paper", "accessed": "2026-11-25"}
    assert tips.reference(Source.model_validate({**fields, "authors": ["A", "B"]}, strict=False)) == "A Title. A, B, 2017."
    assert tips.reference(Source.model_validate({**fields, "authors": ["A", "B", "C", "D"]}, strict=False)) == "A Title. A et al., 2017."
