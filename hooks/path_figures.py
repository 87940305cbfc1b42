"""Figures of the roadmap, drawn from the content model in the build: the topic map, and bars of what is asked.

The map exists twice, side by side for a laptop and for paper, and as a list with arcs for a phone; a style sheet shows one.
Its nodes link to the chapters that exist. Does not know Markdown.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from hooks.draw import Drawing, number
from hooks.paths import Subject

KINDS = {"foundation": 0.4, "training": 0.24, "application": 0.1, "integration": 0}  # shade; the word stands beside it
BOX, GAP, LINE, ROW_GAP = 120, 22, 16, 16
LETTERS = 15  # in a line of a box
Link = Callable[[Subject], str | None]


def layers(subjects: Sequence[Subject]) -> dict[str, int]:
    """How many prerequisites deep each subject lies: the longest way from a subject that needs none."""
    by_slug = {subject.slug: subject for subject in subjects}
    found: dict[str, int] = {}

    def depth(slug: str) -> int:
        if slug not in found:
            needed = [other for other in by_slug[slug].prerequisites if other in by_slug]
            found[slug] = 1 + max(map(depth, needed), default=-1)
        return found[slug]

    for subject in subjects:
        depth(subject.slug)
    return found


def edges(subjects: Sequence[Subject]) -> list[tuple[str, str]]:
    known = {subject.slug for subject in subjects}
    return [(other, subject.slug) for subject in subjects for other in subject.prerequisites if other in known]


def wrapped(title: str, letters: int = LETTERS) -> list[str]:
    """Lines of at most so many letters, broken at spaces and after hyphens."""
    lines = [""]
    for word in title.replace("-", "- ").split():
        glue = "" if lines[-1].endswith("-") or not lines[-1] else " "
        if lines[-1] and len(lines[-1] + glue + word) > letters:
            lines.append(word)
        else:
            lines[-1] += glue + word
    return lines


def description(subjects: Sequence[Subject]) -> str:
    """What is seen, in words: each subject, its kind and what it needs."""
    titles = {subject.slug: subject.title for subject in subjects}
    told = []
    for subject in subjects:
        needed = " and ".join(titles[slug] for slug in subject.prerequisites if slug in titles)
        told.append(f"{subject.title} ({subject.kind}) " + (f"needs {needed}" if needed else "needs nothing before it"))
    return "; ".join(told) + "."


class Map(Drawing):
    """A drawing whose nodes may be links: the theme's script wants no plain `href` in a drawing."""

    def node(self, address: str | None, shapes: Callable[[], None]) -> None:
        if address:
            self.shapes.append(f'<a xlink:href="{html.escape(address)}">')
        shapes()
        if address:
            self.shapes.append("</a>")

    def curve(self, path: str) -> None:
        self.shapes.append(f'<path d="{path}" class="flow"/>')


def _rows(subjects: Sequence[Subject], layer: dict[str, int]) -> dict[str, float]:
    """A row for each subject: the fullest layer in reading order, any other beside what it needs or what needs it."""
    columns: dict[int, list[Subject]] = {}
    for subject in subjects:
        columns.setdefault(layer[subject.slug], []).append(subject)
    fullest = max(columns.values(), key=len)
    rows = {subject.slug: float(place) for place, subject in enumerate(fullest)}
    for depth in sorted(columns):
        for subject in columns[depth]:
            if subject.slug in rows:
                continue
            beside = [rows[slug] for slug in subject.prerequisites if slug in rows]
            rows[subject.slug] = beside[0] if len(beside) == 1 else (len(fullest) - 1) / 2
    return rows


