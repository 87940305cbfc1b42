"""QLoRA: low-rank adapters over a base that is kept in four bits."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from snippets.quantization.nf4 import (
    Scales,
    dequantize,
    dequantize_scales,
    quantize,
    quantize_scales,
)


# --8<-- [start:NF4Linear]
class NF4Linear(nn.Module):
    """A frozen linear layer whose weight takes 4.127 bits a number.

    Cast the model before, not after: `.to(torch.bfloat16)` would round
    the scales' steps, too.
    Raises ValueError unless the weight fills blocks of 64.
    """

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.shape = base.weight.shape
        packed, scales = quantize(base.weight.detach())
        self.register_buffer("packed", packed)
        for name, tensor in quantize_scales(scales)._asdict().items():
            self.register_buffer(f"scale_{name}", tensor)
        self.register_parameter("bias", base.bias)
        self.requires_grad_(False)

    @property
    def weight(self) -> Float[Tensor, "d_out d_in"]:
        """W as it counts from now on, made anew at each call."""
        coded = Scales(self.scale_codes, self.scale_steps, self.scale_mean)
        return dequantize(self.packed, dequantize_scales(coded)).view(
            self.shape
        )

    def forward(
        self, x: Float[Tensor, "... d_in"]
    ) -> Float[Tensor, "... d_out"]:
        y = _Product.apply(x, self)
        return y if self.bias is None else y + self.bias


class _Product(torch.autograd.Function):
    """x W^T, with W dequantized once more for the backward pass.

    Plain autograd would keep each layer's dense W until then: all the
    memory that four bits were to save.
    """

    @staticmethod
    def forward(ctx, x: Tensor, layer: NF4Linear) -> Tensor:
        ctx.layer = layer
        return x @ layer.weight.to(x.dtype).T

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient @ ctx.layer.weight.to(gradient.dtype), None
# --8<-- [end:NF4Linear]


# --8<-- [start:QLoRALinear]
class QLoRALinear(nn.Module):
    """y = W x + (alpha / r) B A x, with W in four bits and frozen.

    Dettmers et al. 2023, "QLoRA", section 3, equation 5. A and B are
    LoRA's, in float32, with the same gradients and optimizer states;
    what shrinks is W. They are trained over the rounded W, and so can
    make up for some of its error; they belong to this W from then on.

    Costs two dequantizations a step that LoRA over 16 bits does not
    have, and saves no FLOPs and no activations.
    Raises ValueError unless 1 <= r <= min(d_in, d_out).
    Leaves out: dropout, paged optimizer states.
    """

    def __init__(self, base: nn.Linear, r: int, alpha: float) -> None:
        super().__init__()
        d_out, d_in = base.weight.shape
        if not 1 <= r <= min(d_in, d_out):
            raise ValueError(f"rank {r} for a {d_out} x {d_in} weight")
        self.base = NF4Linear(base)
        self.scale = alpha / r
        device = base.weight.device
        self.lora_a = nn.Parameter(torch.empty(r, d_in, device=device))
        self.lora_b = nn.Parameter(torch.zeros(d_out, r, device=device))
        nn.init.kaiming_uniform_(self.lora_a, a=math.sqrt(5))

    def forward(
        self, x: Float[Tensor, "... d_in"]
    ) -> Float[Tensor, "... d_out"]:
        y = self.base(x)
        update = x.to(self.lora_a.dtype) @ self.lora_a.T @ self.lora_b.T
        return (y + self.scale * update).to(y.dtype)

    @torch.no_grad()
    def merged(self, dtype: torch.dtype = torch.bfloat16) -> nn.Linear:
        """A plain layer of W + (alpha / r) B A, rounded to dtype.

        Not to four bits: the steps between NF4's levels are mostly
        larger than the update, so much of it would be rounded away.
        And not onto the W from before: A and B were trained over this.
        """
        update = self.scale * (self.lora_b @ self.lora_a)
        weight, bias = self.base.weight + update, self.base.bias
        layer = nn.Linear(1, 1, bias is not None).requires_grad_(False)
        layer.out_features, layer.in_features = weight.shape
        layer.weight.data = weight.to(dtype)
        if bias is not None:
            layer.bias.data = bias.to(dtype)
        return layer
# --8<-- [end:QLoRALinear]
