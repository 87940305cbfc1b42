"""Serving arithmetic on worked cases: ten 128K sequences of a 70B on eight
GPUs, 0.28 a million tokens, 42 GPUs for 105,000 tokens a second; what fits
exactly fits, and one byte more does not.
"""

import pytest

from snippets.sizing import serving as s


def test_ten_long_sequences_fit_on_eight_gpus():
    assert (
        s.max_batch(8, 80_000_000_000, 0.1, 141_107_412_992, 40 * 2**30) == 10
    )
    assert (
        s.max_batch(8, 80_000_000_000, 0.1, 141_107_412_992, 320 * 2**30) == 1
    )


def test_what_fits_exactly_fits():
    assert s.max_batch(2, 50, 0, 40, 20) == 3
    assert s.max_batch(2, 50, 0, 41, 20) == 2
    assert s.max_batch(2, 50, 0.5, 30, 20) == 1
    assert s.max_context(2, 50, 0, 40, 3, 4) == 5
    assert s.max_context(1, 50, 0.2, 10, 3, 2) == 5


def test_fewest_gpus():
    assert s.min_gpus(141.1e9, 80e9, 0.1) == 2
    assert s.min_gpus(100, 10, 0.5) == 20
    assert [s.min_gpus(size, 10, 0) for size in (10, 11)] == [1, 2]


def test_price_of_a_million_tokens():
    assert s.cost_per_million_tokens(2.5, 2500) == pytest.approx(2.5 / 9)
    assert s.throughput_tokens_per_second(10, 0.02) == 500


def test_load():
    assert s.requests_per_second(10_000_000) == pytest.approx(115.74, abs=5e-3)
    assert s.requests_per_second(3 * 24 * 60 * 60) == 3
    assert s.concurrent_requests(350, 4) == 1400
    assert s.gpus_needed(350 * 300, 2500) == 42
    assert s.request_seconds(0.3, 100, 1 / 150) == pytest.approx(
        0.9667, abs=1e-4
    )


def test_cascade_breaks_even():
    assert s.cascade_cost(0.025, 1, 0.5) == 0.525
    assert s.cascade_cost(1, 4, 0.5) == 3
    rate = s.break_even_escalation(1, 40)
    assert rate == 0.975
    assert s.cascade_cost(1, 40, rate) == pytest.approx(40)
