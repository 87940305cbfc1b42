"""One token's way through one decoder block, with the sizes of Llama 3.1 8B."""

from pathlib import Path

import yaml

from hooks.draw import Drawing

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "docs" / "data").is_dir())
shape = yaml.safe_load((ROOT / "docs/data/models/llama-3.1-8b.yml").read_text(encoding="utf-8"))
d, heads, kv = shape["d_model"], shape["n_heads"], shape["n_kv_heads"]
size, wide = shape["head_dim"], shape["d_ff"]

STREAM, TALL = 26, 30
MIDDLE = 232

drawn = Drawing("One token's path through a decoder block",
                "A vertical residual stream with two branches. The first: norm, query, key and value projections, "
                "rotation, "
                "attention over the cached keys and values, output projection, added back. The second: norm, gate "
                "and up "
                "projections, their product, down projection, added back.", width=400, height=640)


def box(x: float, y: float, width: float, words: str, shade: float = 0.1) -> None:
    drawn.cell(x - width / 2, y, width, TALL, shade)
    drawn.box(x - width / 2, y, width, TALL, "axis")
    drawn.text(x, y + 19.5, words, anchor="middle")


def down(x: float, start: float, end: float) -> None:
    drawn.arrow((x, start), (x, end - 1))


def plus(y: float) -> None:
    drawn.box(STREAM - 10, y - 10, 20, 20, "axis")
    drawn.text(STREAM, y + 5, "+", "b", "middle")


def branch(y: float) -> None:
    drawn.line([(STREAM, y), (MIDDLE, y)], "flow")


FIRST, SECOND = 346, 590
drawn.text(STREAM + 12, 16, f"x, {d:,} numbers", "b")
drawn.line([(STREAM, 6), (STREAM, FIRST - 10)], "main")
drawn.line([(STREAM, FIRST + 10), (STREAM, SECOND - 10)], "main")
drawn.line([(STREAM, SECOND + 10), (STREAM, 626)], "main")
drawn.arrow((STREAM, 624), (STREAM, 636), "main", head=8)
drawn.text(STREAM + 12, 632, "to the next block", "quiet")

branch(32)
down(MIDDLE, 32, 46)
box(MIDDLE, 46, 120, "RMSNorm")
for x, words in ((116, f"q: {heads} × {size}"), (232, f"k: {kv} × {size}"), (346, f"v: {kv} × {size}")):
    drawn.line([(MIDDLE, 76), (MIDDLE, 88), (x, 88)], "flow")
    down(x, 88, 100)
    box(x, 100, 100, words, 0.5)
down(116, 130, 148)
down(232, 130, 148)
box(174, 148, 216, "rotate q and k by position")
drawn.line([(346, 130), (346, 163), (346, 198)], "flow")
down(346, 196, 206)
down(232, 178, 206)
box(290, 206, 212, "cache: k, v of all tokens so far", 0.85)
drawn.line([(116, 178), (116, 262)], "flow")
down(116, 250, 262)
down(290, 236, 262)
box(232, 262, 332, f"{heads} heads: softmax(q·k / √{size}) · v")
down(MIDDLE, 292, 306)
box(MIDDLE, 306, 210, f"output projection {d:,} × {d:,}", 0.5)
drawn.line([(MIDDLE, 336), (MIDDLE, FIRST)], "flow")
drawn.arrow((MIDDLE, FIRST), (STREAM + 12, FIRST))
plus(FIRST)

branch(378)
down(MIDDLE, 378, 392)
box(MIDDLE, 392, 120, "RMSNorm")
for x, words in ((150, f"gate: {wide:,}"), (314, f"up: {wide:,}")):
    drawn.line([(MIDDLE, 422), (MIDDLE, 434), (x, 434)], "flow")
    down(x, 434, 446)
    box(x, 446, 136, words, 0.5)
    drawn.line([(x, 476), (x, 484)], "flow")
    down(x, 482, 494)
box(MIDDLE, 494, 300, "SiLU(gate) × up, element by element")
down(MIDDLE, 524, 538)
box(MIDDLE, 538, 210, f"down projection {wide:,} × {d:,}", 0.5)
drawn.line([(MIDDLE, 568), (MIDDLE, SECOND)], "flow")
drawn.arrow((MIDDLE, SECOND), (STREAM + 12, SECOND))
plus(SECOND)
drawn.save(__file__)
