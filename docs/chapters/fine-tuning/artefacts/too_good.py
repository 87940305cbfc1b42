"""Drill: the training loss is too good to be true.

Planted: the data set's targets are the inputs, not the inputs moved on by one, and training and evaluation share it. Each
position is asked for the token that it sees. Run for real.

Writes too_good.svg and .txt, which the drill shows, and too_good-mended.txt for its solution.
"""

import copy
import sys
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

sys.path.insert(0, str(Path(__file__).parent))

from two_licences import LENGTH, NEW, TARGETS, batches, held_out_loss, ids_of, save, trained_base, tuned, written

from hooks.draw import Chart
from snippets.decoder.tiny import generate
from snippets.decoder.train import train, windows
from snippets.lora.inject import inject

STEPS, PROMPT = 200, "you may reprodu"
base = trained_base()


def unmoved(pairs):
    """The fault."""
    for inputs, _ in pairs:
        yield inputs, inputs


@torch.no_grad()
def unmoved_loss(model) -> float:
    """Held out, and asked the same wrong question."""
    inputs, targets = next(unmoved(windows(NEW[len(NEW) * 9 // 10 :], 256, LENGTH, seed=9)))
    return cross_entropy(model(inputs).flatten(0, 1), targets.flatten()).item()


def sample(model) -> str:
    return written(generate(model, ids_of(PROMPT)[None], 24)[0, len(PROMPT) :])


faulty, mended = copy.deepcopy(base), copy.deepcopy(base)
torch.manual_seed(1)
inject(faulty, TARGETS, 8, 16.0)
losses = train(faulty, unmoved(batches(NEW)), STEPS, 1e-2, weight_decay=0.0)
before = tuned(mended, STEPS)

save(__file__, "".join(f"step {step:3}  loss {losses[step]:.4f}\n" for step in (0, 10, 20, 50, 100, STEPS - 1))
     + f"eval      loss {unmoved_loss(faulty):.4f}\n"
     + f"prompt    {PROMPT!r}\nanswer    {sample(faulty)!r}\n")
save(__file__, "asked for the next token:\n"
     + f"base      loss {held_out_loss(base, NEW):.2f}  answer {sample(base)!r}\n"
     + f"this run  loss {held_out_loss(faulty, NEW):.2f}  answer {sample(faulty)!r}\n"
     + f"mended    loss {held_out_loss(mended, NEW):.2f}  answer {sample(mended)!r}\n", "mended")

chart = Chart(
    "Training loss of two fine-tunes",
    f"Two curves over {STEPS} steps. Last week's falls from {before[0]:.1f} to {before[-1]:.1f} nats; this week's falls "
    f"within 50 steps to almost zero and ends at {losses[-1]:.4f}.",
    x=(0, STEPS), y=(0, 9), right=24)
chart.y_axis("training loss, nats", [0, 3, 6, 9])
chart.x_axis("step", [0, 50, 100, 150, 200])
chart.curve(range(0, STEPS, 2), before[::2])
chart.curve(range(0, STEPS, 2), losses[::2], look="main")
chart.label(150, 1.7, "last week")
chart.label(150, 0.35, "this week", look="accent b")
chart.save(__file__)
