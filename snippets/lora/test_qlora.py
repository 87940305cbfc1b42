"""Outputs and gradients equal those of peft's LoRA over the dequantized
weight. Only A and B get gradients, the four bits never change, and no dense
weight is kept for the backward pass. Merged to 16 bits the layer computes the
same; quantized again after merging, it loses more than a small update brought.
"""

import copy

import peft
import pytest
import torch
from torch import nn

from snippets.lora.linear import LoRALinear
from snippets.lora.qlora import NF4Linear, QLoRALinear
from snippets.quantization.nf4 import dequantize, quantize
from snippets.sizing.memory import double_quantized_bits

D_IN, D_OUT = 16, 12


def _base(device, d_in=D_IN, d_out=D_OUT, bias=True):
    return nn.Linear(d_in, d_out, bias, device=device)


def _layer(base, r=3, alpha=8.0):
    """In float64, and as after training: B is no longer zero."""
    layer = QLoRALinear(base, r, alpha).double()
    nn.init.normal_(layer.lora_b)
    return layer


def _x(device, d_in=D_IN):
    return torch.randn(2, 5, d_in, dtype=torch.float64, device=device)


def _dequantized(layer):
    """A plain layer with the weight that the four bits stand for."""
    base = layer.base
    plain = nn.Linear(D_IN, D_OUT, base.bias is not None)
    plain.weight.data = base.weight
    if base.bias is not None:
        plain.bias.data = base.bias.data
    return plain


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("r", [1, 3])
def test_equals_peft_over_the_dequantized_weight(device, bias, r):
    layer = _layer(_base(device, bias=bias), r)
    config = peft.LoraConfig(r=r, lora_alpha=8.0, target_modules=["0"])
    reference = peft.inject_adapter_in_model(
        config, nn.Sequential(_dequantized(layer))
    )[0].double()
    with torch.no_grad():
        reference.lora_A["default"].weight.copy_(layer.lora_a)
        reference.lora_B["default"].weight.copy_(layer.lora_b)
    x, same = (_x(device).requires_grad_() for _ in range(2))
    same.data = x.data
    output, expected = layer(x), reference(same)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-13)
    output.square().sum().backward()
    expected.square().sum().backward()
    for ours, theirs in (
        (layer.lora_a, reference.lora_A["default"].weight),
        (layer.lora_b, reference.lora_B["default"].weight),
        (x, same),
    ):
        torch.testing.assert_close(
            ours.grad, theirs.grad, rtol=1e-12, atol=1e-12
        )


def test_starts_as_the_quantized_base_not_as_the_base(device):
    base, x = _base(device), _x(device).float()
    layer = QLoRALinear(base, 3, 8.0)
    assert torch.equal(layer(x), layer.base(x))
    assert not torch.equal(layer(x), base(x))


def test_the_weight_is_dequantized_from_single_and_double(device):
    base = _base(device, 64, 64)
    layer = NF4Linear(base)
    packed, scales = quantize(base.weight.detach())
    single = dequantize(packed, scales).view(64, 64)
    assert torch.equal(layer.packed, packed)
    # Only the scales differ, by half a step in 8 bits at most.
    torch.testing.assert_close(layer.weight, single, rtol=4e-3, atol=0)


def test_training_changes_a_and_b_and_nothing_else(device):
    layer, x = QLoRALinear(_base(device), 3, 8.0), _x(device).float()
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
    assert changed == {"lora_a", "lora_b"}
    graded = {n for n, p in layer.named_parameters() if p.grad is not None}
    assert graded == changed


def _kept_for_backward(layer, x):
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: kept.append(tensor.shape) or tensor, lambda t: t
    ):
        layer(x)
    return kept


def test_no_dense_weight_is_kept_for_the_backward_pass(device):
    layer, x = _layer(_base(device)), _x(device).requires_grad_()
    dense = (D_OUT, D_IN), (D_IN, D_OUT)
    assert not any(s in dense for s in _kept_for_backward(layer, x))
    # Plain autograd through a dequantized weight would keep it.
    plain = _kept_for_backward(lambda x: x @ layer.base.weight.T, x)
    assert any(shape in dense for shape in plain)


def test_keeps_the_bits_counted(device):
    layer = NF4Linear(_base(device, 256, 64, bias=False))
    kept = sum(buffer.nbytes for buffer in layer.buffers())
    mean = layer.scale_mean.nbytes  # one a matrix, not counted a weight
    assert not list(layer.parameters())
    assert 8 * (kept - mean) == 64 * 256 * double_quantized_bits(
        4, 64, 8, 256, 32
    )


