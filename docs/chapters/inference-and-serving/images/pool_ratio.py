"""Prefill groups for each decode group against answer length: Llama 3.1 70B on groups of four H100s."""

from hooks.draw import Chart
from snippets.sizing.quantities import compute

SETUP = {"model": "llama-3.1-70b", "gpu": "h100-sxm5-80gb", "gpus": 4}
BATCH, REACHED = 100, 0.6
ANSWERS = [50 * 2 ** (n / 4) for n in range(26)]


def ratio(prompt: int, answer: float) -> float:
    """Group-seconds of prefill over group-seconds of decode, for one request."""
    prefill = compute("prefill_seconds", tokens=prompt, mfu=0.5, **SETUP).value
    step = compute("decode_floor_seconds", batch=BATCH, tokens=prompt + answer / 2, **SETUP).value / REACHED
    return prefill / (answer * step / BATCH)


chart = Chart("Prefill groups for each decode group by answer length",
              "Three falling lines on logarithmic axes, for prompts of 500, 2,000 and 8,000 tokens. With 2,000 the line "
              "crosses one to one at about 530 tokens of answer; with 500 at about 180, with 8,000 at about 1,080.",
              x=(50, ANSWERS[-1]), y=(0.05, 50), x_log=True, y_log=True)
chart.y_axis("prefill groups for each decode group", {0.1: "0.1", 1: "1", 10: "10"})
chart.x_axis("tokens of answer", [50, 200, 800, 3200])
chart.limit(1)
for prompt in (500, 8000, 2000):
    chart.curve(ANSWERS, [ratio(prompt, answer) for answer in ANSWERS], "main" if prompt == 2000 else "data")
chart.label(118, ratio(8000, 118) * 1.25, "prompts of 8,000", anchor="start")
chart.label(300, ratio(2000, 300) * 1.25, "2,000", "accent b", "start")
chart.label(230, ratio(500, 230) * 0.5, "500", anchor="end")
chart.save(__file__)
