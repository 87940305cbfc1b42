"""With the same weights, outputs, gradients and merged weight equal those of
peft's DoRA. The layer starts as its base; the magnitude alone sets the length
of each weight row and the adapters only its direction; W never changes.
"""

import copy

import peft
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from snippets.lora.dora import DoRALinear

D_IN, D_OUT = 5, 7


def _base(device, dtype=torch.float64, d_in=D_IN, d_out=D_OUT, bias=True):
    return nn.Linear(d_in, d_out, bias).to(device, dtype)


def _layer(base, r=3, alpha=8.0):
    """As after training: no update is zero, and magnitudes have moved."""
    layer = DoRALinear(copy.deepcopy(base), r, alpha)
    nn.init.normal_(layer.lora.lora_b)
    with torch.no_grad():
        layer.magnitude.mul_(1 + torch.rand_like(layer.magnitude))
    return layer


def _peft(base, layer):
    r = layer.lora.lora_a.shape[0]
    config = peft.LoraConfig(
        r=r,
        lora_alpha=layer.lora.scale * r,
        target_modules=["0"],
        use_dora=True,
    )
    model = nn.Sequential(copy.deepcopy(base))
    reference = peft.inject_adapter_in_model(config, model)[0]
    reference.to(layer.magnitude.dtype)
    with torch.no_grad():
        reference.lora_A["default"].weight.copy_(layer.lora.lora_a)
        reference.lora_B["default"].weight.copy_(layer.lora.lora_b)
        magnitude = reference.lora_magnitude_vector["default"].weight
        magnitude.copy_(layer.magnitude)
    return reference


def _x(device, dtype=torch.float64, d_in=D_IN):
    return torch.randn(2, 3, d_in).to(device, dtype)


@given(
    d_in=st.integers(1, 6),
    d_out=st.integers(1, 6),
    r=st.integers(1, 6),
    alpha=st.sampled_from([1.0, 32.0]),
    bias=st.booleans(),
)
def test_equals_peft(device, d_in, d_out, r, alpha, bias):
    base = _base(device, torch.float64, d_in, d_out, bias)
    layer = _layer(base, min(r, d_in, d_out), alpha)
    reference, x = _peft(base, layer), _x(device, torch.float64, d_in)
    output, expected = layer(x), reference(x)
    torch.testing.assert_close(output, expected, rtol=1e-12, atol=1e-12)
    output.square().sum().backward()
    expected.square().sum().backward()
    magnitude = reference.lora_magnitude_vector["default"].weight
    for ours, theirs in (
        (layer.lora.lora_a, reference.lora_A["default"].weight),
        (layer.lora.lora_b, reference.lora_B["default"].weight),
        (layer.magnitude, magnitude),
    ):
        torch.testing.assert_close(
            ours.grad, theirs.grad, rtol=1e-10, atol=1e-10
        )


def test_merged_equals_peft(device):
    base = _base(device)
    layer = _layer(base)
    reference = _peft(base, layer)
    reference.merge()
    torch.testing.assert_close(
        layer.merged(), reference.weight, rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("bias", [True, False])
def test_merged_computes_the_same(device, bias):
    layer, x = _layer(_base(device, bias=bias)), _x(device)
    expected = nn.functional.linear(x, layer.merged(), layer.lora.base.bias)
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-13)


def test_starts_as_the_base(device):
    base, x = _base(device), _x(device)
    layer = DoRALinear(copy.deepcopy(base), 3, 8.0)
    torch.testing.assert_close(layer(x), base(x), rtol=0, atol=1e-14)


def test_the_magnitude_is_the_length_of_each_row(device):
    layer = _layer(_base(device))
    torch.testing.assert_close(
        layer.merged().norm(dim=1), layer.magnitude.detach(), rtol=1e-14,
        atol=0,
    )


def test_scaling_a_direction_changes_nothing(device):
    layer, x = _layer(_base(device)), _x(device)
    before = layer(x)
    with torch.no_grad():
        layer.lora.base.weight.mul_(3)
        layer.lora.lora_b.mul_(3)
    torch.testing.assert_close(layer(x), before, rtol=0, atol=1e-13)


def test_the_norm_gets_no_gradient(device):
    # With the norm as a constant, d y / d B is LoRA's times m / norm.
    layer, x = _layer(_base(device)), _x(device)
    size = layer.magnitude / layer.direction().norm(dim=1)
    layer(x).sum().backward()
    ours = layer.lora.lora_b.grad
    layer.lora.lora_b.grad = None
    layer.lora(x).sum().backward()
    torch.testing.assert_close(
        ours, size[:, None] * layer.lora.lora_b.grad, rtol=0, atol=1e-13
    )


def test_training_changes_three_things_and_nothing_else(device):
    layer, x = DoRALinear(_base(device), 3, 8.0), _x(device)
    before = copy.deepcopy(layer.state_dict())
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        layer(x).square().sum().backward()
        optimizer.step()
    changed = {
        name
        for name, value in layer.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"magnitude", "lora.lora_a", "lora.lora_b"}


def test_trains_one_number_an_output_more_than_lora(device):
    layer = DoRALinear(_base(device), 3, 8.0)
    trained = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    assert trained == 3 * (D_IN + D_OUT) + D_OUT


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_error_in_16_bits_is_at_most_twice_pefts(device, dtype):
    base = _base(device, dtype, 64, 64)
    layer, x = _layer(base), _x(device, dtype, 64)
    reference = _peft(base, layer)
    assert layer.magnitude.dtype == torch.float32
    exact = copy.deepcopy(layer).double()(x.double())
    ours = layer(x)
    assert ours.dtype == dtype
    theirs = reference(x.float()).to(dtype)
    error = (ours - exact).abs().max()
    assert 0 < error <= 2 * (theirs - exact).abs().max()


def test_a_row_of_zeros_has_no_direction(device):
    base = _base(device)
    base.weight.data[2] = 0
    nan = DoRALinear(base, 3, 8.0)(_x(device)).isnan()
    assert nan[..., 2].all() and nan.sum() == nan[..., 2].sum()


def test_refuses_a_rank_that_is_no_saving(device):
    with pytest.raises(ValueError, match="rank 6 for a 7 x 5 weight"):
        DoRALinear(_base(device), 6, 8.0)
