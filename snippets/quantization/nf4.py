"""NF4: four bits a weight, at levels where normal weights are dense."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int8, UInt8
from torch import Tensor
from torch.nn.functional import pad

# --8<-- [start:LEVELS]
# Dettmers et al. 2023, "QLoRA", appendix E: nine quantiles of the
# normal distribution from 0 up and eight from 0 down, divided by the
# largest. They share 0, so that a pruned or padded weight stays 0.
LEVELS = (
    *(-1.0, -0.6961928009986877, -0.5250730514526367),
    *(-0.39491748809814453, -0.28444138169288635, -0.18477343022823334),
    *(-0.09105003625154495, 0.0, 0.07958029955625534),
    *(0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
    *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
)
# --8<-- [end:LEVELS]


# --8<-- [start:quantize]
def quantize(
    weight: Float[Tensor, "*shape"], block_size: int = 64
) -> tuple[UInt8[Tensor, "pair"], Float[Tensor, "block"]]:
    """Two 4-bit codes a byte, and the largest magnitude of each block.

    Dettmers et al. 2023, "QLoRA", section 3: a block of weights that
    follow each other is divided by its largest magnitude, then every
    weight goes to the nearest level. An outlier costs its own block
    precision and no other.
    Takes 4 + 32 / block_size bits a weight; for the scales' share see
    quantize_scales. Saves memory only: weights are dequantized before
    each product, so FLOPs and activations stay as they were.
    Raises ValueError unless the weights fill blocks of even size.
    """
    if block_size % 2 or weight.numel() % block_size:
        raise ValueError(f"{weight.numel()} weights in blocks of {block_size}")
    blocks = weight.float().reshape(-1, block_size)
    scales = blocks.abs().amax(dim=1)
    # A block of zeros has scale 0; dividing by 1 keeps its zeros.
    shares = blocks / scales.where(scales > 0, 1.0)[:, None]
    levels = torch.tensor(LEVELS, device=weight.device)
    middles = (levels[1:] + levels[:-1]) / 2
    codes = torch.bucketize(shares, middles).to(torch.uint8).flatten()
    return codes[::2] << 4 | codes[1::2], scales


def dequantize(
    packed: UInt8[Tensor, "pair"], scales: Float[Tensor, "block"]
) -> Float[Tensor, "weight"]:
    """The weights as they count from now on: flat, in float32."""
    codes = torch.stack([packed >> 4, packed & 15], dim=1)  # pair 2
    levels = torch.tensor(LEVELS, device=packed.device)
    shares = levels[codes.int()].reshape(len(scales), -1)  # block weight
    return (shares * scales[:, None]).flatten()
# --8<-- [end:quantize]


# --8<-- [start:quantize_scales]
class Scales(NamedTuple):
    """Block scales in eight bits: (codes * steps) + mean."""

    codes: Int8[Tensor, "block"]
    steps: Float[Tensor, "group"]
    mean: Float[Tensor, ""]


def quantize_scales(
    scales: Float[Tensor, "block"], group_size: int = 256
) -> Scales:
    """Quantize the scales too: "double quantization", section 3.

    All scales are positive, so their mean is taken out first; what is
    left has both signs and fills the eight bits. With one float32 step
    for 256 scales this leaves 8 / 64 + 32 / (64 * 256) = 0.127 bits a
    weight for scales instead of 32 / 64 = 0.5.
    Differs from the paper, which uses 8-bit floats: integers at even
    steps are no less precise here, and simpler.
    """
    mean = scales.mean()
    short = -len(scales) % group_size
    groups = pad(scales - mean, (0, short)).reshape(-1, group_size)
    steps = groups.abs().amax(dim=1) / 127
    tiny = torch.finfo(scales.dtype).tiny  # equal scales: no 0 / 0
    codes = groups / steps.clamp_min(tiny)[:, None]
    codes = codes.round().to(torch.int8).flatten()[: len(scales)]
    return Scales(codes, steps, mean)


def dequantize_scales(
    scales: Scales, group_size: int = 256
) -> Float[Tensor, "block"]:
    """group_size: the same as in quantize_scales."""
    steps = scales.steps.repeat_interleave(group_size)
    return scales.codes * steps[: len(scales.codes)] + scales.mean
# --8<-- [end:quantize_scales]
