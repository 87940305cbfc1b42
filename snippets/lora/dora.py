"""DoRA: train the size and the direction of each weight row apart."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from snippets.lora.linear import LoRALinear


# --8<-- [start:DoRALinear]
class DoRALinear(nn.Module):
    """y = m * (V / |V|) x with V = W + (alpha / r) B A.

    Liu et al. 2024, "DoRA", section 4. Each output has a row of V; its
    norm is replaced by a magnitude m of its own, trained beside A and
    B. m starts at the norms of W, so the layer starts as it was. The
    paper writes W transposed and speaks of columns.

    The norm counts as a constant in the backward pass (section 4.3):
    less memory, hardly a difference in the result. It must be taken
    anew at each step, of a d_out x d_in sum that LoRA never forms.

    Trains d_out numbers more than LoRA; merged, it costs nothing. A
    row of zeros has no direction: it gives NaN.
    Raises ValueError as LoRALinear does.
    """

    def __init__(self, base: nn.Linear, r: int, alpha: float) -> None:
        super().__init__()
        self.lora = LoRALinear(base, r, alpha)
        wide = base.weight.to(self.lora.lora_a.dtype)
        self.magnitude = nn.Parameter(wide.norm(dim=1))

    def direction(self) -> Float[Tensor, "d_out d_in"]:
        """V: rows whose length does not count, only where they point."""
        lora = self.lora
        return lora.base.weight + lora.scale * (lora.lora_b @ lora.lora_a)

    def forward(
        self, x: Float[Tensor, "... d_in"]
    ) -> Float[Tensor, "... d_out"]:
        with torch.no_grad():
            norm = self.direction().norm(dim=1)
        lora, bias = self.lora, self.lora.base.bias
        update = x.to(lora.lora_a.dtype) @ lora.lora_a.T @ lora.lora_b.T
        y = linear(x, lora.base.weight) + lora.scale * update
        y = y * (self.magnitude / norm)
        return (y if bias is None else y + bias).to(x.dtype)

    @torch.no_grad()
    def merged(self) -> Float[Tensor, "d_out d_in"]:
        """The weight of the one plain layer that computes the same."""
        rows = self.direction()
        size = (self.magnitude / rows.norm(dim=1))[:, None]
        return (size * rows).to(self.lora.base.weight.dtype)
# --8<-- [end:DoRALinear]
