"""The Cholesky form equals the direct one, which solves a least-squares
problem for the remaining weights after each rounding, in float64. All results
lie on the grid of their groups. With correlated inputs the error of the
outputs is less than half that of plain rounding, on new inputs too; with
uncorrelated ones both are the same.
"""

import pytest
import torch

from snippets.quantization.gptq import gptq
from snippets.quantization.groupwise import (
    group_grid,
    round_to_grid,
    round_to_nearest,
)

D_IN, D_OUT = 8, 3


def _weight(device, d_out=D_OUT, d_in=D_IN):
    return torch.randn(d_out, d_in, dtype=torch.float64, device=device)


def _correlated(device, n, d_in=D_IN):
    """Inputs from a quarter as many sources as channels, and some noise."""
    chance = torch.Generator().manual_seed(1)
    mix = torch.randn(d_in // 4, d_in, dtype=torch.float64, generator=chance)
    sources = torch.randn(n, d_in // 4, dtype=torch.float64, device=device)
    noise = torch.randn(n, d_in, dtype=torch.float64, device=device)
    return sources @ mix.to(device) + 0.1 * noise


def _error(weight, rounded, inputs):
    return (inputs @ (rounded - weight).T).square().mean().sqrt().item()


def _direct(weight, inputs, bits, group, damping):
    """OBQ in fixed order: round one, solve for the best rest, repeat."""
    d_in = weight.shape[1]
    hessian = inputs.T @ inputs
    hessian += damping * hessian.diagonal().mean() * torch.eye(d_in).to(weight)
    current = weight.clone()
    for i in range(d_in):
        if i % group == 0:
            grid = group_grid(current[:, i : i + group], bits, group)
        column = current[:, i][:, None, None]
        current[:, i] = round_to_grid(column, *grid, bits).flatten()
        fixed, rest = slice(0, i + 1), slice(i + 1, d_in)
        # The best rest in view of all that is fixed, from scratch.
        pull = (current - weight)[:, fixed] @ hessian[fixed, rest]
        change = torch.linalg.solve(hessian[rest, rest], pull.T).T
        current[:, rest] = weight[:, rest] - change
    return current


@pytest.mark.parametrize("group", [2, 4, 8])
@pytest.mark.parametrize("bits", [2, 4])
@pytest.mark.parametrize("n", [5, 40])
def test_equals_the_direct_form(device, bits, group, n):
    weight, inputs = _weight(device), _correlated(device, n)
    result = gptq(weight, inputs, bits, group, damping=0.02)
    expected = _direct(weight, inputs, bits, group, damping=0.02)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-10)


def test_int4_in_groups_of_128_unless_told_otherwise(device):
    weight, inputs = _weight(device, 2, 256), _correlated(device, 40, 256)
    expected = gptq(weight, inputs, 4, 128, 0.01)
    assert torch.equal(gptq(weight, inputs), expected)


def test_every_weight_lies_on_a_grid(device):
    weight = _weight(device, 4, 96)
    result = gptq(weight, _correlated(device, 200, 96), 3, group=48)
    for values in result.unflatten(1, (-1, 48)).flatten(0, 1):
        steps = values.unique().diff()
        assert len(values.unique()) <= 8
        ratio = steps / steps.min()
        torch.testing.assert_close(ratio, ratio.round(), rtol=0, atol=1e-9)


def test_correlated_inputs_halve_the_error(device):
    weight, inputs = _weight(device, 32, 64), _correlated(device, 600, 64)
    result = gptq(weight, inputs[:300], 4, group=32)
    plain = round_to_nearest(weight, 4, 32)
    for part in (inputs[:300], inputs[300:]):
        ours = _error(weight, result, part)
        assert ours < _error(weight, plain, part) / 2
    # Outputs are close although entries are further away.
    entries = (result - weight).square().mean()
    assert entries > (plain - weight).square().mean()


def test_uncorrelated_inputs_make_it_plain_rounding(device):
    weight = _weight(device)
    inputs = torch.diag(torch.arange(1.0, D_IN + 1)).to(weight)
    result = gptq(weight, inputs, 4, group=4)
    expected = round_to_nearest(weight, 4, 4)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-13)


def test_rows_do_not_feel_each_other(device):
    weight, inputs = _weight(device), _correlated(device, 40)
    before = gptq(weight, inputs, 4, group=4)
    weight[1] *= 1000
    after = gptq(weight, inputs, 4, group=4)
    assert torch.equal(after[[0, 2]], before[[0, 2]])


def test_columns_are_final_from_left_to_right(device):
    weight, inputs = _weight(device), _correlated(device, 40)
    before = gptq(weight, inputs, 4, group=4)
    weight[:, 4:] += 1
    after = gptq(weight, inputs, 4, group=4)
    assert torch.equal(after[:, :4], before[:, :4])
    assert not torch.equal(after[:, 4:], before[:, 4:])


def test_a_dead_channel_is_damped(device):
    weight, inputs = _weight(device), _correlated(device, 40)
    inputs[:, 5] = 0
    assert gptq(weight, inputs, 4, group=4).isfinite().all()
    with pytest.raises(torch.linalg.LinAlgError):
        gptq(weight, inputs, 4, group=4, damping=0.0)


def test_the_weight_given_is_not_changed(device):
    weight = _weight(device)
    before = weight.clone()
    gptq(weight, _correlated(device, 40), 4, group=4)
    assert torch.equal(weight, before)


def test_groups_must_divide_the_row(device):
    with pytest.raises(ValueError, match="8 inputs in groups of 5"):
        gptq(_weight(device), _correlated(device, 9), 4, group=5)
