"""The interview's pages: what is meant for paper fits it, and none is wider than a phone."""

from __future__ import annotations

import pytest
from conftest import SITE
from test_print import PAPERS, printed

FILES = [SITE / "interview/index.html", *SITE.glob("interview/*/index.html")]
PAGES = sorted(path.parent.relative_to(SITE).as_posix() + "/" for path in FILES)
FOR_PAPER = {"interview/behavioural-worksheet/": 2, "interview/take-home-checklist/": 1}  # sheets


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("path", FOR_PAPER)
def test_worksheet_fits_its_sheets(visit, path, paper):
    assert len(printed(visit(path), format=paper).pages) == FOR_PAPER[path]


@pytest.mark.parametrize("path", FOR_PAPER)
def test_each_prompt_has_a_line_to_write_on(visit, path):
    """A line is the lower border of its field, and long enough for words."""
    page = visit(path)
    page.emulate_media(media="print")
    lines = page.eval_on_selector_all("dl.form dd", "fields => fields.map(f => [f.getBoundingClientRect().width, getComputedStyle(f).borderBottomStyle])")
    assert lines and all(width > 300 and style == "solid" for width, style in lines)
    assert page.locator("dl.form dt").count() == len(lines)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(visit, path):
    page = visit(path, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
