"""The plain KV cache: one block of memory a sequence, filled in order."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:KVCache]
class KVCache:
    """Keys and values of one layer, for up to `capacity` tokens.

    All memory is taken at the start: 2 * batch * n_kv_heads * capacity
    * head_dim elements, however few tokens come. Appending n tokens
    copies those n; growing by concatenation would copy all before.

    For inference: no gradient flows through it.
    Leaves out: sequences of different lengths in a batch, paging,
    eviction, quantization.
    """

    def __init__(
        self,
        batch: int,
        n_kv_heads: int,
        capacity: int,
        head_dim: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        shape = (batch, n_kv_heads, capacity, head_dim)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty_like(self.keys)
        self.length = 0

    @property
    def cache_bytes(self) -> int:
        """Bytes taken, filled or not."""
        return 2 * self.keys.numel() * self.keys.element_size()

    @torch.no_grad()
    def append(
        self,
        key: Float[Tensor, "batch kv_head new head_dim"],
        value: Float[Tensor, "batch kv_head new head_dim"],
    ) -> tuple[
        Float[Tensor, "batch kv_head key head_dim"],
        Float[Tensor, "batch kv_head key head_dim"],
    ]:
        """Store new tokens; return views of all tokens so far.

        Raises ValueError, and stores nothing, if they do not fit: too
        many tokens, or another batch, head count or head size.
        """
        batch, n_kv_heads, capacity, head_dim = self.keys.shape
        end = self.length + key.shape[2]
        if end > capacity:
            raise ValueError(f"{end} tokens, but capacity {capacity}")
        fits = (batch, n_kv_heads, end - self.length, head_dim)
        for new in (key, value):
            # Unchecked, a batch of 1 would be copied to every sequence.
            if new.shape != fits:
                raise ValueError(f"{tuple(new.shape)} instead of {fits}")
        self.keys[:, :, self.length : end] = key
        self.values[:, :, self.length : end] = value
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]
# --8<-- [end:KVCache]
