"""Which key a query may read, under six masks: a dark cell is allowed. Rows are queries, columns keys."""

from collections.abc import Callable

from hooks.draw import Drawing

TOKENS, CELL, TOP = 9, 12, 26
WINDOW, SINKS, PREFIX, CHUNK = 3, 1, 4, 3

MASKS: dict[str, tuple[str, str, Callable[[int, int], bool]]] = {
    "full": ("bidirectional", "All cells are filled.", lambda i, j: True),
    "causal": ("causal", "A filled triangle on and below the diagonal.", lambda i, j: j <= i),
    "prefix": ("prefix 4", "The causal triangle, and the first four columns filled for the first four rows as well.",
               lambda i, j: j <= i or (i < PREFIX and j < PREFIX)),
    "window": ("window 3", "A band of three cells ending at the diagonal.", lambda i, j: i - WINDOW < j <= i),
    "sink": ("window 3 + sink", "The same band, and the first column filled in every row.",
             lambda i, j: i - WINDOW < j <= i or (j < SINKS and j <= i)),
    "chunk": ("chunks of 3", "Three small triangles along the diagonal.",
              lambda i, j: j <= i and i // CHUNK == j // CHUNK),
}

for name, (title, seen, allowed) in MASKS.items():
    drawn = Drawing(f"Mask: {title}", seen, width=TOKENS * CELL + 4, height=TOP + TOKENS * CELL + 4)
    drawn.text(2 + TOKENS * CELL / 2, 14, title, "quiet", "middle")
    drawn.box(2, TOP, TOKENS * CELL, TOKENS * CELL, "grid")
    drawn.heat([[float(allowed(i, j)) for j in range(TOKENS)] for i in range(TOKENS)], 2, TOP, CELL, darkest=0.85)
    drawn.save(__file__, panel=name)
