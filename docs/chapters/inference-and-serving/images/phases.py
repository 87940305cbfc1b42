"""One request on a clock: prefill, then decode, Llama 3.1 8B on one H100."""

from hooks.draw import Drawing
from snippets.sizing.quantities import compute

GPU, MODEL = "h100-sxm5-80gb", "llama-3.1-8b"
prefill = 1e3 * compute("prefill_seconds", model=MODEL, gpu=GPU, tokens=2048, mfu=0.5).value
step = 1e3 * compute("decode_floor_seconds", model=MODEL, gpu=GPU, tokens=2048).value

LEFT, SCALE, TOP, TALL = 6, 3.8, 62, 44
drawn = Drawing("One request on a clock",
                "One wide block of about 62 milliseconds for prefill, then a row of narrow blocks of under 5 "
                "milliseconds, one for each generated token. The first token comes at the end of prefill.",
                width=400, height=176)
wide = prefill * SCALE
drawn.cell(LEFT, TOP, wide, TALL, 0.9)
drawn.box(LEFT, TOP, wide, TALL, "axis")
drawn.text(LEFT + wide / 2, TOP + 19, "prefill", "b", "middle")
drawn.text(LEFT + wide / 2, TOP + 36, "2,048 tokens, one pass", "", "middle")
x = LEFT + wide
for _ in range(8):
    drawn.cell(x, TOP, step * SCALE, TALL, 0.2)
    drawn.box(x, TOP, step * SCALE, TALL, "axis")
    x += step * SCALE
drawn.text(x + 8, TOP + 27, "…", "b")
drawn.text(x, TOP + TALL + 20, "decode: a pass a token", "", "end")
drawn.line([(LEFT, TOP - 8), (LEFT, TOP - 14), (LEFT + wide, TOP - 14), (LEFT + wide, TOP - 8)], "axis")
drawn.text(LEFT + wide / 2, TOP - 20, f"TTFT: {prefill:.0f} ms and the queue", "accent b", "middle")
first = LEFT + wide
drawn.line([(first + 2, TOP - 8), (first + 2, TOP - 14), (first + step * SCALE, TOP - 14), (first + step * SCALE, TOP - 8)], "axis")
drawn.text(first + 4, TOP - 20, f"TPOT: {step:.1f} ms", "accent b")
for ms in (0, 20, 40, 60, 80, 100):
    drawn.text(LEFT + ms * SCALE, 164, str(ms), "quiet", "start" if ms == 0 else "middle")
    drawn.line([(LEFT + ms * SCALE, 142), (LEFT + ms * SCALE, 147)], "axis")
drawn.line([(LEFT, 142), (LEFT + 100 * SCALE, 142)], "axis")
drawn.text(LEFT + 90 * SCALE, 164, "ms", "quiet", "middle")
drawn.save(__file__)
