"""The factors leave the exact product alone and never make the rounded one
worse than plain rounding; where a few input channels are large, as in LLMs,
the error falls to less than half. They equal those of an exhaustive search
written out differently, and a dead channel does no harm.
"""

import math

import pytest
import torch

from snippets.quantization import awq
from snippets.quantization.awq import awq_scales
from snippets.quantization.groupwise import round_to_nearest

D_IN, D_OUT, GROUP = 64, 20, 32


def _layer(device, outliers=True):
    weight = torch.randn(D_OUT, D_IN, dtype=torch.float64, device=device)
    inputs = torch.randn(300, D_IN, dtype=torch.float64, device=device)
    if outliers:
        inputs[:, [3, 40]] *= 30
    return weight, inputs


def _error(weight, inputs, scales):
    rounded = round_to_nearest(weight * scales, 4, GROUP)
    output = (inputs / scales) @ rounded.T
    return (output - inputs @ weight.T).square().mean().item()


def test_the_exact_product_stays_the_same(device):
    weight, inputs = _layer(device)
    scales = awq_scales(weight, inputs, 4, GROUP)
    output = (inputs / scales) @ (weight * scales).T
    torch.testing.assert_close(
        output, inputs @ weight.T, rtol=1e-12, atol=1e-12
    )


def test_large_channels_are_rounded_more_finely(device):
    weight, inputs = _layer(device)
    scales = awq_scales(weight, inputs, 4, GROUP)
    assert set(scales.topk(2).indices.tolist()) == {3, 40}
    plain = _error(weight, inputs, torch.ones_like(scales))
    assert _error(weight, inputs, scales) < plain / 2


def test_new_inputs_gain_too(device):
    weight, inputs = _layer(device)
    scales = awq_scales(weight, inputs[:150], 4, GROUP)
    plain = _error(weight, inputs[150:], torch.ones_like(scales))
    assert _error(weight, inputs[150:], scales) < plain / 2


@pytest.mark.parametrize("outliers", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_never_worse_than_plain_rounding(device, seed, outliers):
    torch.manual_seed(seed)
    weight, inputs = _layer(device, outliers)
    scales = awq_scales(weight, inputs, 4, GROUP)
    plain = _error(weight, inputs, torch.ones_like(scales))
    assert _error(weight, inputs, scales) <= plain * (1 + 1e-9)


def test_equals_an_exhaustive_search(device):
    weight, inputs = _layer(device)
    mean = inputs.abs().mean(dim=0)
    candidates = []
    for alpha in (0.0, 0.25, 0.5, 0.75, 1.0):
        powers = torch.exp(alpha * mean.log())
        middle = torch.exp((powers.log().max() + powers.log().min()) / 2)
        candidates.append(powers / middle)
    best = min(candidates, key=lambda s: _error(weight, inputs, s))
    scales = awq_scales(weight, inputs, 4, GROUP, n_tries=4)
    torch.testing.assert_close(scales, best, rtol=1e-12, atol=0)


def test_alpha_runs_from_0_to_1(device, monkeypatch):
    tried = []

    def watched(weight, bits, group):
        tried.append((weight[0, 0] / weight[0, 1]).log().item())
        return weight

    monkeypatch.setattr(awq, "round_to_nearest", watched)
    weight = torch.ones(1, 2, dtype=torch.float64, device=device)
    inputs = torch.tensor([[8.0, 2.0]], dtype=torch.float64, device=device)
    awq_scales(weight, inputs, 4, 2, n_tries=4)
    expected = [alpha * math.log(4) for alpha in (0, 0.25, 0.5, 0.75, 1)]
    assert tried == pytest.approx(expected, abs=1e-12)


def test_int4_in_groups_of_128_unless_told_otherwise(device):
    weight = torch.randn(3, 256, dtype=torch.float64, device=device)
    inputs = torch.randn(20, 256, dtype=torch.float64, device=device)
    expected = awq_scales(weight, inputs, 4, 128, 20)
    assert torch.equal(awq_scales(weight, inputs), expected)


def test_with_even_inputs_there_is_nothing_to_gain(device):
    weight, inputs = _layer(device, outliers=False)
    inputs = inputs.sign()  # every channel of the same strength
    scales = awq_scales(weight, inputs, 4, GROUP)
    assert torch.equal(scales, torch.ones_like(scales))


def test_where_rounding_loses_nothing_nothing_is_scaled(device):
    weight, inputs = _layer(device)
    scales = awq_scales(0 * weight, inputs, 4, GROUP)
    assert torch.equal(scales, torch.ones_like(scales))


def test_a_dead_channel_does_no_harm(device):
    weight, inputs = _layer(device)
    inputs[:, 7] = 0
    scales = awq_scales(weight, inputs, 4, GROUP)
    assert scales.isfinite().all()
    assert (scales > 0).all()
