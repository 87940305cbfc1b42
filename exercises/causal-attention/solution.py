"""Scaled dot-product attention in NumPy."""

import numpy as np


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Weights along `axis` that sum to one."""
    shifted = scores - scores.max(axis=axis, keepdims=True)
    weights = np.exp(shifted)
    return weights / weights.sum(axis=axis, keepdims=True)


def attention(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    causal: bool = True,
) -> np.ndarray:
    """(batch, head, query, value_dim); queries are the last positions."""
    n_queries, n_keys = queries.shape[-2], keys.shape[-2]
    if queries.shape[-1] != keys.shape[-1]:
        raise ValueError(
            f"head_dim of queries is {queries.shape[-1]}, "
            f"of keys {keys.shape[-1]}"
        )
    if causal and n_queries > n_keys:
        raise ValueError(f"{n_queries} queries but only {n_keys} keys")
    scale = queries.dtype.type(1 / np.sqrt(queries.shape[-1]))
    scores = queries @ keys.swapaxes(-2, -1) * scale
    if causal:
        position = np.arange(n_queries)[:, None] + n_keys - n_queries
        scores = np.where(np.arange(n_keys) <= position, scores, -np.inf)
    return softmax(scores.astype(queries.dtype)) @ values
