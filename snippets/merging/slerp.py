"""SLERP: go from one model to another on an arc, not on the chord."""

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:slerp]
def slerp(
    start: Float[Tensor, "*shape"],
    end: Float[Tensor, "*shape"],
    share: float,
    least_angle: float = 1e-4,
) -> Float[Tensor, "*shape"]:
    """The weights at `share` of the way, turned at an even pace.

    Shoemake 1985, "Animating Rotation with Quaternion Curves". Two
    weights of the same length at an angle have a mean that is shorter
    than both; on the arc the length stays. Two fine-tunes of one base
    are a few degrees apart, where arc and chord hardly differ.

    Merges two models, usually tensor by tensor. Below `least_angle`,
    in radians, and for zeros, which point nowhere, it is the chord.
    Raises ValueError for opposite weights: no arc between them is the
    shortest. Leaves out: more than two models.
    """
    if not (start.any() and end.any()):
        return torch.lerp(start, end, share)
    a, b = (x / x.norm() for x in (start, end))
    # Stable at small angles, where acos of the cosine is not.
    angle = 2 * torch.atan2((a - b).norm(), (a + b).norm())
    if torch.pi - angle < least_angle:
        raise ValueError(f"opposite weights, {angle.item():.6f} radians apart")
    if angle < least_angle:
        return torch.lerp(start, end, share)
    first = torch.sin((1 - share) * angle) / torch.sin(angle)
    last = torch.sin(share * angle) / torch.sin(angle)
    return first * start + last * end
# --8<-- [end:slerp]
