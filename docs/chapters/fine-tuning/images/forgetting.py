"""Figure: what is forgotten of the old against what is gained on the new, with and without rehearsal."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    """The lab's learning rates as two paths, the runs with rehearsal as two dots."""
    sweep, rehearsed = results["series"]["sweep"], results["rehearsal"]
    chart = Chart(
        "Forgetting against gain",
        "Two paths from lower left to upper right, full fine-tuning and LoRA of rank 8, a dot a learning rate: the more "
        "is gained on the new task, the more is lost on the old, by both alike. Two dots at the lower right, runs with "
        "rehearsal, have the gain and hardly any loss.",
        x=(1.2, 2.1), y=(0, 6), right=24)
    chart.y_axis("rise of the loss on old prose, nats", [0, 2, 4, 6])
    chart.x_axis("fall of the loss on the behaviour, nats", [1.2, 1.5, 1.8, 2.1])
    for method, look, dots in (("full", "data", "round"), ("lora", "main", "square")):
        runs = sweep[method]
        chart.curve([run["gain"] for run in runs], [run["forgetting"] for run in runs], look=look, dots=dots)
    for name, look, dots in (("full", "data", "round"), ("r8", "main", "square")):
        run = rehearsed[name]
        chart.dots([chart.at(run["gain"], run["forgetting"])], look, dots, 9)
    chart.label(1.86, 4.6, "full", anchor="end")
    chart.label(1.8, 2.85, "LoRA, rank 8", look="accent b", anchor="end")
    chart.label(1.93, 0.14, "rehearsed", anchor="end")
    return chart


if __name__ == "__main__":
    draw(json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())).save(__file__)
