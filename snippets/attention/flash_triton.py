"""Flash attention as a GPU kernel, in Triton."""

import math
from typing import no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:flash_kernel]
@triton.jit
@no_type_check  # pointers have no shapes
def flash_kernel(
    query, key, value, output,
    n_query, n_key, n_shared, scale,
    HEAD_DIM: tl.constexpr,
    QUERY_BLOCK: tl.constexpr,
    KEY_BLOCK: tl.constexpr,
):  # fmt: skip
    """One program: one head, QUERY_BLOCK queries, all keys they see.

    Only a tile of scores exists, in the chip's own memory. The loads
    of keys and values are all the traffic that grows with the length.
    """
    head = tl.program_id(1).to(tl.int64)  # offsets can pass 2**31
    row = tl.program_id(0) * QUERY_BLOCK + tl.arange(0, QUERY_BLOCK)
    width = tl.arange(0, HEAD_DIM)
    # Each head's tokens lie one after the other: [head, token, width].
    q_at = (head * n_query + row)[:, None] * HEAD_DIM + width
    q = tl.load(query + q_at, mask=row[:, None] < n_query, other=0.0)
    first = head // n_shared * n_key  # of the KV head that it shares
    position = row + n_key - n_query  # last query at last key
    top = tl.full([QUERY_BLOCK], float("-inf"), tl.float32)
    total = tl.zeros([QUERY_BLOCK], tl.float32)
    mixed = tl.zeros([QUERY_BLOCK, HEAD_DIM], tl.float32)
    # Tiles in which every key lies in the future are not even loaded.
    n_seen = (tl.program_id(0) + 1) * QUERY_BLOCK + n_key - n_query
    for start in range(0, tl.minimum(n_seen, n_key), KEY_BLOCK):
        column = start + tl.arange(0, KEY_BLOCK)
        kv_at = (first + column)[:, None] * HEAD_DIM + width
        inside = column[:, None] < n_key
        k = tl.load(key + kv_at, mask=inside, other=0.0)
        v = tl.load(value + kv_at, mask=inside, other=0.0)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee") * scale
        visible = column[None, :] <= position[:, None]
        scores = tl.where(visible, scores, float("-inf"))
        new_top = tl.maximum(top, tl.max(scores, axis=1))
        shrink = tl.exp(top - new_top)
        weights = tl.exp(scores - new_top[:, None])
        total = total * shrink + tl.sum(weights, axis=1)
        mixed = mixed * shrink[:, None]
        mixed += tl.dot(weights.to(v.dtype), v, input_precision="ieee")
        top = new_top
    mixed = mixed / total[:, None]
    tl.store(
        output + q_at,
        mixed.to(output.dtype.element_ty),
        mask=row[:, None] < n_query,
    )
# --8<-- [end:flash_kernel]


# --8<-- [start:flash_triton]
def flash_triton(
    query: Float[Tensor, "batch head query head_dim"],
    key: Float[Tensor, "batch kv_head key head_dim"],
    value: Float[Tensor, "batch kv_head key head_dim"],
    query_block: int = 64,
    key_block: int = 64,
) -> Float[Tensor, "batch head query head_dim"]:
    """Causal attention, grouped heads allowed; the last query sees all.

    Dao 2023, "FlashAttention-2", algorithm 1: the loop of flash.py.
    The work is spread over the GPU by head and block of queries, since
    neither needs the other. Decode has one query a head and leaves most
    of the GPU idle; kernels for it split the keys too.

    Raises ValueError for a head_dim or block that is not a power of 2
    of at least 16 (tl.dot), for query heads that do not share evenly,
    or for more queries than keys.
    Leaves out: backward, other masks, tuning of blocks and stages, and
    what makes FlashAttention-3 and 4 fast: asynchronous copies, warps
    with different tasks, 8 bits.
    """
    batch, n_heads, n_query, head_dim = query.shape
    n_kv_heads, n_key = key.shape[1:3]
    for size in (head_dim, query_block, key_block):
        if size < 16 or size.bit_count() != 1:
            raise ValueError(f"{size} is not a power of 2 from 16 on")
    if n_heads % n_kv_heads:
        raise ValueError(f"{n_heads} heads cannot share {n_kv_heads}")
    if n_query > n_key:
        raise ValueError(f"{n_query} queries but only {n_key} keys")
    # The kernel counts on this order in memory.
    query, key, value = (t.contiguous() for t in (query, key, value))
    output = torch.empty_like(query)
    grid = (triton.cdiv(n_query, query_block), batch * n_heads)
    flash_kernel[grid](
        query, key, value, output,
        n_query, n_key, n_heads // n_kv_heads, 1 / math.sqrt(head_dim),
        head_dim, query_block, key_block,
    )  # fmt: skip
    return output
# --8<-- [end:flash_triton]
