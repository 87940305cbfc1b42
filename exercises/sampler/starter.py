"""From logits to a token."""

import numpy as np


def probabilities(
    logits: np.ndarray,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
) -> np.ndarray:
    """Temperature, then top-k, top-p and min-p; sums to one."""
    raise NotImplementedError


def draw(probabilities: np.ndarray, u: float) -> int:
    """The first index whose cumulative probability exceeds `u`."""
    raise NotImplementedError
