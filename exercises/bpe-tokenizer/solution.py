"""Byte-pair encoding over bytes."""

from collections import Counter
from itertools import pairwise

Pair = tuple[int, int]


def train(text: str, n_merges: int) -> list[Pair]:
    """Pairs in the order learned; merge i makes id 256 + i."""
    ids, merges = list(text.encode()), []
    while len(merges) < n_merges:
        counts = Counter(pairwise(ids))
        best = min(counts, key=lambda p: (-counts[p], p), default=None)
        if counts[best] < 2:
            break
        ids = _merge(ids, best, 256 + len(merges))
        merges.append(best)
    return merges


def encode(text: str, merges: list[Pair]) -> list[int]:
    """Ids of `text`, merges applied in the order learned."""
    rank = {pair: number for number, pair in enumerate(merges)}
    ids = list(text.encode())
    while len(ids) > 1:
        best = min(pairwise(ids), key=lambda pair: rank.get(pair, len(rank)))
        if best not in rank:
            break
        ids = _merge(ids, best, 256 + rank[best])
    return ids


def decode(ids: list[int], merges: list[Pair]) -> str:
    """The text; broken UTF-8 becomes U+FFFD."""
    pieces = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        pieces.append(pieces[left] + pieces[right])
    unknown = [i for i in ids if not 0 <= i < len(pieces)]
    if unknown:
        raise ValueError(f"no token {unknown[0]}; there are {len(pieces)}")
    return b"".join(pieces[i] for i in ids).decode(errors="replace")


def _merge(ids: list[int], pair: Pair, new: int) -> list[int]:
    """`pair` replaced by `new`, from left to right without overlap."""
    merged, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged
