"""Figure: how much weight the lab's induction head leaves on the start token, position by position."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    sink = results["series"]["sink"]
    end = len(sink["induction"]) - 1
    copy, positions = end // 2, range(1, end + 1)
    chart = Chart(
        "Weight on the start token by position",
        f"Two curves over {end} positions. The induction head keeps {results['sink']['first_copy']:.0%} of its weight "
        "on the start token in the first copy: most of it up to position 8, then less and less, and nearly nothing "
        "where the second copy begins. The previous-token head leaves the start token after two positions.",
        x=(1, end), y=(0, 1))
    chart.y_axis("weight on the start token", [0, 0.25, 0.5, 0.75, 1])
    chart.x_axis("position of the query", [1, 8, copy, end])
    chart.curve(positions, sink["previous"][1:])
    chart.curve(positions, sink["induction"][1:], look="main", dots="square")
    chart.line([chart.at(copy + 0.5, 0), chart.at(copy + 0.5, 1)], "limit")
    chart.label(copy + 1, 0.92, "second copy begins", "quiet", "start")
    chart.label(16, 0.7, "induction head", "accent b", "end")
    chart.label(1.9, 0.06, "previous-token head", anchor="start")
    return chart


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    draw(recorded).save(__file__)
