"""Exact attention without the score matrix: tiles and a running softmax."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:flash_attention]
def flash_attention(
    query: Float[Tensor, "batch head query head_dim"],
    key: Float[Tensor, "batch head key head_dim"],
    value: Float[Tensor, "batch head key value_dim"],
    causal: bool = True,
    query_block: int = 64,
    key_block: int = 64,
) -> tuple[
    Float[Tensor, "batch head query value_dim"],
    Float[Tensor, "batch head query"],
]:
    """softmax(Q K^T / sqrt(head_dim)) V, and log(sum(exp(scores))).

    Dao et al. 2022, "FlashAttention", algorithm 1, with the loops of
    FlashAttention-2 (Dao 2023, algorithm 1): queries outside, and one
    division at the end. Backward needs the second result to rebuild
    any tile's weights.

    The same FLOPs as the plain form (a causal run skips the tiles that
    nobody may see), but a tile of query_block * key_block scores in
    memory instead of query * key: the extra memory is linear. On a GPU
    the gain is the traffic: tiles stay in the chip's own memory.
    Raises ValueError for an empty block, or in a causal run with more
    queries than keys.
    Leaves out: backward, dropout, masks, and the kernel itself.
    """
    n_query, n_key = query.shape[2], key.shape[2]
    if query_block < 1 or key_block < 1:
        raise ValueError(f"empty block: {query_block} x {key_block}")
    if causal and n_query > n_key:
        raise ValueError(f"{n_query} queries but only {n_key} keys")
    wide = torch.promote_types(query.dtype, torch.float32)
    scale = 1 / math.sqrt(query.shape[-1])
    output = value.new_empty(*query.shape[:3], value.shape[-1])
    logsumexp = query.new_empty(query.shape[:3], dtype=wide)
    for start in range(0, n_query, query_block):
        rows = slice(start, min(start + query_block, n_query))
        q = query[:, :, rows].to(wide) * scale
        position = torch.arange(rows.start, rows.stop, device=q.device)
        position = position + n_key - n_query  # last query at last key
        top = q.new_full(q.shape[:-1], -torch.inf)
        total = q.new_zeros(q.shape[:-1])
        mixed = q.new_zeros(*q.shape[:-1], value.shape[-1])
        n_seen = n_key - n_query + rows.stop if causal else n_key
        for first in range(0, n_seen, key_block):
            columns = slice(first, min(first + key_block, n_seen))
            scores = q @ key[:, :, columns].to(wide).mT
            if causal:
                k = torch.arange(first, columns.stop, device=q.device)
                scores.masked_fill_(position[:, None] < k, -torch.inf)
            # Key 0 is in the first tile and everybody may see it, so
            # new_top is finite and -inf never meets -inf.
            new_top = torch.maximum(top, scores.amax(dim=-1))
            shrink = torch.exp(top - new_top)
            weights = torch.exp(scores - new_top[..., None])
            total = total * shrink + weights.sum(dim=-1)
            mixed = mixed * shrink[..., None]
            mixed = mixed + weights @ value[:, :, columns].to(wide)
            top = new_top
        output[:, :, rows] = mixed / total[..., None]
        logsumexp[:, :, rows] = top + torch.log(total)
    return output, logsumexp
# --8<-- [end:flash_attention]
