"""BM25 search with permissions, packing, and a check of quotations.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", with the
idf that is never negative. A search costs the postings of its words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log
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
        self._k1, self._b = k1, b
        self.passages = {passage.id: passage for passage in passages}
        if len(self.passages) < len(passages):
            raise ValueError(
                f"{len(passages)} passages, {len(self.passages)} ids"
            )
        self._postings: dict[str, dict[str, int]] = defaultdict(dict)
        self._length: dict[str, int] = {}
        for passage in passages:
            words = _words(passage.text)
            self._length[passage.id] = len(words)
            for word, count in Counter(words).items():
                self._postings[word][passage.id] = count
        self._mean = sum(self._length.values()) / max(len(passages), 1)

    def search(self, query: str, groups: set[str], k: int) -> list[Hit]:
        """The best `k` that `groups` may read, best first."""
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        scores: dict[str, float] = defaultdict(float)
        for word in dict.fromkeys(_words(query)):
            posting = self._postings.get(word, {})
            n = len(posting)
            idf = log(1 + (len(self.passages) - n + 0.5) / (n + 0.5))
            for name, count in posting.items():
                if groups & self.passages[name].readers:
                    scores[name] += idf * self._weight(name, count)
        best = sorted(scores, key=lambda name: (-scores[name], name))[:k]
        return [(self.passages[name], scores[name]) for name in best]

    def _weight(self, name: str, count: int) -> float:
        size = 1 - self._b + self._b * self._length[name] / self._mean
        return count * (self._k1 + 1) / (count + self._k1 * size)


def pack(hits: Sequence[Hit], budget: int) -> tuple[str, list[str]]:
    """Whole passages of at most `budget` words, and their ids."""
    parts, used = [], []
    for passage, _ in hits:
        size = len(_words(passage.text))
        if size <= budget:
            budget -= size
            parts.append(f"[{passage.id}] {passage.text}")
            used.append(passage.id)
    return "\n\n".join(parts), used


def unsupported(answer: str, used: Sequence[str], index: Index) -> list[str]:
    """Quotations of `answer` that are not in the passage they name."""
    wrong = []
    for quotation, name in re.findall(r'"([^"]*)" \[([^\]]*)\]', answer):
        if name not in used or not _says(index.passages[name].text, quotation):
            wrong.append(quotation)
    return wrong


def _says(source: str, quotation: str) -> bool:
    # spaces on both sides: whole words only
    said, text = (f" {' '.join(_words(t))} " for t in (quotation, source))
    return said in text


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())
