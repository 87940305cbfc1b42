"""Draw a figure: a few shapes in the classes of tokens.css, saved as SVG.

A script in docs/chapters/<slug>/images/ draws the figure of the same name:

    from hooks.draw import Chart

    chart = Chart("Largest weight by head size",              # <title>
                  "Undivided scores climb to one, divided ones stay level.",  # <desc>: what is seen
                  x=(16, 1024), y=(0, 1), x_log=True)
    chart.y_axis("largest weight among 32 keys", [0, 0.25, 0.5, 0.75, 1])
    chart.x_axis("head size", [16, 64, 256, 1024])
    chart.curve(sizes, undivided, dots="round")
    chart.curve(sizes, divided, look="main", dots="square")
    chart.label(256, 0.8, "scores not divided")
    chart.label(256, 0.3, "divided by √d_{k}", look="accent b")
    chart.limit(1 / 32, "uniform: 1/32")
    chart.save(__file__)                                      # score_growth.py writes score_growth.svg

    grid = Drawing("Weights", "A staircase.", width=240, height=220)
    grid.heat(weights, x=40, y=30, cell=24)                   # rows of numbers from 0 to 1
    grid.text(40, 20, "keys", look="quiet")
    grid.save(__file__, panel="weights")                      # score_growth-weights.svg
    Panels(loss=chart, weights=grid).save(__file__)           # both, named after the script and the panel

`python -m hooks.draw` runs every such script again, `python -m hooks.draw PATH ...` some of them.

Style: at most 688 units wide (1:1 on a laptop; keep to 400, or two panels of 308, so that labels stay legible on a
phone); a label stands at its curve, never in a legend; the one curve the sentence is about is `main`, others `data`.
Looks: axis grid data main limit flow cell quiet b lab, and accent for text in the accent colour; several may be joined.
`_{k}` in a text is a subscript. Coordinates are rounded to hundredths, so that a rerun writes the same bytes.
Knows nothing of pages: numbering and captions are the site's.
"""

import html
import math
import re
import runpy
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

Point = tuple[float, float]
LOOKS = {"axis", "grid", "data", "main", "limit", "flow", "cell", "quiet", "b", "lab", "accent"}
WIDEST = 688  # the text column
DOT = {"round": "round", "square": "square"}
PALEST, DARKEST, SHADES = 0.06, 0.46, 9


