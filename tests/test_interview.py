"""The interview's pages: what is meant for paper fits it, and none is wider than a phone or heavier than its budget."""

from __future__ import annotations

import gzip

import pytest
from conftest import SITE
from test_print import PAPERS, printed

FILES = [SITE / "interview/index.html", *SITE.glob("interview/*/index.html")]
PAGES = sorted(path.parent.relative_to(SITE).as_posix() + "/" for path in FILES)
FOR_PAPER = {"interview/behavioural-worksheet/": 2, "interview/take-home-checklist/": 1}  # sheets
BUDGET = 150 * 1024  # compressed


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


@pytest.mark.parametrize("path", PAGES)
def test_page_is_light(visit, path):
    page = visit.blank()
    seen = []
    page.on("response", lambda response: seen.append(response))
    page.goto(visit.address + path)
    page.wait_for_load_state("networkidle")
    kept = [r for r in seen if r.ok and r.request.resource_type in ("document", "stylesheet", "script", "font")]
    assert sum(len(r.body()) if r.request.resource_type == "font" else len(gzip.compress(r.body(), 9)) for r in kept) <= BUDGET
