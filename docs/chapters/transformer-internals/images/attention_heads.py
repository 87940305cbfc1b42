"""Figure: where the lab's previous-token head and induction head put their weights, for one string and its copy."""

import json
from pathlib import Path

from hooks.draw import Drawing

CELL, LEFT, TOP = 8, 44, 62
SEEN = {
    "previous": ("A previous-token head", "Nearly all weight lies one step left of the diagonal, in every row."),
    "induction": ("An induction head",
                  "In the first copy's rows the weight stands in the first column, on the start token. In the second "
                  "copy's rows it forms a diagonal one copy back, a step to the right of the same token."),
}


def draw(results: dict) -> list[Drawing]:
    """One panel a head."""
    return [panel(name, results["series"]["heads"][name]) for name in SEEN]


def panel(name: str, rows: list[list[float]]) -> Drawing:
    size = len(rows)
    half, edge = (size - 1) // 2, size * CELL
    title, seen = SEEN[name]
    drawn = Drawing(title, f"A map of attention weights, {size} queries by {size} keys, a string and its copy. {seen}",
                    width=336, height=TOP + edge + 8)
    drawn.text(LEFT, 14, title, "b")
    drawn.heat(rows, LEFT, TOP, CELL, gap=0.75, least=0.05, darkest=0.95)
    drawn.box(LEFT, TOP, edge, edge)
    middle = (1 + half) * CELL
    for at in (CELL, middle):
        drawn.line([(LEFT + at, TOP), (LEFT + at, TOP + edge)], "grid")
        drawn.line([(LEFT, TOP + at), (LEFT + edge, TOP + at)], "grid")
    for words, centre in (("first copy", CELL + half * CELL / 2), ("second copy", middle + half * CELL / 2)):
        drawn.text(LEFT + centre, TOP - 8, words, "quiet", "middle")
        drawn.turned(LEFT - 10, TOP + centre, words, "quiet")
    drawn.text(LEFT + edge / 2, TOP - 26, "key", "quiet", "middle")
    drawn.turned(LEFT - 28, TOP + edge / 2, "query", "quiet")
    return drawn


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    for name, drawn in zip(SEEN, draw(recorded), strict=True):
        drawn.save(__file__, panel=name)
