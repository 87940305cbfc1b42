"""Search agrees with the formula, never shows what may not be read, and every
quotation is traced to its passage.
"""

import random
import re
from math import log

ALL = frozenset({"all"})
WORDS = "cache block token page model layer head scale".split()


def corpus(exercise, n=40, seed=0):
    chance = random.Random(seed)
    return [
        exercise.Passage(
            f"p{i:02}",
            " ".join(chance.choices(WORDS, k=chance.randrange(1, 15))),
            frozenset(chance.sample(["all", "legal", "staff"], 1)),
        )
        for i in range(n)
    ]


def slow(passages, query, groups, k, k1=1.2, b=0.75):
    texts = {p.id: re.findall(r"[a-z0-9]+", p.text.lower()) for p in passages}
    mean = sum(map(len, texts.values())) / len(texts)
    found = []
    for p in passages:
        score = 0.0
        for word in set(re.findall(r"[a-z0-9]+", query.lower())):
            n = sum(word in text for text in texts.values())
            f = texts[p.id].count(word)
            idf = log(1 + (len(texts) - n + 0.5) / (n + 0.5))
            size = k1 * (1 - b + b * len(texts[p.id]) / mean)
            score += idf * f * (k1 + 1) / (f + size)
        if score > 0 and p.readers & groups:
            found.append((-round(score, 9), p.id))
    return [name for _, name in sorted(found)[:k]]


def ids(hits):
    return [passage.id for passage, _ in hits]


def test_it_agrees_with_the_formula(exercise):
    for seed in range(10):
        passages = corpus(exercise, seed=seed)
        index = exercise.Index(passages)
        for query in ("cache", "token page", "Model, HEAD! model"):
            found = ids(index.search(query, {"all", "staff"}, 7))
            assert found == slow(passages, query, {"all", "staff"}, 7)


def test_a_known_score(exercise):
    """Two passages of one word each; ln 2 for a word in one of two."""
    index = exercise.Index(
        [exercise.Passage("a", "kv", ALL), exercise.Passage("b", "x", ALL)]
    )
    ((passage, score),) = index.search("kv", {"all"}, 5)
    assert passage.id == "a"
    assert abs(score - log(2)) < 1e-12
    alone = exercise.Index([exercise.Passage("a", "kv cache", ALL)])
    ((_, score),) = alone.search("kv", {"all"}, 1)
    assert abs(score - log(4 / 3)) < 1e-12


def test_a_repeated_word_of_the_query_counts_once(exercise):
    index = exercise.Index(corpus(exercise))
    once = index.search("cache head", {"all"}, 9)
    assert once
    assert index.search("cache head cache cache", {"all"}, 9) == once


def test_a_word_in_every_passage_is_not_negative(exercise):
    passages = [exercise.Passage(str(i), "the kv", ALL) for i in range(3)]
    hits = exercise.Index(passages).search("the", {"all"}, 3)
    assert ids(hits) == ["0", "1", "2"]
    assert all(score > 0 for _, score in hits)


def test_what_may_not_be_read_never_appears_nor_takes_a_place(exercise):
    passages = corpus(exercise, 60)
    index = exercise.Index(passages)
    for k in (1, 3, 60):
        found = index.search("cache block token", {"legal"}, k)
        assert found
        assert all("legal" in passage.readers for passage, _ in found)
        readable = slow(passages, "cache block token", {"legal"}, 60)
        assert len(found) == min(k, len(readable))
    assert index.search("cache", set(), 5) == []


def test_nothing_is_found_for_nothing(exercise):
    index = exercise.Index(corpus(exercise))
    assert index.search("", {"all"}, 5) == []
    assert index.search("unheard of", {"all"}, 5) == []
    assert exercise.Index([]).search("cache", {"all"}, 5) == []


def test_passages_are_packed_whole_and_in_order(exercise):
    hits = [
        (exercise.Passage("a", "one two", ALL), 3.0),
        (exercise.Passage("b", "one two three four", ALL), 2.0),
        (exercise.Passage("c", "one", ALL), 1.0),
    ]
    assert exercise.pack(hits, 3) == ("[a] one two\n\n[c] one", ["a", "c"])
    assert exercise.pack(hits, 7)[1] == ["a", "b", "c"]
    assert exercise.pack(hits, 0) == ("", [])


def test_quotations_are_traced_to_their_passage(exercise):
    index = exercise.Index(
        [
            exercise.Passage("a", "Blocks hold 16 tokens, each.", ALL),
            exercise.Passage("b", "Weights are 141 GB.", ALL),
        ]
    )
    answer = (
        'It says "blocks hold 16 tokens" [a] and "Weights are 140 GB" [b], '
        '"locks hold" [a], "Weights are 141 GB" [a], "weights are" [c].'
    )
    assert exercise.unsupported(answer, ["a", "b"], index) == [
        "Weights are 140 GB",
        "locks hold",
        "Weights are 141 GB",
        "weights are",
    ]
    good = 'See "Weights are 141 GB" [b].'
    assert exercise.unsupported(good, ["b"], index) == []
    assert exercise.unsupported(good, ["a"], index) == ["Weights are 141 GB"]
    assert exercise.unsupported('"" [b]', ["a"], index) == [""]


def test_what_cannot_be_is_refused(exercise):
    passage = exercise.Passage("a", "x", ALL)
    for bad in (
        lambda: exercise.Index([passage, passage]),
        lambda: exercise.Index([passage]).search("x", {"all"}, 0),
    ):
        try:
            bad()
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError("took what cannot be")
