"""Attention over a paged cache: keys and values found by block table."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from snippets.attention.scaled_dot_product import attention


# --8<-- [start:PagedPool]
class PagedPool:
    """Keys and values of one layer for all sequences, in blocks.

    Which slots belong to whom, the block tables say; they are the same
    for every layer. For inference: no gradient flows through it.
    Leaves out: quantization, layouts that suit a certain kernel.
    """

    def __init__(
        self,
        n_blocks: int,
        block_size: int,
        n_kv_heads: int,
        head_dim: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        shape = (n_blocks, block_size, n_kv_heads, head_dim)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty_like(self.keys)

    @torch.no_grad()
    def copy(self, copies: Sequence[tuple[int, int]]) -> None:
        """Copy whole blocks (from, to): what copy-on-write asks for."""
        for source, target in copies:
            self.keys[target] = self.keys[source]
            self.values[target] = self.values[source]

    @torch.no_grad()
    def write(
        self,
        slots: Sequence[int],
        key: Float[Tensor, "token kv_head head_dim"],
        value: Float[Tensor, "token kv_head head_dim"],
    ) -> None:
        """Put each token into its slot."""
        index = torch.tensor(slots, dtype=torch.long, device=key.device)
        self.keys.flatten(0, 1)[index] = key
        self.values.flatten(0, 1)[index] = value
# --8<-- [end:PagedPool]


# --8<-- [start:paged_attention]
def paged_attention(
    query: Float[Tensor, "batch head query head_dim"],
    key_pool: Float[Tensor, "block slot kv_head head_dim"],
    value_pool: Float[Tensor, "block slot kv_head head_dim"],
    tables: Int[Tensor, "batch table"],
    lengths: Int[Tensor, "batch"],
) -> Float[Tensor, "batch head query head_dim"]:
    """Causal attention of each sequence's last tokens to its cache.

    Kwon et al. 2023, "Efficient Memory Management for Large Language
    Model Serving with PagedAttention", section 4.1.

    query: decode has 1 a sequence, a chunk of prefill several. Their
        keys and values are in the pool already and count in lengths.
    tables: block numbers in order; shorter ones are padded with
        anything.

    Paging moves memory, not the result: it equals attention over
    contiguous keys. The bytes read per token are the same too.
    Raises ValueError if a sequence is shorter than its queries.
    A kernel reads each block where it lies; gathering them here costs
    the memory that paging saves, but shows the indices.
    """
    n_query, block_size = query.shape[2], key_pool.shape[1]
    if lengths.min() < n_query:
        raise ValueError(f"{n_query} queries but only {lengths.min()} tokens")
    token = torch.arange(tables.shape[1] * block_size, device=query.device)
    slots = tables[:, token // block_size] * block_size + token % block_size
    # Padding points at the sequence's own first token: memory of others
    # is not even read, so nothing in it can do harm.
    stored = token < lengths[:, None]  # batch token
    slots = torch.where(stored, slots, slots[:, :1])
    n_shared = query.shape[1] // key_pool.shape[2]
    key, value = (
        pool.flatten(0, 1)[slots]
        .transpose(1, 2)  # batch kv_head token head_dim
        .repeat_interleave(n_shared, dim=1)
        for pool in (key_pool, value_pool)
    )
    asks = torch.arange(n_query, device=query.device) - n_query
    asks = lengths[:, None] + asks  # batch query
    visible = token <= asks[:, :, None]  # batch query token
    return attention(query, key, value, visible[:, None])
# --8<-- [end:paged_attention]
