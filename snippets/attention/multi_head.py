"""Multi-head self-attention: several small attentions side by side."""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from snippets.attention.scaled_dot_product import attention


# --8<-- [start:MultiHeadAttention]
class MultiHeadAttention(nn.Module):
    """Each head attends in its own d_model / n_heads dimensions.

    Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.

    Parameters: 4 * d_model^2, whatever n_heads is. Heads split the
    width; they add nothing to it.
    Cost per token: 8 * d_model^2 FLOPs for the four projections, and
    4 * key * d_model for scores and mixing.
    Raises ValueError if d_model is not a multiple of n_heads.
    Leaves out: positions, cache, dropout, biases, cross-attention.
    """

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        if n_heads < 1 or d_model % n_heads:
            raise ValueError(
                f"d_model {d_model} does not split into {n_heads} heads"
            )
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, d_model, bias=False)
        self.v_proj = nn.Linear(d_model, d_model, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        mask: Bool[Tensor, "... query query"] | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """mask: True where a query may look; None lets all see all."""
        query = self._split(self.q_proj(x))
        key = self._split(self.k_proj(x))
        value = self._split(self.v_proj(x))
        mixed = attention(query, key, value, mask)
        return self.o_proj(
            mixed.transpose(1, 2).flatten(2)  # batch query d_model
        )

    def _split(
        self, x: Float[Tensor, "batch query d_model"]
    ) -> Float[Tensor, "batch head query head_dim"]:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
# --8<-- [end:MultiHeadAttention]
