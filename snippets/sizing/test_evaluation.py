"""Intervals and sample sizes against published error bars, against exact
binomial sums, and against the definition of each chance.
"""

import math

import pytest

from snippets.sizing import evaluation as e


def test_error_bars_of_benchmarks():
    assert e.standard_error(0.8, 500) == pytest.approx(0.017889, abs=1e-6)
    assert e.interval_half_width(0.8, 500, 1.96) == pytest.approx(
        0.0351, abs=5e-5
    )
    assert e.clustered_standard_error(0.01, 10, 0.2) == pytest.approx(
        0.01673, abs=1e-5
    )
    assert e.clustered_standard_error(0.01, 10, 0) == 0.01


def test_wilson_interval():
    assert e.wilson_lower(0.9, 10, 1.96) == pytest.approx(0.5958, abs=5e-5)
    assert e.wilson_upper(0.9, 10, 1.96) == pytest.approx(0.9821, abs=5e-5)
    assert e.wilson_lower(0, 10, 1.96) == pytest.approx(0, abs=1e-15)
    assert e.wilson_upper(1, 10, 1.96) == pytest.approx(1)


def test_wilson_ends_solve_the_score_equation():
    for rate in (0.1, 0.5, 0.93):
        for end in (
            e.wilson_lower(rate, 37, 1.96),
            e.wilson_upper(rate, 37, 1.96),
        ):
            assert abs(rate - end) == pytest.approx(
                1.96 * math.sqrt(end * (1 - end) / 37)
            )


def test_sample_sizes():
    assert e.sample_size_mean(0.5, 0.05, 1.96) == 385
    assert e.sample_size_difference(0.8, 0.82, 1.96, 0.8416) == 6036
    assert e.sample_size_paired(0.1, 0.02, 1.96, 0.8416) == 1955


def test_a_sample_of_that_size_has_that_width():
    size = e.sample_size_mean(0.3, 0.02, 1.96)
    assert (
        e.interval_half_width(0.3, size, 1.96)
        <= 0.02
        < e.interval_half_width(0.3, size - 1, 1.96)
    )


def test_chances_of_trials():
    assert e.all_succeed(0.9, 8) == pytest.approx(0.43, abs=5e-4)
    assert e.any_succeeds(0.3, 5) == pytest.approx(0.83193)
    assert e.any_succeeds(0.3, 5) == pytest.approx(
        sum(math.comb(5, k) * 0.3**k * 0.7 ** (5 - k) for k in range(1, 6))
    )


def test_positive_predictive_value_at_a_low_base_rate():
    assert e.positive_predictive_value(0.01, 0.95, 0.95) == pytest.approx(
        0.161, abs=5e-4
    )
    assert e.positive_predictive_value(0.2, 0.5, 0.75) == pytest.approx(
        0.1 / (0.1 + 0.2)
    )


def test_kappa():
    assert e.cohen_kappa(0.85, 0.5) == pytest.approx(0.7)


def test_rule_of_three():
    bound = e.zero_failures_bound(300, 0.05)
    assert bound == pytest.approx(0.00994, abs=1e-5)
    assert (1 - bound) ** 300 == pytest.approx(0.05)
