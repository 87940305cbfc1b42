"""ALiBi: no position vectors, only a penalty that grows with distance."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:alibi_slopes]
def alibi_slopes(n_heads: int) -> Float[Tensor, "head"]:
    """Penalty a token of distance, for each head: 2^(-8i/n_heads).

    Press et al. 2021, "Train Short, Test Long", section 3. With 8
    heads: 1/2, 1/4, ..., 1/256. Where n_heads is no power of two, the
    next smaller one gives the first slopes, and every other slope of
    its double fills up, as in the authors' code.
    Raises ValueError without heads.
    """
    if n_heads < 1:
        raise ValueError(f"n_heads {n_heads} is less than 1")
    power = 2 ** (n_heads.bit_length() - 1)
    own = torch.arange(1, power + 1)
    between = torch.arange(1, n_heads - power + 1) - 0.5
    return 2.0 ** (-8 * torch.cat([own, between]) / power)
# --8<-- [end:alibi_slopes]


# --8<-- [start:alibi_bias]
def alibi_bias(
    n_heads: int,
    n_query: int,
    n_key: int,
    device: torch.device | None = None,
) -> Float[Tensor, "head query key"]:
    """What to add to the scores: -slope * distance.

    The last query sits at the last key. Scores are scaled before the
    bias is added, the bias is not. Nothing is learned or cached, and
    any length can be asked for; beyond the trained one a head with a
    steep slope simply sees no further.
    Leaves out: the causal mask. Later keys get a bonus, so use one.
    """
    query = torch.arange(n_key - n_query, n_key, device=device)
    key = torch.arange(n_key, device=device)
    slopes = alibi_slopes(n_heads).to(device)
    return slopes[:, None, None] * (key - query[:, None])
# --8<-- [end:alibi_bias]
