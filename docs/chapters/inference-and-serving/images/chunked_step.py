"""Gaps that running streams feel when a long prompt joins: in one piece, and in chunks."""

from hooks.draw import Chart
from snippets.sizing.quantities import compute

MODEL, GPU, GPUS, BATCH, CONTEXT, PROMPT, CHUNK = "llama-3.1-70b", "h100-sxm5-80gb", 4, 32, 1000, 8192, 512
floor = 1e3 * compute("decode_floor_seconds", model=MODEL, gpu=GPU, gpus=GPUS, batch=BATCH, tokens=CONTEXT).value


def step(tokens: int) -> float:
    """Milliseconds: bound by memory, or by arithmetic at half of peak."""
    work = 1e3 * compute("prefill_seconds", model=MODEL, gpu=GPU, gpus=GPUS, tokens=tokens, mfu=0.5).value
    return max(floor, work)


def gaps(chunk: int) -> list[float]:
    left, gap = PROMPT, [floor] * 4
    while left:
        taken = min(chunk, left)
        gap.append(step(BATCH + taken))
        left -= taken
    return gap


chart = Chart("Gaps between tokens while a prompt joins",
              "Milliseconds between the tokens of a running stream, over time. Without chunks one gap of almost 580 "
              "milliseconds. With chunks of 512 tokens a plateau near 40 for as long; before and after, about 11. Each gap is as wide as it is long.",
              x=(0, 900), y=(0, 640), width=400, height=260)
chart.y_axis("gap between tokens, ms", [0, 200, 400, 600])
chart.x_axis("time, ms", [0, 200, 400, 600, 800])
for chunk, look in ((PROMPT, "data"), (CHUNK, "main")):
    clock, xs, ys = 0.0, [], []
    for gap in [*gaps(chunk), *[floor] * 40]:
        if clock + gap > 890:
            break
        xs += [clock, clock + gap]
        ys += [gap, gap]
        clock += gap
    chart.curve(xs, ys, look)
chart.label(330, 598, "in one step", "", "middle")
chart.label(330, 72, f"chunks of {CHUNK}", "accent b")
chart.save(__file__)
