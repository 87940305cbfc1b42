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
    if np.isnan(logits).any() or np.isposinf(logits).any():
        raise ValueError(f"NaN or infinity in {logits}")
    if not np.isfinite(logits).any():
        raise ValueError(f"every token is forbidden: {logits}")
    if not temperature >= 0:
        raise ValueError(f"temperature must not be negative: {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, not {top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must lie in (0, 1], not {top_p}")
    if min_p is not None and not 0 <= min_p <= 1:
        raise ValueError(f"min_p must lie in [0, 1], not {min_p}")
    if temperature == 0:
        chosen = np.zeros(len(logits))
        chosen[np.argmax(logits)] = 1
        return chosen
    found = np.exp((logits - logits.max()) / temperature)
    found /= found.sum()
    order = np.argsort(-found, stable=True)
    if top_k is not None:
        found[order[top_k:]] = 0
        found /= found.sum()
    if top_p is not None and top_p < 1:
        before = np.cumsum(found[order]) - found[order]
        found[order[before >= top_p]] = 0
        found /= found.sum()
    if min_p is not None:
        found[found < min_p * found.max()] = 0
        found /= found.sum()
    return found


def draw(probabilities: np.ndarray, u: float) -> int:
    """The first index whose cumulative probability exceeds `u`."""
    if not 0 <= u < 1:
        raise ValueError(f"u must lie in [0, 1), not {u}")
    index = int(np.searchsorted(np.cumsum(probabilities), u, side="right"))
    return min(index, int(np.flatnonzero(probabilities)[-1]))
