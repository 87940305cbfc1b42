"""TIES: merge fine-tunes without letting them cancel each other."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:ties]
def ties(
    vectors: Float[Tensor, "task parameter"], density: float
) -> Float[Tensor, "parameter"]:
    """One task vector of many: trim, elect a sign, merge what agrees.

    Yadav et al. 2023, "TIES-Merging", section 4. A plain mean shrinks
    what a single task has learnt, since the others add noise or pull
    the other way. So (1) each task keeps only its `density` share of
    largest changes, 0.2 in the paper; (2) for each parameter the sign
    with the larger sum wins; (3) it gets the mean of the tasks that
    have this sign, and of no others.

    Trims each task as a whole; many libraries trim tensor by tensor.
    Add the result with a scale found on data held out.
    Raises ValueError unless 0 < density <= 1.
    """
    if not 0 < density <= 1:
        raise ValueError(f"density {density} is not in (0, 1]")
    kept = max(1, int(density * vectors.shape[1]))
    largest = vectors.abs().topk(kept).indices
    trimmed = torch.zeros_like(vectors).scatter(
        1, largest, vectors.gather(1, largest)
    )
    elected = trimmed.sum(dim=0).sign()
    agrees = trimmed.sign() == elected
    merged = trimmed.where(agrees, 0).sum(dim=0)
    voters = (agrees & (elected != 0)).sum(dim=0)
    return merged / voters.clamp(min=1)
# --8<-- [end:ties]
