"""Grouped-query attention: several query heads share one key and value."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from snippets.attention.scaled_dot_product import attention, causal_mask
from snippets.kv_cache.contiguous import KVCache
from snippets.positions.rope import apply_rope


# --8<-- [start:GroupedQueryAttention]
class GroupedQueryAttention(nn.Module):
    """The attention of a Llama layer: causal, rotary, with a cache.

    Ainslie et al. 2023, "GQA", section 2.2. n_kv_heads == n_heads is
    multi-head attention, n_kv_heads == 1 is multi-query attention.

    Sharing divides what is stored and read, the keys and values, by
    n_heads / n_kv_heads. Scores are still computed for every query
    head: the FLOPs of attention stay the same.
    Raises ValueError if n_heads is not a multiple of n_kv_heads.
    Leaves out: dropout, biases, QK-norm. A kernel would index the
    shared head; repeating it here costs memory but shows the pairing.
    """

    def __init__(
        self, d_model: int, n_heads: int, n_kv_heads: int, head_dim: int
    ) -> None:
        super().__init__()
        if n_kv_heads < 1 or n_heads % n_kv_heads:
            raise ValueError(
                f"{n_heads} query heads cannot share {n_kv_heads} KV heads"
            )
        self.head_dim = head_dim
        self.n_shared = n_heads // n_kv_heads
        self.q_proj = nn.Linear(d_model, n_heads * head_dim, bias=False)
        self.k_proj = nn.Linear(d_model, n_kv_heads * head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, n_kv_heads * head_dim, bias=False)
        self.o_proj = nn.Linear(n_heads * head_dim, d_model, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        frequencies: Float[Tensor, "pair"] | None = None,
        cache: KVCache | None = None,
        mask: Bool[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """Attend from x to x and to what the cache holds.

        frequencies: of rotary positions; None leaves positions out.
        cache: this layer's; x is appended to it.
        mask: True where a query may look; None means causal.
        """
        query = self._split(self.q_proj(x))
        key = self._split(self.k_proj(x))
        value = self._split(self.v_proj(x))
        if frequencies is not None:
            start = 0 if cache is None else cache.length
            positions = torch.arange(x.shape[1], device=x.device) + start
            query = apply_rope(query, positions, frequencies)
            key = apply_rope(key, positions, frequencies)
        if cache is not None:
            key, value = cache.append(key, value)
        if mask is None:
            mask = causal_mask(query.shape[2], key.shape[2], x.device)
        # Neighbouring query heads share: 0 0 1 1, not 0 1 0 1.
        key = key.repeat_interleave(self.n_shared, dim=1)
        value = value.repeat_interleave(self.n_shared, dim=1)
        mixed = attention(query, key, value, mask)
        return self.o_proj(
            mixed.transpose(1, 2).flatten(2)  # batch query head*head_dim
        )

    def _split(
        self, x: Float[Tensor, "batch query width"]
    ) -> Float[Tensor, "batch some_head query head_dim"]:
        return x.unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
# --8<-- [end:GroupedQueryAttention]
