"""Figure: tokens a pass of the target by draft length, measured in the lab and by the formula."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    rows = results["speculation"]["by_draft"]
    lengths = [int(n) for n in rows]
    measured, formula = ([row[name] for row in rows.values()] for name in ("measured", "formula"))
    chance = sum(row["acceptance"] for row in rows.values()) / len(rows)
    limit = 1 / (1 - chance)
    chart = Chart(
        "Tokens a target pass by draft length",
        f"A curve and dots on it. From {measured[0]:.2f} tokens a pass with one drafted token both rise to "
        f"{measured[-1]:.2f} with {lengths[-1]}, more slowly each time, below the limit of {limit:.2f}.",
        x=(0, lengths[-1]), y=(1, 3.5))
    chart.y_axis("tokens a pass of the target", [1, 1.5, 2, 2.5, 3, 3.5])
    chart.x_axis("drafted tokens γ", [0, *lengths])
    chart.curve([0, *lengths], [1, *formula])
    chart.dots([chart.at(x, y) for x, y in zip(lengths, measured, strict=True)], "main", "square", 9)
    chart.limit(limit, f"1 / (1 − α), α = {chance:.2f}")
    chart.label(3.3, 2.2, "formula", anchor="start")
    chart.label(6.1, 2.5, "measured", "accent b", "start")
    return chart


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    draw(recorded).save(__file__)
