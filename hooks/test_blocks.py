"""Each block becomes the HTML that the theme styles, wherever it stands."""

import re

import markdown
import pytest
import yaml
from lxml import html

from hooks import building
from hooks.blocks import CALL_OUTS
from hooks.figures import FigureError
from hooks.fixtures import REPOSITORY, small_handbook

CHAPTER = "docs/chapters/attention/index.md"


class Loader(yaml.SafeLoader):
    """mkdocs.yml with its `!ENV` tag."""


Loader.add_constructor("!ENV", lambda loader, node: loader.construct_sequence(node)[-1])


def extensions() -> tuple[list[str], dict]:
    """As the site uses them."""
    listed = yaml.load((REPOSITORY / "mkdocs.yml").read_text("utf-8"), Loader)["markdown_extensions"]
    names = [entry if isinstance(entry, str) else next(iter(entry)) for entry in listed]
    return names, {name: settings for entry in listed if isinstance(entry, dict) for name, settings in entry.items()}


@pytest.fixture
def page(tmp_path):
    small_handbook(tmp_path)
    return building.begin(building.Building(CHAPTER, tmp_path, tmp_path / "docs/chapters/attention"))


def render(text: str) -> str:
    names, settings = extensions()
    return markdown.Markdown(extensions=names, extension_configs=settings).convert(text)


def tree(text: str):
    return html.fragment_fromstring(render(text), create_parent="div")


def one(element, path: str):
    found = element.xpath(path)
    assert len(found) == 1, f"{path}: {len(found)} of them in {html.tostring(element).decode()}"
    return found[0]


@pytest.mark.parametrize("name", [name for name in CALL_OUTS if name != "asof"])
def test_a_call_out_has_icon_words_and_kind(page, name):
    look, words = CALL_OUTS[name]
    aside = one(tree(f"Before.\n\n/// {name}\nIt *matters*.\n\n- a list\n///\n\nAfter."), "aside")
    assert aside.get("class") == f"co co-{look}"
    title = one(aside, "p[@class='co-t']")
    assert title.text_content() == words
    assert one(title, "svg[@aria-hidden='true']/use").get("href") == f"#i-{look}"
    assert one(aside, "p/em").text == "matters" and one(aside, "ul/li").text == "a list"


def test_a_call_out_may_bring_its_title(page):
    assert one(tree("/// trap | Off by *one*\nSo.\n///"), "aside/p[@class='co-t']").text_content() == "Off by one"


@pytest.mark.parametrize("argument", ["25 November 2026", "As of 25 November 2026"])
def test_as_of_names_its_date(page, argument):
    aside = one(tree(f"/// asof | {argument}\nSo it is.\n///"), "aside[@class='co co-asof']")
    assert one(aside, "p[@class='co-t']").text_content() == "As of 25 November 2026"


def test_blocks_that_touch_stay_apart(page):
    asides = tree("/// trap\nOne.\n///\n/// reject\nTwo.\n///").xpath("aside")
    assert [aside.get("class") for aside in asides] == ["co co-trap", "co co-reject"]


def test_code_tables_and_formulas_inside_a_block(page):
    aside = one(
        tree("/// arithmetic\n```python\nx = '///'\n```\n\n| a | b |\n|--|--:|\n| $x$ | 2 |\n\n$$\na\n$$\n///"), "aside"
    )
    assert "'///'" in one(aside, ".//pre").text_content()
    assert one(aside, ".//td[2]").get("align") == "right"
    assert one(aside, "div[@class='arithmatex']").text.split() == [r"\[", "a", r"\]"]


# ---- headings, given -------------------------------------------------------------------------------


def test_a_depth_badge_leaves_id_and_contents_alone(page):
    names, settings = extensions()
    md = markdown.Markdown(extensions=names, extension_configs=settings)
    text = md.convert(
        "## Why the scores are *divided* { #divided data-depth=derive }\n\n## Named by its words { data-depth=skim }"
    )
    first, second = html.fragment_fromstring(text, create_parent="div").xpath("h2")
    badge = one(first, "span[@class='depth']")
    assert (
        badge.get("data-depth") == "derive"
        and badge.text_content() == "derive"
        and "data-search-exclude" in badge.attrib
    )
    assert one(badge, "svg/use").get("href") == "#i-depth-3"
    assert first.get("id") == "divided" and second.get("id") == "named-by-its-words"
    assert first.get("data-depth") is None
    assert [token["name"] for token in md.toc_tokens] == ["Why the scores are divided", "Named by its words"]


