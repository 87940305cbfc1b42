"""Compute budgets against the papers: Chinchilla's own 70 billion and 1.4
trillion, its fitted loss, Megatron's 34 days for GPT-3; the optimum of the fit
is checked by moving away from it.
"""

import pytest

from snippets.sizing import training as t


def test_chinchilla_is_its_own_optimum():
    budget = 6 * 70e9 * 1.4e12
    assert t.chinchilla_params(budget, 20) == pytest.approx(70e9)
    assert t.chinchilla_tokens(budget, 20) == pytest.approx(1.4e12)
    assert 6 * t.chinchilla_params(1e20, 7) * t.chinchilla_tokens(
        1e20, 7
    ) == pytest.approx(1e20)
    assert t.chinchilla_tokens(1e20, 7) / t.chinchilla_params(
        1e20, 7
    ) == pytest.approx(7)


def test_fitted_loss_of_chinchilla():
    assert t.expected_loss(70e9, 1.4e12, **t.CHINCHILLA_FIT) == pytest.approx(
        1.937, abs=5e-4
    )
    assert (
        t.expected_loss(4, 9, irreducible=1, a=6, b=12, alpha=0.5, beta=0.5)
        == 1 + 3 + 4
    )


@pytest.mark.parametrize("fit", [t.CHINCHILLA_FIT, t.REPLICATED_FIT])
def test_optimum_of_the_fit_is_a_minimum(fit):
    constants = {name: fit[name] for name in ("a", "b", "alpha", "beta")}
    best = t.optimal_params_by_fit(1e23, **constants)
    losses = [
        t.expected_loss(n, 1e23 / (6 * n), **fit)
        for n in (best * 0.99, best, best * 1.01)
    ]
    assert losses[1] < min(losses[0], losses[2])


def test_the_replicated_fit_says_about_20_tokens_a_parameter():
    constants = {
        name: t.REPLICATED_FIT[name] for name in ("a", "b", "alpha", "beta")
    }
    params = t.optimal_params_by_fit(5.76e23, **constants)
    assert 15 < 5.76e23 / (6 * params**2) < 30


def test_gpt3_on_1024_a100_takes_34_days():
    seconds = t.training_seconds(8 * 175e9 * 300e9, 1024, 312e12, 140 / 312)
    assert seconds / 86400 == pytest.approx(34, abs=0.1)


def test_hours_days_and_price_of_an_8b_on_a_trillion_tokens():
    flops = 6 * 8e9 * 1e12
    assert t.gpu_hours(flops, 989e12, 0.4) == pytest.approx(33_704, abs=1)
    assert t.training_cost(flops, 989e12, 0.4, 2.5) == pytest.approx(
        84_260, abs=1
    )
    days = t.gpu_hours(flops, 989e12, 0.4) / 1024 / 24
    assert t.training_days(8e9, 1e12, 1024, 989e12, 0.4) == pytest.approx(days)


def test_lifetime_flops():
    assert t.lifetime_flops(8e9, 15e12, 10e12) == pytest.approx(8.8e23)


def test_mfu_inverts_the_training_time():
    assert t.model_flops_utilization(
        1e12 / t.training_seconds(6 * 8e9 * 1e12, 16, 1e15, 0.37),
        8e9,
        16,
        1e15,
    ) == pytest.approx(0.37)
    assert t.model_flops_utilization(
        400e12 / (6 * 405e9), 405e9, 1, 989e12
    ) == pytest.approx(0.404, abs=1e-3)


def test_tokens_per_step():
    assert t.tokens_per_step(4, 8192, 8, 64) == 16_777_216
