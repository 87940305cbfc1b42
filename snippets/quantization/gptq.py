"""GPTQ: let the weights still to come make up for each rounding."""

import torch
from jaxtyping import Float
from torch import Tensor

from snippets.quantization.groupwise import group_grid, round_to_grid


# --8<-- [start:gptq]
def gptq(
    weight: Float[Tensor, "d_out d_in"],
    inputs: Float[Tensor, "token d_in"],
    bits: int = 4,
    group: int = 128,
    damping: float = 0.01,
) -> Float[Tensor, "d_out d_in"]:
    """The weight on the INT4 grid, close in its outputs, not entries.

    Frantar et al. 2022, "GPTQ", section 3.3 and algorithm 1. With one
    column rounded, the error ||(W - W') X||^2 is quadratic in the
    columns after it, so their best change is known: -error * h / h_i,
    h the column's row in the inverse of H = X^T X over what is left.
    Row i of the Cholesky factor of H^-1 is that row, over the root of
    its first entry: one factorization replaces an inverse a column.

    Correlated inputs make it work: with uncorrelated ones H is
    diagonal and this is plain rounding.
    inputs: a sample of what the layer sees. Fewer tokens than d_in, or
        dead channels, make H singular: damping times its mean diagonal
        is added.
    O(d_in^3 + d_out * d_in^2) for a layer.
    Raises ValueError if group does not divide d_in.
    Leaves out: updating in blocks of columns, which only saves memory
    traffic; rounding the columns with the largest H_ii first.
    """
    if weight.shape[1] % group:
        raise ValueError(f"{weight.shape[1]} inputs in groups of {group}")
    hessian = inputs.T @ inputs
    ridge = damping * hessian.diagonal().mean()
    hessian = hessian + ridge * torch.eye(len(hessian)).to(hessian)
    factor = torch.linalg.cholesky(torch.linalg.inv(hessian), upper=True)
    weight = weight.clone()
    for i in range(weight.shape[1]):
        if i % group == 0:  # the grid of a group as it now is
            scale, zero = group_grid(weight[:, i : i + group], bits, group)
        column = weight[:, i].clone()
        rounded = round_to_grid(column[:, None, None], scale, zero, bits)
        error = (column - rounded.flatten()) / factor[i, i]
        weight[:, i] = rounded.flatten()
        weight[:, i + 1 :] -= torch.outer(error, factor[i, i + 1 :])
    return weight
# --8<-- [end:gptq]
