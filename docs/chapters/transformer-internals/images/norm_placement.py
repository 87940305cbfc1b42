"""Where the norm stands: post, pre, pre and post, and on the output only. The thick line is the residual stream."""

from itertools import pairwise

from hooks.draw import Drawing

APART, HEIGHT, BOX, HALF = 168, 226, 26, 42
STREAM, BRANCH, TOP, INSIDE = 32, 104, 30, 64


def block(drawn: Drawing, left: float, title: str, boxes: list[tuple[str, float]], in_stream: bool = False) -> None:
    stream, branch, join, split = left + STREAM, left + BRANCH, 104 if in_stream else 62, HEIGHT - 20

    def box(x: float, y: float, words: str, half: float = HALF) -> None:
        drawn.cell(x - half, y - BOX / 2, 2 * half, BOX, 0.1 if words == "sub-layer" else 0.75)
        drawn.box(x - half, y - BOX / 2, 2 * half, BOX, "axis")
        drawn.text(x, y + 4.5, words, anchor="middle")

    drawn.text(left + 4, 16, title, "b")
    drawn.line([(stream, HEIGHT - 6), (stream, join + 9)], "main")
    stops = [(join - 9, INSIDE + BOX / 2), (INSIDE - BOX / 2, TOP + 8)] if in_stream else [(join - 9, TOP + 8)]
    for below, above in stops:
        drawn.line([(stream, below), (stream, above)], "main")
    drawn.arrow((stream, TOP + 12), (stream, TOP), "main", head=7)
    drawn.line([(stream, split), (branch, split), (branch, boxes[0][1] + BOX / 2)], "flow")
    for (_, lower), (_, upper) in pairwise(boxes):
        drawn.line([(branch, lower - BOX / 2), (branch, upper + BOX / 2)], "flow")
    drawn.line([(branch, boxes[-1][1] - BOX / 2), (branch, join)], "flow")
    drawn.arrow((branch, join), (stream + 11, join))
    for words, y in boxes:
        box(branch, y, words)
    if in_stream:
        box(stream, INSIDE, "norm", 26)
    drawn.box(stream - 9, join - 9, 18, 18, "axis")
    drawn.text(stream, join + 5, "+", "b", "middle")


older = Drawing("Post-norm and pre-norm", "Post-norm: the sub-layer branches off and is added, then a norm stands in "
                                          "the stream "
                "itself. Pre-norm: a norm and then the sub-layer stand on the branch; nothing stands in the "
                "stream.", 320, HEIGHT)
block(older, 0, "post-norm", [("sub-layer", 152)], in_stream=True)
block(older, APART, "pre-norm", [("norm", 160), ("sub-layer", 116)])
older.save(__file__, panel="older")
newer = Drawing("Pre and post, and output norm", "Pre and post: norm, sub-layer and a second norm stand on the "
                                                 "branch. Output norm: "
                "the sub-layer and then a norm stand on it. Nothing stands in the stream.", 320, HEIGHT)
block(newer, 0, "pre and post", [("norm", 170), ("sub-layer", 130), ("norm", 90)])
block(newer, APART, "output norm", [("sub-layer", 148), ("norm", 104)])
newer.save(__file__, panel="newer")