def number(value: float) -> str:
    """A coordinate: at most two decimals, no trailing zero, no minus zero."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def tick(value: float) -> str:
    """A number as an axis shows it: 1024 is 1,024; a minus sign, not a hyphen."""
    return f"{value:,.10g}".replace("-", "\N{MINUS SIGN}")


def _attributes(look: str, style: str = "") -> str:
    names = look.split()
    unknown = sorted(set(names) - LOOKS)
    if unknown:
        raise ValueError(f"unknown look {unknown[0]!r}; there are {', '.join(sorted(LOOKS))}")
    if "accent" in names:
        names.remove("accent")
        style = f"fill:var(--sh-accent);{style}"
    written = f' class="{" ".join(names)}"' if names else ""
    return written + (f' style="{style.rstrip(";")}"' if style else "")


def _words(words: str) -> str:
    """Escape a text and set its `_{…}` as subscripts, without a halo of their own: it would eat their neighbours."""
    parts = re.split(r"_\{([^}]*)\}", words)
    written = html.escape(parts[0], quote=False)
    for subscript, rest in zip(parts[1::2], parts[2::2], strict=True):
        written += f'<tspan dy="3" font-size="11" stroke-width="0">{html.escape(subscript, quote=False)}</tspan>'
        written += f'<tspan dy="-3" stroke-width="0">{html.escape(rest, quote=False)}</tspan>' if rest else ""
    return written


class Drawing:
    """Shapes on a plane of width x height units, origin top left."""

    def __init__(self, title: str, description: str, width: float, height: float):
        if width > WIDEST:
            raise ValueError(f"a figure is at most {WIDEST} units wide, not {width}")
        if not title or not description:
            raise ValueError("a figure needs a title and a description of what is seen")
        self.title, self.description = title, description
        self.width, self.height = width, height
        self.shapes: list[str] = []

    def text(self, x: float, y: float, words: str, look: str = "", anchor: str = "start") -> None:
        """Words at a baseline; anchor is start, middle or end."""
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.shapes.append(f'<text x="{number(x)}" y="{number(y)}"{placed}{_attributes(look)}>{_words(words)}</text>')

    def turned(self, x: float, y: float, words: str, look: str = "") -> None:
        """Words that run upwards, centred at a point: the name of a vertical axis that has no room above."""
        spot = f"{number(x)} {number(y)}"
        self.shapes.append(f'<text text-anchor="middle" transform="translate({spot}) rotate(-90)"{_attributes(look)}>'
                           f"{_words(words)}</text>")

    def line(self, points: Iterable[Point], look: str = "data") -> None:
        """A polyline through the points."""
        path = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.shapes.append(f'<path d="M{path}"{_attributes(look)}/>')

    def dots(self, points: Iterable[Point], look: str = "data", shape: str = "round", size: float = 7) -> None:
        """A filled dot at each point: short strokes with a wide cap, since the classes fill nothing."""
        path = "".join(f"M{number(x)} {number(y)}h.01" for x, y in points)
        style = f"stroke-width:{number(size)};stroke-linecap:{DOT[shape]}"
        self.shapes.append(f'<path d="{path}"{_attributes(look, style)}/>')

    def box(self, x: float, y: float, width: float, height: float, look: str = "axis") -> None:
        """An empty rectangle."""
        self.shapes.append(f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
                           f"{_attributes(look)}/>")

    def cell(self, x: float, y: float, width: float, height: float, value: float = 1, darkest: float = DARKEST) -> None:
        """A filled rectangle, the darker the nearer value is to one. Raise `darkest` where no text stands on it."""
        self.shapes.append(f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
                           f' class="cell" fill-opacity="{number(_shade(value, darkest))}"/>')

    def heat(self, rows: Sequence[Sequence[float]], x: float, y: float, cell: float, gap: float = 1.5,
             least: float = 0.01, darkest: float = DARKEST) -> None:
        """A heat map of values from 0 to 1, one path a shade; nothing is drawn below `least`."""
        paths: dict[float, str] = {}
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if value >= least:
                    shade = _shade(round(value * (SHADES - 1)) / (SHADES - 1), darkest)
                    side = number(cell)
                    corner = f"M{number(x + column * cell)} {number(y + row * cell)}"
                    paths[shade] = paths.get(shade, "") + f"{corner}h{side}v{side}h-{side}z"
        style = "" if gap == 1.5 else f' style="stroke-width:{number(gap)}"'
        for shade in sorted(paths):
            self.shapes.append(f'<path d="{paths[shade]}" class="cell" fill-opacity="{number(shade)}"{style}/>')

    def arrow(self, start: Point, end: Point, look: str = "flow", head: float = 6) -> None:
        """A straight arrow; the head is drawn, since a marker would need an id."""
        (x0, y0), (x1, y1) = start, end
        angle = math.atan2(y1 - y0, x1 - x0)
        barb, other = ((x1 - head * math.cos(angle + turn), y1 - head * math.sin(angle + turn))
                       for turn in (0.45, -0.45))
        shaft, tip = ("L".join(f"{number(x)} {number(y)}" for x, y in points)
                      for points in ([start, end], [barb, end, other]))
        self.shapes.append(f'<path d="M{shaft}M{tip}"{_attributes(look)}/>')

    def svg(self) -> str:
        """The drawing as the text of an SVG file."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.width)} {number(self.height)}">'
        told = [f"<title>{html.escape(self.title, quote=False)}</title>",
                f"<desc>{html.escape(self.description, quote=False)}</desc>"]
        return "\n".join([head, *told, *self.shapes, "</svg>", ""])

    def save(self, script: str | Path, panel: str = "") -> Path:
        """Write the SVG beside its script, under the script's name."""
        path = Path(script)
        path = path.with_name(path.stem + (f"-{panel}" if panel else "") + ".svg")
        path.write_text(self.svg(), encoding="utf-8", newline="\n")
        return path

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.title}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return Panels(self)._repr_html_()


