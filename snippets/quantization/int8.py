"""INT8 by the absolute maximum: weights per channel, inputs per token."""

import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn


# --8<-- [start:quantize_absmax]
def quantize_absmax(
    x: Float[Tensor, "..."], dim: int
) -> tuple[Int8[Tensor, "..."], Float[Tensor, "..."]]:
    """Codes and scales: x is nearly codes * scale.

    One scale for everything that lies along `dim`: max|x| / 127, so
    that codes run from -127 to 127 and 0 stays 0. No entry is off by
    more than half its scale: one large entry coarsens all that share
    the scale with it, so choose dim such that outliers share theirs.
    """
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    scale = x.abs().amax(dim, keepdim=True) / 127
    tiny = torch.finfo(x.dtype).tiny  # a row of zeros: no 0 / 0
    codes = (x / scale.clamp_min(tiny)).round()
    return codes.to(torch.int8), scale
# --8<-- [end:quantize_absmax]


# --8<-- [start:Int8Linear]
class Int8Linear(nn.Module):
    """A linear layer with weights and inputs in INT8 (W8A8).

    Dettmers et al. 2022, "LLM.int8()", section 3.1: one scale for each
    row of the weight and one for each token. Scales along the sum
    could not be taken out of it; these can, so the product is one of
    integers, which tensor cores do at twice the rate of 16 bits.

    Halves the bytes of a bf16 weight, up to the scales. Weight-only
    INT8 would keep x and save the bytes without the faster product.
    Leaves out: the outlier columns that LLM.int8() keeps in 16 bits.
    """

    codes: Tensor
    scale: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        codes, scale = quantize_absmax(linear.weight.detach(), dim=1)
        self.register_buffer("codes", codes)  # d_out d_in
        self.register_buffer("scale", scale)  # d_out 1
        self.bias = linear.bias

    def forward(
        self, x: Float[Tensor, "... d_in"]
    ) -> Float[Tensor, "... d_out"]:
        codes, scale = quantize_absmax(x, dim=-1)
        # A kernel adds up in int32. float64 holds the same integers
        # exactly, and multiplies them on every device.
        total = codes.double() @ self.codes.double().T
        y = total * scale * self.scale.T
        if self.bias is not None:
            y = y + self.bias
        return y.to(x.dtype)
# --8<-- [end:Int8Linear]


# --8<-- [start:smoothing_factors]
def smoothing_factors(
    largest_input: Float[Tensor, "d_in"],
    weight: Float[Tensor, "d_out d_in"],
    alpha: float = 0.5,
) -> Float[Tensor, "d_in"]:
    """Factors that move outliers from inputs into weights.

    Xiao et al. 2022, "SmoothQuant", section 4, equation 4:
    max|X_j|^alpha / max|W_j|^(1 - alpha) for input channel j.
    (x / s) @ (W * s)^T = x @ W^T exactly. Inputs have outlier channels
    that share a scale with all others; weights are even and can take
    some of the spread. Dividing x costs nothing where the norm
    before it takes the factor.

    largest_input: max|x| a channel on calibration data.
    """
    largest_weight = weight.abs().amax(dim=0)
    tiny = torch.finfo(weight.dtype).tiny  # a dead channel: no 0 / 0
    return largest_input.clamp_min(tiny) ** alpha / largest_weight.clamp_min(
        tiny
    ) ** (1 - alpha)
# --8<-- [end:smoothing_factors]
