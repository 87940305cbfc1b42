"""The scale equals peft's with use_rslora. One step of plain gradient descent
then moves the output equally at every rank; with Adam's first step it is
alpha / r that does. Both claims are tested at ranks 4 and 256.
"""

import peft
import pytest
import torch
from torch import nn

from snippets.lora.linear import LoRALinear
from snippets.lora.rank_stabilized import rank_stabilized_alpha

RANKS = [4, 256]


@pytest.mark.parametrize("r", [1, 4, 9])
def test_equals_peft(r):
    base = nn.Linear(16, 12)
    ours = LoRALinear(base, r, rank_stabilized_alpha(6.0, r))
    config = peft.LoraConfig(
        r=r, lora_alpha=6.0, target_modules=["0"], use_rslora=True
    )
    layer = peft.inject_adapter_in_model(config, nn.Sequential(base))[0]
    assert ours.scale == pytest.approx(layer.scaling["default"], rel=1e-15)


def test_at_rank_one_nothing_changes():
    assert rank_stabilized_alpha(16.0, 1) == 16.0


def _moved(device, r, alpha, optimizer, n=20):
    """How far one step moves the output, a mean over n starts."""
    moved = 0.0
    for _ in range(n):
        base = nn.Linear(256, 256).to(device, torch.float64)
        layer = LoRALinear(base, r, alpha)
        x = torch.randn(1, 256, dtype=torch.float64, device=device)
        before = layer(x)
        before.sum().backward()
        optimizer([layer.lora_b]).step()  # A has no gradient yet
        moved += (layer(x) - before).abs().mean().item() / n
    return moved


def _growth(device, scaled, optimizer):
    """How much farther the step moves at the highest rank."""
    low, high = [
        _moved(device, r, scaled(16.0, r), optimizer) for r in RANKS
    ]
    return high / low


def _sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def _adam(parameters):
    return torch.optim.Adam(parameters, lr=0.1)


def _plain(alpha, r):
    return alpha  # LoRALinear divides by r


def test_a_plain_gradient_step_moves_all_ranks_equally(device):
    assert 1 / 1.5 < _growth(device, rank_stabilized_alpha, _sgd) < 1.5


def test_divided_by_the_rank_high_ranks_hardly_move(device):
    assert 1 / 1.5 < 64 * _growth(device, _plain, _sgd) < 1.5  # 64 = 256 / 4


def test_adams_first_step_is_even_when_divided_by_the_rank(device):
    assert 1 / 1.5 < _growth(device, _plain, _adam) < 1.5


def test_adams_first_step_grows_with_the_root_when_stabilized(device):
    growth = _growth(device, rank_stabilized_alpha, _adam) / 8  # sqrt(64)
    assert 1 / 1.5 < growth < 1.5
