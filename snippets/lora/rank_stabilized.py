"""rsLoRA: divide the update by the root of the rank, not by the rank."""

import math


# --8<-- [start:rank_stabilized_alpha]
def rank_stabilized_alpha(alpha: float, r: int) -> float:
    """The alpha with which LoRALinear scales by alpha / sqrt(r).

    Kalajdzievski 2023, "A Rank Stabilization Scaling Factor for
    Fine-Tuning with LoRA". B A sums r terms, and with plain gradients
    the scale counts twice, once in the output and once in B's
    gradient: a step moves the output by r * scale^2. That is the same
    at every rank for 1 / sqrt(r); with 1 / r, high ranks hardly train.

    Adam divides the gradient's size away. Its first step moves the
    output by r * scale, which is the same at every rank for 1 / r and
    grows like sqrt(r) here. Which scale lets one learning rate serve
    all ranks thus depends on the optimizer and the run: measure it.
    """
    return alpha * math.sqrt(r)  # LoRALinear divides by r
# --8<-- [end:rank_stabilized_alpha]
