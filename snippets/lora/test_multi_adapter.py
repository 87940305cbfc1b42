"""A batch in which each sequence has its own adapter, or none, equals the
sequences run one by one through LoRALinear, whatever the ranks and scales.
What the neighbours use changes no bit, and no parameter can be trained.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from snippets.lora.linear import LoRALinear
from snippets.lora.multi_adapter import MultiLoRALinear

D_IN, D_OUT = 6, 8
RANKS = (2, 5, 1)


def _base(device, dtype=torch.float64):
    return nn.Linear(D_IN, D_OUT).to(device, dtype)


def _adapters(base, ranks=RANKS, alpha=8.0):
    layers = [LoRALinear(base, r, alpha) for r in ranks]
    for layer in layers:
        nn.init.normal_(layer.lora_b)
    return layers


def _x(device, batch, dtype=torch.float64):
    return torch.randn(batch, 3, D_IN).to(device, dtype)


def _index(device, chosen):
    return torch.tensor(chosen, device=device)


@given(
    ranks=st.lists(st.integers(1, D_IN), min_size=1, max_size=4),
    chosen=st.lists(st.integers(-1, 3), min_size=1, max_size=5),
    alpha=st.sampled_from([1.0, 16.0]),
)
def test_equals_one_by_one(device, ranks, chosen, alpha):
    base = _base(device)
    adapters = _adapters(base, ranks, alpha)
    chosen = [min(i, len(ranks) - 1) for i in chosen]
    x = _x(device, len(chosen))
    layer = MultiLoRALinear(base, adapters)
    expected = torch.stack(
        [
            (base if i < 0 else adapters[i])(row)
            for i, row in zip(chosen, x, strict=True)
        ]
    )
    torch.testing.assert_close(
        layer(x, _index(device, chosen)), expected, rtol=0, atol=1e-12
    )


def test_the_scale_counts_once(device):
    base = _base(device)
    adapters = _adapters(base, alpha=32.0)
    eye = torch.eye(D_IN, dtype=torch.float64, device=device)
    seen = MultiLoRALinear(base, adapters)(
        eye.expand(3, -1, -1), _index(device, [0, 1, 2])
    )
    for i, r in enumerate(RANKS):
        update = (seen[i] - base(eye)).T
        product = adapters[i].lora_b @ adapters[i].lora_a
        torch.testing.assert_close(
            update, 32 / r * product, rtol=0, atol=1e-12
        )


def test_minus_one_is_the_base_bit_for_bit(device):
    base, x = _base(device), _x(device, 2)
    layer = MultiLoRALinear(base, _adapters(base))
    output = layer(x, _index(device, [-1, 1]))
    assert torch.equal(output[0], base(x)[0])
    assert not torch.equal(output[1], base(x)[1])


def test_what_neighbours_use_changes_no_bit(device):
    base, x = _base(device), _x(device, 3)
    adapters = _adapters(base)
    before = MultiLoRALinear(base, adapters)(x, _index(device, [0, 1, 2]))
    adapters[1].lora_b.data.fill_(1e300)
    after = MultiLoRALinear(base, adapters)(x, _index(device, [0, 1, 2]))
    assert torch.equal(after[[0, 2]], before[[0, 2]])
    assert not torch.equal(after[1], before[1])


def test_nothing_is_trainable(device):
    base = _base(device)
    layer = MultiLoRALinear(base, _adapters(base))
    assert not any(p.requires_grad for p in layer.parameters())
    assert not layer(_x(device, 1), _index(device, [0])).requires_grad


def test_a_16_bit_base_keeps_16_bit_outputs(device):
    base = _base(device, torch.bfloat16)
    adapters = _adapters(base)
    x = _x(device, 3, torch.bfloat16)
    output = MultiLoRALinear(base, adapters)(x, _index(device, [2, 0, 1]))
    assert output.dtype == torch.bfloat16
    expected = torch.stack(
        [adapters[i](x[n]) for n, i in enumerate([2, 0, 1])]
    )
    exact = MultiLoRALinear(base, adapters).double()(
        x.double(), _index(device, [2, 0, 1])
    )
    error = (output - exact).abs().max()
    assert 0 < error <= 2 * (expected - exact).abs().max()


@pytest.mark.parametrize("chosen", [[0, 3], [-2, 0]])
def test_refuses_an_index_that_is_no_adapters(device, chosen):
    base = _base(device)
    layer = MultiLoRALinear(base, _adapters(base))
    with pytest.raises(ValueError) as error:
        layer(_x(device, 2), _index(device, chosen))
    assert str(error.value) == f"adapters {chosen}, there are 3"


def test_refuses_an_adapter_of_another_shape(device):
    base = _base(device)
    other = LoRALinear(nn.Linear(D_OUT, D_IN).to(device), 2, 8.0)
    with pytest.raises(ValueError) as error:
        MultiLoRALinear(base, [*_adapters(base, (2,)), other])
    assert str(error.value) == "adapters for [(8, 6), (6, 8)], base (8, 6)"


def test_refuses_no_adapter(device):
    with pytest.raises(ValueError, match=r"adapters for \[\], base \(8, 6\)"):
        MultiLoRALinear(_base(device), [])
