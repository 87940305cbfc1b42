"""Each module has a page that shows it whole, with its test."""

import re

import markdown
import pytest

from hooks import building, code_pages, listings
from hooks.arithmetic import CallError
from hooks.fixtures import SNIPPET, TEST, edit, small_handbook
from hooks.model import load
from hooks.test_blocks import extensions


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(small_handbook(tmp_path))  # listings are looked up from the root
    return tmp_path


def listing(root, *arguments):
    site = building.Site(load(root))
    page = building.begin(building.Building("docs/chapters/attention/index.md", root, root / "docs/chapters/attention"))
    return page, listings.snippet(site, page, *arguments)


def render(text: str) -> str:
    names, settings = extensions()
    return markdown.Markdown(extensions=names, extension_configs=settings).convert(text)


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_a_page_shows_module_and_test_under_fixed_anchors(root):
    pages = code_pages.pages(load(root))
    assert set(pages) == {"code/index.md", "code/attention/scale.md"}
    page = pages["code/attention/scale.md"]
    assert f'--8<-- "{SNIPPET}"' in page and f'--8<-- "{TEST}"' in page
    assert "{ #module }" in page and "{ #test }" in page and "one claim" in page
    assert "[Attention](../../chapters/attention/index.md)" in page and "questions/why-scale.md" not in page
    shown = render(page.split("---\n", 2)[2])
    assert "return score / head_dim**0.5" in words(shown) and "--8&lt;--" not in shown and "[start:" not in shown


def test_the_index_lists_modules_by_topic(root):
    index = code_pages.pages(load(root))["code/index.md"]
    assert "## `attention` { #attention }" in index and "- [`scale.py`](attention/scale.md): Scale scores." in index


def test_a_docstring_is_shown_as_it_reads(root):
    edit(root, SNIPPET, '"""Scale scores."""', '"""Scale <scores> by $d_k$, `x_y` and [z](w); a*b*c."""')
    page = code_pages.pages(load(root))["code/attention/scale.md"]
    shown = render(page.split("---\n", 2)[2])
    assert "Scale <scores> by $d_k$, x_y and [z](w); a*b*c." in words(shown).replace("&lt;", "<").replace("&gt;", ">")


def test_no_snippets_no_pages(root):
    (root / SNIPPET).unlink()
    assert code_pages.pages(load(root)) == {}


def test_a_listing_has_bar_code_and_proof(root):
    page, text = listing(root, SNIPPET, "scale")
    assert f'--8<-- "{SNIPPET}:scale"' in text
    shown = render(text)
    assert '<div class="listing"><div class="listing-bar"><code>snippets/attention/scale.py</code>' in shown
    assert 'href="../../code/attention/scale/#test"' in shown
    assert "Proven by one test." in words(shown) and "A scaled score has unit size." in words(shown)
    assert "return score / head_dim**0.5" in words(shown) and "Scale scores." not in words(shown)


def test_a_listing_may_stand_in_a_block(root):
    _, text = listing(root, SNIPPET, "scale")
    shown = render(f"/// solution\nBefore.\n\n{text}\n\nAfter.\n///\n\nOutside.")
    inside = shown[shown.index("<section") : shown.index("</section>")]
    assert "listing-proof" in inside and "After." in inside and "Outside." not in inside


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("snippets/attention/scal.py",), "no module `snippets/attention/scal.py`; did you mean `snippets/attention/scale.py`?"),
        ((SNIPPET, "scal"), "has no section `scal`; did you mean `scale`?"),
    ],
)
def test_an_unknown_listing_names_the_nearest(root, arguments, says):
    with pytest.raises(CallError, match=re.escape(says)):
        listing(root, *arguments)


def test_a_module_without_a_test_is_not_shown(root):
    (root / TEST).unlink()
    with pytest.raises(CallError, match="has no test beside it, add snippets/attention/test_scale.py"):
        listing(root, SNIPPET, "scale")
