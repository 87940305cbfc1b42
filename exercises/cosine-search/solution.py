"""The most similar vectors by cosine."""

import numpy as np


def top_k(
    query: np.ndarray, vectors: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Indices and similarities of the `min(k, n)` best rows, best first."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if query.ndim != 1 or vectors.ndim != 2:
        raise ValueError(f"shapes {query.shape} and {vectors.shape}")
    if query.shape[0] != vectors.shape[1]:
        raise ValueError(
            f"query has {query.shape[0]} dimensions, "
            f"vectors have {vectors.shape[1]}"
        )
    if not (np.isfinite(query).all() and np.isfinite(vectors).all()):
        raise ValueError(f"NaN or infinity in {query} or {vectors}")
    if not query.any():
        raise ValueError(f"a query without a direction: {query}")
    similarity = np.clip(_unit(vectors) @ _unit(query[None])[0], -1, 1)
    k = min(k, len(vectors))
    if k == 0:
        return np.zeros(0, dtype=int), similarity
    threshold = np.partition(similarity, len(vectors) - k)[len(vectors) - k]
    candidates = np.flatnonzero(similarity >= threshold)
    order = np.argsort(-similarity[candidates], stable=True)[:k]
    best = candidates[order]
    return best, similarity[best]


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one; a row of zeros stays."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(largest == 0, 1, largest)
    norm = np.sqrt((scaled**2).sum(axis=1, keepdims=True))
    return scaled / np.where(norm == 0, 1, norm)
