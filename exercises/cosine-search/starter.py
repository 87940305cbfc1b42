"""The most similar vectors by cosine."""

import numpy as np


def top_k(
    query: np.ndarray, vectors: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Indices and similarities of the `min(k, n)` best rows, best first."""
    raise NotImplementedError
