"""What a fine-tune has changed, as a vector that can be added."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

State = Mapping[str, Tensor]


# --8<-- [start:task_vector]
def task_vector(base: State, tuned: State) -> Float[Tensor, "parameter"]:
    """Fine-tuned weights minus those of the base, as one vector.

    Ilharco et al. 2022, "Editing Models with Task Arithmetic", section
    2. Several of one base can be added up, and subtracting one takes
    a skill away. Works as far as the fine-tunes have stayed close
    together: all of the same base, never of two pretraining runs.

    Takes a float32 copy of the weights. Raises ValueError if names or
    shapes differ, as after adding tokens to the vocabulary.
    """
    ours, theirs = ({n: w.shape for n, w in s.items()} for s in (base, tuned))
    if ours != theirs:
        different = {name for name, _ in ours.items() ^ theirs.items()}
        raise ValueError(f"base and fine-tune differ in {sorted(different)}")
    return torch.cat(
        [(_wide(tuned[n]) - _wide(base[n])).flatten() for n in base]
    )
# --8<-- [end:task_vector]


# --8<-- [start:add_task_vector]
def add_task_vector(
    base: State, vector: Float[Tensor, "parameter"], scale: float = 1.0
) -> dict[str, Tensor]:
    """base + scale * vector, rounded once to the types of the base.

    scale: for a sum of several vectors less than 1 is usual, chosen on
        data held out. Raises ValueError if the length does not fit.
    """
    size = sum(weight.numel() for weight in base.values())
    if len(vector) != size:
        raise ValueError(f"a vector of {len(vector)} for {size} parameters")
    merged, end = {}, 0
    for name, weight in base.items():
        start, end = end, end + weight.numel()
        change = scale * vector[start:end].view(weight.shape)
        merged[name] = (_wide(weight) + change).to(weight.dtype)
    return merged
# --8<-- [end:add_task_vector]


def _wide(weight: Tensor) -> Tensor:
    return weight.to(torch.promote_types(weight.dtype, torch.float32))
