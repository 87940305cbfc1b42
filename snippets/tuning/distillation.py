"""Train a student on a teacher's distributions instead of on tokens."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Logits = Float[Tensor, "batch token vocab"]
Mask = Bool[Tensor, "batch token"]


# --8<-- [start:forward_kl]
def forward_kl(
    student: Logits, teacher: Logits, mask: Mask, temperature: float = 1.0
) -> Float[Tensor, ""]:
    """KL(teacher || student): cover all that the teacher would say.

    Hinton et al. 2015, "Distilling the Knowledge in a Neural Network",
    section 2: cross-entropy with the teacher's distribution, less that
    distribution's entropy. It grows without bound where the student
    rules out what the teacher might say, so a student too small for
    all of it spreads itself thin.

    mask: True where the next token is one to learn from; the loss is
        the mean over those. ValueError if there are none.
    temperature: flattens both, so that unlikely tokens count more. Its
        square makes up for gradients that shrink by it twice.
    """
    p, q = _log_shares(student, teacher, mask, temperature)
    each = p.exp() * (p - q)
    return temperature**2 * each.sum(dim=1).mean()
# --8<-- [end:forward_kl]


# --8<-- [start:reverse_kl]
def reverse_kl(
    student: Logits, teacher: Logits, mask: Mask, temperature: float = 1.0
) -> Float[Tensor, ""]:
    """KL(student || teacher): say nothing that the teacher would not.

    Gu et al. 2023, "MiniLLM". It grows without bound where the teacher
    rules out what the student might say, so a student too small for
    all of it keeps to some of the teacher's answers and drops others.

    On-policy distillation takes it on texts that the student itself
    has sampled: it then corrects what the student really does, at the
    price of sampling. Arguments and errors as in forward_kl.
    """
    p, q = _log_shares(student, teacher, mask, temperature)
    each = q.exp() * (q - p)
    return temperature**2 * each.sum(dim=1).mean()
# --8<-- [end:reverse_kl]


# --8<-- [start:generalized_jsd]
def generalized_jsd(
    student: Logits,
    teacher: Logits,
    mask: Mask,
    beta: float,
    temperature: float = 1.0,
) -> Float[Tensor, ""]:
    """Between both: beta KL(p || m) + (1 - beta) KL(q || m).

    Agarwal et al. 2023, "On-Policy Distillation of Language Models",
    with teacher p, student q and m = beta p + (1 - beta) q. Bounded by
    the entropy of beta, ln 2 at one half. Near 0 it is beta times the
    forward KL, near 1 it is 1 - beta times the reverse.
    Raises ValueError unless 0 < beta < 1: it is zero at both ends.
    """
    if not 0 < beta < 1:
        raise ValueError(f"beta {beta} is not between 0 and 1")
    p, q = _log_shares(student, teacher, mask, temperature)
    m = torch.logaddexp(p + math.log(beta), q + math.log1p(-beta))
    each = beta * p.exp() * (p - m) + (1 - beta) * q.exp() * (q - m)
    return temperature**2 * each.sum(dim=1).mean()
# --8<-- [end:generalized_jsd]


# --8<-- [start:_log_shares]
def _log_shares(
    student: Logits, teacher: Logits, mask: Mask, temperature: float
) -> tuple[Float[Tensor, "answer vocab"], Float[Tensor, "answer vocab"]]:
    """ln p and ln q where the mask is True. The teacher learns nothing."""
    if not mask.any():
        raise ValueError(f"none of {mask.numel()} tokens is to learn from")
    p = (teacher.detach()[mask] / temperature).log_softmax(dim=1)
    return p, (student[mask] / temperature).log_softmax(dim=1)
# --8<-- [end:_log_shares]
