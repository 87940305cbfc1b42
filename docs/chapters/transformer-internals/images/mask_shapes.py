"""Which key a query may read, under six masks: a dark cell is allowed. Rows are queries, columns keys."""

from collections.abc import Callable

from hooks.draw import Drawing

TOKENS, CELL, TOP, STEP = 9, 10, 24, 108
Mask = tuple[str, Callable[[int, int], bool]]


def row(panel: str, title: str, seen: str, masks: list[Mask]) -> None:
    drawn = Drawing(title, seen, width=STEP * len(masks) - STEP + TOKENS * CELL + 4, height=TOP + TOKENS * CELL + 4)
    for place, (name, allowed) in enumerate(masks):
        x = 2 + place * STEP
        drawn.text(x + TOKENS * CELL / 2, 14, name, anchor="middle")
        drawn.box(x, TOP, TOKENS * CELL, TOKENS * CELL, "grid")
        cells = [[float(allowed(i, j)) for j in range(TOKENS)] for i in range(TOKENS)]
        drawn.heat(cells, x, TOP, CELL, gap=1, darkest=0.85)
    drawn.save(__file__, panel=panel)


row("whole", "Masks that reach everything", "Bidirectional: all cells filled. Causal: a triangle on and below the "
                                            "diagonal. "
    "Prefix: the triangle, with a full square for the first four tokens.",
    [("bidirectional", lambda i, j: True),
     ("causal", lambda i, j: j <= i),
     ("prefix of 4", lambda i, j: j <= i or (i < 4 and j < 4))])
row("local", "Masks with a bounded reach", "Window: a band of three cells ending at the diagonal. Window and sink: "
                                           "the same band "
    "and the first column. Chunks: three small triangles along the diagonal.",
    [("window 3", lambda i, j: i - 3 < j <= i),
     ("and a sink", lambda i, j: i - 3 < j <= i or (j < 1 and j <= i)),
     ("chunks of 3", lambda i, j: j <= i and i // 3 == j // 3)])
