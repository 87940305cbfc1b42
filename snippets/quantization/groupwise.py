"""INT4 weights in groups, rounded to nearest: the plain way."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:group_grid]
def group_grid(
    weight: Float[Tensor, "d_out d_in"], bits: int, group: int
) -> tuple[
    Float[Tensor, "d_out n_groups"],
    Float[Tensor, "d_out n_groups"],
]:
    """Scale and zero point of every `group` neighbouring inputs of a row.

    Codes run from 0 to 2^bits - 1 over the group's range, widened to
    hold 0; the zero point is the code of 0, so 0 stays 0.
    Storage: bits and (16 + 16) / group for scale and zero in 16 bits,
    4.25 bits a weight for INT4 in groups of 128.
    Raises ValueError if group does not divide d_in.
    """
    if weight.shape[1] % group:
        raise ValueError(f"{weight.shape[1]} inputs in groups of {group}")
    grouped = weight.unflatten(1, (-1, group))  # d_out n_groups group
    low = grouped.amin(dim=-1).clamp(max=0)
    high = grouped.amax(dim=-1).clamp(min=0)
    scale = (high - low) / (2**bits - 1)
    scale = torch.where(scale > 0, scale, 1)  # a group of zeros
    return scale, (-low / scale).round()


def round_to_grid(
    weight: Float[Tensor, "d_out n_groups group"],
    scale: Float[Tensor, "d_out n_groups"],
    zero: Float[Tensor, "d_out n_groups"],
    bits: int,
) -> Float[Tensor, "d_out n_groups group"]:
    """The nearest number that the grid of its group can hold."""
    scale, zero = scale[..., None], zero[..., None]
    codes = (weight / scale).round() + zero
    return (codes.clamp(0, 2**bits - 1) - zero) * scale
# --8<-- [end:group_grid]


# --8<-- [start:round_to_nearest]
def round_to_nearest(
    weight: Float[Tensor, "d_out d_in"], bits: int = 4, group: int = 128
) -> Float[Tensor, "d_out d_in"]:
    """The weight as INT4 would hold it: RTN, what others are judged by.

    Looks at no data: every weight counts the same, however large the
    inputs it meets. awq.py and gptq.py look at inputs.
    """
    scale, zero = group_grid(weight, bits, group)
    grouped = weight.unflatten(1, (-1, group))
    return round_to_grid(grouped, scale, zero, bits).flatten(1)
# --8<-- [end:round_to_nearest]
