"""Figures use the looks' classes alone, say what is seen to a screen reader, and a rerun writes the same bytes."""

import itertools
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from hooks import figures
from hooks.draw import Chart, Drawing, Panels, number, tick

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
    script.write_text("from hooks.draw import Drawing, Panels\n"
                      "d = Drawing('t', 'd', 10, 10)\nd.line([(0, 1 / 3), (5, 2)])\n"
                      "d.save(__file__)\nPanels(b=d).save(__file__)\n")
    written = []
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "hooks.draw", str(script)], cwd=ROOT, check=True)
        written.append([(tmp_path / name).read_bytes() for name in ("two.svg", "two-b.svg")])
    assert written[0] == written[1] and written[0][0] == written[0][1]
    assert b"M0 0.33L5 2" in written[0][0]


def test_a_notebook_shows_the_figure():
    shown = etree.fromstring(Panels(chart(), chart())._repr_html_())
    assert shown.get("class") == "fig" and [svg.get("style") for svg in shown[0]] == ["max-width:400px"] * 2
    assert chart()._repr_html_().count("<svg") == 1
    assert repr(Panels(chart(), Drawing("t", "d", 1, 1))) == "<Chart: A title> <Drawing: t>"


# ---- lines as pages carry them: hooks/figures.py ---------------------------------------------------------------


def corners(path: str) -> list[tuple[float, float]]:
    """The corners of a path of M, m, l and what follows l."""
    x = y = 0.0
    found = []
    for letter, steps in re.findall(r"([Mml])([^Mmlhvz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", steps)]
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = (across, down) if letter == "M" else (x + across, y + down)
            found.append((x, y))
    return found


def off(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far a point is from a stretch of line."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    across, down = x1 - x0, y1 - y0
    along = 0 if across == down == 0 else max(0, min(1, ((x - x0) * across + (y - y0) * down) / (across**2 + down**2)))
    return math.hypot(x - x0 - along * across, y - y0 - along * down)


hundredths = st.integers(-1000, 70000).map(lambda whole: whole / 100)


@given(st.lists(st.tuples(hundredths, hundredths), min_size=2, max_size=30))
@example([(0.01, 0.0), (0.0, 0.12), (0.01, 0.01)])
def test_a_line_in_a_page_is_the_same_line_to_the_eye(points):
    kept = corners(figures.lean(points))
    assert math.dist(kept[0], points[0]) < 0.08 and math.dist(kept[-1], points[-1]) < 0.08
    pieces = list(itertools.pairwise(kept)) or [(kept[0], kept[0])]
    assert all(min(off(point, *piece) for piece in pieces) < figures.NEAR + 0.08 for point in points)
    assert len(kept) <= len(points)


def test_a_line_loses_the_points_that_lie_on_it():
    assert figures.lean([(0, 0), (5, 5.01), (10, 10), (10, 2.5), (10, 0)]) == "M0 0l10 10 0-10"
    assert figures.lean([(x / 10, math.sin(x / 10)) for x in range(63)]).count(" ") > 8  # and a curve stays one


@given(st.lists(st.tuples(hundredths, hundredths), min_size=2, max_size=9))
def test_the_cells_of_a_heat_map_stay_where_they_are(places):
    drawn = "".join(f"M{number(x)} {number(y)}h10v10h-10z" for x, y in places)
    assert figures.CELLS.fullmatch(drawn)
    stepped = figures._steps(figures.CELL.findall(drawn))
    assert stepped.count("h10v10h-10z") == len(places)
    assert [(round(x, 2), round(y, 2)) for x, y in corners(stepped)] == [(x, y) for x, y in places]
