"""The sums are those of the next token under the mask, the loss is DPO's, and
the gradient is the slope of the loss, at every size of margin.
"""

import numpy as np


def sums(batch=5, seed=0, scale=3.0):
    chance = np.random.default_rng(seed)
    return [chance.normal(scale=scale, size=batch) for _ in range(4)]


def test_the_logits_at_a_time_predict_the_next_token(exercise):
    chance = np.random.default_rng(0)
    logits = chance.normal(size=(2, 5, 7))
    tokens = chance.integers(0, 7, size=(2, 5))
    mask = np.array([[1, 0, 1, 1, 0], [0, 1, 0, 0, 1]], dtype=bool)
    found = exercise.answer_log_probability(logits, tokens, mask)
    for row in range(2):
        total = 0.0
        for t in range(1, 5):
            weights = np.exp(logits[row, t - 1])
            if mask[row, t]:
                total += np.log(weights[tokens[row, t]] / weights.sum())
        assert np.isclose(found[row], total, atol=1e-12)


def test_what_is_masked_changes_nothing(exercise):
    chance = np.random.default_rng(1)
    logits = chance.normal(size=(1, 6, 4))
    tokens = chance.integers(0, 4, size=(1, 6))
    mask = np.array([[False, False, True, True, False, False]])
    before = exercise.answer_log_probability(logits, tokens, mask)
    logits[:, [0, 3, 4, 5]] = 99 * chance.normal(size=(1, 4, 4))
    tokens[:, [0, 1, 4, 5]] = 3 - tokens[:, [0, 1, 4, 5]]
    after = exercise.answer_log_probability(logits, tokens, mask)
    assert before == after
    assert before < 0


def test_large_logits_do_not_overflow(exercise):
    logits = np.array([[[1e4, -1e4], [0.0, 0.0]]])
    mask = np.array([[False, True]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = [
            exercise.answer_log_probability(logits, np.array([[0, t]]), mask)
            for t in (0, 1)
        ]
    assert np.allclose(np.concatenate(found), [0, -2e4])


def test_a_policy_like_its_reference_costs_ln_2(exercise):
    chosen, rejected, _, _ = sums()
    loss, _, _ = exercise.dpo(chosen, rejected, chosen, rejected, 0.1)
    assert np.isclose(loss, np.log(2), atol=1e-15)


def test_the_loss_is_minus_log_sigmoid_of_the_margin(exercise):
    a, b, c, d = sums()
    for beta, smoothing in ((0.1, 0.0), (1.0, 0.0), (0.5, 0.15)):
        margin = beta * ((a - c) - (b - d))
        right = 1 / (1 + np.exp(-margin))
        wanted = -(1 - smoothing) * np.log(right)
        wanted -= smoothing * np.log(1 - right)
        loss, _, _ = exercise.dpo(a, b, c, d, beta, smoothing)
        assert np.isclose(loss, wanted.mean(), atol=1e-12)


def test_only_the_difference_counts(exercise):
    a, b, c, d = sums()
    before = exercise.dpo(a, b, c, d, 0.3)
    after = exercise.dpo(a - 50, b - 50, c, d, 0.3)
    for x, y in zip(before, after, strict=True):
        assert np.allclose(x, y, atol=1e-12)


def test_the_gradient_is_the_slope_of_the_loss(exercise):
    for smoothing in (0.0, 0.2):
        arrays = sums(4, scale=1.0)
        _, *found = exercise.dpo(*arrays, 0.7, smoothing)
        for which in (0, 1):
            for i in range(4):
                ends = []
                for step in (1e-5, -1e-5):
                    moved = [array.copy() for array in arrays]
                    moved[which][i] += step
                    ends.append(exercise.dpo(*moved, 0.7, smoothing)[0])
                slope = (ends[0] - ends[1]) / 2e-5
                assert np.isclose(found[which][i], slope, atol=1e-9)


def test_chosen_and_rejected_are_pushed_alike(exercise):
    """The loss does not ask that the chosen answer become more likely."""
    _, up, down = exercise.dpo(*sums(), 0.1)
    assert (up < 0).all()
    assert (up == -down).all()


def test_smoothing_has_a_finite_best_margin(exercise):
    zero = np.zeros(1)
    best = np.log(0.85 / 0.15)
    _, gradient, _ = exercise.dpo(zero + best, zero, zero, zero, 1.0, 0.15)
    assert np.allclose(gradient, 0, atol=1e-15)
    _, beyond, _ = exercise.dpo(zero + best + 1, zero, zero, zero, 1.0, 0.15)
    assert beyond > 0


def test_huge_margins_stay_finite(exercise):
    zero, huge = np.zeros(2), np.array([1e6, -1e6])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, up, _ = exercise.dpo(huge, zero, zero, zero, 1.0)
    assert np.isclose(loss, 5e5)
    assert np.allclose(up, [0, -0.5])


def test_what_makes_no_sense_is_refused(exercise):
    a, b, c, d = sums()
    for arguments in (
        (a, b, c, d, 0.0),
        (a, b, c, d, -1.0),
        (a, b, c, d, 1.0, 0.5),
        (a, b, c, d, 1.0, -0.1),
        (a, b[:-1], c, d, 1.0),
        (a, b[:1], c, d, 1.0),  # which NumPy would stretch
    ):
        try:
            exercise.dpo(*arguments)
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError("took what makes no sense")