def test_given_marks_an_assumption(page):
    root = tree("Head size 128, bf16. {given} More {given}.\n\n| a |\n|---|\n| 5 {given} |\n\n`{given}` in code")
    assert [mark.text for mark in root.xpath(".//span[@class='given']")] == ["given"] * 3
    assert one(root, ".//code").text == "{given}"


def test_raised_digits_are_set_by_markup(page):
    root = tree("About 10⁻⁷ of 10²⁴. `10⁷`")
    assert [mark.text for mark in root.xpath(".//sup")] == ["\u22127", "24"]
    assert one(root, ".//code").text == "10⁷"


# ---- questions -------------------------------------------------------------------------------------

FOLDS = """\
/// step | Hint 1: direction
Count.
///

/// solution
One.

<details><summary>aside</summary><p>deep</p></details>

| a |
|---|
| 1 |

Last.
///
/// spoken
"It divides."
///

Between.

/// followup | Now *1,000* users?
No.
///

/// followup | Then?
Yes.
///

/// sample | No hire
Bad.
///
"""


def test_steps_in_a_row_are_one_numbered_list(page):
    root = tree(FOLDS)
    steps = one(root, "ol[@class='steps']").xpath("li/details")
    assert [step.get("class") for step in steps] == ["step step-hint", "step step-solution", "step step-answer"]
    assert [one(step, "summary").text_content() for step in steps] == [
        "Hint 1: direction",
        "Solution",
        "60-second answer",
    ]
    assert len(root.xpath("ol")) == 1


def test_each_body_is_one_section_never_nested(page):
    root = tree(FOLDS)
    assert len(root.xpath(".//section")) == 6 and not root.xpath(".//section//section")
    for details in root.xpath(".//details[@class]"):
        assert [child.tag for child in details] == ["summary", "section"]
        assert "data-search-exclude" in details[1].attrib
    solution = one(root, ".//details[@class='step step-solution']/section")
    assert [text.strip() for text in solution.itertext() if text.strip()] == [
        "One.",
        "aside",
        "deep",
        "a",
        "1",
        "Last.",
    ]


def test_follow_ups_and_samples_are_gathered_apart(page):
    root = tree(FOLDS)
    assert [one(details, "summary").text_content() for details in one(root, "div[@class='followups']")] == [
        "Now 1,000 users?",
        "Then?",
    ]
    assert one(root, "div[@class='samples']/details").get("data-grade") == "no"


RUBRIC = """\
/// rubric | gqa
| criterion | strong hire | lean hire | no hire |
|---|---|---|---|
| formula | KV **heads** and $d_k$ | right | `64` |
| number | 40 | order | none |
///
"""


def test_a_rubric_is_a_form_that_works_without_a_script(page):
    rubric = one(tree(RUBRIC), "sh-rubric[@data-question='gqa']")
    table = one(rubric, "table[@class='rubric']")
    assert [head.get("class") for head in table.xpath("thead/tr/th")] == [None, "strong", "lean", "no"]
    assert [head.get("scope") for head in table.xpath("tbody/tr/th")] == ["row", "row"]
    radios = table.xpath(".//td/input[@type='radio']")
    assert len(radios) == 6
    assert {radio.get("name") for radio in radios} == {"gqa-1", "gqa-2"}
    assert [radio.get("value") for radio in radios] == ["strong", "lean", "no"] * 2
    for radio in radios:
        label = one(table, f".//label[@for='{radio.get('id')}']")
        assert label.getparent() is radio.getparent() and label.getparent().get("class") == radio.get("value")
    assert one(table, ".//label[@for='gqa-1-strong']/strong").text == "heads"


def test_the_name_of_a_choice_says_criterion_grade_and_words(page):
    table = one(tree(RUBRIC), ".//table")
    radio = one(table, ".//input[@id='gqa-1-lean']")
    words = [one(table, f".//*[@id='{name}']").text_content() for name in radio.get("aria-labelledby").split()]
    assert words == ["formula", "lean hire", "right"]


def test_a_number_in_a_label_or_summary_is_plain(page):
    """A button must not hold a button, nor a label."""
    token = page.keep("<button>40 GiB</button>", "40 GiB")
    root = tree(f"/// followup | With {token}?\nSo {token}.\n///\n\n{RUBRIC.replace('40', token)}")
    assert one(root, ".//summary").text_content() == "With 40 GiB?"
    assert one(root, ".//label[@for='gqa-2-strong']").text_content() == "40 GiB"
    assert one(root, ".//button").getparent().text == "So "


