"""Figure: loss on a string and on its copy, and the scores of two heads, while the lab's decoder trains."""

import json
from pathlib import Path

from hooks.draw import Chart

PANELS = ("loss", "heads")


def draw(results: dict) -> list[Chart]:
    """The loss and the heads, against training steps."""
    series = results["series"]
    steps, end = series["steps"], results["steps"]
    ticks = range(0, end + 1, 200)
    loss = Chart(
        "Loss on a random string and on its copy",
        f"Two curves over {end} training steps. On the first copy the loss stays between 4 and 5 nats. On the second "
        f"it follows the first for some {results['onset']['step']} steps, then falls steeply to almost zero.",
        x=(0, end), y=(0, 6), width=336)
    loss.y_axis("loss, nats", [0, 2, 4, 6])
    loss.x_axis("training step", ticks)
    loss.curve(steps, series["first_copy"])
    loss.curve(steps, series["second_copy"], look="main")
    loss.label(0.3 * end, 5.1, "first copy")
    loss.label(end - 10, 0.75, "second copy", look="accent b", anchor="end")
    heads = Chart(
        "Attention of two heads in training",
        f"Two curves over the same steps. The first-layer head's weight on the previous token rises to "
        f"{series['previous'][-1]:.2f}, the second-layer head's weight on the token to copy to "
        f"{series['induction'][-1]:.2f}.",
        x=(0, end), y=(0, 1), width=336)
    heads.y_axis("weight on the token looked for", [0, 0.5, 1])
    heads.x_axis("training step", ticks)
    heads.curve(steps, series["previous"])
    heads.curve(steps, series["induction"], look="main")
    heads.label(10, 0.62, "previous-token", anchor="start")
    heads.label(end - 10, 0.9, "induction", look="accent b", anchor="end")
    return [loss, heads]


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    for name, drawn in zip(PANELS, draw(recorded), strict=True):
        drawn.save(__file__, panel=name)
