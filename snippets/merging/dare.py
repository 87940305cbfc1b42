"""DARE: drop most of a fine-tune at random and scale up the rest."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:drop_and_rescale]
def drop_and_rescale(
    vector: Float[Tensor, "*shape"],
    density: float,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "*shape"]:
    """Keep each change with probability `density`, divided by it.

    Yu et al. 2023, "Language Models are Super Mario". The mean stays
    what it was, and so do a linear layer's outputs, on average; and
    sparse vectors of several tasks seldom meet when they are added or
    go through TIES. Holds for small changes, as of instruction tuning:
    after long training hardly any can be spared.
    Raises ValueError unless 0 < density <= 1.
    """
    if not 0 < density <= 1:
        raise ValueError(f"density {density} is not in (0, 1]")
    chance = torch.rand(
        vector.shape, generator=generator, device=vector.device
    )
    return vector.where(chance < density, 0) / density
# --8<-- [end:drop_and_rescale]
