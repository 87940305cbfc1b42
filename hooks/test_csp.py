"""Only pinned scripts pass, and whoever adds one is told how."""

import pytest

from hooks import csp

PAGE = '<html><head><meta charset="utf-8"><title>x</title></head><body>{}</body></html>'


def test_a_page_gets_its_policy_before_anything_loads():
    page = csp.protect(PAGE.format(""), "x.md")
    assert page.index("Content-Security-Policy") < page.index("<title>")
    assert "default-src &#39;none" not in page and "default-src 'none'" in page


def test_the_policy_lets_in_nothing_from_elsewhere():
    parts = dict(part.split(" ", 1) for part in csp.policy().split("; "))
    assert parts["default-src"] == "'none'" and parts["form-action"] == "'none'" and parts["base-uri"] == "'none'"
    assert "unsafe-inline" not in parts["script-src"] and "unsafe-eval" not in csp.policy()
    assert parts["style-src"] == "'self'" and parts["style-src-attr"] == "'unsafe-inline'"
    assert "http" not in csp.policy() and "data:" not in csp.policy() and "*" not in csp.policy()


def test_an_unpinned_script_names_the_line_to_add():
    with pytest.raises(csp.UnpinnedScript, match=r"^docs/x\.md: the policy would block inline scripts") as error:
        csp.protect(PAGE.format("<script>alert(1)</script>"), "docs/x.md")
    assert str(error.value).splitlines()[-1] == "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=  alert(1)"


def test_that_line_makes_it_pass(tmp_path, monkeypatch):
    pins = tmp_path / "hashes.txt"
    pins.write_text("# ours\nsha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=  alert(1)\n")
    monkeypatch.setattr(csp, "HASHES", pins)
    csp.pinned.cache_clear()
    try:
        page = csp.protect(PAGE.format("<script>alert(1)</script>"), "docs/x.md")
        assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in page
    finally:
        csp.pinned.cache_clear()


@pytest.mark.parametrize(
    "script",
    ['<script src="a.js"></script>', '<script type="application/json">{"a": 1}</script>', '<script id=x type="application/ld+json">{}</script>'],
)
def test_files_and_data_are_no_inline_scripts(script):
    assert csp.unpinned(PAGE.format(script)) == []


@pytest.mark.parametrize("script", ["<script>a</script>", '<script type="module">a</script>', "<SCRIPT async>a</SCRIPT>", "<script type='text/javascript'>a\n</script>"])
def test_whatever_runs_is_one(script):
    assert len(csp.unpinned(PAGE.format(script))) == 1


def test_icons_in_the_stylesheet_become_files(tmp_path):
    sheets = tmp_path / "assets/stylesheets"
    sheets.mkdir(parents=True)
    drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path d='M0 0'/></svg>"
    rule = f':root{{--a:url("data:image/svg+xml;charset=utf-8,{drawing}");--b:url(\'data:image/svg+xml;charset=utf-8,<svg/>\')}}'
    (sheets / "main.css").write_text(rule + rule)
    assert csp.icons_to_files(tmp_path) == 2
    text = (sheets / "main.css").read_text()
    assert "data:" not in text and text.count("../images/theme/") == 4
    names = {path.name: path.read_text() for path in (tmp_path / "assets/images/theme").iterdir()}
    assert drawing in names.values() and all(f"../images/theme/{name}" in text for name in names)