class Panels:
    """Drawings side by side, which stack on a phone. Named ones can be saved: Panels(loss=chart, heads=other)."""

    def __init__(self, *drawings: Drawing, **named: Drawing):
        self.drawings, self.named = [*drawings, *named.values()], named

    def save(self, script: str | Path) -> list[Path]:
        """Write each named drawing beside the script, as script-name.svg."""
        return [drawing.save(script, panel=name) for name, drawing in self.named.items()]

    def __repr__(self) -> str:
        return " ".join(map(repr, self.drawings))

    def _repr_html_(self) -> str:
        shown = [drawing.svg().replace("<svg ", f'<svg role="img" style="max-width:{number(drawing.width)}px" ', 1)
                 for drawing in self.drawings]
        return f'<figure class="fig"><div class="panels">{"".join(shown)}</div></figure>'


class Chart(Drawing):
    """A drawing with axes: x and y are the ranges of the data, and points are given in data."""

    def __init__(self, title: str, description: str, x: tuple[float, float], y: tuple[float, float], width: float = 400,
                 height: float = 260, x_log: bool = False, y_log: bool = False, left: float = 44, right: float = 18):
        super().__init__(title, description, width, height)
        self.x_range, self.y_range, self.x_log, self.y_log = x, y, x_log, y_log
        self.left, self.right, self.top, self.bottom = left, width - right, 34, height - 46

    def at(self, x: float, y: float) -> Point:
        """Where a datum stands on the plane."""
        across, up = _share(x, self.x_range, self.x_log), _share(y, self.y_range, self.y_log)
        return self.left + across * (self.right - self.left), self.bottom - up * (self.bottom - self.top)

    def y_axis(self, name: str, ticks: Iterable[float] | dict[float, str]) -> None:
        """Horizontal grid lines with their values, and the name above them."""
        for value, words in _ticks(ticks):
            height = self.at(self.x_range[0], value)[1]
            self.line([(self.left, height), (self.right, height)], "grid")
            self.text(self.left - 8, height + 4.5, words, "quiet", "end")
        self.text(0, 14, name, "quiet")

    def x_axis(self, name: str, ticks: Iterable[float] | dict[float, str]) -> None:
        """Values below the plot, and the name below them."""
        for value, words in _ticks(ticks):
            self.text(self.at(value, self.y_range[0])[0], self.bottom + 20, words, "quiet", "middle")
        self.text((self.left + self.right) / 2, self.bottom + 39, name, "quiet", "middle")

    def curve(self, xs: Iterable[float], ys: Iterable[float], look: str = "data", dots: str = "") -> None:
        """A curve, with dots at its data where they are few; dots is "round" or "square"."""
        points = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
        self.line(points, look)
        if dots:
            self.dots(points, look, dots, 9 if look == "main" else 7)

    def bar(self, x: float, y: float, width: float, value: float = 1) -> None:
        """A bar of `width` units from the foot of the plot up to y; value gives its shade."""
        centre, height = self.at(x, y)
        self.cell(centre - width / 2, height, width, self.bottom - height, value, darkest=0.9)

    def label(self, x: float, y: float, words: str, look: str = "", anchor: str = "middle") -> None:
        """Words at a datum, readable over a grid line."""
        self.text(*self.at(x, y), words, f"lab {look}".strip(), anchor)

    def limit(self, y: float, words: str = "", above: bool = True) -> None:
        """A dashed line at a bound, and its name."""
        height = self.at(self.x_range[0], y)[1]
        self.line([(self.left, height), (self.right, height)], "limit")
        if words:
            self.text(self.left + 12, height - 6 if above else height + 16, words, "quiet lab")


def _shade(value: float, darkest: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"a shade is a value from 0 to 1, not {value}")
    return PALEST + value * (darkest - PALEST)


def _share(value: float, bounds: tuple[float, float], log: bool) -> float:
    low, high, value = (math.log(v) for v in (*bounds, value)) if log else (*bounds, value)
    return (value - low) / (high - low)


def _ticks(ticks: Iterable[float] | dict[float, str]) -> Iterable[tuple[float, str]]:
    return ticks.items() if isinstance(ticks, dict) else ((value, tick(value)) for value in ticks)


def main(paths: list[str]) -> None:
    root = Path(__file__).resolve().parents[1]
    sys.path.insert(0, str(root))
    for path in [Path(p) for p in paths] or sorted(root.glob("docs/**/images/*.py")):
        runpy.run_path(str(path), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
