"""The loss of instruction tuning: next tokens, answers only."""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from snippets.tuning.chat_template import IGNORED


# --8<-- [start:answer_loss]
def answer_loss(
    logits: Float[Tensor, "batch token vocab"],
    labels: Int[Tensor, "batch token"],
    n_answer: int | None = None,
) -> Float[Tensor, ""]:
    """Mean cross-entropy in nats over the tokens that are not IGNORED.

    labels: as answer_labels gives them. They are moved on by one here,
        and only here: the logits at a position are asked for the next
        token. Unmoved, a model learns to repeat what it sees; moved on
        twice, to skip a token.
    n_answer: divide by this instead of by the batch's own answer
        tokens. When several batches make up one step, give the number
        in all of them and add the losses: a mean of their means would
        let a token of a short answer count more than one of a long.

    Raises ValueError if no token is to be learnt: 0 / 0 otherwise, as
    when all answers were cut off behind a long prompt.
    """
    targets = labels[:, 1:]
    if n_answer is None:
        n_answer = int((targets != IGNORED).sum())
    if not n_answer:
        raise ValueError(f"none of {targets.numel()} targets is an answer's")
    wide = torch.promote_types(logits.dtype, torch.float32)
    total = cross_entropy(
        logits[:, :-1].flatten(0, 1).to(wide),
        targets.flatten(),
        ignore_index=IGNORED,
        reduction="sum",
    )
    return total / n_answer
# --8<-- [end:answer_loss]
