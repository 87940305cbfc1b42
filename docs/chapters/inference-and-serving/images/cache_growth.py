"""Figure: bytes of three kinds of cache while the lab's decoder writes."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    growth, told = results["series"]["growth"], results["growth"]
    tokens = told["tokens"]
    kib = {name: [size / 1024 for size in sizes] for name, sizes in growth.items()}
    top = kib["contiguous"][-1]
    chart = Chart(
        "Cache size by tokens written",
        f"Three curves over {tokens} tokens. The contiguous cache grows in a straight line to {top:.0f} KiB. The "
        f"rolling cache stays level at {kib['rolling'][0]:.0f} KiB and is crossed at token {told['window']}. INT8 "
        f"follows the line at first, then rises in teeth of {told['group']} tokens to {kib['int8'][-1]:.0f} KiB.",
        x=(0, tokens), y=(0, 256))
    chart.y_axis("cache, KiB", [0, 64, 128, 192, 256])
    chart.x_axis("tokens", [0, 64, 128, 192, 256])
    at = range(1, tokens + 1)
    chart.curve(at, kib["rolling"])
    chart.curve(at, kib["int8"], look="main")
    chart.curve(at, kib["contiguous"])
    chart.label(176, 200, "contiguous, bf16", anchor="end")
    chart.label(208, 92, "INT8", "accent b", "start")
    chart.label(252, 40, f"rolling, window {told['window']}", anchor="end")
    return chart


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    draw(recorded).save(__file__)
