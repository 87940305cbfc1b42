"""Figure: the largest of 32 attention weights against head size, with random queries and keys."""

import torch

from hooks.draw import Chart
from snippets.attention.scaled_dot_product import attention

SIZES, KEYS, QUERIES = [16, 64, 256, 1024], 32, 2000


def largest_weight(head_dim: int, scale: float | None) -> float:
    """Mean over queries of the largest weight; entries have variance one."""
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(QUERIES, 1, 1, head_dim, generator=generator, dtype=torch.float64)
    key = torch.randn(QUERIES, 1, KEYS, head_dim, generator=generator, dtype=torch.float64)
    each = torch.eye(KEYS, dtype=torch.float64).expand(QUERIES, 1, KEYS, KEYS)  # so the output is the weights
    return attention(query, key, each, scale=scale).max(dim=-1).values.mean().item()


def draw() -> Chart:
    raw = [largest_weight(size, scale=1.0) for size in SIZES]
    divided = [largest_weight(size, scale=None) for size in SIZES]
    chart = Chart(
        "Largest attention weight by head size",
        f"Two curves over head sizes 16 to 1,024. Without division the largest weight climbs from {raw[0]:.2f} to "
        f"{raw[-1]:.2f}; divided by the root of the head size it stays at {divided[0]:.2f} to {max(divided):.2f}. "
        "A dashed line marks uniform weights, 1/32.",
        x=(16, 1024), y=(0, 1), x_log=True, right=24)
    chart.y_axis("largest weight among 32 keys", [0, 0.25, 0.5, 0.75, 1])
    chart.x_axis("head size", SIZES)
    chart.limit(1 / KEYS, "uniform: 1/32")
    chart.curve(SIZES, raw, dots="round")
    chart.curve(SIZES, divided, look="main", dots="square")
    chart.label(280, 0.8, "scores not divided", anchor="start")
    chart.label(160, 0.26, "divided by √d_{k}", look="accent b")
    return chart


if __name__ == "__main__":
    draw().save(__file__)
