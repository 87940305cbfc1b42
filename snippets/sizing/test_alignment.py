"""Best-of-n divergence against an exact sum over a large uniform vocabulary,
memory of PPO, GRPO and DPO on a worked case.
"""

import math

import pytest

from snippets.sizing import alignment as a


def test_best_of_n_against_the_exact_divergence():
    # With distinct rewards, the best of n is answer i with probability
    # (i^n - (i - 1)^n) / answers^n.
    n, answers, exact = 16, 20_000, 0.0
    for i in range(1, answers + 1):
        chance = (i / answers) ** n - ((i - 1) / answers) ** n
        if chance > 0:
            exact += chance * math.log(chance * answers)
    assert exact <= a.best_of_n_kl(n)
    assert a.best_of_n_kl(n) == pytest.approx(exact, abs=1e-3)
    assert a.best_of_n_kl(n) == pytest.approx(1.8351, abs=1e-4)
    assert a.best_of_n_kl(1) == 0


def test_models_that_must_be_held():
    def held(trained, frozen):
        return a.alignment_memory_bytes(trained, frozen, 7e9, 16, 2) / 1e9

    assert [held(2, 2), held(1, 2), held(1, 1)] == [252, 140, 126]


def test_speeding_up_a_part():
    assert a.pipeline_speedup_limit(0.3, 4) == pytest.approx(1 / 0.475)
    assert a.pipeline_speedup_limit(1, 9) == 1
