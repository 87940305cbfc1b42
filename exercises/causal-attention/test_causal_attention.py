"""Weights are a distribution over the past, at every size of score, and
decoding with a cache gives what one full pass gives.
"""

import numpy as np


def inputs(query=5, key=5, batch=2, head=3, head_dim=4, value_dim=6, seed=0):
    chance = np.random.default_rng(seed)
    return (
        chance.normal(size=(batch, head, query, head_dim)),
        chance.normal(size=(batch, head, key, head_dim)),
        chance.normal(size=(batch, head, key, value_dim)),
    )


def slow(queries, keys, values, causal):
    """One query at a time, with loops."""
    batch, head, n_queries, head_dim = queries.shape
    n_keys = keys.shape[2]
    out = np.zeros((*queries.shape[:3], values.shape[3]))
    for b in range(batch):
        for h in range(head):
            for i in range(n_queries):
                last = n_keys - n_queries + i if causal else n_keys - 1
                seen = range(last + 1)
                raw = [
                    queries[b, h, i] @ keys[b, h, j] / head_dim**0.5
                    for j in seen
                ]
                weights = np.exp(np.array(raw) - max(raw))
                weights /= weights.sum()
                for j in seen:
                    out[b, h, i] += weights[j] * values[b, h, j]
    return out


def test_softmax_is_a_distribution_along_its_axis(exercise):
    scores = np.random.default_rng(0).normal(size=(3, 4, 5))
    for axis in (0, 1, 2, -1):
        weights = exercise.softmax(scores, axis=axis)
        assert np.allclose(weights.sum(axis=axis), 1, atol=1e-12)
        assert (weights > 0).all()


def test_softmax_ignores_a_common_shift(exercise):
    scores = np.array([[1.0, -2.0, 0.5]])
    assert np.allclose(
        exercise.softmax(scores), exercise.softmax(scores + 700), atol=1e-12
    )


def test_softmax_survives_large_scores(exercise):
    with np.errstate(over="raise", invalid="raise"):
        weights = exercise.softmax(np.array([[1e4, 1e4 - 1, -1e4]]))
    assert np.isclose(weights[0, 0] / weights[0, 1], np.e)
    assert weights[0, 2] == 0


def test_masked_scores_weigh_nothing(exercise):
    weights = exercise.softmax(np.array([[0.0, -np.inf, 0.0]]))
    assert np.allclose(weights, [[0.5, 0, 0.5]], atol=1e-15)


def test_it_agrees_with_loops(exercise):
    for query, key, causal in ((5, 5, True), (2, 5, True), (5, 3, False)):
        arrays = inputs(query, key)
        found = exercise.attention(*arrays, causal=causal)
        assert np.allclose(found, slow(*arrays, causal), atol=1e-12)


def test_the_future_changes_nothing(exercise):
    queries, keys, values = inputs()
    before = exercise.attention(queries, keys, values)
    keys[:, :, 3:] = 50.0
    values[:, :, 3:] = 1e9
    after = exercise.attention(queries, keys, values)
    assert (before[:, :, :3] == after[:, :, :3]).all()
    assert (before[:, :, 3:] != after[:, :, 3:]).all()


def test_decoding_step_by_step_equals_one_pass(exercise):
    queries, keys, values = inputs(6, 6)
    full = exercise.attention(queries, keys, values)
    for t in range(6):
        step = exercise.attention(
            queries[:, :, t : t + 1],
            keys[:, :, : t + 1],
            values[:, :, : t + 1],
        )
        assert np.allclose(step[:, :, 0], full[:, :, t], atol=1e-12), t


def test_scores_are_divided_by_the_root_of_the_head_size(exercise):
    queries = np.zeros((1, 1, 1, 16))
    keys = np.zeros((1, 1, 2, 16))
    queries[..., 0], keys[0, 0, 1, 0] = 4.0, np.log(3)  # score 4 ln 3 / 4
    values = np.array([[[[0.0], [1.0]]]])
    found = exercise.attention(queries, keys, values)
    assert np.isclose(found[0, 0, 0, 0], 0.75)


def test_inputs_stay_and_the_type_is_kept(exercise):
    for kind in (np.float32, np.float64):
        arrays = [array.astype(kind) for array in inputs()]
        copies = [array.copy() for array in arrays]
        assert exercise.attention(*arrays).dtype == kind
        for array, copy in zip(arrays, copies, strict=True):
            assert (array == copy).all()


def test_what_does_not_fit_is_refused(exercise):
    queries, keys, values = inputs(6, 5)
    for bad in (
        lambda: exercise.attention(queries, keys, values),
        lambda: exercise.attention(queries[..., :3], keys, values, False),
    ):
        try:
            bad()
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError("took shapes that do not fit")
