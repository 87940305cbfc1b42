"""Twins say what the page says, and nothing that only the site understands; every page has a description and a card."""

import html
import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown import Markdown
from PIL import Image

from hooks import describe, machines, navigation, social, twins
from hooks.building import Site
from hooks.fixtures import REPOSITORY, with_set
from hooks.model import load
from hooks.test_site import build, site_root

HERE = "https://example.org/chapters/attention/"

# ---- HTML to Markdown ---------------------------------------------------------------------------------------------------

FORMS = {
    "heading": ('<h2 id="a">A <span class="depth">derive</span></h2>', "## A (derive)"),
    "emphasis": ("<p>An <em>old </em>and <strong>new</strong> <code>a`b</code>.</p>", "An *old* and **new** ``a`b``."),
    "link": ('<p><a href="../../code/x/#test">test</a></p>', "[test](https://example.org/code/x/#test)"),
    "bracket in an address": ('<p><a href="https://a.org/x_(y)">y</a></p>', "[y](https://a.org/x_%28y%29)"),
    "anchor of the page": ('<p><a href="#scores">above</a></p>', f"[above]({HERE}#scores)"),
    "citation": ('<p><a class="cite" href="https://a.org/">Hu 2021, section 2</a></p>', "[Hu 2021, section 2](https://a.org/)"),
    "number": ('<p>It takes <button class="num" popovertarget="n1">40 GiB</button>.</p>', "It takes 40 GiB."),
    "given": ('<p>128 tokens <span class="given">given</span>.</p>', "128 tokens (given)."),
    "formula": (r'<p>So <span class="arithmatex">\(a &lt; b\)</span>.</p>', "So $a < b$."),
    "display": (r'<div class="arithmatex">\[x_1 * y\]</div>', "$$\nx_1 * y\n$$"),
    "dollars": ("<p>$2 and $3</p>", r"\$2 and \$3"),
    "list": ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>", "- a\n  - b\n- c\n\n  d"),
    "numbered": ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
    "box": ('<ul><li><input type="checkbox"><label>Do</label></li></ul>', "- [ ] Do"),
    "table": ('<table><thead><tr><th>a</th><th align="right">b</th></tr></thead><tbody><tr><td>x|y</td><td>2</td></tr></tbody></table>',
              "| a | b |\n|---|---:|\n| x\\|y | 2 |"),
    "number in a cell": ("<table><tbody><tr><th>a</th></tr><tr><td>1. b</td></tr></tbody></table>", "| a |\n|---|\n| 1. b |"),
    "table without heads": ("<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", "|  |  |\n|---|---|\n| a | b |"),
    "listing": ('<div class="language-python highlight"><pre><span></span><code><span class="k">if</span> x:\n    y\n</code></pre></div>',
                "```python\nif x:\n    y\n```"),
    "fence in a listing": ("<pre><code>```\nx\n```\n</code></pre>", "````\n```\nx\n```\n````"),
    "lab": ('<div class="lab-cell"><div class="highlight"><pre><code>x = 1</code></pre></div><div class="lab-output"><pre>2</pre></div></div>',
            "```python\nx = 1\n```\n\n```\n2\n```"),
    "figure": ('<figure class="fig"><svg role="img"><title>Heads</title><desc>Two boxes.</desc><text>q</text></svg><figcaption><b>Figure 1.</b> It.</figcaption></figure>',
               "> *Figure: Heads. Two boxes.*\n>\n> **Figure 1.** It."),
    "icon": ('<p><svg aria-hidden="true"><use href="#i"/></svg>words</p>', "words"),
    "picture": ('<p><img src="a b.png" alt="A plot"></p>', f"![A plot]({HERE}a%20b.png)"),
    "call-out": ('<aside class="co co-trap"><p class="co-t"><svg></svg>Common trap</p><p>Not so.</p></aside>', "> **Common trap**\n>\n> Not so."),
    "quote": ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    "fold": ('<h2>Q</h2><ol class="steps"><li><details class="step step-hint"><summary>Hint</summary><section><p>a</p></section></details></li></ol><p>b</p>',
             "## Q\n\n### Hint\n\na\n\nb"),
    "terms": ("<dl><dt>Sources</dt><dd><a href='https://a.org/'>a</a>, b</dd></dl>", "- **Sources**: [a](https://a.org/), b"),
    "facts": ('<ul class="meta"><li>Chapter 1</li><li>12 cards</li></ul>', "Chapter 1 · 12 cards"),
    "rubric": ('<sh-rubric><table><thead><tr><th>c</th><th>strong hire</th></tr></thead><tbody><tr><th>law</th><td><input type="radio"><label>root</label></td></tr></tbody></table></sh-rubric>',
               "| c | strong hire |\n|---|---|\n| law | root |"),
    "what a script needs": ('<div><nav>next</nav><script>x</script><p hidden>y</p><select><option>z</option></select></div>', ""),
    "footnote": ('<p>So<sup id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup>.</p><div class="footnote"><ol><li id="fn:1"><p>Why. <a class="footnote-backref" href="#fnref:1">back</a></p></li></ol></div>',
                 "So[^1].\n\n[^1]: Why."),
    "raised": ("<p>10<sup>9</sup></p>", "10<sup>9</sup>"),
    "line that would be a list": ("<p>- 3 is less</p><p>1. is one</p><p># no heading</p>", "\\- 3 is less\n\n1\\. is one\n\n\\# no heading"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "says"), FORMS.values(), ids=FORMS)
