"""AWQ: scale up the weights that meet large inputs, then round."""

import torch
from jaxtyping import Float
from torch import Tensor

from snippets.quantization.groupwise import round_to_nearest


# --8<-- [start:awq_scales]
def awq_scales(
    weight: Float[Tensor, "d_out d_in"],
    inputs: Float[Tensor, "token d_in"],
    bits: int = 4,
    group: int = 128,
    n_tries: int = 20,
) -> Float[Tensor, "d_in"]:
    """Factors s such that round(W * s) and x / s lose least.

    Lin et al. 2023, "AWQ: Activation-aware Weight Quantization",
    section 3.2, equations 4 and 5. (x / s) @ (W * s)^T = x @ W^T
    exactly; but a column scaled up by s is rounded s times as finely,
    as long as it does not set its group's range. Worth it where inputs
    are large: s = mean|x|^alpha, alpha from 0 to 1 by trying.

    Every weight is kept in the same few bits: nothing is left in
    16 bits. alpha = 0 is plain rounding, so on the inputs tried the
    result is never worse. The norm before the layer takes 1 / s: no
    work at run time.
    inputs: a sample of what the layer sees, a few thousand tokens.
    Leaves out: clipping the range, which AWQ searches afterwards.
    """
    # A channel that is never on has no say, and must not give 0.
    strength = inputs.abs().mean(dim=0).clamp_min(1e-4)
    exact = inputs @ weight.T
    least, best = torch.inf, torch.ones_like(strength)
    for step in range(n_tries + 1):
        scales = strength ** (step / n_tries)
        scales = scales / (scales.max() * scales.min()).sqrt()
        rounded = round_to_nearest(weight * scales, bits, group) / scales
        error = (inputs @ rounded.T - exact).square().mean().item()
        if error < least:
            least, best = error, scales
    return best
# --8<-- [end:awq_scales]
