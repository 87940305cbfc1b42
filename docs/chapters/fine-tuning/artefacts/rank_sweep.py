"""Drill: a sweep says that rank 32 is worse than rank 8.

Planted: alpha / r is missing, the update counts with a scale of 1 at each rank. Adam's first steps move the output by
about r * scale * learning rate, so each rank trains at a learning rate of its own, and 32 at one that is too high. Run
for real, at the learning rate that suits rank 8.

Writes rank_sweep.svg and .txt, which the drill shows, and rank_sweep-mended.svg and -mended.txt for its solution.
"""

import copy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from two_licences import NEW, held_out_loss, save, trained_base, tuned

from hooks.draw import Chart

RANKS, STEPS, RATE, WINDOW = [2, 8, 32], 150, 3e-2, 5
base = trained_base()


def sweep(scaled: bool) -> dict[int, tuple[list[float], float]]:
    """Training losses and the loss on held-out text, by rank."""
    runs = {}
    for r in RANKS:
        model = copy.deepcopy(base)
        losses = tuned(model, STEPS, r, alpha=16.0 if scaled else float(r), learning_rate=RATE)
        means = [sum(losses[i : i + WINDOW]) / WINDOW for i in range(0, STEPS, WINDOW)]
        runs[r] = means, held_out_loss(model, NEW)
    return runs


def table(runs: dict) -> str:
    head = f"alpha 16, learning rate {RATE}, {STEPS} steps\nrank  train  held out\n"
    return head + "".join(f"{r:4}   {means[-1]:.2f}      {end:.2f}\n" for r, (means, end) in runs.items())


def chart(runs: dict, seen: str, places: dict[int, float]) -> Chart:
    drawn = Chart("Training loss by rank", seen, x=(0, STEPS), y=(0.75, 2.25), right=70)
    drawn.y_axis("training loss, nats", [1, 1.5, 2])
    drawn.x_axis("step", [0, 50, 100, 150])
    for r, (means, _) in runs.items():
        drawn.curve([i * WINDOW + WINDOW / 2 for i in range(len(means))], means, look="main" if r == 32 else "data")
    for r, y in places.items():
        drawn.label(STEPS + 1, y, f"rank {r}", look="accent b" if r == 32 else "", anchor="start")
    return drawn


shown, mended = sweep(scaled=False), sweep(scaled=True)
save(__file__, table(shown))
save(__file__, table(mended), "mended")
chart(shown, "Three curves. Rank 2 and rank 8 fall steadily, rank 8 lowest; rank 32 rises first and stays above both.",
      {32: 1.36, 2: 1.17, 8: 0.98}).save(__file__)
chart(mended, "The same three ranks with alpha / r. All fall at a similar pace, and the higher the rank the lower the end.",
      {2: 1.28, 8: 1.1, 32: 0.92}).save(__file__, panel="mended")
