"""Train a decoder on a text: windows, schedule, loop."""

import math
from collections.abc import Iterator

import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


# --8<-- [start:windows]
def windows(
    ids: Int[Tensor, "text"], batch: int, length: int, seed: int = 0
) -> Iterator[tuple[Int[Tensor, "batch length"], Int[Tensor, "batch length"]]]:
    """Random stretches of a text, and the same moved on by one token.

    The second is the target of the first: every position is asked for
    the token after it, so one window is `length` questions. Endless.
    Raises ValueError if the text is not longer than a window.
    """
    if len(ids) <= length:
        raise ValueError(f"{len(ids)} tokens, but windows of {length} + 1")
    chance = torch.Generator().manual_seed(seed)
    span = torch.arange(length + 1)
    while True:
        start = torch.randint(len(ids) - length, (batch, 1), generator=chance)
        window = ids[start + span]  # batch length+1
        yield window[:, :-1], window[:, 1:]
# --8<-- [end:windows]


# --8<-- [start:warmup_cosine]
def warmup_cosine(
    step: int, n_steps: int, n_warmup: int, floor: float = 0.1
) -> float:
    """The share of the peak learning rate that a step may use.

    A line up to 1 in n_warmup steps, then half a cosine down to floor.
    Adam's first steps are the least certain: it divides by a variance
    estimated from a handful of gradients.
    """
    if step < n_warmup:
        return (step + 1) / n_warmup
    done = (step - n_warmup) / (n_steps - n_warmup)
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2
# --8<-- [end:warmup_cosine]


# --8<-- [start:train]
def train(
    model: nn.Module,
    batches: Iterator,
    n_steps: int,
    learning_rate: float = 3e-3,
    weight_decay: float = 0.1,
    max_norm: float = 1.0,
) -> list[float]:
    """Teach a model to predict next tokens; return each step's loss.

    AdamW: Loshchilov and Hutter 2019, "Decoupled Weight Decay
    Regularization". Betas, weight decay, clipping and the tenth at
    which the learning rate ends: Brown et al. 2020, appendix B.

    batches: pairs of inputs and targets, as windows yields them.
    The loss is the mean cross-entropy in nats: ln(vocab_size) from a
    model that knows nothing. Norm weights do not decay.
    Memory besides activations: 16 bytes a parameter in float32, for
    the weight, its gradient and Adam's two means.
    Leaves out: validation, mixed precision, accumulation, checkpoints.
    """
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ],
        betas=(0.9, 0.95),
    )
    losses = []
    for step in range(n_steps):
        share = warmup_cosine(step, n_steps, n_warmup=n_steps // 10)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * share
        inputs, targets = next(batches)
        logits = model(inputs)  # batch length vocab
        loss = cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses
# --8<-- [end:train]
