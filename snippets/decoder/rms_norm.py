"""RMSNorm: LayerNorm without the mean and without the bias."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


# --8<-- [start:RMSNorm]
class RMSNorm(nn.Module):
    """Divide features by their root mean square, then scale each one.

    Zhang and Sennrich 2019, "Root Mean Square Layer Normalization",
    section 4. Pre-norm, post-norm and QK-norm are this same layer in
    different places.

    weight * x / sqrt(mean(x^2) + eps) over the last axis, in float32
    at least: the square of 256 overflows float16.
    Cost: dim parameters; time and memory linear in x.
    Leaves out: Gemma's 1 + weight, and fused kernels.
    """

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(
        self, x: Float[Tensor, "*batch dim"]
    ) -> Float[Tensor, "*batch dim"]:
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        mean_square = wide.pow(2).mean(dim=-1, keepdim=True)
        normal = wide * torch.rsqrt(mean_square + self.eps)
        return (self.weight * normal).to(x.dtype)
# --8<-- [end:RMSNorm]
