"""Figure: share of prompt tokens found in the lab's prefix cache, by its size and by where a timestamp stands."""

import json
from pathlib import Path

from hooks.draw import Chart

NAMES = {"none": "no timestamp", "last": "before the last message", "front": "at the front"}


def draw(results: dict) -> Chart:
    prefix = results["prefix"]
    slots = [int(n) for n in prefix["none"]]
    ends = {form: list(row.values())[-1] for form, row in prefix.items()}
    chart = Chart(
        "Prompt tokens found in the cache",
        f"Three curves against the size of the cache. Without a timestamp the share rises to {ends['none']:.0%}, with "
        f"one before the last message to {ends['last']:.0%}. With one at the front it is zero at every size.",
        x=(slots[0], slots[-1]), y=(0, 1), x_log=True)
    chart.y_axis("share of prompt tokens found", {0: "0", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %"})
    chart.x_axis("slots of the cache", {n: f"{n // 1024}K" for n in slots})
    chart.curve(slots, prefix["none"].values(), dots="round")
    chart.curve(slots, prefix["last"].values(), dots="round")
    chart.curve(slots, prefix["front"].values(), look="main", dots="square")
    chart.label(slots[3] * 1.1, prefix["none"][str(slots[3])] + 0.1, NAMES["none"], anchor="end")
    chart.label(slots[-1], prefix["last"][str(slots[4])] - 0.21, NAMES["last"], anchor="end")
    chart.label(slots[-1], 0.05, NAMES["front"], "accent b", "end")
    return chart


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    draw(recorded).save(__file__)
