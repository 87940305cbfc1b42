"""Paper: each sheet is one page of A4 and of Letter with nothing cut off; practice prints with and without answers."""

from __future__ import annotations

import io
import re

import pytest
from conftest import SITE, TEMPLATES
from pypdf import PdfReader

from hooks.pdf import name_of, sheets

SHEETS = [page.parent.relative_to(SITE).as_posix() + "/" for page in sheets(SITE)]
PAPERS = {"A4": (794, 1123), "Letter": (816, 1056)}  # CSS pixels
SMALLEST = 9.0  # points


def printed(page, **options) -> PdfReader:
    page.emulate_media(media="print")
    page.evaluate("document.fonts.ready.then(() => 0)")
    return PdfReader(io.BytesIO(page.pdf(print_background=True, **options)))


def letters(pdf: PdfReader) -> str:
    """The text without its spaces, which a PDF keeps only roughly."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pdf.pages))


def test_every_chapter_and_the_loop_have_a_sheet():
    chapters = {page.parent.relative_to(SITE).as_posix() for page in SITE.glob("chapters/*/index.html")}
    assert {f"{chapter}/cheatsheet/" for chapter in chapters} | {"interview/cheatsheet/"} <= set(SHEETS)


def test_a_sheets_files_are_named_after_its_place():
    names = {"chapters/rag/cheatsheet": "rag-sheet", "interview/cheatsheet": "interview-sheet", "paths/overview-sheet": "paths-overview-sheet"}
    assert {folder: name_of(folder) for folder in names} == names


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("paper", PAPERS)
def test_sheet_is_one_page(visit, sheet, paper):
    pdf = printed(visit(sheet), format=paper)
    assert len(pdf.pages) == 1
    fonts = str(pdf.pages[0]["/Resources"].get("/Font", {}).get_object())
    assert fonts and not any(
        font.get_object()["/Subtype"] == "/Type3" for font in pdf.pages[0]["/Resources"]["/Font"].get_object().values()
    ), "text should be embedded as TrueType, not as outlines"


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_on_a_sheet_is_cut_off(visit, sheet, paper):
    """The content of each region ends inside it, in height and in width, and the regions inside the page."""
    width, height = PAPERS[paper]
    page = visit(sheet, width=width, height=height)
    page.emulate_media(media="print")
    page.evaluate("document.fonts.ready.then(() => 0)")
    over = page.evaluate(
        """() => {
          const found = {};
          const note = (what, by) => { if (by > 0.75) found[what] = Math.round(by * 10) / 10 + " px too much"; };
          const sheet = document.querySelector(".sheet");
          const edge = sheet.getBoundingClientRect();
          const style = getComputedStyle(sheet);
          const inner = { bottom: edge.bottom - parseFloat(style.paddingBottom), right: edge.right - parseFloat(style.paddingRight) };
          const name = (e) => (e.querySelector("h2")?.textContent ?? e.className).trim();
          note("the sheet", edge.height - innerHeight);
          for (const column of sheet.querySelectorAll(".sheet-two > div, .sheet-three > div, .sheet-band, .sheet-foot")) {
            const box = column.getBoundingClientRect();
            for (const part of column.querySelectorAll("p, li, td, th, h2, .katex-html .base, .katex-html > span, svg")) {
              const inside = part.getBoundingClientRect();
              note(`height: ${name(column)}`, inside.bottom - box.bottom);
              note(`width: ${name(column)}`, inside.right - box.right);
              note(`page: ${name(column)}`, Math.max(inside.bottom - inner.bottom, inside.right - inner.right));
            }
            note(`${name(column)} overlaps what follows`, box.bottom - column.parentElement.getBoundingClientRect().bottom);
          }
          const regions = [...sheet.children];
          regions.slice(1).forEach((region, i) => note(`${region.className} overlaps`, regions[i].getBoundingClientRect().bottom - region.getBoundingClientRect().top));
          return found;
        }"""
    )
    assert over == {}


@pytest.mark.parametrize("sheet", SHEETS)
def test_sheet_type_is_legible(visit, sheet):
    """At least 9 points, scripts inside formulas aside; black on white."""
    page = visit(sheet, dark=True)
    page.emulate_media(media="print")
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".sheet *")]
          .filter((e) => !e.closest(".katex, sub, sup, svg") && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.checkVisibility())
          .map((e) => [parseFloat(getComputedStyle(e).fontSize) * 0.75, e.textContent.slice(0, 40)])"""
    )
    assert sizes and min(sizes)[0] >= SMALLEST, min(sizes)
    colours = page.evaluate("[getComputedStyle(document.querySelector('.sheet')).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("paper", PAPERS)
def test_sheet_fills_its_page(visit, sheet, paper):
    """Less than a tenth of the height is left over below the sources."""
    width, height = PAPERS[paper]
    page = visit(sheet, width=width, height=height)
    page.emulate_media(media="print")
    bottom = page.evaluate("Math.max(...[...document.querySelectorAll('.sheet > *')].map((e) => e.getBoundingClientRect().bottom))")
    assert bottom > 0.9 * height


@pytest.mark.parametrize("with_answers", [False, True])
def test_practice_prints_as_asked(visit, with_answers):
    page = visit("practice")
    if with_answers:
        page.locator("#with-answers").check()
    titles = page.locator("article.question > h2").all_inner_texts()
    words = page.evaluate(
        """() => [...document.querySelectorAll(".step-solution > section, .step-answer > section, .followup > section, .sample > section, .redflags, sh-rubric td label")]
          .map((e) => [...e.querySelectorAll("p, li"), e].find((p) => !p.querySelector(".katex, button, sub, sup") && p.textContent.trim().length > 40)?.textContent)
          .filter(Boolean).map((t) => t.replace(/\\s+/g, "").slice(0, 30))"""
    )
    assert len(words) > len(titles)
    pdf = letters(printed(page, format="A4"))
    for title in titles:
        assert re.sub(r"\s+", "", title)[:25] in pdf, title
    shown = [word for word in words if word in pdf]
    if with_answers:
        assert len(shown) > 0.9 * len(words), set(words) - set(shown)
    else:
        assert shown == []


def test_a_chapter_on_paper(visit):
    """No header, menu or button; a closed fold prints open."""
    page = visit("chapter", width=794, height=1123)
    page.emulate_media(media="print")
    for gone in (".md-header", ".md-tabs", ".md-sidebar", ".md-footer", ".md-code__nav", "[popover]", ".md-top"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    fold = page.locator("details.card:not([open]) > section").first
    if fold.count():
        assert fold.bounding_box()["height"] > 10
    assert "Strong Hire" in page.title()


def test_every_template_prints(visit):
    for kind, path in TEMPLATES.items():
        if kind not in ("chapter", "practice"):  # tested above, and long
            assert len(printed(visit(path), format="A4").pages) >= 1, kind


# ---- with arithmetic ------------------------------------------------------------------------------------------

MARKED = """() => {
  const seen = (e) => e.checkVisibility();
  const mark = (e, part) => getComputedStyle(e, part).content;
  const numbers = [...document.querySelectorAll(".num")].filter((e) => seen(e) && mark(e, "::after") !== "none");
  const sums = [...document.querySelectorAll("[popover].sum")].filter(seen);
  return [numbers.map((e) => e.getAttribute("popovertarget")), sums.map((e) => e.id), [...document.querySelectorAll(".num")].filter(seen).length];
}"""


@pytest.mark.parametrize("path", ["chapter", "practice", "question"])
def test_arithmetic_is_not_on_paper_unasked(visit, path):
    page = visit(path)
    page.emulate_media(media="print")
    numbers, sums, all_numbers = page.evaluate(MARKED)
    assert numbers == [] and sums == [] and (all_numbers or path != "chapter")
    assert not page.locator("#with-arithmetic").is_visible()


def test_arithmetic_is_a_numbered_list_whose_marks_match(visit):
    page = visit("chapter")
    page.locator("#with-arithmetic").check()
    page.emulate_media(media="print")
    numbers, sums, all_numbers = page.evaluate(MARKED)
    assert numbers == sums and len(numbers) == all_numbers > 20
    # as Chromium counts them: number k and sum k bear the same figure on the page
    pdf = letters(printed(page, format="A4"))
    title, number = (re.sub(r"\s+", "", page.locator(each).last.inner_text()) for each in ("[popover].sum .co-t", ".num"))
    text, _, listed = pdf.rpartition(title)
    assert f"{number}{len(numbers)}" in text and str(len(sums)) in listed


def test_practice_keeps_the_arithmetic_of_answers_for_those_who_ask_for_answers(visit):
    page = visit("practice")
    page.locator("#with-arithmetic").check()
    page.emulate_media(media="print")
    numbers, sums, _ = page.evaluate(MARKED)
    assert numbers == sums
    assert not page.locator("details .num, sh-rubric .num, .redflags .num").evaluate_all("(all, ids) => all.map((e) => e.getAttribute('popovertarget')).filter((id) => ids.includes(id))", sums)
    page.emulate_media(media="screen")
    page.locator("#with-answers").check()
    page.emulate_media(media="print")
    numbers, sums, all_numbers = page.evaluate(MARKED)
    assert numbers == sums and len(sums) == all_numbers > 20


def test_a_question_prints_the_arithmetic_of_its_solution_once_all_is_open(visit):
    page = visit("question")
    page.locator("#with-arithmetic").check()
    page.locator(".step-solution").first.evaluate("e => e.open = true")
    page.emulate_media(media="print")
    numbers, sums, _ = page.evaluate(MARKED)
    assert numbers == sums
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    numbers, sums, all_numbers = page.evaluate(MARKED)
    assert numbers == sums and len(sums) == all_numbers >= 2
