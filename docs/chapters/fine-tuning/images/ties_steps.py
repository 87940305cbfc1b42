"""TIES on two task vectors of eight parameters, step by step; the last row is what snippets/merging computes."""

import torch

from hooks.draw import Drawing
from snippets.merging.ties import ties

FIRST = [0.9, -0.1, 0.6, 0.05, -0.8, 0.2, -0.15, 0.7]
SECOND = [0.7, 0.15, -0.8, -0.1, -0.6, -0.05, 0.9, 0.1]
DENSITY = 0.5
vectors = torch.tensor([FIRST, SECOND])
kept = vectors.abs() >= vectors.abs().topk(int(DENSITY * 8)).values[:, -1:]
trimmed = vectors.where(kept, 0)
sign = trimmed.sum(dim=0).sign()
merged = ties(vectors, DENSITY)
mean = vectors.mean(dim=0)

LEFT, COLUMN, STEP, HIGH, TOP = 88, 28, 46, 17, 30
drawn = Drawing("TIES in three steps", "Rows of small bars up and down. Two task vectors, the two trimmed to their "
                "four largest changes, a row of elected signs, and the merged vector, whose bars are as long as the "
                "originals; a row below shows the plain mean, where opposite changes cancel.", width=320,
                height=TOP + 7 * STEP - 10)
rows = [("task A", FIRST), ("task B", SECOND), ("A, trimmed", trimmed[0].tolist()),
        ("B, trimmed", trimmed[1].tolist()), ("sign", None), ("merged", merged.tolist()),
        ("plain mean", mean.tolist())]
for row, (name, values) in enumerate(rows):
    y = TOP + row * STEP
    drawn.text(LEFT - 10, y + 5, name, "accent b" if name == "merged" else "", "end")
    if values is not None:
        drawn.line([(LEFT, y), (LEFT + 8 * COLUMN, y)], "grid")
    for column in range(8):
        x = LEFT + column * COLUMN + COLUMN / 2
        if values is None:
            drawn.text(x, y + 5, {1: "+", -1: "−", 0: "0"}[int(sign[column])], "b", "middle")
        elif values[column]:
            top = min(y, y - values[column] * HIGH)
            drawn.cell(x - 7, top, 14, abs(values[column]) * HIGH, 1 if name == "merged" else 0.45, darkest=0.8)
drawn.text(LEFT + 4 * COLUMN, 10, "eight parameters", "quiet", "middle")
drawn.save(__file__)