@pytest.mark.parametrize("bias", [True, False])
def test_merged_equals_the_layer(device, bias):
    layer, x = _layer(_base(device, bias=bias)), _x(device)
    merged = layer.merged(torch.float64)
    torch.testing.assert_close(merged(x), layer(x), rtol=0, atol=1e-13)
    assert (merged.in_features, merged.out_features) == (D_IN, D_OUT)
    assert not any(p.requires_grad for p in merged.parameters())


def test_merging_rounds_the_sum_once_and_to_16_bits(device):
    layer = _layer(_base(device))
    exact = layer.base.weight + layer.scale * layer.lora_b @ layer.lora_a
    merged = layer.merged()
    assert torch.equal(merged.weight, exact.bfloat16())
    assert merged.bias.dtype == torch.bfloat16


def test_a_merged_update_survives_in_16_bits_and_not_in_four(device):
    layer = QLoRALinear(_base(device, 256, 64), 4, 8.0)
    before = layer.base.weight.double()
    nn.init.normal_(layer.lora_b, std=8e-3)
    update = layer.scale * (layer.lora_b @ layer.lora_a).detach().double()
    assert 0.02 < update.norm() / before.norm() < 0.04

    def error(weight):
        return (weight.double() - before - update).norm() / update.norm()

    assert error(layer.merged().weight) < 0.1
    again = NF4Linear(layer.merged(torch.float32))
    assert error(again.weight) > 1  # worse than no update at all


def test_a_16_bit_input_gives_16_bit_output_from_float32_adapters(device):
    base, x = _base(device).bfloat16(), _x(device).bfloat16()
    layer = QLoRALinear(base, 3, 8.0)
    nn.init.normal_(layer.lora_b)
    assert layer.lora_a.dtype == layer.lora_b.dtype == torch.float32
    ours = layer(x)
    assert ours.dtype == torch.bfloat16
    dense = _dequantized(layer).bfloat16()
    exact = copy.deepcopy(layer).double()(x.double())
    reference = LoRALinear(dense, 3, 8.0)
    reference.load_state_dict(
        {"lora_a": layer.lora_a, "lora_b": layer.lora_b}, strict=False
    )
    error = (ours - exact).abs().max()
    assert 0 < error <= 2 * (reference(x) - exact).abs().max()


def test_a_16_bit_gradient_passes_through_the_weight_in_16_bits(device):
    layer, x = NF4Linear(_base(device)), _x(device).bfloat16()
    layer.bias.data = layer.bias.bfloat16()
    layer(x.requires_grad_()).sum().backward()
    ones = torch.ones(2, 5, D_OUT, dtype=torch.bfloat16, device=device)
    assert torch.equal(x.grad, ones @ layer.weight.bfloat16())


def test_can_learn_from_the_start(device):
    layer, x = QLoRALinear(_base(device), 3, 8.0), _x(device).float()
    layer(x).square().sum().backward()
    assert layer.lora_b.grad.all()
    assert not layer.lora_a.grad.any()  # B is zero: A has to wait one step


def test_a_starts_as_the_weight_of_a_plain_layer_would(device):
    base = _base(device)
    torch.manual_seed(1)
    layer = QLoRALinear(base, 3, 8.0)
    torch.manual_seed(1)
    assert torch.equal(layer.lora_a, _base(device, D_IN, 3).weight)


def test_the_rank_may_be_as_high_as_that_of_the_weight(device):
    assert QLoRALinear(_base(device), D_OUT, 8.0).lora_a.shape[0] == D_OUT


def test_everything_is_made_on_the_device_of_the_base():
    layer = QLoRALinear(_base("meta"), 3, 8.0)
    tensors = [*layer.parameters(), *layer.buffers()]
    assert {tensor.device.type for tensor in tensors} == {"meta"}


@pytest.mark.parametrize("r", [0, 13])
def test_refuses_a_rank_that_is_none_or_no_saving(device, r):
    with pytest.raises(ValueError, match=f"rank {r} for a 12 x 16 weight"):
        QLoRALinear(_base(device), r, 8.0)


def test_refuses_a_weight_that_does_not_fill_blocks(device):
    with pytest.raises(ValueError, match="35 weights in blocks of 64"):
        QLoRALinear(_base(device, 5, 7), 2, 8.0)
