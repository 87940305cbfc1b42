"""What the finished pages need beside them, without building a site."""

import io
from pathlib import Path

import material
import pytest
from fontTools.ttLib import TTFont

from hooks import assets, fonts, theme

ROOT = Path(__file__).resolve().parent.parent
THEME = Path(material.__file__).parent / "templates/assets"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of one page with unusual characters."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("<p>√d ≈ Łukasz, αθ → x, 10⁹, caf&eacute;</p>", encoding="utf-8")
    return folder, assets.build(ROOT, folder)


def test_a_character_without_a_glyph_is_reported_with_its_page(site):
    _, problems = site
    assert len(problems) == 1 and problems[0].startswith("index.html: no bundled font has '⁹' (U+2079 superscript nine)")


def test_what_the_core_lacks_comes_in_small_extra_files(site):
    folder, _ = site
    css = (folder / "assets/fonts/fonts.css").read_text()
    for name, character in (("sh-text-latin-ext", 0x141), ("sh-text-greek", 0x3B8), ("KaTeX_Main-Regular", 0x221A)):
        assert character in TTFont(folder / f"assets/fonts/{name}.woff2").getBestCmap()
        assert f"{name}.woff2" in css
    assert (folder / "assets/fonts/sh-text-greek.woff2").stat().st_size < 2500


def test_no_subset_keeps_the_reserved_name(site):
    folder, _ = site
    for file in (folder / "assets/fonts").glob("sh-*.woff2"):
        names = [str(record) for record in TTFont(file)["name"].names if record.nameID in (1, 3, 4, 6, 16, 17)]
        assert names and not any("Source" in name for name in names), file.name
    assert "Adobe" in (folder / "assets/fonts/LICENCES.txt").read_text() and "OPEN FONT LICENSE" in (folder / "assets/fonts/LICENCES.txt").read_text()


def test_sheets_are_set_in_static_fonts(site):
    """Chromium writes a variable font into a PDF as outlines."""
    folder, _ = site
    assert "fvar" in TTFont(folder / "assets/fonts/sh-text.woff2")
    assert all("fvar" not in TTFont(file) for file in (folder / "assets/fonts").glob("sh-sheet*.woff2"))


def test_a_warm_run_writes_the_same_bytes(site):
    folder, _ = site
    before = {file.name: file.read_bytes() for file in (folder / "assets/fonts").iterdir()}
    assets.build(ROOT, folder)
    assert before == {file.name: file.read_bytes() for file in (folder / "assets/fonts").iterdir()}


def test_a_subset_is_reproducible():
    source = ROOT / fonts.KATEX / "fonts/KaTeX_Main-Regular.woff2"
    first, second = (fonts._subset(source, "abc", (), None) for _ in range(2))
    assert first == second and set(TTFont(io.BytesIO(first)).getBestCmap()) == {97, 98, 99}


def test_ranges_are_runs():
    assert fonts._ranges("abcz√") == "U+61-63,U+7A,U+221A"


def test_widgets_are_one_classic_script_each(site):
    folder, _ = site
    scripts = {script.stem: script.read_text() for script in (folder / "assets/widgets").glob("*.js")}
    assert set(scripts) == {entry.parent.name for entry in (ROOT / "widgets").glob("*/index.ts")} - {"search", "header"}  # a worker; the end of the theme's script
    assert all("import" not in script.split("(", 1)[0] and "innerHTML" not in script for script in scripts.values())


def test_the_theme_s_stylesheet_loses_only_what_we_lack():
    css = next(THEME.glob("stylesheets/main.*.min.css")).read_text()
    less = theme.lean(css)
    assert len(less) < 0.5 * len(css) and theme.lean(less) == less and less.count("{") == less.count("}")
    for kept in (".md-header{", ".md-search__form{", ".md-nav__link{", "@media print", ".footnote", "@keyframes"):
        assert kept in less
    for gone in ("[dir=rtl]", ".tabbed-", ".admonition", ".md-banner"):
        assert gone not in less


def test_no_class_that_changes_styles_all_below_it_anew():
    """As `:not([class])` does before what may be any element."""
    css = next(THEME.glob("stylesheets/main.*.min.css")).read_text()
    assert "[class]) td>:" in css and "[class]) td>:" not in theme.lean(css) and ".md-typeset__table>table td>:" in theme.lean(css)


def test_lean_keeps_what_stands_beside_what_goes():
    css = ".md-banner,.md-main:is(.a,.b){color:red}@media print{.md-tag{x:y}}.c:before{content:'{,}'}"
    assert theme.lean(css) == ".md-main:is(.a,.b){color:red}.c:before{content:'{,}'}"


def test_the_theme_s_script_waits_with_search():
    script = next(THEME.glob("javascripts/bundle.*.min.js")).read_text()
    patient = theme.patient(script)
    assert patient != script and theme.patient(patient) == patient
    assert [after for after in theme.PATIENCE.values() if after in script] == [], "a change of the theme's would go unnoticed"
    with pytest.raises(ValueError, match="no longer says"):
        theme.patient(script.replace("new Worker", "new Thing"))


