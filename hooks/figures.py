"""Figures: SVG files set into the page, so that they take its colours and their text can be read aloud and found.

The file keeps <title> and <desc>; here they get ids of their own on the page, and the drawing is capped at the width
it was drawn for, so that its labels stay the size they were drawn.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from pathlib import Path

from lxml import etree

from hooks.building import Building
from hooks.draw import WIDEST

SVG = "{http://www.w3.org/2000/svg}"
LINE = re.compile(r"M(-?[\d.]+ -?[\d.]+(?:L-?[\d.]+ -?[\d.]+)+)")  # as hooks/draw.py writes it
CELLS = re.compile(r"(?:M-?[\d.]+ -?[\d.]+h[\d.]+v[\d.]+h-[\d.]+z){2,}")
CELL = re.compile(r"M(-?[\d.]+) (-?[\d.]+)([^M]*)")
NEAR = 0.04  # of a unit, and a unit is a pixel: closer to the line than this, a point of a curve says nothing
REFERENCE = re.compile(r"url\(#([^)]+)\)")
_parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)


class FigureError(ValueError):
    """A figure that cannot be shown; says which file and how to mend it."""


def inline_svg(path: Path, name: str, page: Building) -> str:
    """The drawing as HTML; `name` is how errors call the file."""
    try:
        return inline(path.read_bytes(), path.stem, name, page)
    except FileNotFoundError:
        raise FigureError(
            f"{name}: there is no such figure; draw it, or mend the path (it starts at the chapter's folder)"
        ) from None


def inline(drawing: bytes, stem: str, name: str, page: Building) -> str:
    """The same for a drawing made in the build; its ids begin with `stem`."""
    try:
        root = etree.fromstring(drawing, _parser)
    except etree.XMLSyntaxError as error:
        raise FigureError(f"{name}: not valid SVG: {error.msg}") from None
    if root.tag != SVG + "svg":
        raise FigureError(f"{name}: the file's root is not <svg>")
    width = _width(root, name)
    prefix = page.unique(f"svg-{stem}")
    described = []
    for tag in ("title", "desc"):
        element = root.find(SVG + tag)
        if element is None or not (element.text or "").strip():
            raise FigureError(f"{name}: <{tag}> is missing; it says what is seen to whoever cannot see it")
        element.set("id", f"{prefix}-{tag}")
        described.append(f"{prefix}-{tag}")
    _prefix_ids(root, prefix, set(described))
    for path in root.iter(SVG + "path"):
        path.set("d", _shorter(path.get("d", "")))
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(described))
    root.set("style", f"max-width:{width:g}px")
    root.set("data-search-exclude", "")
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    text = etree.tostring(root, encoding="unicode").replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return re.sub(r">\s*\n\s*<", "><", text.strip())


@lru_cache(maxsize=2**12)  # a figure stands on its question's page and on its chapter's
def _shorter(path: str) -> str:
    """The same to the eye: its lines and its cells in fewer signs."""
    lines = LINE.sub(lambda line: lean([(float(x), float(y)) for x, y in map(str.split, line[1].split("L"))]), path)
    return CELLS.sub(lambda cells: _steps(CELL.findall(cells[0])), lines)


def lean(points: list[tuple[float, float]]) -> str:
    """The same line to the eye: without points that lie on it, in steps of tenths."""
    (x, y), *others = [(round(10 * x), round(10 * y)) for x, y in _bends(points)]
    path, step = f"M{_tenths(x)} {_tenths(y)}", "l"
    for to_x, to_y in others:
        across, down = _tenths(to_x - x), _tenths(to_y - y)
        path += f"{step if step == 'l' or not across.startswith('-') else ''}{across}{'' if down.startswith('-') else ' '}{down}"
        x, y, step = to_x, to_y, " "
    return path


def _steps(cells: list[tuple[str, str, str]]) -> str:
    """The cells of a heat map, each a step from the one before: so they are written alike."""
    path, x, y = "", 0, 0
    for left, top, side in cells:
        to_x, to_y = round(100 * float(left)), round(100 * float(top))
        path += f"{'m' if path else 'M'}{(to_x - x) / 100:g} {(to_y - y) / 100:g}{side}"
        x, y = to_x, to_y
    return path


def _tenths(whole: int) -> str:
    sign, (ones, tenth) = "-" if whole < 0 else "", divmod(abs(whole), 10)
    return f"{sign}{ones or '' if tenth else ones}{f'.{tenth}' if tenth else ''}"


def _bends(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points between which all others lie within NEAR of a straight line (Douglas and Peucker's way)."""
    kept, open_ = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_:
        first, last = open_.pop()
        (x0, y0), (x1, y1) = points[first], points[last]
        across, down = x1 - x0, y1 - y0
        square = across**2 + down**2

        def off(place: int, x0=x0, y0=y0, across=across, down=down, square=square) -> float:
            x, y = points[place]
            along = max(0.0, min(1.0, ((x - x0) * across + (y - y0) * down) / square)) if square else 0.0  # a curve may turn back beyond its ends
            return math.hypot(x - x0 - along * across, y - y0 - along * down)

        farthest = max(range(first + 1, last), key=off, default=first)
        if farthest != first and off(farthest) > NEAR:
            kept.add(farthest)
            open_ += [(first, farthest), (farthest, last)]
    return [points[place] for place in sorted(kept)]


def _width(root: etree._Element, name: str) -> float:
    try:
        _, _, width, _ = map(float, root.get("viewBox", "").split())
    except ValueError:
        raise FigureError(f'{name}: the root needs viewBox="0 0 WIDTH HEIGHT"') from None
    if width > WIDEST:
        raise FigureError(f"{name}: {width:g} units wide; the column holds {WIDEST}, or split it into panels")
    return width


def _prefix_ids(root: etree._Element, prefix: str, done: set[str]) -> None:
    """Ids inside the drawing become ids of the page, and so do the references to them."""
    renamed = {}
    for element in root.iter():
        old = element.get("id")
        if old and old not in done:
            renamed[old] = f"{prefix}-{old}"
            element.set("id", renamed[old])
    if not renamed:
        return
    for element in root.iter():
        for key, value in element.attrib.items():
            if value.startswith("#") and value[1:] in renamed:
                element.set(key, f"#{renamed[value[1:]]}")
            elif "url(#" in value:
                element.set(key, REFERENCE.sub(lambda match: f"url(#{renamed.get(match[1], match[1])})", value))
