"""Sixteen levels of NF4 against sixteen even ones, over normal weights divided by the largest of their block."""

import math

import torch

from hooks.draw import Chart
from snippets.quantization.nf4 import LEVELS

torch.manual_seed(0)
weights = torch.randn(20480 * 64)


def error(levels: torch.Tensor, block: int) -> float:
    """Root mean square error as a share of the weights' own size."""
    blocks = weights.view(-1, block)
    scales = blocks.abs().amax(dim=1, keepdim=True)
    kept = levels[torch.bucketize((blocks / scales).contiguous(), (levels[1:] + levels[:-1]) / 2)] * scales
    return math.sqrt(((kept - blocks) ** 2).mean() / (blocks**2).mean())


blocks = weights.view(-1, 64)
shares = (blocks / blocks.abs().amax(dim=1, keepdim=True)).flatten()
edges = torch.linspace(-1, 1, 61)
heights = torch.histc(shares, 60, -1, 1) / len(shares) * 30
middles = ((edges[1:] + edges[:-1]) / 2).tolist()
for panel, name, levels in (("nf4", "NF4", torch.tensor(LEVELS)), ("even", "even steps", torch.linspace(-1, 1, 16))):
    chart = Chart(f"Levels of {name} under the density of a block", f"A bell curve of scaled weights with sixteen "
                  f"lines below it. The lines of {name} " + ("crowd in the middle." if panel == "nf4" else
                  "stand at equal distances."), x=(-1, 1), y=(-0.45, 1.15), width=320, height=230, left=10, right=10)
    chart.x_axis("weight / largest of its block", [-1, -0.5, 0, 0.5, 1])
    chart.curve(middles, heights.tolist())
    for level in levels.tolist():
        chart.line([chart.at(level, -0.38), chart.at(level, -0.05)], "main" if panel == "nf4" else "axis")
    chart.text(10, 16, name, "b")
    for line, (block, told) in enumerate(((64, "blocks of 64"), (4096, "blocks of 4,096"))):
        chart.text(310, 16 + 17 * line, f"{told}: error {error(levels, block) * 100:.1f} %", "quiet", "end")
    chart.save(__file__, panel)
