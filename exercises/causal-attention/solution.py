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
    *_, n_queries, head_dim = queries.shape
    *_, n_keys, key_dim = keys.shape
    if head_dim != key_dim:
        raise ValueError(f"head_dim {head_dim} of queries, {key_dim} of keys")
    if causal and n_queries > n_keys:
        raise ValueError(f"{n_queries} queries but only {n_keys} keys")
    scale = queries.dtype.type(1 / np.sqrt(head_dim))
    scores = queries @ keys.mT * scale
    if causal:
        position = np.arange(n_queries)[:, None] + n_keys - n_queries
        scores = np.where(np.arange(n_keys) <= position, scores, -np.inf)
    return softmax(scores.astype(queries.dtype)) @ values
