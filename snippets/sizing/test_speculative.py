"""The expected number of tokens is checked by enumerating every outcome of
four draft tokens, the speed-up by its limits: a free draft gains all accepted
tokens, a useless one only loses.
"""

import itertools

import pytest

from snippets.sizing import speculative as s


def test_expected_tokens_by_enumeration():
    acceptance, total = 0.8, 0.0
    for outcome in itertools.product([True, False], repeat=4):
        probability, accepted = 1.0, 0
        for yes in outcome:
            probability *= acceptance if yes else 1 - acceptance
        while accepted < 4 and outcome[accepted]:
            accepted += 1
        total += probability * (accepted + 1)
    assert s.expected_tokens(acceptance, 4) == pytest.approx(total)
    assert total == pytest.approx(3.3616)


def test_limits():
    assert s.expected_tokens(0, 5) == 1
    assert s.expected_tokens(0.999999, 4) == pytest.approx(5, abs=1e-4)
    assert s.speedup(0.8, 4, 0) == pytest.approx(s.expected_tokens(0.8, 4))
    assert s.speedup(0, 4, 0.1) == pytest.approx(1 / 1.4)


def test_speedup_and_its_price():
    assert s.speedup(0.8, 4, 0.05) == pytest.approx(3.3616 / 1.2)
    assert s.extra_operations(0.8, 4, 0.05) == pytest.approx(
        (4 * 0.05 + 5) / 3.3616
    )
