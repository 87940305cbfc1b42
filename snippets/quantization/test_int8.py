"""Codes equal those of PyTorch's own per-channel quantizer, and no entry is
off by more than half its scale. The layer's integer product equals NumPy's in
int32, its output stays within the error that its scales allow, and scales
that fit the outliers beat scales that do not. SmoothQuant's factors leave the
exact product alone and make its INT8 form several times as accurate.
"""

import math

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from snippets.quantization.int8 import (
    Int8Linear,
    quantize_absmax,
    smoothing_factors,
)

D_IN, D_OUT = 24, 7


def _linear(device, bias=True):
    linear = nn.Linear(D_IN, D_OUT, bias, device, torch.float64)
    return linear.requires_grad_(False)


def _inputs(device, *shape):
    return torch.randn(*shape, D_IN, dtype=torch.float64, device=device)


@given(
    rows=st.integers(1, 4),
    columns=st.integers(1, 5),
    size=st.floats(-20, 20),
    dim=st.sampled_from([0, 1]),
)
def test_no_entry_is_off_by_more_than_half_its_scale(
    device, rows, columns, size, dim
):
    x = torch.randn(rows, columns, dtype=torch.float64, device=device)
    x = x * math.exp(size)
    codes, scale = quantize_absmax(x, dim)
    assert codes.dtype == torch.int8
    assert scale.shape[dim] == 1
    # Half a scale, and the rounding of the division and the product.
    assert ((codes * scale - x).abs() <= scale * (0.5 + 1e-13)).all()
    assert (codes.abs().amax(dim) == 127).all()


def test_codes_equal_pytorchs(device):
    weight = _linear(device).weight.float()
    codes, scale = quantize_absmax(weight, dim=1)
    expected = torch.fake_quantize_per_channel_affine(
        weight,
        scale[:, 0],
        torch.zeros(D_OUT, dtype=torch.int32, device=device),
        0,  # the axis that has scales
        -127,
        127,
    )
    assert torch.equal(codes * scale, expected)


def test_zeros_stay_zeros(device):
    x = torch.tensor([[0.0, 0, 0], [0, 3, -6]], device=device)
    codes, scale = quantize_absmax(x, dim=1)
    assert codes.tolist() == [[0, 0, 0], [0, 64, -127]]
    assert scale.flatten().tolist() == [0, pytest.approx(6 / 127)]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_scales_of_16_bit_tensors_are_float32(device, dtype):
    x = torch.tensor([[1.0, 3.0]], dtype=dtype, device=device)
    _, scale = quantize_absmax(x, dim=1)
    assert scale.dtype == torch.float32
    assert scale.item() == pytest.approx(3 / 127, rel=1e-7)


@pytest.mark.parametrize("bias", [True, False])
def test_the_product_is_numpys_in_int32(device, bias):
    linear, x = _linear(device, bias), _inputs(device, 2, 3)
    layer = Int8Linear(linear)
    codes, scale = quantize_absmax(x, dim=-1)
    total = numpy.einsum(
        "bti,oi->bto",
        codes.cpu().numpy().astype(numpy.int32),
        layer.codes.cpu().numpy().astype(numpy.int32),
    )
    expected = torch.tensor(total, device=device) * scale * layer.scale[:, 0]
    if bias:
        expected = expected + linear.bias
    torch.testing.assert_close(layer(x), expected, rtol=1e-14, atol=1e-14)


def test_the_error_is_within_what_the_scales_allow(device):
    linear, x = _linear(device), _inputs(device, 50)
    layer = Int8Linear(linear)
    _, x_scale = quantize_absmax(x, dim=-1)
    bound = (
        x.abs().sum(-1, keepdim=True) * layer.scale.T / 2
        + linear.weight.abs().sum(1) * x_scale / 2
        + D_IN * x_scale * layer.scale.T / 4
    )
    error = (layer(x) - linear(x)).abs()
    assert (error <= bound).all()
    assert error.max() > 0


def test_a_large_row_of_the_weight_does_not_coarsen_the_others(device):
    linear, x = _linear(device), _inputs(device, 50)
    before = Int8Linear(linear)(x)
    linear.weight[0] *= 1000
    after = Int8Linear(linear)(x)
    assert torch.equal(after[:, 1:], before[:, 1:])


def test_a_large_token_does_not_coarsen_the_others(device):
    layer, x = Int8Linear(_linear(device)), _inputs(device, 5)
    before = layer(x)
    x[0] *= 1000
    assert torch.equal(layer(x)[1:], before[1:])


def test_it_keeps_the_type_and_has_nothing_to_train(device):
    layer = Int8Linear(_linear(device).half())
    x = _inputs(device, 2).half()
    assert layer(x).dtype == torch.float16
    assert sorted(layer.state_dict()) == ["bias", "codes", "scale"]
    assert [name for name, _ in layer.named_parameters()] == ["bias"]


def _outliers(device):
    linear, x = _linear(device, bias=False), _inputs(device, 200)
    x[:, 3] *= 60  # as in LLM activations: one channel, in every token
    return linear, x


def test_smoothing_leaves_the_exact_product_alone(device):
    linear, x = _outliers(device)
    factors = smoothing_factors(x.abs().amax(0), linear.weight)
    smoothed = (x / factors) @ (linear.weight * factors).T
    torch.testing.assert_close(smoothed, linear(x), rtol=1e-12, atol=1e-12)


def test_smoothing_shrinks_the_error_where_inputs_have_outliers(device):
    linear, x = _outliers(device)
    exact = linear(x)
    plain = (Int8Linear(linear)(x) - exact).square().mean().sqrt()
    factors = smoothing_factors(x.abs().amax(0), linear.weight)
    linear.weight *= factors
    smooth = (Int8Linear(linear)(x / factors) - exact).square().mean().sqrt()
    assert smooth < plain / 3


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_smoothing_factors_by_hand(device, alpha):
    largest = torch.tensor([9.0, 1.0], dtype=torch.float64, device=device)
    weight = torch.tensor(
        [[0.5, -4.0], [-1.0, 2.0]], dtype=torch.float64, device=device
    )
    expected = {0.0: [1, 0.25], 0.5: [3, 0.5], 1.0: [9, 1]}[alpha]
    factors = smoothing_factors(largest, weight, alpha)
    assert factors.tolist() == pytest.approx(expected, rel=1e-15)


def test_a_dead_channel_gets_a_finite_factor(device):
    weight = torch.zeros(2, 2, dtype=torch.float64, device=device)
    weight[:, 1] = 1
    largest = torch.tensor([0.0, 0.0], dtype=torch.float64, device=device)
    factors = smoothing_factors(largest, weight)
    assert factors.isfinite().all()
    assert (factors > 0).all()
