"""YaRN: stretch rotary positions to a longer context, part by part."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from snippets.positions.rope import rope_frequencies


# --8<-- [start:yarn_frequencies]
def yarn_frequencies(
    head_dim: int,
    theta: float,
    factor: float,
    original_context: int,
    beta_fast: float = 32.0,
    beta_slow: float = 1.0,
) -> Float[Tensor, "pair"]:
    """Rotary frequencies for a context `factor` times the original.

    Peng et al. 2023, "YaRN", section 3.2 (NTK-by-parts). Pairs that
    made beta_fast turns or more within the original context have seen
    every angle: kept. Pairs that made beta_slow or fewer have not:
    slowed down by the factor, like position interpolation. Between, a
    ramp over the pair's index, as in the authors' code and the models
    that use it; the paper's equation ramps over the number of turns.

    Raises ValueError for a factor below 1 or betas in wrong order.
    Leaves out: the temperature (next), and the training that follows.
    """
    if factor < 1:
        raise ValueError(f"factor {factor} is less than 1")
    if not beta_fast > beta_slow > 0:
        raise ValueError(f"beta_fast {beta_fast}, beta_slow {beta_slow}")
    # The pairs that make beta_fast and beta_slow turns in the old context.
    low, high = (
        head_dim / 2 * math.log(original_context / math.tau / beta, theta)
        for beta in (beta_fast, beta_slow)
    )
    low, high = max(math.floor(low), 0), min(math.ceil(high), head_dim - 1)
    kept = rope_frequencies(head_dim, theta)
    pair = torch.arange(len(kept), dtype=torch.float64)
    ramp = ((pair - low) / max(high - low, 0.001)).clamp(0, 1)
    return kept * (1 - ramp) + kept / factor * ramp
# --8<-- [end:yarn_frequencies]


# --8<-- [start:yarn_attention_factor]
def yarn_attention_factor(factor: float) -> float:
    """Multiply rotated queries and keys by this: 0.1 ln(factor) + 1.

    Peng et al. 2023, "YaRN", section 3.4. Over more keys a softmax
    spreads; scores grow by the square of this to sharpen it again.
    """
    return 0.1 * math.log(factor) + 1
# --8<-- [end:yarn_attention_factor]
