"""Three documents in one row: what attention may read with and without document boundaries."""

import torch

from hooks.draw import Drawing
from snippets.tuning.packing import document_mask

LENGTHS, CELL, TOP = (5, 4, 3), 10, 30
document = torch.tensor([[number for number, size in enumerate(LENGTHS) for _ in range(size)]])
right = document_mask(document)[0, 0].float().tolist()
wrong = torch.ones(len(right), len(right)).tril().tolist()
side = len(right) * CELL
drawn = Drawing("Attention in a packed row", "Left: one triangle over all twelve tokens. Right: three small triangles "
                "along the diagonal, one for each document.", width=320, height=TOP + side + 34)
for x, name, mask in ((20, "one causal mask", wrong), (180, "with boundaries", right)):
    drawn.text(x + side / 2, 16, name, "b", "middle")
    drawn.box(x, TOP, side, side, "grid")
    drawn.heat(mask, x, TOP, CELL, gap=1, darkest=0.85)
    at = 0
    for size in LENGTHS:
        drawn.line([(x + at * CELL + 1, TOP + side + 6), (x + (at + size) * CELL - 1, TOP + side + 6)], "axis")
        drawn.text(x + (at + size / 2) * CELL, TOP + side + 23, f"0–{size - 1}" if mask is right else
                   f"{at}–{at + size - 1}", "quiet", "middle")
        at += size
drawn.save(__file__)
