"""Where the norm stands: post, pre, pre and post, and on the output only. The thick line is the residual stream."""

from itertools import pairwise

from hooks.draw import Drawing

WIDTH, HEIGHT, STREAM, BRANCH = 164, 226, 34, 108
BOX, HALF = 26, 44


def box(drawn: Drawing, x: float, y: float, words: str, shade: float) -> None:
    drawn.cell(x - HALF, y - BOX / 2, 2 * HALF, BOX, shade)
    drawn.box(x - HALF, y - BOX / 2, 2 * HALF, BOX, "axis")
    drawn.text(x, y + 4.5, words, anchor="middle")


def plus(drawn: Drawing, y: float) -> None:
    drawn.box(STREAM - 9, y - 9, 18, 18, "axis")
    drawn.text(STREAM, y + 5, "+", "b", "middle")


PLANS = {
    "post": ("post-norm", "The sub-layer branches off and is added; then a norm stands in the stream itself.",
             [("sub-layer", 152)], 64),
    "pre": ("pre-norm", "A norm and then the sub-layer stand on the branch; nothing stands in the stream.",
            [("norm", 160), ("sub-layer", 116)], None),
    "both": ("pre and post", "Norm, sub-layer and a second norm stand on the branch; nothing stands in the stream.",
             [("norm", 170), ("sub-layer", 130), ("norm", 90)], None),
    "output": ("output norm", "The sub-layer and then a norm stand on the branch; nothing stands in the stream.",
               [("sub-layer", 148), ("norm", 104)], None),
}

for name, (title, seen, boxes, inside) in PLANS.items():
    drawn = Drawing(title, seen, WIDTH, HEIGHT)
    drawn.text(STREAM - 24, 16, title, "b")
    top, bottom, join = 30, HEIGHT - 6, 62 if inside is None else 104
    split = HEIGHT - 20
    drawn.line([(STREAM, bottom), (STREAM, join + 9)], "main")
    if inside is None:
        drawn.line([(STREAM, join - 9), (STREAM, top + 8)], "main")
    else:
        drawn.line([(STREAM, join - 9), (STREAM, inside + BOX / 2)], "main")
        drawn.line([(STREAM, inside - BOX / 2), (STREAM, top + 8)], "main")
    drawn.arrow((STREAM, top + 12), (STREAM, top), "main", head=7)
    drawn.line([(STREAM, split), (BRANCH, split), (BRANCH, boxes[0][1] + BOX / 2)], "flow")
    for (_, lower), (_, upper) in pairwise(boxes):
        drawn.line([(BRANCH, lower - BOX / 2), (BRANCH, upper + BOX / 2)], "flow")
    drawn.line([(BRANCH, boxes[-1][1] - BOX / 2), (BRANCH, join)], "flow")
    drawn.arrow((BRANCH, join), (STREAM + 11, join))
    for words, y in boxes:
        box(drawn, BRANCH, y, words, 0.1 if words == "sub-layer" else 0.75)
    if inside is not None:
        drawn.cell(STREAM - 28, inside - BOX / 2, 56, BOX, 0.75)
        drawn.box(STREAM - 28, inside - BOX / 2, 56, BOX, "axis")
        drawn.text(STREAM, inside + 4.5, "norm", anchor="middle")
    plus(drawn, join)
    drawn.save(__file__, panel=name)
