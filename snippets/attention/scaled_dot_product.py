"""Scaled dot-product attention and the causal mask."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor


# --8<-- [start:causal_mask]
def causal_mask(
    n_query: int, n_key: int, device: torch.device | None = None
) -> Bool[Tensor, "query key"]:
    """True where a query may look: at its own position and before it.

    The last query sits at the last key, so one new query that meets a
    cache of n keys sees all n. PyTorch's `is_causal=True` lines up the
    first query with the first key instead, and would show it one.

    Raises ValueError with more queries than keys: the first queries
    would see nothing.
    """
    if n_query > n_key:
        raise ValueError(f"{n_query} queries but only {n_key} keys")
    query = torch.arange(n_key - n_query, n_key, device=device)
    key = torch.arange(n_key, device=device)
    return query[:, None] >= key
# --8<-- [end:causal_mask]


# --8<-- [start:attention]
def attention(
    query: Float[Tensor, "batch head query head_dim"],
    key: Float[Tensor, "batch head key head_dim"],
    value: Float[Tensor, "batch head key value_dim"],
    mask: Bool[Tensor, "... query key"] | None = None,
    bias: Float[Tensor, "... query key"] | None = None,
    scale: float | None = None,
) -> Float[Tensor, "batch head query value_dim"]:
    """softmax(Q K^T / sqrt(head_dim)) V: a weighted mean of the values.

    Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1.

    mask: True where a query may look. A query that may look nowhere
        gets NaN, which is hard to overlook.
    bias: added to the scores, for instance ALiBi's.
    scale: factor on the scores, 1 / sqrt(head_dim) if None.

    Cost per head: 2 * query * key * (head_dim + value_dim) FLOPs, and
    query * key scores in memory; flash attention avoids the latter.
    A hidden value still meets its weight of 0 in the product, and
    0 * NaN is NaN: hidden memory must hold numbers.
    Leaves out: dropout, gradients by hand, fused kernels.
    """
    if scale is None:
        scale = 1 / math.sqrt(query.shape[-1])
    # bf16 keeps 8 significant bits: too few for what is exponentiated.
    wide = torch.promote_types(query.dtype, torch.float32)
    scores = query.to(wide) @ key.to(wide).mT * scale
    if bias is not None:
        scores = scores + bias
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights.to(value.dtype) @ value
# --8<-- [end:attention]
