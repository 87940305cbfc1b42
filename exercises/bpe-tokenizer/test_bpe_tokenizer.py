"""Any text comes back, merges are learned by count and then by order, and
encoding follows the order in which they were learned.
"""

import random

TEXT = "the cat that sat on the mat; the hat, the rat. " * 3
A, B, C, D = b"abcd"


def random_text(chance, length):
    alphabet = "ab é漢🙂\n\0"
    return "".join(chance.choice(alphabet) for _ in range(length))


def test_the_classic_example(exercise):
    merges = exercise.train("aaabdaaabac", 3)
    assert merges == [(A, A), (A, B), (256, 257)]
    assert exercise.encode("aaabdaaabac", merges) == [258, D, 258, A, C]


def test_among_equals_the_smallest_pair_wins(exercise):
    assert exercise.train("zyzyabab", 1) == [(A, B)]
    assert exercise.train("babab", 1) == [(A, B)]


def test_overlapping_occurrences_are_counted(exercise):
    """aaaa holds (a, a) three times, which beats bc twice."""
    assert exercise.train("aaaa-bc+bc", 1) == [(A, A)]


def test_merging_goes_from_left_to_right_without_overlap(exercise):
    assert exercise.encode("aa", [(A, A)]) == [256]
    assert exercise.encode("aaa", [(A, A)]) == [256, A]
    assert exercise.encode("aaaaa", [(A, A), (256, A)]) == [256, 257]


def test_training_stops_when_nothing_repeats(exercise):
    assert exercise.train("abcdef", 10) == []
    assert exercise.train("", 10) == []
    assert len(exercise.train("abab", 10)) == 1


def test_any_text_comes_back(exercise):
    merges = exercise.train(TEXT + "é漢🙂 é漢🙂", 40)
    chance = random.Random(0)
    for length in range(60):
        text = random_text(chance, length)
        assert exercise.decode(exercise.encode(text, merges), merges) == text
    assert exercise.decode(exercise.encode(TEXT, merges), merges) == TEXT


def test_encoding_the_training_text_undoes_nothing(exercise):
    """It ends where training ended: as many ids as merges left."""
    merges = exercise.train(TEXT, 25)
    ids = list(TEXT.encode())
    for number, pair in enumerate(merges):
        merged, i = [], 0
        while i < len(ids):
            hit = tuple(ids[i : i + 2]) == pair
            merged.append(256 + number if hit else ids[i])
            i += 2 if hit else 1
        ids = merged
    assert exercise.encode(TEXT, merges) == ids


def test_the_earlier_merge_goes_first_not_the_longer(exercise):
    merges = [(B, C), (A, B), (257, C)]  # bc before ab; abc out of ab and c
    assert exercise.encode("abc", merges) == [A, 256]
    assert exercise.encode("abab", merges) == [257, 257]


def test_half_a_character_becomes_a_mark(exercise):
    assert exercise.decode(list("é".encode())[:1], []) == "\ufffd"
    assert exercise.decode(list("é".encode()), []) == "é"


def test_an_unknown_id_is_refused(exercise):
    for ids, merges in (([256], []), ([-1], []), ([258], [(A, B), (256, C)])):
        try:
            exercise.decode(ids, merges)
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError(f"decoded {ids}")
