"""One pair of a query and of a key, turned by position: the angle between them depends on the distance alone."""

import math

from hooks.draw import Drawing

SIZE, RADIUS, CENTRE = 216, 76, (108, 128)
TURN = 0.30                      # radians a position, for this pair
QUERY, KEY = 0.95, 0.35          # angles before any rotation


def point(angle: float, radius: float = RADIUS) -> tuple[float, float]:
    return CENTRE[0] + radius * math.cos(angle), CENTRE[1] - radius * math.sin(angle)


def arc(low: float, high: float, radius: float) -> list[tuple[float, float]]:
    return [point(low + (high - low) * i / 24, radius) for i in range(25)]


for name, m, n in [("near", 3, 1), ("far", 7, 5)]:
    drawn = Drawing(f"Query at {m}, key at {n}",
                    f"A circle with the query turned by {m} steps and the key by {n}; the angle between the two arrows "
                    "is the same in both panels.", SIZE, SIZE + 6)
    drawn.text(8, 16, f"query at {m}, key at {n}", "b")
    drawn.line(arc(0, 2 * math.pi, RADIUS), "grid")
    query, key = QUERY + m * TURN, KEY + n * TURN
    for start, name_at in ((QUERY, "q"), (KEY, "k")):
        drawn.arrow(CENTRE, point(start), "data")
        drawn.text(*point(start, RADIUS + 12), f"{name_at}_{{0}}", "quiet", "middle")
    drawn.arrow(CENTRE, point(query), "main", head=9)
    drawn.arrow(CENTRE, point(key), "flow", head=9)
    drawn.line(arc(key, query, 34), "main")
    drawn.text(*point(query, RADIUS + 16), "q", "accent b", "middle")
    drawn.text(*point(key, RADIUS + 16), "k", "b", "middle")
    drawn.save(__file__, panel=name)

drawn = Drawing("Three pairs at positions 0 to 8",
                "Three dials. Over eight positions the first pair makes more than a full turn, the second a small arc, "
                "the third hardly moves.", SIZE, SIZE + 6)
drawn.text(8, 16, "three pairs, positions 0 to 8", "b")
for row, (i, words) in enumerate([(0, "pair 0"), (16, "pair 16"), (32, "pair 32")]):
    step = 10000 ** (-2 * i / 128)
    centre = (44, 60 + row * 62)
    ring = [(centre[0] + 25 * math.cos(a * math.pi / 24), centre[1] - 25 * math.sin(a * math.pi / 24)) for a in range(49)]
    drawn.line(ring, "grid")
    spots = [(centre[0] + 25 * math.cos(p * step), centre[1] - 25 * math.sin(p * step)) for p in range(9)]
    drawn.dots(spots[:-1], "data", size=5)
    drawn.dots(spots[-1:], "main", "square", size=8)
    drawn.text(84, centre[1] - 3, words)
    drawn.text(84, centre[1] + 15, f"{step:.3g} rad a token", "quiet")
drawn.save(__file__, panel="pairs")
