"""Sixteen levels of NF4 against sixteen even ones, over the weights of a block: normal, largest of 64 is one."""

import math

import torch

from hooks.draw import Chart
from snippets.quantization.nf4 import LEVELS

torch.manual_seed(0)
blocks = torch.randn(20000, 64)
shares = (blocks / blocks.abs().amax(dim=1, keepdim=True)).flatten()
even = torch.linspace(-1, 1, 16)


def error(levels: torch.Tensor) -> float:
    """Root mean square error as a share of the weights' own size."""
    middles = (levels[1:] + levels[:-1]) / 2
    kept = levels[torch.bucketize(shares, middles)]
    return math.sqrt(((kept - shares) ** 2).mean() / (shares**2).mean())


edges = torch.linspace(-1, 1, 61)
heights = torch.histc(shares, 60, -1, 1) / len(shares) * 30
middles = ((edges[1:] + edges[:-1]) / 2).tolist()
for panel, name, levels in (("nf4", "NF4", torch.tensor(LEVELS)), ("even", "even steps", even)):
    chart = Chart(f"Levels of {name} under the density of a block", f"A bell curve of scaled weights with sixteen "
                  f"lines below it. The lines of {name} " + ("crowd in the middle." if panel == "nf4" else
                  "stand at equal distances."), x=(-1, 1), y=(-0.45, 1.3), width=320, height=220, left=10, right=10)
    chart.x_axis("weight / largest of its block", [-1, -0.5, 0, 0.5, 1])
    chart.curve(middles, heights.tolist())
    for level in levels.tolist():
        chart.line([chart.at(level, -0.38), chart.at(level, -0.05)], "main" if panel == "nf4" else "axis")
    chart.text(10, 16, f"{name}: error {error(levels) * 100:.1f} %", "b")
    chart.save(__file__, panel)
