"""A recorded lab is a page like the others: text, code and output, and nothing that the policy or the reader must skip."""

import re
from pathlib import Path

import nbformat
import pytest
from lxml import html
from mkdocs_jupyter import convert

from hooks.building import Building
from hooks.notebooks import clean

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def notebook(path: Path) -> Path:
    new = nbformat.v4
    prose = "# Lab: heads\n\nWith $\\alpha < 1$ it costs \\$5, and *then* $b$.\n\n$$\nx^2\n$$\n\nSee [the chapter](index.md#scores), [web](https://example.org) and `$x$`."
    code = new.new_code_cell("import math\nprint('<b>')", execution_count=1, outputs=[new.new_output("stream", name="stdout", text="hello <b>\n")])
    drawn = new.new_code_cell("draw()", execution_count=2, outputs=[
        new.new_output("display_data", data={"image/png": PIXEL}),
        new.new_output("execute_result", execution_count=2, data={"text/html": '<figure class="fig"><svg viewBox="0 0 1 1"></svg></figure>'}),
    ])  # fmt: skip
    cells = [new.new_markdown_cell(prose), code, drawn, new.new_markdown_cell("## Second")]
    language = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}}
    nbformat.write(new.new_notebook(cells=cells, metadata=language), path)
    return path


def converted(path: Path) -> str:
    return convert.nb2html(
        str(path), execute=False, kernel_name="", theme="", allow_errors=False, show_input=True, no_input=False, no_prompt=False,
        remove_tag_config={}, highlight_extra_classes="", include_requirejs=False, custom_mathjax_url="",
    )  # fmt: skip


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return converted(notebook(tmp_path_factory.mktemp("lab") / "lab.ipynb"))


@pytest.fixture
def saved():
    return {}


@pytest.fixture
def text(raw, saved):
    page = Building("docs/chapters/attention/lab.ipynb", Path("/x"), Path("/x"))
    return clean(raw, page, lambda name, content: saved.setdefault(name, content) and f"../{name}")


def test_styles_scripts_and_boxes_are_gone(raw, text):
    assert len(raw) > 500_000 and len(text) < 3_000
    for unwanted in ("<style", "<script", "clipboard", "Copied!", "In [1]", "Out[2]", "jp-", "cell-id", "¶", "tabindex", "data:"):
        assert unwanted not in text, unwanted


def test_two_recordings_of_one_lab_give_one_page(text, tmp_path):
    page = Building("docs/chapters/attention/lab.ipynb", Path("/x"), Path("/x"))
    assert clean(converted(notebook(tmp_path / "again.ipynb")), page, lambda name, _: f"../{name}") == text


def test_prose_code_and_output_stand_in_order(text):
    root = html.fragment_fromstring(text)
    assert root.get("class") == "lab"
    assert [child.tag for child in root] == ["h1", "p", "div", "p", "div", "div", "h2"]
    assert root[0].text_content() == "Lab: heads"
    listing, printed = root[4]
    assert listing.get("class") == "highlight" and listing.xpath("string(pre/code)") == "import math\nprint('<b>')\n"
    assert printed.get("class") == "lab-output" and printed.text_content().strip() == "hello <b>"


def test_formulas_are_marked_and_money_is_not(text):
    root = html.fragment_fromstring(text)
    assert [span.text for span in root.xpath(".//span[@class='arithmatex']")] == [r"\(\alpha < 1\)", r"\(b\)"]
    assert [div.text.split() for div in root.xpath(".//div[@class='arithmatex']")] == [[r"\[", "x^2", r"\]"]]
    assert root.xpath("string(.//p[1])").replace("\\", "").startswith("With (alpha < 1) it costs $5, and then")
    assert "<code>$x$</code>" in text


def test_links_lead_to_pages(text):
    assert re.findall(r'<a href="([^"]+)"', text) == ["../#scores", "https://example.org"]


def test_pictures_become_files(text, saved):
    root = html.fragment_fromstring(text)
    assert [image.get("src") for image in root.iter("img")] == ["../lab-1.png"]
    assert saved["lab-1.png"].startswith(b"\x89PNG")
    assert root.xpath(".//figure/svg")
