"""One pair of a query and of a key, turned by position: the angle between them depends on the distance alone."""

import math

from hooks.draw import Drawing
from snippets.positions.rope import rope_frequencies

TURN = 0.30                      # radians a position, for the pair that is drawn
QUERY, KEY = 0.95, 0.35          # angles before any rotation
Point = tuple[float, float]


def point(centre: Point, angle: float, radius: float) -> Point:
    return centre[0] + radius * math.cos(angle), centre[1] - radius * math.sin(angle)


def arc(centre: Point, low: float, high: float, radius: float) -> list[Point]:
    return [point(centre, low + (high - low) * i / 24, radius) for i in range(25)]


RADIUS = 58
drawn = Drawing("The same distance at two places", "Two circles, each with a query and a key before and after "
                                                   "turning. In the first "
                "they stand at positions 3 and 1, in the second at 7 and 5; the angle between the turned arrows is "
                "the same.", 320, 196)
for left, m, n in [(0, 3, 1), (164, 7, 5)]:
    centre = (left + 78, 114)
    drawn.text(left + 4, 16, f"query at {m}, key at {n}", "b")
    drawn.line(arc(centre, 0, 2 * math.pi, RADIUS), "grid")
    for start, name in ((QUERY, "q"), (KEY, "k")):
        drawn.arrow(centre, point(centre, start, RADIUS), "data")
        drawn.text(*point(centre, start, RADIUS + 11), f"{name}_{{0}}", "quiet", "middle")
    query, key = QUERY + m * TURN, KEY + n * TURN
    drawn.arrow(centre, point(centre, query, RADIUS), "main", head=9)
    drawn.arrow(centre, point(centre, key, RADIUS), "flow", head=9)
    drawn.line(arc(centre, key, query, 26), "main")
    for angle, name, look in ((query, "q", "accent b"), (key, "k", "b")):
        x, y = point(centre, angle, RADIUS + 14)
        drawn.text(x, y + 4, name, look, "middle")
drawn.save(__file__, panel="turns")

frequencies = rope_frequencies(128).tolist()
drawn = Drawing("Three pairs at positions 0 to 8", "Three dials. Over eight positions the first pair makes more than "
                                                   "a full turn, "
                "the second a small arc, the third hardly moves.", 320, 196)
drawn.text(4, 16, "three pairs, positions 0 to 8", "b")
for place, pair in enumerate((0, 16, 32)):
    centre, step = (50 + place * 108, 92), frequencies[pair]
    drawn.line(arc(centre, 0, 2 * math.pi, 38), "grid")
    spots = [point(centre, p * step, 38) for p in range(9)]
    drawn.dots(spots[:-1], "data", size=6)
    drawn.dots(spots[-1:], "main", "square", size=9)
    drawn.text(centre[0], 158, f"pair {pair}", anchor="middle")
    drawn.text(centre[0], 177, f"{step:.3g} rad a token", "quiet", "middle")
drawn.save(__file__, panel="pairs")
