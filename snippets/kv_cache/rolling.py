"""A KV cache that stops growing: the last `window` tokens in a ring."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:RollingKVCache]
class RollingKVCache:
    """Keys and values of a sliding-window layer; old ones overwritten.

    Jiang et al. 2023, "Mistral 7B", section 2 (rolling buffer cache,
    pre-fill and chunking). Token p lies in slot p % window.

    2 * batch * n_kv_heads * window * head_dim elements, however long
    the sequence. Keys carry their positions (rotary, applied before)
    since the order in the ring is not that of time.
    For inference: no gradient flows through it. A kernel would read
    the ring where it lies; here what is visible is copied, in order.
    Leaves out: attention sinks, which need slots that never roll.
    """

    def __init__(
        self,
        batch: int,
        n_kv_heads: int,
        window: int,
        head_dim: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        shape = (batch, n_kv_heads, window, head_dim)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty_like(self.keys)
        self.length = 0  # of the sequence: the next token's position

    @torch.no_grad()
    def append(
        self,
        key: Float[Tensor, "batch kv_head new head_dim"],
        value: Float[Tensor, "batch kv_head new head_dim"],
    ) -> tuple[
        Float[Tensor, "batch kv_head key head_dim"],
        Float[Tensor, "batch kv_head key head_dim"],
    ]:
        """Store new tokens; return all that any of them may see.

        That is the new ones and up to window - 1 before them, in order
        of time: use it with sliding_window_mask(n_query, n_key, window).
        Raises ValueError for more new tokens than slots: two would fall
        into one slot. Cut a long prompt into chunks.
        """
        window, n_new = self.keys.shape[2], key.shape[2]
        if n_new > window:
            raise ValueError(f"{n_new} new tokens, but window {window}")
        position = torch.arange(self.length + n_new, device=key.device)
        # Read before writing: the new tokens take the slots of old ones
        # that the first of them still sees.
        n_seen = min(self.length, window - 1)
        seen = position[self.length - n_seen : self.length] % window
        keys = torch.cat([self.keys[:, :, seen], key], dim=2)
        values = torch.cat([self.values[:, :, seen], value], dim=2)
        slots = position[self.length :] % window
        self.keys[:, :, slots] = key
        self.values[:, :, slots] = value
        self.length += n_new
        return keys, values
# --8<-- [end:RollingKVCache]
