"""For the cheat sheet: one request on a clock, and what sets each part."""

from hooks.draw import Drawing

PARTS = [("queue", "load", 60, 0.1), ("prefill", "2NT ÷ FLOP/s", 126, 0.8)]
drawn = Drawing("A request on a clock", "Queue, prefill, then decode steps; TTFT spans queue and prefill, TPOT one step.",
                width=400, height=66)
x, top, tall = 2, 18, 24
for name, bound, wide, shade in PARTS:
    drawn.cell(x, top, wide, tall, shade)
    drawn.box(x, top, wide, tall, "axis")
    drawn.text(x + wide / 2, top + 16.5, name, "b", "middle")
    drawn.text(x + wide / 2, top + tall + 15, bound, "", "middle")
    x += wide
drawn.text(2 + 93, 12, "TTFT", "accent b", "middle")
start = x
for _ in range(11):
    drawn.cell(x, top, 19, tall, 0.3)
    drawn.box(x, top, 19, tall, "axis")
    x += 19
drawn.text(start + 4, 12, "TPOT each", "accent b")
drawn.text(start + 104, top + tall + 15, "decode: bytes ÷ bandwidth", "", "middle")
drawn.save(__file__)
