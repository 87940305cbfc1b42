"""Filters keep what they say, in the stated order; a forbidden token is never
drawn; draws follow the probabilities.
"""

import numpy as np

LOGITS = np.log([0.4, 0.3, 0.15, 0.1, 0.05])


def kept(found):
    return np.flatnonzero(found).tolist()


def test_plain_probabilities_are_the_softmax(exercise):
    found = exercise.probabilities(LOGITS)
    assert np.allclose(found, [0.4, 0.3, 0.15, 0.1, 0.05], atol=1e-12)
    shifted = exercise.probabilities(LOGITS + 1000)
    assert np.allclose(found, shifted, atol=1e-12)


def test_temperature_divides_the_logits(exercise):
    found = exercise.probabilities(LOGITS, temperature=0.5)
    squares = np.array([0.4, 0.3, 0.15, 0.1, 0.05]) ** 2
    assert np.allclose(found, squares / squares.sum(), atol=1e-12)
    with np.errstate(over="raise", invalid="raise"):
        cold = exercise.probabilities(np.array([500.0, 499, -500]), 0.01)
    assert np.isclose(cold[0], 1)


def test_temperature_zero_takes_the_first_of_the_largest(exercise):
    found = exercise.probabilities(np.array([1.0, 3, 3, -np.inf]), 0)
    assert found.tolist() == [0, 1, 0, 0]
    found = exercise.probabilities(LOGITS, 0, top_k=3, top_p=0.1, min_p=1.0)
    assert found.tolist() == [1, 0, 0, 0, 0]


def test_top_k_keeps_exactly_k_and_the_lower_index(exercise):
    equal = np.zeros(6)
    assert kept(exercise.probabilities(equal, top_k=4)) == [0, 1, 2, 3]
    assert kept(exercise.probabilities(LOGITS, top_k=2)) == [0, 1]
    assert kept(exercise.probabilities(LOGITS, top_k=1)) == [0]
    assert kept(exercise.probabilities(LOGITS, top_k=99)) == [0, 1, 2, 3, 4]
    many = np.tile([0.0, 1.0], 500)
    wanted = [*range(0, 200, 2), *range(1, 1000, 2)]
    assert kept(exercise.probabilities(many, top_k=600)) == sorted(wanted)


def test_top_p_keeps_the_token_that_crosses(exercise):
    assert kept(exercise.probabilities(LOGITS, top_p=0.1)) == [0]
    assert kept(exercise.probabilities(LOGITS, top_p=0.5)) == [0, 1]
    assert kept(exercise.probabilities(LOGITS, top_p=0.75)) == [0, 1, 2]
    assert len(kept(exercise.probabilities(LOGITS, top_p=1.0))) == 5
    rare = np.array([0.0, -50.0])  # their sum is 1 without the second
    assert kept(exercise.probabilities(rare, top_p=1.0)) == [0, 1]
    halves = np.zeros(4)
    assert kept(exercise.probabilities(halves, top_p=0.5)) == [0, 1]


def test_min_p_follows_the_largest(exercise):
    assert kept(exercise.probabilities(LOGITS, min_p=0.3)) == [0, 1, 2]
    assert kept(exercise.probabilities(LOGITS, min_p=1.0)) == [0]
    assert len(kept(exercise.probabilities(LOGITS, min_p=0.0))) == 5


def test_filters_act_in_order_on_what_is_left(exercise):
    """Top-k leaves 0.4, 0.3, 0.15, that is 0.47, 0.35, 0.18."""
    found = exercise.probabilities(LOGITS, top_k=3, top_p=0.8)
    assert kept(found) == [0, 1]
    found = exercise.probabilities(LOGITS, temperature=100.0, top_p=0.7)
    assert kept(found) == [0, 1, 2, 3]


def test_what_is_left_is_scaled_up_to_one(exercise):
    for settings in ({"top_k": 3}, {"top_p": 0.7}, {"min_p": 0.3}):
        found = exercise.probabilities(LOGITS, **settings)
        assert np.isclose(found.sum(), 1, atol=1e-12)
        assert np.isclose(found[0] / found[1], 4 / 3)


def test_the_forbidden_stay_forbidden(exercise):
    logits = np.array([0.0, -np.inf, 1.0, -np.inf])
    for settings in (
        {},
        {"temperature": 1e9},
        {"top_k": 4},
        {"top_p": 1.0},
        {"min_p": 0.0},
        {"temperature": 0},
    ):
        found = exercise.probabilities(logits, **settings)
        assert found[1] == found[3] == 0
        assert np.isclose(found.sum(), 1, atol=1e-12)


def test_draws_follow_the_probabilities(exercise):
    found = np.array([0.125, 0.0, 0.5, 0.375, 0.0])
    drawn = [exercise.draw(found, i / 800) for i in range(800)]
    assert np.bincount(drawn, minlength=5).tolist() == [100, 0, 400, 300, 0]


def test_nothing_impossible_is_drawn(exercise):
    last = np.nextafter(1, 0)
    assert exercise.draw(np.array([0.0, 1.0, 0.0]), 0.0) == 1
    assert exercise.draw(np.array([0.0, 1.0, 0.0]), last) == 1
    thirds = np.array([0.3, 0.3, 0.3999999, 0.0])  # sums below one
    assert exercise.draw(thirds, last) == 2


def test_what_makes_no_sense_is_refused(exercise):
    for settings in (
        {"temperature": -1},
        {"top_k": 0},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"min_p": -0.1},
        {"min_p": 1.1},
        {"logits": np.array([np.nan, 0])},
        {"logits": np.array([np.inf, 0])},
        {"logits": np.array([-np.inf, -np.inf])},
        {"u": 1.0},
        {"u": -0.1},
    ):
        try:
            if "u" in settings:
                exercise.draw(np.array([0.5, 0.5]), settings["u"])
            else:
                exercise.probabilities(**{"logits": LOGITS, **settings})
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError(f"took {settings}")
