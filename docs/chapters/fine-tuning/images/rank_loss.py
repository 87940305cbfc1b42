"""Figure: loss on a behaviour and on facts against rank, with full fine-tuning as the bound."""

import json
from pathlib import Path

from hooks.draw import Chart, Panels

TITLES = {"behaviour": "A behaviour: answer in capitals", "facts": "128 random facts"}


def draw(results: dict) -> Panels:
    """One panel a task."""
    return Panels(**{task: _panel(results, task, title) for task, title in TITLES.items()})


def _panel(results: dict, task: str, title: str) -> Chart:
    ranks, runs = results["series"]["ranks"], results[task]
    losses = [runs[f"r{rank}"]["new_loss"] for rank in ranks]
    full = runs["full"]["new_loss"]
    chart = Chart(
        title,
        f"Loss by rank, 1 to {ranks[-1]}, starting from {results['base'][task]:.1f} in the base model. Rank 1 reaches "
        f"{losses[0]:.2f} and rank {ranks[-1]} {losses[-1]:.2f}; a dashed line marks a full fine-tune at {full:.2f}."
        + (" Another, just above rank 1, marks a guess." if task == "facts" else ""),
        x=(1, ranks[-1]), y=(0, 3), x_log=True, width=336, right=24)
    chart.y_axis("loss on the new task, nats", [0, 1, 2, 3])
    chart.x_axis("rank", ranks)
    chart.limit(full, "full fine-tuning", above=task == "facts")
    if task == "facts":
        chart.limit(results["form_only"], "letters guessed")
    chart.curve(ranks, losses, look="main", dots="square")
    chart.label(ranks[2], losses[2] + 0.3, "LoRA", look="accent b", anchor="start")
    return chart


if __name__ == "__main__":
    draw(json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())).save(__file__)
