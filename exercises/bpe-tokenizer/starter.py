"""Byte-pair encoding over bytes."""

Pair = tuple[int, int]


def train(text: str, n_merges: int) -> list[Pair]:
    """Pairs in the order learned; merge i makes id 256 + i."""
    raise NotImplementedError


def encode(text: str, merges: list[Pair]) -> list[int]:
    """Ids of `text`, merges applied in the order learned."""
    raise NotImplementedError


def decode(ids: list[int], merges: list[Pair]) -> str:
    """The text; broken UTF-8 becomes U+FFFD."""
    raise NotImplementedError
