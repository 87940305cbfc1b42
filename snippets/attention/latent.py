"""Multi-head latent attention: cache one small vector, not all heads."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from snippets.attention.scaled_dot_product import attention, causal_mask
from snippets.positions.rope import apply_rope


# --8<-- [start:LatentAttention]
class LatentAttention(nn.Module):
    """Keys and values of all heads are rebuilt from one latent a token.

    DeepSeek-V2 (2024), section 2.1. What is cached, the latents, is
    kv_lora_rank + qk_rope_head_dim numbers a token and layer for all
    heads together: the compressed c_kv, and one key that carries the
    position. The position needs that key of its own because a rotation
    between k_up and the query would stop `absorbed` from moving k_up.

    forward rebuilds every cached key and value in each call, as in
    training and prefill. Decode with `absorbed`.
    Leaves out: compression of the queries, which saves activations in
    training but no cache; a preallocated cache; YaRN's temperature.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        kv_lora_rank: int,
        qk_nope_head_dim: int,
        qk_rope_head_dim: int,
        v_head_dim: int,
    ) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.latent_parts = (kv_lora_rank, qk_rope_head_dim)
        self.query_parts = (qk_nope_head_dim, qk_rope_head_dim)
        qk_head_dim = sum(self.query_parts)
        self.q_proj = nn.Linear(d_model, n_heads * qk_head_dim, bias=False)
        self.kv_down = nn.Linear(d_model, sum(self.latent_parts), bias=False)
        self.kv_norm = nn.RMSNorm(kv_lora_rank, eps=1e-6)
        self.k_up = nn.Linear(
            kv_lora_rank, n_heads * qk_nope_head_dim, bias=False
        )
        self.v_up = nn.Linear(kv_lora_rank, n_heads * v_head_dim, bias=False)
        self.o_proj = nn.Linear(n_heads * v_head_dim, d_model, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        frequencies: Float[Tensor, "pair"],
        past: Float[Tensor, "batch past latent"] | None = None,
    ) -> tuple[
        Float[Tensor, "batch query d_model"],
        Float[Tensor, "batch key latent"],
    ]:
        """Returns the output, and the latents to pass as `past` next."""
        q_nope, q_rope, latents = self.project(x, frequencies, past)
        c_kv, k_rope = latents.split(self.latent_parts, dim=-1)
        k_nope = self._split(self.k_up(c_kv))
        value = self._split(self.v_up(c_kv))
        shared = k_rope[:, None].expand(-1, self.n_heads, -1, -1)
        query = torch.cat([q_nope, q_rope], dim=-1)
        key = torch.cat([k_nope, shared], dim=-1)
        mask = causal_mask(query.shape[2], key.shape[2], x.device)
        mixed = attention(query, key, value, mask)
        return self.o_proj(mixed.transpose(1, 2).flatten(2)), latents

    def project(
        self,
        x: Float[Tensor, "batch query d_model"],
        frequencies: Float[Tensor, "pair"],
        past: Float[Tensor, "batch past latent"] | None,
    ) -> tuple[
        Float[Tensor, "batch head query qk_nope_head_dim"],
        Float[Tensor, "batch head query qk_rope_head_dim"],
        Float[Tensor, "batch key latent"],
    ]:
        """Queries without and with position, and all latents so far."""
        start = 0 if past is None else past.shape[1]
        positions = torch.arange(x.shape[1], device=x.device) + start
        query = self._split(self.q_proj(x))
        q_nope, q_rope = query.split(self.query_parts, dim=-1)
        q_rope = apply_rope(q_rope, positions, frequencies)
        c_kv, k_rope = self.kv_down(x).split(self.latent_parts, dim=-1)
        k_rope = apply_rope(k_rope[:, None], positions, frequencies)[:, 0]
        latents = torch.cat([self.kv_norm(c_kv), k_rope], dim=-1)
        if past is not None:
            latents = torch.cat([past, latents], dim=1)
        return q_nope, q_rope, latents

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
# --8<-- [end:LatentAttention]


# --8<-- [start:absorbed]
def absorbed(
    layer: LatentAttention,
    x: Float[Tensor, "batch query d_model"],
    frequencies: Float[Tensor, "pair"],
    past: Float[Tensor, "batch past latent"] | None = None,
) -> tuple[
    Float[Tensor, "batch query d_model"], Float[Tensor, "batch key latent"]
]:
    """The same output as layer(x, ...), straight from the latents.

    DeepSeek-V2 (2024), section 2.1.2: (W_up c) . q == c . (W_up^T q).
    So k_up moves to the query and v_up to the output, and no key or
    value is rebuilt: multi-query attention with one wide shared head,
    whose key is the whole latent and whose value is its c_kv part.

    Reads each latent once for all heads, but multiplies more: a score
    takes kv_lora_rank + qk_rope_head_dim products instead of
    qk_nope_head_dim + qk_rope_head_dim. Good for decode, which waits
    for memory; bad for prefill, which does not.
    """
    q_nope, q_rope, latents = layer.project(x, frequencies, past)
    k_up = layer.k_up.weight.unflatten(0, (layer.n_heads, -1))
    v_up = layer.v_up.weight.unflatten(0, (layer.n_heads, -1))
    query = torch.cat([q_nope @ k_up, q_rope], dim=-1)
    key = latents[:, None].expand(-1, layer.n_heads, -1, -1)
    value = key[..., : layer.latent_parts[0]]
    mask = causal_mask(query.shape[2], key.shape[2], x.device)
    scale = 1 / math.sqrt(sum(layer.query_parts))  # of the unabsorbed key
    mixed = attention(query, key, value, mask, scale=scale)
    mixed = mixed @ v_up.mT
    return layer.o_proj(mixed.transpose(1, 2).flatten(2)), latents
# --8<-- [end:absorbed]