def test_each_element_has_its_form(content, says):
    assert twins.markdown(content, HERE) == says


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(st.sampled_from("ab1 *_`<>&$[](){}#+-.!|\\~\"'é;"), max_size=30))
@example("&#1")
@example("&#65; &amp;")
def test_words_stay_the_same_words(text):
    """A reader of the twin sees what a reader of the page sees."""
    made = twins.markdown(f"<p>x{html.escape(text)}x</p>", HERE)
    shown = lxml_html.fragment_fromstring(Markdown(extensions=["pymdownx.betterem"]).convert(made) or "<p></p>", create_parent="div").text_content()
    assert re.sub(r"\\\$", "$", " ".join(shown.split())) == " ".join(f"x{text}x".split())


def test_late_parts_come_in_and_popovers_do_not():
    late = ("<span>checked by 2</span>", '<div popover="auto" id="n1">the sum</div>')
    assert twins.markdown("<p>So <!--late 0--> is<!--late 1--> it</p>", HERE, late) == "So checked by 2 is it"


def test_a_twin_says_whether_it_holds_solutions():
    fold = '<details class="step step-solution"><summary>Solution</summary><section><p>s</p></section></details>'
    assert "\nsolutions: " in twins.twin(fold, HERE, "Q") and "\nsolutions: " not in twins.twin("<p>s</p>", HERE, "Q")
    assert twins.twin("<p>s</p>", HERE, 'A "T"').startswith('---\ntitle: "A \\"T\\""\n')


# ---- descriptions -------------------------------------------------------------------------------------------------------


def test_a_description_is_cut_at_a_sentence_or_a_word():
    long = "One sentence that is rather long, so that it fills more than half of what there is room for, and more. " + "word " * 40
    assert describe.cut("Short.") == "Short."
    assert describe.cut(long).endswith("and more.")
    cut = describe.cut("word " * 60)
    assert len(cut) <= describe.LONGEST and cut.endswith("word…")


def test_no_two_derived_descriptions_are_alike():
    """On the real handbook: questions, sets, sheets, cards, hunts, exercises, modules."""
    site = Site(load(REPOSITORY))
    sources = [name.removeprefix("docs/") for name in site.handbook.pages]
    sources += [f"code/{module.topic}/{module.concept}.md" for module in site.handbook.snippets.values()]
    sources += [navigation.hunt_page(fault.id) for module in site.handbook.snippets.values() for fault in module.faults]
    sources += [f"practice/exercises/{name}.md" for name in site.handbook.exercises]
    found = {}
    for source in sources:
        page = site.handbook.pages.get(f"docs/{source}")
        title = str(page.front.fields.get("title", source)) if page else source
        if words := describe.derived(site, source, describe.bare(title)):
            found.setdefault(describe.cut(describe.bare(words)), []).append(source)
    assert len(found) > 200
    assert [names for names in found.values() if len(names) > 1] == []


# ---- cards --------------------------------------------------------------------------------------------------------------

LONG = "We fine-tuned the target and kept the draft, and outputs are right, but serving got slower than without speculation: explain"


@pytest.mark.parametrize("title", ["RAG", LONG, LONG * 3, "A" * 90, "√d ≈ α, über 10⁹ 漢"])
def test_a_card_is_small_and_holds_its_title(title):
    made = social.draw(REPOSITORY, title, "A section")
    picture = Image.open(io.BytesIO(made))
    assert picture.size == (1200, 630) and len(made) <= 40 * 1024
    paper = picture.convert("L").point(lambda value: 255 * (value < 250))
    left, top, right, bottom = paper.getbbox()
    assert left >= social.MARGIN - 4 and right <= 1200 - social.MARGIN + 4 and top > 40 and bottom < 630 - 40
    assert made == social.draw(REPOSITORY, title, "A section")


def test_long_titles_wrap_and_shrink():
    def width(text, size):
        return len(text) * size / 2

    size, lines = social.fitted("Short", width)
    assert (size, lines) == (social.SIZES[0], ["Short"])
    size, lines = social.fitted(LONG, width)
    assert size < social.SIZES[0] and " ".join(lines) == LONG and len(lines) <= social.LINES
    size, lines = social.fitted(LONG * 4, width)
    assert size == social.SIZES[-1] and lines[-1].endswith("…") and len(lines) == social.LINES


def test_a_card_is_named_by_what_it_shows():
    assert social.name_of("A", "B") == social.name_of("A", "B") != social.name_of("AB", "")


# ---- a build ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    root = with_set(site_root(tmp_path_factory.mktemp("handbook")))
    done = build(root, GITHUB_REPOSITORY="someone/handbook", GITHUB_SHA="0123456789abcdef", SITE_URL="https://example.org/")
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


