"""A KV cache in INT8: keys per channel, values per token."""

import torch
from jaxtyping import Float
from torch import Tensor

from snippets.quantization.int8 import quantize_absmax


# --8<-- [start:Int8KVCache]
class Int8KVCache:
    """Keys and values of one layer, nearly all of them in 8 bits.

    Liu et al. 2024, "KIVI", section 3 (2 bits there). Keys have a few
    channels that are large in every token: with a scale for each
    channel, only those channels are coarse. Values have none, and a
    scale for each token lets a token be quantized once it comes. A
    channel's scale needs many tokens, so the newest wait, exact, until
    there are `group` of them.

    No number is off by more than half its scale. A kernel multiplies
    codes where they lie; append returns numbers to show the effect.
    Raises ValueError for a group below 1.
    Leaves out: memory taken ahead, as contiguous.py has it; fewer bits.
    """

    def __init__(
        self,
        batch: int,
        n_kv_heads: int,
        head_dim: int,
        group: int = 32,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        if group < 1:
            raise ValueError(f"group {group}")
        shape = (batch, n_kv_heads, 0, head_dim)
        self.group = group
        self.new_keys = torch.empty(shape, dtype=dtype, device=device)
        self.new_values = torch.empty_like(self.new_keys)
        self.keys: list[tuple[Tensor, Tensor]] = []  # codes, scale
        self.values: list[tuple[Tensor, Tensor]] = []

    @property
    def length(self) -> int:
        return self.group * len(self.keys) + self.new_keys.shape[2]

    @property
    def cache_bytes(self) -> int:
        """Codes, scales (4 bytes each), and the newest tokens."""
        held = [self.new_keys, self.new_values]
        for codes, scale in self.keys + self.values:
            held += [codes, scale]
        return sum(t.numel() * t.element_size() for t in held)

    @torch.no_grad()
    def append(
        self,
        key: Float[Tensor, "batch kv_head new head_dim"],
        value: Float[Tensor, "batch kv_head new head_dim"],
    ) -> tuple[
        Float[Tensor, "batch kv_head key head_dim"],
        Float[Tensor, "batch kv_head key head_dim"],
    ]:
        """Store new tokens; return all tokens so far, dequantized."""
        n = self.group
        new_keys = torch.cat([self.new_keys, key], dim=2)
        new_values = torch.cat([self.new_values, value], dim=2)
        while new_keys.shape[2] >= n:
            self.keys.append(quantize_absmax(new_keys[:, :, :n], dim=2))
            self.values.append(quantize_absmax(new_values[:, :, :n], dim=3))
            new_keys, new_values = new_keys[:, :, n:], new_values[:, :, n:]
        self.new_keys, self.new_values = new_keys, new_values
        return _join(self.keys, new_keys), _join(self.values, new_values)


def _join(groups: list[tuple[Tensor, Tensor]], new: Tensor) -> Tensor:
    old = [(codes * scale).to(new.dtype) for codes, scale in groups]
    return torch.cat([*old, new], dim=2)
# --8<-- [end:Int8KVCache]
