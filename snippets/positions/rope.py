"""Rotary positions: turn queries and keys by an angle that grows."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


# --8<-- [start:rope_frequencies]
def rope_frequencies(
    head_dim: int, theta: float = 10_000.0
) -> Float[Tensor, "pair"]:
    """Radians a token for each pair of dimensions: theta^(-2i/head_dim).

    Su et al. 2021, "RoFormer", section 3.2.2. The first pair turns one
    radian a token; the last needs 2 pi theta^(1 - 2/head_dim) tokens
    for a full turn. In float64, for angles grow with the position:
    near 10^6 radians, float32 rounds to steps of 0.06.
    Raises ValueError if head_dim is odd.
    """
    if head_dim % 2:
        raise ValueError(f"head_dim {head_dim} does not split into pairs")
    exponent = torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim
    return theta**-exponent
# --8<-- [end:rope_frequencies]


# --8<-- [start:apply_rope]
def apply_rope(
    x: Float[Tensor, "batch head query head_dim"],
    positions: Int[Tensor, "query"],
    frequencies: Float[Tensor, "head_dim//2"],
) -> Float[Tensor, "batch head query head_dim"]:
    """Turn each pair of x by position * frequency.

    Su et al. 2021, "RoFormer", section 3.4.2. A query at m and a key
    at n then score by their content and by m - n alone. Applied to
    queries and keys in every layer, never to values, and before a key
    is cached.

    Pairs are dimensions (i, i + head_dim/2), as in the checkpoints of
    the transformers library. The paper and Meta's own Llama code pair
    (2i, 2i + 1): the same function after permuting the rows of q_proj
    and k_proj, a garbled model without.
    """
    wide = torch.promote_types(x.dtype, torch.float32)
    angles = positions[:, None] * frequencies.to(x.device)
    cos, sin = angles.cos().to(wide), angles.sin().to(wide)
    first, second = x.chunk(2, dim=-1)
    turned = [first * cos - second * sin, second * cos + first * sin]
    return torch.cat(turned, dim=-1).to(x.dtype)
# --8<-- [end:apply_rope]
