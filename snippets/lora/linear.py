"""LoRA on one linear layer: train a low-rank update, freeze the rest."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn


# --8<-- [start:LoRALinear]
class LoRALinear(nn.Module):
    """y = W x + (alpha / r) B A x, where only A and B are trained.

    Hu et al. 2021, "LoRA", section 4.1. A (r x d_in) starts random and
    B (d_out x r) at zero: the layer starts as it was, and since A is
    not zero, B gets a gradient. Both at zero would never move.
    alpha / r keeps the update's size when r changes, so that the
    learning rate need not be searched again.

    Trains r * (d_in + d_out) parameters instead of d_in * d_out; saves
    their gradients, optimizer states and float32 copies, but hardly
    any activations. Costs 2 r (d_in + d_out) FLOPs a token; merged, none.
    A and B stay in float32 when W is narrower: small steps would
    vanish in bf16.
    Raises ValueError unless 1 <= r <= min(d_in, d_out).
    Leaves out: dropout, rsLoRA's alpha / sqrt(r), a quantized W.
    """

    def __init__(self, base: nn.Linear, r: int, alpha: float) -> None:
        super().__init__()
        d_out, d_in = base.weight.shape
        if not 1 <= r <= min(d_in, d_out):
            raise ValueError(f"rank {r} for a {d_out} x {d_in} weight")
        self.base = base.requires_grad_(False)
        self.scale = alpha / r
        wide = torch.promote_types(base.weight.dtype, torch.float32)
        like = {"dtype": wide, "device": base.weight.device}
        self.lora_a = nn.Parameter(torch.empty(r, d_in, **like))
        self.lora_b = nn.Parameter(torch.zeros(d_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_a, a=math.sqrt(5))
        self.register_parameter("original", None)  # W while merged

    def forward(
        self, x: Float[Tensor, "... d_in"]
    ) -> Float[Tensor, "... d_out"]:
        y = self.base(x)
        if self.original is not None:
            return y
        update = x.to(self.lora_a.dtype) @ self.lora_a.T @ self.lora_b.T
        return (y + self.scale * update).to(y.dtype)

    def merge(self) -> None:
        """Add the update to W, so that forward costs nothing extra.

        Rounds to W's dtype once. Keeps W until unmerge: adding and
        subtracting again would not give W back in floating point.
        Raises ValueError if merged already: it would count twice.
        """
        if self.original is not None:
            raise ValueError("merge: merged already")
        self.original = weight = self.base.weight
        update = self.scale * (self.lora_b @ self.lora_a)
        merged = (weight + update).to(weight.dtype)
        # A new parameter: W may be tied to another layer's.
        self.base.weight = nn.Parameter(merged, requires_grad=False)

    def unmerge(self) -> None:
        """Put W back, bit for bit. Raises ValueError if not merged."""
        if self.original is None:
            raise ValueError("unmerge: not merged")
        self.base.weight = self.original
        self.original = None
# --8<-- [end:LoRALinear]