def wide_map(subjects: Sequence[Subject], link: Link) -> str:
    """Columns from what needs nothing to what needs most."""
    layer = layers(subjects)
    rows = _rows(subjects, layer)
    height = max(len(wrapped(subject.title)) for subject in subjects) * LINE + LINE + 12
    pitch = height + ROW_GAP
    columns = max(layer.values()) + 1
    drawing = Map("Topic map", description(subjects), width=columns * BOX + (columns - 1) * GAP, height=(max(rows.values()) + 1) * pitch - ROW_GAP + 2)
    left = {slug: depth * (BOX + GAP) for slug, depth in layer.items()}
    top = {slug: row * pitch + 1 for slug, row in rows.items()}
    into: dict[str, list[str]] = {}
    for start, end in edges(subjects):
        into.setdefault(end, []).append(start)
    for end, starts in into.items():
        starts.sort(key=lambda slug: (_way(slug, end, layer, top, height), slug))
        for place, start in enumerate(starts, start=1):
            y0, y1 = top[start] + height / 2, top[end] + height * place / (len(starts) + 1)
            x0, x1 = left[start] + BOX, left[end]
            way = _way(start, end, layer, top, height)
            bend = x1 - GAP
            path = f"M{number(x0)} {number(y0)}"
            if way != y0:
                path += f"C{number(x0 + GAP / 2)} {number(y0)} {number(x0 + GAP / 2)} {number(way)} {number(x0 + GAP)} {number(way)}"
            if bend > x0:
                path += f"L{number(bend)} {number(way)}"
            path += f"C{number(bend + GAP / 2)} {number(way)} {number(bend + GAP / 2)} {number(y1)} {number(x1 - 2)} {number(y1)}"
            drawing.curve(path + f"M{number(x1 - 6)} {number(y1 - 3.5)}L{number(x1 - 1)} {number(y1)}L{number(x1 - 6)} {number(y1 + 3.5)}")
    for subject in subjects:
        x, y, lines, address = left[subject.slug], top[subject.slug], wrapped(subject.title), link(subject)

        def shapes(x=x, y=y, lines=lines, subject=subject, linked=bool(address)) -> None:
            drawing.shapes.append(
                f'<rect x="{number(x + 0.5)}" y="{number(y)}" width="{BOX - 1}" height="{number(height)}" class="cell" fill-opacity="{KINDS[subject.kind]}"'
                f' style="stroke:var(--sh-{"accent" if linked else "line-c"});stroke-width:{2 if linked else 1}"/>'
            )
            start = y + (height - (len(lines) + 1) * LINE) / 2 + 12
            for place, words in enumerate(lines):
                drawing.text(x + BOX / 2, start + place * LINE, words, "b", "middle")
            drawing.text(x + BOX / 2, start + len(lines) * LINE, subject.kind, "", "middle")

        drawing.node(address, shapes)
    return drawing.svg()


def _way(start: str, end: str, layer: dict[str, int], top: dict[str, float], height: float) -> float:
    """The height at which an edge crosses the columns between: its own row, or the gap below where a box is in the way."""
    middle = top[start] + height / 2
    between = [slug for slug in layer if layer[start] < layer[slug] < layer[end]]
    blocked = any(top[slug] <= middle <= top[slug] + height for slug in between)
    return top[start] + height + ROW_GAP / 2 if blocked else middle


def narrow_map(subjects: Sequence[Subject], link: Link) -> str:
    """One row a subject in reading order; arcs lead from what is needed to what needs it."""
    pitch, x, last = 46, 104, len(subjects) - 1
    drawing = Map("Topic map", description(subjects), width=350, height=pitch * len(subjects))
    y = {subject.slug: pitch * place + pitch / 2 for place, subject in enumerate(subjects)}
    for start, end in edges(subjects):
        reach = 14 + 82 * abs(y[end] - y[start]) / (pitch * max(last, 1))
        from_x, to_x = x - 7, x - 8
        drawing.curve(
            f"M{number(from_x)} {number(y[start] + 3)}C{number(from_x - reach * 1.25)} {number(y[start] + 3)} {number(to_x - reach * 1.25)} {number(y[end] - 3)} "
            f"{number(to_x)} {number(y[end] - 3)}M{number(to_x - 5)} {number(y[end] - 7)}L{number(to_x)} {number(y[end] - 3)}L{number(to_x - 5)} {number(y[end] + 1)}"
        )
    for subject in subjects:
        address = link(subject)

        def shapes(subject=subject, linked=bool(address)) -> None:
            middle = y[subject.slug]
            drawing.shapes.append(
                f'<rect x="{x - 6}" y="{number(middle - 7)}" width="14" height="14" class="cell" fill-opacity="{KINDS[subject.kind]}" '
                f'style="stroke:var(--sh-{"accent" if linked else "line-c"});stroke-width:{2 if linked else 1}"/>'
            )
            drawing.text(x + 18, middle, subject.title, "b")
            drawing.text(x + 18, middle + 16, subject.kind)

        drawing.node(address, shapes)
    return drawing.svg()


def bars(rows: Sequence[tuple[str, int]]) -> str:
    """Horizontal bars, longest first: a name above its bar, so that a phone can show both, and a count."""
    pitch, width = 40, 400
    most = max(count for _, count in rows)
    told = ", ".join(f"{name} {count}" for name, count in rows)
    drawing = Drawing("Questions by subject", f"Bars, longest first: {told}.", width=width, height=pitch * len(rows))
    for place, (name, count) in enumerate(rows):
        y = place * pitch
        drawing.text(0, y + 14, name)
        length = (width - 40) * count / most
        drawing.cell(0, y + 19, length, 14, 1)
        drawing.text(length + 6, y + 31, str(count), "quiet")
    return drawing.svg()
