"""Figure: loss on the new behaviour against the learning rate, full fine-tuning and LoRA."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    """What the lab measured at five learning rates a method."""
    sweep, rate = results["series"]["sweep"], results["rate"]
    chart = Chart(
        "Loss on the new task by learning rate",
        "Two curves shaped like valleys with flat floors, full fine-tuning's to the left of LoRA's. At the smallest rates "
        f"LoRA's loss is the higher. At {rate['full']:g} and {rate['lora']:g} they are about equal.",
        x=(1e-4, 3e-2), y=(1, 2.2), x_log=True, right=24)
    chart.y_axis("loss on the behaviour, nats", [1, 1.4, 1.8, 2.2])
    chart.x_axis("learning rate", {1e-4: "0.0001", 1e-3: "0.001", 1e-2: "0.01"})
    for method, look, dots in (("full", "data", "round"), ("lora", "main", "square")):
        runs = sweep[method]
        chart.curve([run["learning_rate"] for run in runs], [run["new_loss"] for run in runs], look=look, dots=dots)
    chart.label(1.5e-4, 1.6, "full")
    chart.label(6e-4, 1.85, "LoRA, rank 8", look="accent b", anchor="start")
    return chart


if __name__ == "__main__":
    draw(json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())).save(__file__)