def test_a_kept_block_is_not_wrapped_in_a_paragraph(page):
    token = page.keep("<ul><li>one</li></ul>")
    assert (
        re.sub(r"\s+", "", render(f"Before.\n\n{token}\n\nAfter {page.keep('<b>x</b>')}."))
        == "<p>Before.</p><ul><li>one</li></ul><p>After<b>x</b>.</p>"
    )


def test_a_token_survives_whatever_stands_around_it(page):
    token = page.keep("<i>|*_</i>")
    root = tree(
        f'"{token}" and **{token}**, [{token}](x.md)\n\n| a | b |\n|---|---|\n| {token} | {token} |\n\n- {token}'
    )
    assert len(root.xpath(".//i")) == 6
    assert len(root.xpath(".//td")) == 2 and root.xpath(".//strong/i") and root.xpath(".//a/i")
    assert "“" in root.text_content() and "”" in root.text_content()


# ---- figures ---------------------------------------------------------------------------------------


def write(
    page, name: str, inner: str = "", box: str = "0 0 300 100", told: str = "<title>T</title><desc>D</desc>"
) -> None:
    path = page.folder / "images" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">\n{told}\n{inner}\n</svg>\n')


def test_a_figure_is_inline_named_and_numbered(page):
    write(page, "a.svg", '<text x="1" y="2">a <tspan>b</tspan></text>')
    root = tree(
        "/// figure | images/a.svg\nOne *curve*. Drawn by `a.py`.\n///\n\n/// figure | images/heads.svg\nTwo.\n///"
    )
    first, second = root.xpath("figure[@class='fig']")
    assert one(first, "figcaption").text_content() == "Figure 1. One curve. Drawn by a.py."
    assert one(first, "figcaption/b").text == "Figure 1." and one(second, "figcaption/b").text == "Figure 2."
    drawing = one(first, "svg")
    assert drawing.get("role") == "img" and drawing.get("style") == "max-width:300px"
    named = drawing.get("aria-labelledby").split()
    assert [one(drawing, f"*[@id='{name}']").text for name in named] == ["T", "D"]
    assert first.get("id") == "fig-a"


def test_panels_and_repeats_keep_ids_unique(page):
    write(page, "a.svg", '<defs><marker id="m"/></defs><path marker-end="url(#m)" d="M0 0"/><use href="#m"/>')
    root = tree("/// figure | images/a.svg images/a.svg\nTwice.\n///\n\n/// figure | images/a.svg\nAgain.\n///")
    assert len(one(root, "figure/div[@class='panels']").xpath("svg")) == 2
    ids = root.xpath(".//@id")
    assert len(ids) == len(set(ids)) == 2 + 3 * 3
    for drawing in root.xpath(".//svg"):
        marker = one(drawing, ".//marker").get("id")
        assert (
            one(drawing, ".//path").get("marker-end") == f"url(#{marker})"
            and one(drawing, ".//use").get("href") == f"#{marker}"
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"told": "<title>T</title>"}, "<desc> is missing"),
        ({"box": "0 0 900 100"}, "900 units wide"),
        ({"box": ""}, 'needs viewBox="0 0 WIDTH HEIGHT"'),
        ({"inner": "<path"}, "not valid SVG"),
    ],
)
def test_a_figure_that_cannot_be_shown_says_why(page, change, says):
    write(page, "a.svg", **change)
    with pytest.raises(FigureError, match=says) as error:
        render("/// figure | images/a.svg\nSo.\n///")
    assert str(error.value).startswith(f"{CHAPTER}: /// figure: docs/chapters/attention/images/a.svg")


def test_a_missing_figure_says_where_paths_start(page):
    with pytest.raises(FigureError, match="it starts at the chapter's folder"):
        render("/// figure | images/nowhere.svg\nSo.\n///")


def test_a_question_finds_the_figures_of_its_chapter(tmp_path):
    small_handbook(tmp_path)
    name = "docs/chapters/attention/questions/why-scale.md"
    building.begin(building.Building(name, tmp_path, building.folder_of(name, tmp_path)))
    assert one(tree("/// figure | images/heads.svg\nSo.\n///"), "figure/svg") is not None


@pytest.mark.parametrize("fence", ["python", 'python hl_lines="1"', 'python linenums="3"', 'python title="x.py"', "{.python #here}", "text", ""])
def test_a_listing_that_was_seen_before_looks_as_at_first_and_as_without_us(fence):
    names, settings = extensions()
    text = f"```{fence}\nx = 1\n```\n\nThen `#!python y`.\n"
    theirs = markdown.Markdown(extensions=[name for name in names if name != "hooks.blocks"], extension_configs=settings).convert(text)
    assert render(text) == render(text) == theirs
