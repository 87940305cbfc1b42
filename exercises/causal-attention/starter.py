"""Scaled dot-product attention in NumPy."""

import numpy as np


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Weights along `axis` that sum to one."""
    raise NotImplementedError


def attention(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    causal: bool = True,
) -> np.ndarray:
    """(batch, head, query, value_dim); queries are the last positions."""
    raise NotImplementedError
