"""Attention that sees a window, and the sinks that keep it stable."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from snippets.attention.scaled_dot_product import causal_mask


# --8<-- [start:sliding_window_mask]
def sliding_window_mask(
    n_query: int,
    n_key: int,
    window: int,
    n_sinks: int = 0,
    device: torch.device | None = None,
) -> Bool[Tensor, "query key"]:
    """True at the last `window` keys, and at the first `n_sinks`.

    Window: Beltagy et al. 2020, "Longformer", section 3.1; it counts
    the query's own position. Sinks: Xiao et al. 2023, "Efficient
    Streaming Language Models with Attention Sinks", section 3.2: a
    softmax must spend its mass somewhere, models spend the surplus on
    the first tokens, and a window that drops these breaks them.

    After L such layers a token has heard of L * (window - 1) before it.
    Saves memory only with a cache that drops what no query will see.
    Raises ValueError for an empty window or a negative n_sinks.
    Leaves out: positions, which StreamingLLM counts inside the cache.
    """
    if window < 1 or n_sinks < 0:
        raise ValueError(f"window {window}, n_sinks {n_sinks}")
    query = torch.arange(n_key - n_query, n_key, device=device)
    key = torch.arange(n_key, device=device)
    near = query[:, None] - key < window
    sink = key < n_sinks
    return causal_mask(n_query, n_key, device) & (near | sink)
# --8<-- [end:sliding_window_mask]


# --8<-- [start:sink_attention]
def sink_attention(
    query: Float[Tensor, "batch head query head_dim"],
    key: Float[Tensor, "batch head key head_dim"],
    value: Float[Tensor, "batch head key value_dim"],
    sink: Float[Tensor, "head"],
    mask: Bool[Tensor, "query key"] | None = None,
) -> Float[Tensor, "batch head query value_dim"]:
    """Attention whose softmax may also choose nothing.

    OpenAI 2025, gpt-oss model card, section 2.2: each head learns one
    more score, without a key or a value, that takes the surplus mass.
    The weights of the real keys then sum to less than 1. Sinks at -inf
    give plain attention; sinks at 0 add 1 to the denominator.
    """
    wide = torch.promote_types(query.dtype, torch.float32)
    scores = query.to(wide) @ key.to(wide).mT
    scores = scores / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    surplus = sink[:, None, None].expand(*scores.shape[:-1], 1)
    weights = torch.softmax(torch.cat([scores, surplus], dim=-1), dim=-1)
    return weights[..., :-1].to(value.dtype) @ value
# --8<-- [end:sink_attention]
