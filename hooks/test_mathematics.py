"""Formulas become KaTeX once, refusals name the page, and search reads words."""

import json

import pytest

from hooks.mathematics import FormulaError, Katex, check_tex, lean, plain, plain_in_text, render_page, rewrite_index

INLINE = r'<p>so <span class="arithmatex">\(a &lt; \sqrt{d_k}\)</span> holds</p>'
DISPLAY = '<div class="arithmatex">\\[\n\\begin{aligned} a &amp;= b \\\\ c &amp;= d \\end{aligned}\n\\]</div>'


@pytest.fixture
def katex(tmp_path):
    with Katex(tmp_path) as engine:
        yield engine


def test_a_stop_stays_with_its_formula(katex):
    """Where the formula cannot be broken; a longer one may be, and must."""
    one, two = (r'<span class="arithmatex">\(' + tex + r"\)</span>" for tex in ("x", "x = y"))
    assert render_page(f"{one}, {one}", "docs/x.md", katex).count('<span class="stop"><span class="katex">') == 1
    assert render_page(f"{one}, ", "docs/x.md", katex).endswith("</span>,</span> ")
    assert 'class="stop"' not in render_page(f"{two}.", "docs/x.md", katex)


def test_inline_and_display_are_html_and_mathml(katex):
    page = render_page(INLINE + DISPLAY, "docs/x.md", katex)
    assert page.count("<math") == 2 and page.count('class="katex-html"') == 2
    assert "arithmatex" not in page and r"\(" not in page
    assert page.startswith("<p>so <span") and page.endswith("</div>")
    assert 'display="block"' in page


def test_a_formula_keeps_what_is_heard_and_seen():
    formula = '<math display="block"><mstyle scriptlevel="0" displaystyle="true"><mo stretchy="false">(</mo><mi mathvariant="normal">x</mi></mstyle></math>'
    assert lean(formula) == '<math display="block"><mo>(</mo><mi mathvariant="normal">x</mi></math>'
    assert lean('<i style="height:0.8044em;top:-3.063em;"></i><i style="height:10.00em;margin:0.00em;">') == '<i style="height:.8em;top:-3.06em"></i><i style="height:10em;margin:0em">'


def test_the_second_build_asks_nobody(tmp_path):
    with Katex(tmp_path) as first:
        once = render_page(INLINE + DISPLAY, "docs/x.md", first)
        assert first.rendered == 2
    with Katex(tmp_path) as second:
        assert render_page(INLINE + DISPLAY, "docs/x.md", second) == once
        assert second.rendered == 0 and second.process is None


def test_the_same_formula_is_rendered_once(katex):
    render_page(INLINE * 5, "docs/x.md", katex)
    assert katex.rendered == 1


def test_inline_and_display_are_kept_apart(katex):
    assert katex.render("a", display=True) != katex.render("a", display=False)


def test_a_line_cut_off_in_the_cache_is_rendered_again(tmp_path):
    with Katex(tmp_path) as first:
        first.render("a")
        first.render("b")
        store = first.store
    store.write_text(store.read_text()[:-40])
    with Katex(tmp_path) as second:
        assert "<math" in second.render("b") and second.rendered == 1


def test_an_error_names_the_page_and_the_formula(katex):
    with pytest.raises(
        FormulaError, match=r"docs/chapters/x\.md: KaTeX refuses the formula `\\frac\{a\}`: .*Unexpected end"
    ):
        render_page(r'<span class="arithmatex">\(\frac{a}\)</span>', "docs/chapters/x.md", katex)


def test_an_unknown_command_is_an_error_not_red_text(katex):
    with pytest.raises(FormulaError, match="Undefined control sequence"):
        katex.render(r"\nonsense")


def test_after_an_error_the_process_still_answers(katex):
    with pytest.raises(FormulaError):
        katex.render(r"\frac{a}")
    assert "<math" in katex.render("b")


def test_check_tex_answers_in_order(tmp_path):
    first, second, third = check_tex([("a", False), (r"\frac{", True), ("b", True)], tmp_path)
    assert first is None and third is None and "end of input" in second


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\alpha/r", "alpha/r α/r"),
        (r"\frac{\alpha}{r}", "alpha/r α/r"),
        (r"\sqrt{d_k}", "√d_k sqrt d_k"),
        (r"n_{\text{kv}}", "n_kv"),
        (r"n_{\mathrm{kv\_heads}}", "n_kv_heads"),
        (r"d_{\text{model}} \times 4", "d_model × 4"),
        (r"\frac{QK^\top}{2}", "(QK^T)/2"),
        (r"\operatorname{softmax}\left(x\right)", "softmax(x)"),
        (r"2\,n", "2 n"),
        (r"\begin{aligned} a &= b \\ c &\le d \end{aligned}", "a = b c ≤ d"),
        (r"50\,\%", "50 %"),
    ],
)
def test_formulas_as_words(tex, words):
    assert plain(tex) == words


def test_text_around_formulas_is_untouched():
    assert plain_in_text(r"<p>A \(d_k\) of 64, \[x &lt; y\] and $5</p>") == "<p>A d_k of 64, x &lt; y and $5</p>"


def test_the_index_on_disk_holds_words(tmp_path):
    path = tmp_path / "search_index.json"
    path.write_text(
        json.dumps(
            {
                "config": {"lang": ["en"]},
                "docs": [{"location": "x/", "title": r"On \(\alpha\)", "text": r"Divide by \(\sqrt{d_k}\)."}],
            }
        )
    )
    rewrite_index(path)
    index = json.loads(path.read_text())
    assert index["docs"] == [{"location": "x/", "title": "On alpha α", "text": "Divide by √d_k sqrt d_k."}]
    assert index["config"] == {"lang": ["en"]}
