"""Speculative sampling: a draft proposes, the target checks all at once."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor


# --8<-- [start:verify]
def sample(probabilities: Float[Tensor, "outcome"]) -> int:
    """One outcome by its probability."""
    return int(torch.multinomial(probabilities, 1))


def verify(
    drafted: Sequence[int],
    draft: Float[Tensor, "draft vocab"],
    target: Float[Tensor, "draft+1 vocab"],
    draw: Callable[[Tensor], int] = sample,
) -> list[int]:
    """Some of the drafted tokens and one more: as the target samples.

    Leviathan et al. 2022, "Fast Inference from Transformers via
    Speculative Decoding", algorithm 1 and appendix A.1 (proof).

    With target p and draft q, token x passes with probability
    min(1, p(x) / q(x)). The first that does not pass is replaced by a
    token from max(0, p - q), normalized: what the draft offers too
    seldom. The rest is dropped. If all pass, the target's last
    distribution gives one more for free.

    The result has the target's distribution whatever the draft is. A
    good draft is only faster: a token passes with probability
    sum(min(p, q)).
    draft, target: probabilities after temperature, top-k and top-p. q
        must be the distribution that the tokens were drawn from.
    Raises ValueError for a token that the draft cannot have drawn.
    """
    for i, token in enumerate(drafted):
        p, q = target[i], draft[i]
        if q[token] == 0:
            raise ValueError(f"draft {i}: token {token} has probability 0")
        passes = (p[token] / q[token]).clamp(max=1)
        if draw(torch.stack([1 - passes, passes])):
            continue
        missing = (p - q).clamp(min=0)
        # Equal up to rounding, they leave nothing: p is right then.
        missing = missing if missing.any() else p
        return [*drafted[:i], draw(missing / missing.sum())]
    return [*drafted, draw(target[-1])]
# --8<-- [end:verify]


# --8<-- [start:speculate]
def speculate(
    target: Callable[[list[int]], Float[Tensor, "token vocab"]],
    draft: Callable[[list[int]], Float[Tensor, "token vocab"]],
    prompt: Sequence[int],
    n_new: int,
    n_draft: int,
    draw: Callable[[Tensor], int] = sample,
) -> list[int]:
    """n_new tokens after the prompt, as if the target had made each.

    target, draft: a model's forward pass, from tokens to the
        distribution of the next one after each of them.

    A round is n_draft passes of the draft, one after the other, and
    one pass of the target over their tokens; it gives 1 to n_draft + 1
    tokens. It pays while that pass takes as long as one for a single
    token: while decode waits for memory, in small batches.
    Raises ValueError for n_draft below 1.
    Leaves out: caches, which must forget the tokens that did not pass.
    """
    if n_draft < 1:
        raise ValueError(f"n_draft {n_draft}")
    tokens = list(prompt)
    while len(tokens) < len(prompt) + n_new:
        drafted: list[int] = []
        offered: list[Tensor] = []
        for _ in range(n_draft):
            offered.append(draft(tokens + drafted)[-1])
            drafted.append(draw(offered[-1]))
        wanted = target(tokens + drafted)[-n_draft - 1 :]
        tokens += verify(drafted, torch.stack(offered), wanted, draw)
    return tokens[len(prompt) : len(prompt) + n_new]
# --8<-- [end:speculate]
