"""Figures use the looks' classes alone, say what is seen to a screen reader, and a rerun writes the same bytes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from hooks.draw import Chart, Drawing, number, tick

ROOT = Path(__file__).resolve().parents[1]
SVG = "{http://www.w3.org/2000/svg}"


def chart() -> Chart:
    drawn = Chart("A title", "Two curves & a bound.", x=(16, 1024), y=(0, 1), x_log=True)
    drawn.y_axis("weight", [0, 0.5, 1])
    drawn.x_axis("head size", {16: "16", 1024: "1,024"})
    drawn.curve([16, 128, 1024], [0.5, 0.7, 0.9], dots="round")
    drawn.curve([16, 1024], [0.2, 0.2], look="main", dots="square")
    drawn.label(128, 0.3, "divided by √d_{k} < 1", look="accent b")
    drawn.limit(1 / 32, "uniform")
    drawn.bar(128, 0.4, 20, 0.5)
    return drawn


def test_a_figure_is_well_formed_and_says_what_is_seen():
    root = etree.fromstring(chart().svg())
    assert root.findtext(f"{SVG}title") == "A title"
    assert root.findtext(f"{SVG}desc") == "Two curves & a bound."
    assert root.get("viewBox") == "0 0 400 260" and root.get("width") is None


def test_a_figure_has_no_literal_colour_and_no_id():
    text = chart().svg()
    assert not re.search(r"#[0-9a-fA-F]{3}|rgb|\sid=|<style|\sfill=", text)


def test_log_axes_place_the_geometric_mean_in_the_middle():
    drawn = chart()
    assert drawn.at(128, 0)[0] == pytest.approx((drawn.left + drawn.right) / 2)
    assert drawn.at(16, 0.5)[1] == pytest.approx((drawn.top + drawn.bottom) / 2)


def test_subscripts_return_to_the_baseline():
    (label,) = [t for t in etree.fromstring(chart().svg()).iter(f"{SVG}text") if "divided" in "".join(t.itertext())]
    assert "".join(label.itertext()) == "divided by √dk < 1"
    assert [float(t.get("dy")) for t in label] == [3, -3]


def test_a_heat_map_draws_each_cell_once_and_the_larger_value_darker():
    drawn = Drawing("t", "d", 100, 100)
    drawn.heat([[1, 0], [0.5, 0.5]], x=10, y=20, cell=8)
    paths = etree.fromstring(drawn.svg()).findall(f"{SVG}path")
    assert [p.get("d").count("M") for p in paths] == [2, 1]
    assert [float(p.get("fill-opacity")) for p in paths] == [0.26, 0.46]
    assert paths[1].get("d") == "M10 20h8v8h-8z"


def test_an_arrow_ends_at_its_end():
    drawn = Drawing("t", "d", 100, 100)
    drawn.arrow((10, 10), (10, 50))
    drawn.box(1, 2, 3, 4)
    drawn.turned(5, 50, "query", "quiet")
    assert 'transform="translate(5 50) rotate(-90)" class="quiet">query<' in drawn.svg()
    assert "L10 50" in drawn.svg() and '<rect x="1" y="2" width="3" height="4" class="axis"/>' in drawn.svg()


def test_numbers_are_short():
    assert [number(v) for v in (1, 1.5, 1.005, -0.001, 100, -2.5)] == ["1", "1.5", "1", "0", "100", "-2.5"]
    assert [tick(v) for v in (1024, 0.25, -1, 1e6)] == ["1,024", "0.25", "−1", "1,000,000"]


@pytest.mark.parametrize("fault, words", [
    (lambda: Drawing("t", "d", 700, 10), "688"),
    (lambda: Drawing("t", "", 70, 10), "description"),
    (lambda: chart().text(0, 0, "x", look="red"), "'red'"),
    (lambda: chart().bar(128, 0.5, 4, 1.5), "1.5"),
])
def test_what_is_wrong_is_named(fault, words):
    with pytest.raises(ValueError, match=words):
        fault()


def test_a_script_writes_the_same_bytes_again(tmp_path):
    script = tmp_path / "two.py"
    script.write_text("from hooks.draw import Drawing\n"
                      "d = Drawing('t', 'd', 10, 10)\nd.line([(0, 1 / 3), (5, 2)])\n"
                      "d.save(__file__)\nd.save(__file__, panel='b')\n")
    written = []
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "hooks.draw", str(script)], cwd=ROOT, check=True)
        written.append([(tmp_path / name).read_bytes() for name in ("two.svg", "two-b.svg")])
    assert written[0] == written[1] and written[0][0] == written[0][1]
    assert b"M0 0.33L5 2" in written[0][0]


def test_a_notebook_shows_the_figure():
    assert chart()._repr_html_().startswith('<figure class="fig"><svg')
    assert repr(chart()) == "<Chart: A title>"
