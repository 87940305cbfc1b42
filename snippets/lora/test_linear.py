"""With the same weights, outputs, gradients and merged weights equal those of
the peft library. The layer starts as its base, bit for bit, and can learn;
W never changes; merging rounds once, and unmerging gives W back, bit for bit.
"""

import copy

import peft
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from snippets.lora.linear import LoRALinear

D_IN, D_OUT = 5, 7


def _base(device, dtype=torch.float64, d_in=D_IN, d_out=D_OUT, bias=True):
    return nn.Linear(d_in, d_out, bias).to(device, dtype)


def _layer(base, r=3, alpha=8.0):
    """A layer that has been trained: B is no longer zero."""
    layer = LoRALinear(copy.deepcopy(base), r, alpha)
    nn.init.normal_(layer.lora_b)
    return layer


def _peft(base, layer):
    """peft's layer around a copy of `base`, with the weights of `layer`."""
    r = layer.lora_a.shape[0]
    config = peft.LoraConfig(
        r=r, lora_alpha=layer.scale * r, target_modules=["0"]
    )
    model = nn.Sequential(copy.deepcopy(base))
    reference = peft.inject_adapter_in_model(config, model)[0]
    reference.lora_A.to(layer.lora_a.dtype)  # as peft's get_peft_model does
    reference.lora_B.to(layer.lora_b.dtype)
    with torch.no_grad():
        reference.lora_A["default"].weight.copy_(layer.lora_a)
        reference.lora_B["default"].weight.copy_(layer.lora_b)
    return reference


def _x(device, dtype=torch.float64, d_in=D_IN):
    return torch.randn(2, 3, d_in).to(device, dtype)


@given(
    d_in=st.integers(1, 6),
    d_out=st.integers(1, 6),
    r=st.integers(1, 6),
    alpha=st.sampled_from([1.0, 8.0, 32.0]),
    bias=st.booleans(),
)
def test_equals_peft(device, d_in, d_out, r, alpha, bias):
    base = _base(device, torch.float64, d_in, d_out, bias)
    layer = _layer(base, min(r, d_in, d_out), alpha)
    reference, x = _peft(base, layer), _x(device, torch.float64, d_in)
    output, expected = layer(x), reference(x)
    torch.testing.assert_close(output, expected, rtol=1e-14, atol=1e-14)
    output.square().sum().backward()
    expected.square().sum().backward()
    for ours, theirs in (
        (layer.lora_a, reference.lora_A["default"].weight),
        (layer.lora_b, reference.lora_B["default"].weight),
    ):
        torch.testing.assert_close(
            ours.grad, theirs.grad, rtol=1e-12, atol=1e-12
        )


def test_merged_equals_peft(device):
    base = _base(device)
    layer = _layer(base)
    reference = _peft(base, layer)
    layer.merge()
    reference.merge()
    torch.testing.assert_close(
        layer.base.weight, reference.weight, rtol=0, atol=1e-14
    )


def test_the_update_is_alpha_over_r_times_b_a(device):
    base = _base(device, bias=False)
    layer = _layer(base, r=2, alpha=16.0)
    seen = layer(torch.eye(D_IN, dtype=torch.float64, device=device)).T
    update = seen - base.weight
    torch.testing.assert_close(
        update, 8 * layer.lora_b @ layer.lora_a, rtol=0, atol=1e-13
    )


def test_starts_as_the_base(device):
    base = _base(device)
    layer, x = LoRALinear(copy.deepcopy(base), 3, 8.0), _x(device)
    assert torch.equal(layer(x), base(x))


def test_can_learn_from_the_start(device):
    layer = LoRALinear(_base(device), 3, 8.0)
    layer(_x(device)).square().sum().backward()
    assert layer.lora_b.grad.all()
    assert not layer.lora_a.grad.any()  # B is zero: A has to wait one step


def test_a_starts_uniform_between_the_bounds_of_nn_linear():
    # +-1 / sqrt(d_in), as in peft too.
    layer = LoRALinear(nn.Linear(64, 64), 64, 8.0)
    largest = layer.lora_a.abs().max().item()
    assert 0.99 / 8 < largest <= 1 / 8
    assert layer.lora_a.std().item() == pytest.approx(1 / 8 / 3**0.5, rel=0.05)


def test_training_changes_a_and_b_and_nothing_else(device):
    layer, x = LoRALinear(_base(device), 3, 8.0), _x(device)
    before = {k: v.clone() for k, v in layer.state_dict().items()}
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
    assert changed == {"lora_a", "lora_b"}
    assert layer.base.weight.grad is None
    assert layer.base.bias.grad is None


