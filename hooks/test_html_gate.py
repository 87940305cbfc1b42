"""Each fault of a built page is found, and a sound page has none."""

import pytest

from hooks import csp
from hooks.html_gate import check_site, main

HEAD = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{csp.policy()}">'
SOUND = """\
<h1 id="top">Title</h1><h2 id="one">One</h2><h3>Two</h3><h2>Three</h2>
<p>A <a href="other/">page</a>, <a href="other/#here">a place</a>, <a href="#one">above</a>, <a href="https://example.org/x">the web</a>,
<a href="mailto:a@example.org">mail</a>, <a href="file.txt">a file</a> and <a href="">itself</a>. <code>&lt;% x %&gt; \\( y \\)</code></p>
<pre>Traceback (most recent call last)</pre><math><annotation>\\(x\\)</annotation></math>
<img src="file.txt" alt=""><svg><use xlink:href="#one"/></svg>
"""


def site(tmp_path, body: str = SOUND, head: str = HEAD):
    (tmp_path / "other").mkdir(exist_ok=True)
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "index.html").write_text(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")
    (tmp_path / "other/index.html").write_text(f'<!doctype html><html><head>{HEAD}</head><body><h1 id="here">Other</h1><a href="../">up</a></body></html>')
    return check_site(tmp_path)


def test_a_sound_site_passes(tmp_path):
    assert site(tmp_path) == []


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ('<img src="https://example.org/a.png">', "<img> loads https://example.org/a.png"),
        ('<img src="//example.org/a.png">', "<img> loads //example.org/a.png"),
        ('<img srcset="file.txt 1x, https://example.org/b.png 2x">', "<img> loads https://example.org/b.png"),
        ('<script src="https://example.org/a.js"></script>', "<script> loads"),
        ('<link rel="stylesheet" href="https://example.org/a.css">', "<link> loads"),
        ('<link rel="preconnect" href="https://example.org">', "<link> loads"),
        ('<svg><use href="https://example.org/a.svg#x"/></svg>', "<use> loads"),
        ('<img src="data:image/png;base64,AA==">', "<img> loads data:"),
        ('<p style="background:url(https://example.org/a.png)">x</p>', "an address in the style of <p>"),
        ("<script>alert(1)</script>", "an inline script outside hooks/csp_hashes.txt: alert(1)"),
        ('<p onclick="x()">x</p>', "the attribute onclick on <p>"),
        ('<a href="javascript:void(0)">x</a>', "a javascript: address on <a>"),
        ('<iframe src="file.txt"></iframe>', "an iframe"),
        ("<p>&lt;%= value() %&gt;</p>", "a macro that was not run"),
        ("<p>so \\(a\\) is</p>", "a formula that was not rendered"),
        ("<p>x</p>\\[a\\]", "a formula that was not rendered"),
        ("<p>Traceback (most recent call last):</p>", "a traceback"),
        ("<p>/// trap</p>", "a block that was not closed"),
        ("<p>costs \u02983\u0298 GiB</p>", "a token that was not replaced"),
        ('<p id="one">x</p>', "the id `one` stands 2 times"),
        ("<h4>Deep</h4>", "the heading `Deep` is h4, but above it stands h2"),
        ("<h1>Again</h1>", "2 titles (h1), not one"),
        ('<a href="nowhere/">x</a>', "the link `nowhere/` leads to no file"),
        ('<a href="other/#nowhere">x</a>', "the link `other/#nowhere` leads to no `nowhere` on other/index.html"),
        ('<a href="#nowhere">x</a>', "leads to no `nowhere` on index.html"),
        ('<a href="../../x">x</a>', "leaves the site"),
        ('<a href="/other/">x</a>', "starts at the host"),
        ('<img src="nowhere.png">', "the link `nowhere.png` leads to no file"),
    ],
)
def test_each_fault_is_found(tmp_path, extra, says):
    faults = site(tmp_path, SOUND + extra)
    assert len(faults) == 1 and faults[0].startswith("index.html: ") and says in faults[0], faults


def test_a_page_without_a_policy_is_found(tmp_path):
    assert site(tmp_path, head='<meta charset="utf-8">') == ["index.html: no content security policy"]


def test_the_error_page_may_link_from_the_host(tmp_path):
    site(tmp_path)
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/x.css").write_text("")
    style = '<link rel="stylesheet" href="/base/assets/x.css">'
    (tmp_path / "404.html").write_text(f'<html><head>{HEAD}{style}</head><body><h1>None</h1><a href="/base/other/">x</a><a href="/base/">home</a><a href="/base/nowhere/">y</a></body></html>')
    assert check_site(tmp_path) == ["404.html: the link `/base/nowhere/` leads to no file"]


def test_the_command_says_what_it_saw(tmp_path, capsys):
    site(tmp_path)
    assert main([str(tmp_path)]) == 0 and "2 pages: nothing to mend" in capsys.readouterr().out
    site(tmp_path, SOUND + "<iframe></iframe>")
    assert main([str(tmp_path)]) == 1 and "an iframe" in capsys.readouterr().out
    assert main([str(tmp_path / "none")]) == 2