def pages(site: Path) -> list[Path]:
    return [page for page in sorted(site.rglob("*.html")) if page.name != "404.html"]


def meta(page: Path) -> dict[str, str]:
    document = lxml_html.document_fromstring(page.read_text())
    return {element.get("property") or element.get("name"): element.get("content") for element in document.iter("meta")}


def test_every_page_has_its_twin_and_says_so(site):
    for page in pages(site):
        (link,) = lxml_html.document_fromstring(page.read_text()).xpath("//link[@rel='alternate' and @type='text/markdown']")
        text = page.with_name(link.get("href")).read_text()
        assert not re.search(r"ʘ\d|<!--|<%|^\s*///|--8<--", text, re.M), page
        assert f'url: "https://example.org/{page.relative_to(site).as_posix().removesuffix("index.html")}"' in text
    assert len(list(site.rglob("index.md"))) == len(pages(site))


def test_the_twin_of_a_question_is_whole(site):
    text = (site / "chapters/attention/questions/why-scale/index.md").read_text()
    assert re.findall(r"^#+ .*", text, re.M) == [
        "# Why are scores divided by √d_k?", "## Hint 1: direction", "## Hint 2: insight", "## Solution", "## 60-second answer", "## Grade your answer",
        "## Follow-ups", "### And with 64?",
    ]  # fmt: skip
    assert "The variance is $d_k$. See [the chapter](https://example.org/chapters/attention/#scores)." in text
    assert "| law | $s$ grows as the root | grows | constant |" in text


def test_the_twin_of_a_chapter_has_figures_listings_and_sources(site):
    text = (site / "chapters/attention/index.md").read_text()
    assert "> *Figure: Heads. Two boxes side by side.*" in text
    assert "```python\ndef scale(score, head_dim):\n    return score / head_dim**0.5\n```" in text
    assert "[Vaswani and Shazeer 2017](https://arxiv.org/abs/1706.03762)" in text
    assert "> **Common trap**\n>\n> Dividing by $d_k$." in text
    assert "language-" not in (site / "chapters/attention/index.html").read_text()


def test_descriptions_and_cards(site):
    told = {page: meta(page) for page in pages(site)}
    said = [found["description"] for found in told.values()]
    assert all(said) and len(set(said)) == len(said)
    for page, found in told.items():
        assert found["og:title"] and found["og:description"] == found["description"] and found["twitter:card"] == "summary_large_image"
        assert found["og:url"] == f"https://example.org/{page.relative_to(site).as_posix().removesuffix('index.html')}"
        card = site / found["og:image"].removeprefix("https://example.org/")
        assert card.is_file() and card.stat().st_size <= 40 * 1024


def test_the_sitemap_lists_the_pages_and_nothing_else(site):
    listed = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text())
    assert sorted(listed) == sorted(f"https://example.org/{page.relative_to(site).as_posix().removesuffix('index.html')}" for page in pages(site))


def test_llms_txt_leads_to_twins_in_the_order_of_the_menu(site):
    text = (site / "llms.txt").read_text()
    assert text.startswith("# Strong Hire\n\n> ")
    assert re.findall(r"^## (.*)", text, re.M) == ["Start", "Chapters", "Interview", "Reference"]
    rows = re.findall(r"^- \[(.+?)\]\((.+?)\): (.+)$", text, re.M)
    assert rows and all((site / address.removeprefix("https://example.org/")).is_file() for _, address, _ in rows)
    titles = [title for title, _, _ in rows]
    assert titles.index("Attention") < titles.index("Attention: practice questions") < titles.index("Attention: flash cards")


def test_llms_full_holds_chapters_and_interview_pages_once(site):
    text = (site / "llms-full.txt").read_text()
    assert text.count("Page: https://example.org/chapters/attention/\n") == 1
    assert text.index("/chapters/attention/practice/") < text.index("Page: https://example.org/interview/prompts/")
    assert "## Solution" in text and "reference/bibliography/" not in "".join(re.findall(r"^Page: .*", text, re.M))


def test_a_source_names_the_pages_that_cite_it(site):
    (cited,) = lxml_html.document_fromstring((site / "reference/bibliography/index.html").read_text()).find_class("bib-cited")
    assert [(link.text, link.get("href")) for link in cited.iter("a")] == [
        ("Attention", "../../chapters/attention/"), ("Attention: questions", "../../chapters/attention/practice/"), ("Design prompts", "../../interview/prompts/"),
    ]  # fmt: skip


def test_a_report_names_page_and_commit(site):
    text = (site / "chapters/attention/index.html").read_text()
    assert "template=wrong-answer.yml&page=https%3A%2F%2Fexample.org%2Fchapters%2Fattention%2F&commit=0123456789ab" in html.unescape(text)


def test_a_page_that_was_not_built_is_left_out(tmp_path):
    class Nav:
        items = ()

    machines.write(tmp_path, tmp_path, Nav(), "https://example.org/", cards=False)
    assert list(tmp_path.rglob("*.md")) == []