def test_input_still_gets_its_gradient_through_both_paths(device):
    layer, x = _layer(_base(device)), _x(device).requires_grad_()
    layer(x).sum().backward()
    whole = layer.base.weight + layer.scale * layer.lora_b @ layer.lora_a
    torch.testing.assert_close(
        x.grad, whole.sum(dim=0).expand(2, 3, -1), rtol=0, atol=1e-13
    )


def test_merging_keeps_the_function(device):
    layer, x = _layer(_base(device)), _x(device)
    before = layer(x)
    layer.merge()
    torch.testing.assert_close(layer(x), before, rtol=0, atol=1e-13)
    # and uses W alone: the adapter is not added a second time
    assert torch.equal(layer(x), layer.base(x))
    assert not layer.base.weight.requires_grad


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_unmerging_gives_w_back_bit_for_bit(device, dtype):
    base = _base(device, dtype)
    layer, x = _layer(base), _x(device, dtype)
    before = layer(x)
    layer.merge()
    assert not torch.equal(layer.base.weight, base.weight)
    layer.unmerge()
    assert torch.equal(layer.base.weight, base.weight)
    assert torch.equal(layer(x), before)
    assert list(layer.state_dict()) == [
        "lora_a",
        "lora_b",
        "base.weight",
        "base.bias",
    ]


def test_subtracting_would_not_give_w_back(device):
    base = _base(device, torch.bfloat16)
    layer = _layer(base)
    layer.merge()
    update = layer.scale * layer.lora_b @ layer.lora_a
    again = (layer.base.weight - update).to(torch.bfloat16)
    assert not torch.equal(again, base.weight)


def test_merging_leaves_a_tied_weight_alone(device):
    embedding = nn.Embedding(D_OUT, D_IN).to(device, torch.float64)
    head = _base(device, bias=False)
    head.weight = embedding.weight
    before = embedding.weight.clone()
    layer = LoRALinear(head, 3, 8.0)
    nn.init.normal_(layer.lora_b)
    layer.merge()
    assert torch.equal(embedding.weight, before)
    layer.unmerge()
    assert layer.base.weight is embedding.weight


def test_merging_a_16_bit_weight_rounds_once(device):
    base = _base(device, torch.bfloat16)
    layer = _layer(base)
    layer.merge()
    exact = base.weight.double() + layer.scale * (
        layer.lora_b.double() @ layer.lora_a.double()
    )
    torch.testing.assert_close(
        layer.base.weight.double(), exact, rtol=2**-8, atol=1e-6
    )
    assert layer.base.weight.dtype == torch.bfloat16


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_16_bit_base_gets_a_float32_adapter(device, dtype):
    base = _base(device, dtype, 64, 64)
    layer, x = _layer(base), _x(device, dtype, 64)
    reference = _peft(base, layer)
    assert layer.lora_a.dtype == layer.lora_b.dtype == torch.float32
    exact = _peft(base, layer).double()(x.double())
    ours = layer(x)
    assert ours.dtype == dtype
    error = (ours - exact).abs().max()
    assert 0 < error <= 2 * (reference(x) - exact).abs().max()


def test_a_float64_base_gets_a_float64_adapter(device):
    layer = LoRALinear(_base(device), 3, 8.0)
    assert layer.lora_a.dtype == layer.lora_b.dtype == torch.float64


def test_trains_r_times_the_sum_of_both_widths(device):
    layer = LoRALinear(_base(device), 3, 8.0)
    trained = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    assert trained == 3 * (D_IN + D_OUT)


@pytest.mark.parametrize("r", [0, -1, 6])
def test_refuses_a_rank_that_is_none_or_no_saving(device, r):
    with pytest.raises(ValueError, match=f"rank {r} for a 7 x 5 weight"):
        LoRALinear(_base(device), r, 8.0)


def test_refuses_to_merge_or_unmerge_twice(device):
    layer = _layer(_base(device))
    with pytest.raises(ValueError, match=r"^unmerge: not merged$"):
        layer.unmerge()
    layer.merge()
    merged = layer.base.weight.clone()
    with pytest.raises(ValueError, match=r"^merge: merged already$"):
        layer.merge()
    assert torch.equal(layer.base.weight, merged)


def test_adapters_are_made_on_the_device_of_the_base():
    layer = LoRALinear(_base("meta"), 3, 8.0)
    assert layer.lora_a.device.type == layer.lora_b.device.type == "meta"
