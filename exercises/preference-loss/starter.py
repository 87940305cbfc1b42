"""DPO: the loss of preference pairs, and its gradient."""

import numpy as np


def answer_log_probability(
    logits: np.ndarray, tokens: np.ndarray, mask: np.ndarray
) -> np.ndarray:
    """(batch,): summed log-probability of the tokens under the mask."""
    raise NotImplementedError


def dpo(
    policy_chosen: np.ndarray,
    policy_rejected: np.ndarray,
    reference_chosen: np.ndarray,
    reference_rejected: np.ndarray,
    beta: float,
    smoothing: float = 0.0,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean loss, and its gradients with respect to the policy's sums."""
    raise NotImplementedError
