"""DPO: the loss of preference pairs, and its gradient.

Rafailov et al. 2023, "Direct Preference Optimization", equation 7, with the
smoothing of labels that are wrong with probability epsilon.
"""

import numpy as np


def answer_log_probability(
    logits: np.ndarray, tokens: np.ndarray, mask: np.ndarray
) -> np.ndarray:
    """(batch,): summed log-probability of the tokens under the mask."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    norm = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    logs = (shifted - norm)[:, :-1]
    each = np.take_along_axis(logs, tokens[:, 1:, None], axis=-1)[..., 0]
    return np.where(mask[:, 1:], each, 0.0).sum(axis=1)


def dpo(
    policy_chosen: np.ndarray,
    policy_rejected: np.ndarray,
    reference_chosen: np.ndarray,
    reference_rejected: np.ndarray,
    beta: float,
    smoothing: float = 0.0,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean loss, and its gradients with respect to the policy's sums."""
    if beta <= 0:
        raise ValueError(f"beta must be positive, not {beta}")
    if not 0 <= smoothing < 0.5:
        raise ValueError(f"smoothing must lie in [0, 0.5), not {smoothing}")
    shapes = {
        array.shape
        for array in (
            policy_chosen,
            policy_rejected,
            reference_chosen,
            reference_rejected,
        )
    }
    if len(shapes) > 1:
        raise ValueError(f"shapes differ: {sorted(shapes)}")
    chosen = policy_chosen - reference_chosen
    rejected = policy_rejected - reference_rejected
    margin = beta * (chosen - rejected)
    loss = (1 - smoothing) * -_log_sigmoid(margin)
    loss += smoothing * -_log_sigmoid(-margin)
    wrong, right = np.exp(_log_sigmoid(-margin)), np.exp(_log_sigmoid(margin))
    slope = smoothing * right - (1 - smoothing) * wrong
    gradient = beta * slope / len(margin)
    return float(loss.mean()), gradient, -gradient


def _log_sigmoid(x: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0, -x)
