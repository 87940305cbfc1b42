"""BM25 search with permissions, packing, and a check of quotations."""

from collections.abc import Sequence
from typing import NamedTuple


class Passage(NamedTuple):
    id: str
    text: str
    readers: frozenset[str]


Hit = tuple[Passage, float]


class Index:
    def __init__(
        self, passages: Sequence[Passage], k1: float = 1.2, b: float = 0.75
    ) -> None:
        """Over passages with unique ids."""
        raise NotImplementedError

    def search(self, query: str, groups: set[str], k: int) -> list[Hit]:
        """The best `k` that `groups` may read, best first."""
        raise NotImplementedError


def pack(hits: Sequence[Hit], budget: int) -> tuple[str, list[str]]:
    """Whole passages of at most `budget` words, and their ids."""
    raise NotImplementedError


def unsupported(answer: str, used: Sequence[str], index: Index) -> list[str]:
    """Quotations of `answer` that are not in the passage they name."""
    raise NotImplementedError
