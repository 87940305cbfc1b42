"""The best rows come first, equals by index, whatever their lengths."""

import numpy as np


def rows(n=50, dim=8, seed=0):
    chance = np.random.default_rng(seed)
    return chance.normal(size=(n, dim)), chance.normal(size=dim)


def test_it_agrees_with_sorting_everything(exercise):
    for seed in range(20):
        vectors, query = rows(seed=seed)
        cosine = [
            float(v @ query / np.linalg.norm(v) / np.linalg.norm(query))
            for v in vectors
        ]
        wanted = sorted(range(50), key=lambda i: -cosine[i])[:7]
        found, similarity = exercise.top_k(query, vectors, 7)
        assert found.tolist() == wanted
        assert np.allclose(similarity, [cosine[i] for i in wanted])


def test_length_does_not_matter(exercise):
    vectors, query = rows()
    scale = np.geomspace(1e-3, 1e3, len(vectors))[:, None]
    found, similarity = exercise.top_k(query, vectors, 5)
    again, same = exercise.top_k(query * 9, vectors * scale, 5)
    assert (found == again).all()
    assert np.allclose(similarity, same)


def test_equals_come_by_index_also_at_the_cut(exercise):
    """Small whole numbers, so that equals are equal to the last bit."""
    kinds = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    chance = np.random.default_rng(1)
    for _ in range(50):
        pick = chance.integers(0, 3, size=40)
        found, _ = exercise.top_k(np.array([1.0, 0.0]), kinds[pick], 10)
        wanted = sorted(range(40), key=lambda i: (pick[i], i))[:10]
        assert found.tolist() == wanted


def test_opposite_and_equal_directions_are_one(exercise):
    vectors, _ = rows(20, 3)
    for vector in vectors:
        found, similarity = exercise.top_k(
            vector, np.stack([-vector, vector]), 2
        )
        assert found.tolist() == [1, 0]
        assert np.allclose(similarity, [1, -1])
        assert (np.abs(similarity) <= 1).all()


def test_a_row_of_zeros_is_similar_to_nothing(exercise):
    vectors = np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    with np.errstate(all="raise"):
        found, similarity = exercise.top_k(np.array([1.0, 0.0]), vectors, 3)
    assert found.tolist() == [2, 1, 0]
    assert similarity.tolist() == [1.0, 0.0, -1.0]


def test_huge_entries_do_not_overflow(exercise):
    vectors = np.array([[1e200, 1e200], [1e200, 0.0]])
    found, similarity = exercise.top_k(np.array([1.0, 1.0]), vectors, 2)
    assert found.tolist() == [0, 1]
    assert np.allclose(similarity, [1, np.sqrt(0.5)])


def test_tiny_entries_do_not_vanish(exercise):
    vectors = np.array([[0.0, 1.0], [1e-200, 0.0]])
    found, similarity = exercise.top_k(np.array([1e-200, 0.0]), vectors, 2)
    assert found.tolist() == [1, 0]
    assert similarity.tolist() == [1, 0]


def test_no_more_than_there_are(exercise):
    vectors, query = rows(3)
    found, similarity = exercise.top_k(query, vectors, 10)
    assert sorted(found.tolist()) == [0, 1, 2]
    assert (np.diff(similarity) <= 0).all()
    found, similarity = exercise.top_k(query, vectors[:0], 10)
    assert len(found) == len(similarity) == 0
    assert found.dtype.kind == "i"


def test_the_best_alone(exercise):
    vectors, query = rows()
    found, similarity = exercise.top_k(query, vectors, 1)
    more, similarities = exercise.top_k(query, vectors, 9)
    assert found.tolist() == more[:1].tolist()
    assert similarity.tolist() == similarities[:1].tolist()


def test_not_everything_is_sorted(exercise):
    """Sorting is asked for far fewer rows than there are."""
    vectors, query = rows(2000)
    asked, sort, argsort = [], np.sort, np.argsort

    def counted(plain):
        def run(array, *rest, **named):
            asked.append(np.size(array))
            return plain(array, *rest, **named)

        return run

    np.sort, np.argsort = counted(sort), counted(argsort)
    try:
        exercise.top_k(query, vectors, 5)
    finally:
        np.sort, np.argsort = sort, argsort
    assert max(asked, default=0) < 100


def test_what_has_no_answer_is_refused(exercise):
    vectors, query = rows()
    bad = vectors.copy()
    bad[3, 2] = np.nan
    for arguments in (
        (query * 0, vectors, 3),
        (query, vectors, 0),
        (query[:-1], vectors, 3),
        (query, bad, 3),
        (query * np.inf, vectors, 3),
        (query[None], vectors, 3),
        (query[:, None], vectors, 3),
        (query[:2], np.ones((3, 2, 2)), 3),
    ):
        try:
            exercise.top_k(*arguments)
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError("took what has no answer")
