"""For the cheat sheet: five masks in a row, one drawing."""

from collections.abc import Callable

from hooks.draw import Drawing

TOKENS, CELL, TOP, STEP = 8, 6, 18, 68
MASKS: list[tuple[str, Callable[[int, int], bool]]] = [
    ("causal", lambda i, j: j <= i),
    ("prefix", lambda i, j: j <= i or (i < 3 and j < 3)),
    ("window", lambda i, j: i - 3 < j <= i),
    ("+ sink", lambda i, j: i - 3 < j <= i or (j < 1 and j <= i)),
    ("chunks", lambda i, j: j <= i and i // 4 == j // 4),
]

drawn = Drawing("Five masks", "Causal: a triangle. Prefix: the triangle with a full corner. Window: a band. Window and "
                "sink: the band and the first column. Chunks: small triangles.",
                width=STEP * len(MASKS), height=TOP + TOKENS * CELL + 4)
for place, (name, allowed) in enumerate(MASKS):
    x = place * STEP + (STEP - TOKENS * CELL) / 2
    drawn.text(x + TOKENS * CELL / 2, 12, name, anchor="middle")
    drawn.box(x, TOP, TOKENS * CELL, TOKENS * CELL, "grid")
    cells = [[float(allowed(i, j)) for j in range(TOKENS)] for i in range(TOKENS)]
    drawn.heat(cells, x, TOP, CELL, gap=1, darkest=0.85)
drawn.save(__file__)
