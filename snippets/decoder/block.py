"""One layer of a decoder: attention, then a feed-forward network."""

from jaxtyping import Float
from torch import Tensor, nn

from snippets.attention.grouped_query import GroupedQueryAttention
from snippets.decoder.rms_norm import RMSNorm
from snippets.decoder.swiglu import SwiGLU
from snippets.kv_cache.contiguous import KVCache


# --8<-- [start:DecoderBlock]
class DecoderBlock(nn.Module):
    """x + attention(norm(x)), then x + ffn(norm(x)): a Llama layer.

    Pre-norm: Xiong et al. 2020, "On Layer Normalization in the
    Transformer Architecture". What is normalised is each branch's
    input; the residual stream x passes untouched from the embedding to
    the last norm, and so does its gradient on the way back.

    qk_norm: normalise every query and key head before rotation, as in
        Qwen3; it bounds the scores however the projections grow.
    ffn: may be replaced by any layer of the same shapes, for instance
        TopKMoE.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        n_kv_heads: int,
        head_dim: int,
        d_ff: int,
        qk_norm: bool = False,
    ) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(d_model)
        self.attention = GroupedQueryAttention(
            d_model, n_heads, n_kv_heads, head_dim
        )
        if qk_norm:
            for name in ("q_proj", "k_proj"):
                projection = getattr(self.attention, name)
                setattr(self.attention, name, HeadNorm(projection, head_dim))
        self.ffn_norm = RMSNorm(d_model)
        self.ffn = SwiGLU(d_model, d_ff)

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        frequencies: Float[Tensor, "pair"],
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """frequencies: of the rotary positions. cache: this layer's."""
        x = x + self.attention(self.attention_norm(x), frequencies, cache)
        return x + self.ffn(self.ffn_norm(x))
# --8<-- [end:DecoderBlock]


# --8<-- [start:HeadNorm]
class HeadNorm(nn.Module):
    """A projection whose heads are each normalised: QK-norm.

    Henry et al. 2020, "Query-Key Normalization for Transformers",
    divides by the norm of a head; RMSNorm with one weight a dimension,
    shared by all heads, has taken its place.
    """

    def __init__(self, projection: nn.Linear, head_dim: int) -> None:
        super().__init__()
        self.projection = projection
        self.norm = RMSNorm(head_dim)

    def forward(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch width"]:
        heads = self.projection(x).unflatten(-1, (-1, len(self.norm.weight)))
        return self.norm(heads).flatten(-2)  # *batch head*head_dim
# --8<-- [end:HeadNorm]