def test_trim():
    page = '<link rel="stylesheet" href="../assets/stylesheets/katex.css"><th></th><th align="right"></th><label for="__toc" tabindex="">'
    assert theme.trim(page) == '<td></td><td align="right"></td><label>'
    assert "katex.css" in theme.trim(page + '<span class="katex">') and "katex.css" in theme.trim(page + '<div class="arithmatex">')
    head = '<link rel="preload" href="../assets/fonts/sh-text.woff2" as="font" crossorigin></head>'
    formulas = 10 * '<span class="katex">x</span>'
    assert theme.trim(head + formulas).count('<link rel="preload" href="../assets/fonts/KaTeX_') == 2
    assert theme.trim(head + "<details>" + formulas).count("preload") == 1, "the browser warns of what is fetched and not used"
    assert theme.trim(head.replace("sh-text", "KaTeX_Main-Regular")) == "</head>"
    assert theme.trim("<li><table><tr></table><table class=a>") == (
        '<li><div class="md-typeset__scrollwrap"><div class="md-typeset__table"><table><tr></table></div></div><table class=a>'
    )
    number = '<button class="num" type="button" popovertarget="n">40 GiB</button>'
    assert theme.trim(f"{number}, {number} of") == f'<span class="stop">{number},</span> {number} of'
    assert theme.trim('<span class="n">x</span><span class="k">if</span>') == 'x<span class="k">if</span>'


def test_the_theme_s_script_has_no_style_sheet_of_diagrams():
    script = next(THEME.glob("javascripts/bundle.*.min.js")).read_text()
    assert ".node circle" in script and ".node circle" not in theme.patient(script)


def test_rules_without_a_class_on_a_page_or_in_a_script_go(tmp_path):
    for name, text in {
        "index.html": '<p class="a b">x</p>', "assets/javascripts/x.js": 'e.classList.add("c--on")', "assets/stylesheets/site.css": ".gone{x:y}",
        "assets/stylesheets/main.0a.min.css": '.a,.gone .b{x:y}.gone:is(.a,.b){x:y}.c--on:not(.gone),p:is(.a,.gone){x:y}@media print{.gone{x:y}}.b:before{content:".gone{"}',
        "assets/stylesheets/katex.css": "@font-face{x:y}.gone{x:y}",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for _ in range(2):
        theme.used(tmp_path)
        assert (tmp_path / "assets/stylesheets/main.0a.min.css").read_text() == '.a{x:y}.c--on:not(.gone),p:is(.a,.gone){x:y}.b:before{content:".gone{"}'
        assert (tmp_path / "assets/stylesheets/katex.css").read_text() == "@font-face{x:y}"
        assert (tmp_path / "assets/stylesheets/site.css").read_text() == ".gone{x:y}"  # ours: hands wrote it, and hands take it away


def test_our_stylesheets_lose_only_what_nobody_reads():
    css = '/* why */\n.a > b, .c:hover {\n  x: 1px 2px; y: calc(1px + 2px);\n}\n@media (min-width: 60em) { .d::before { content: "a: {b; c}, d"; } }\n'
    assert theme.bare(css) == '.a > b,.c:hover{x:1px 2px;y:calc(1px + 2px)}@media (min-width:60em){.d::before{content:"a: {b; c}, d"}}'
    assert theme.bare(theme.bare(css)) == theme.bare(css)


def test_trim_leaves_listings():
    assert theme.trim("<p>\n    <b>x</b>\n\n  y</p><pre><b>x</b>\n    <b>y</b></pre>") == "<p>\n<b>x</b>\n\n  y</p><pre><b>x</b>\n    <b>y</b></pre>"


def test_our_header_stands_once_at_the_end_of_the_themes_script(tmp_path):
    bundle, ours = tmp_path / "assets/javascripts/bundle.0a1b.min.js", tmp_path / "assets/widgets/header.js"
    for file in (bundle, ours):
        file.parent.mkdir(parents=True)
    bundle.write_text("theirs;\n//# sourceMappingURL=bundle.0a1b.min.js.map\n")
    for _ in range(2):
        ours.write_text("ours();\n")
        theme.with_header(tmp_path)
        assert bundle.read_text() == "theirs;\nours();\n" and not ours.exists()
    theme.with_header(tmp_path)  # a site without widgets
    assert bundle.read_text() == "theirs;\nours();\n"


def test_our_search_worker_takes_the_place_of_the_themes(tmp_path):
    workers = tmp_path / "assets/javascripts/workers"
    workers.mkdir(parents=True)
    (workers / "search.0a1b.min.js").write_text("theirs")
    (tmp_path / "assets/widgets").mkdir()
    (tmp_path / "assets/widgets/search.js").write_text("ours")
    theme.replace_search(tmp_path)
    assert (workers / "search.0a1b.min.js").read_text() == "ours"
    (tmp_path / "assets/widgets/search.js").write_text("ours")
    (workers / "search.2c3d.min.js").write_text("theirs")
    with pytest.raises(ValueError, match="2 search workers"):
        theme.replace_search(tmp_path)
