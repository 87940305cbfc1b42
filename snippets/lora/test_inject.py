"""An injected model equals one wrapped by the peft library: same layers, same
trainable parameters, same outputs. Training changes adapters and nothing
else; saving and loading them alone carries the whole fine-tune; and a target
that matches nothing is an error.
"""

import copy

import peft
import pytest
import torch
from torch import nn

from snippets.lora.inject import (
    adapter_state_dict,
    inject,
    load_adapter,
    trainable_parameters,
)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(4, 4, bias=False)
        self.v_proj = nn.Linear(4, 2)
        self.up_proj = nn.Linear(4, 6)
        self.down_proj = nn.Linear(6, 4)
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        x = x + self.q_proj(x) * self.v_proj(x).sum(dim=-1, keepdim=True)
        return x + self.down_proj(self.up_proj(self.norm(x)).relu())


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.layers = nn.ModuleList([Block(), Block()])
        self.head = nn.Linear(4, 9, bias=False)

    def forward(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


TARGETS = {"q_proj", "v_proj"}
TOKENS = torch.tensor([[3, 1, 4, 1, 5], [8, 2, 6, 0, 7]])


def _model(device):
    return Model().to(device, torch.float64)


def _trained(model):
    """As after training: no B is zero any more."""
    for name, parameter in model.named_parameters():
        if name.endswith("lora_b"):
            nn.init.normal_(parameter)
    return model


@pytest.mark.parametrize(
    "targets", [TARGETS, {"up_proj"}, {"q_proj", "down_proj", "head"}]
)
def test_equals_peft(device, targets):
    model, tokens = _model(device), TOKENS.to(device)
    config = peft.LoraConfig(r=2, lora_alpha=6, target_modules=sorted(targets))
    reference = peft.inject_adapter_in_model(config, copy.deepcopy(model))
    wrapped = inject(model, targets, r=2, alpha=6.0)
    _trained(model)
    state = {
        name.replace("lora_a", "lora_A.default.weight").replace(
            "lora_b", "lora_B.default.weight"
        ): tensor
        for name, tensor in adapter_state_dict(model).items()
    }
    missing = reference.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys
    torch.testing.assert_close(
        model(tokens), reference(tokens), rtol=0, atol=1e-13
    )
    assert set(state) == set(trainable_parameters(reference))
    assert len(wrapped) == len(state) // 2


def test_wraps_every_layer_of_that_name_in_the_models_order(device):
    assert inject(_model(device), ["v_proj", "q_proj"], 2, 6.0) == [
        "layers.0.q_proj",
        "layers.0.v_proj",
        "layers.1.q_proj",
        "layers.1.v_proj",
    ]


def test_starts_as_the_model_it_was(device):
    model, tokens = _model(device), TOKENS.to(device)
    before = model(tokens)
    inject(model, TARGETS, 2, 6.0)
    assert torch.equal(model(tokens), before)


def test_trainable_parameters_are_the_adapters_and_their_sizes(device):
    model = _model(device)
    assert len(trainable_parameters(model)) == 20  # nothing frozen yet
    inject(model, TARGETS, 2, 6.0)
    assert trainable_parameters(model) == {
        f"layers.{layer}.{name}": size
        for layer in (0, 1)
        for name, size in {
            "q_proj.lora_a": 2 * 4,
            "q_proj.lora_b": 4 * 2,
            "v_proj.lora_a": 2 * 4,
            "v_proj.lora_b": 2 * 2,
        }.items()
    }


def test_training_changes_adapters_and_nothing_else(device):
    model, tokens = _model(device), TOKENS.to(device)
    inject(model, TARGETS, 2, 6.0)
    before = copy.deepcopy(model.state_dict())
    # All parameters are given: freezing alone has to protect the base.
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(tokens).square().sum().backward()
        optimizer.step()
    changed = {
        name
        for name, tensor in model.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert changed == set(adapter_state_dict(model))
    graded = {n for n, p in model.named_parameters() if p.grad is not None}
    assert graded == changed


def test_adapters_alone_carry_the_fine_tune(device):
    base, tokens = _model(device), TOKENS.to(device)
    tuned, fresh = copy.deepcopy(base), copy.deepcopy(base)
    inject(tuned, TARGETS, 2, 6.0)
    state = adapter_state_dict(_trained(tuned))
    inject(fresh, TARGETS, 2, 6.0)
    assert not torch.equal(fresh(tokens), tuned(tokens))
    load_adapter(fresh, state)
    assert torch.equal(fresh(tokens), tuned(tokens))
    saved = sum(tensor.numel() for tensor in state.values())
    assert saved == sum(trainable_parameters(tuned).values()) == 56


def test_a_second_injection_keeps_the_first_trainable(device):
    model = _model(device)
    inject(model, {"q_proj"}, 2, 6.0)
    inject(model, {"v_proj"}, 1, 6.0)
    names = {name.split(".")[2] for name in trainable_parameters(model)}
    assert names == {"q_proj", "v_proj"}


@pytest.mark.parametrize("targets", [{"query"}, {"q_proj", "norm"}, {"roj"}])
def test_refuses_a_target_that_matches_nothing(device, targets):
    model = _model(device)
    before = trainable_parameters(model)
    unknown = sorted(targets - {"q_proj"})
    with pytest.raises(ValueError) as error:
        inject(model, targets, 2, 6.0)
    assert str(error.value) == (
        f"no linear layer is called {unknown}; there are "
        "['down_proj', 'head', 'q_proj', 'up_proj', 'v_proj']"
    )
    assert trainable_parameters(model) == before


def test_refuses_to_wrap_twice(device):
    model = _model(device)
    inject(model, {"q_proj"}, 2, 6.0)
    with pytest.raises(ValueError, match="no linear layer is called"):
        inject(model, {"q_proj"}, 2, 6.0)


def test_refuses_the_adapter_of_another_injection(device):
    model, other = _model(device), _model(device)
    inject(model, {"q_proj"}, 2, 6.0)
    inject(other, {"head"}, 2, 6.0)
    with pytest.raises(ValueError) as error:
        load_adapter(model, adapter_state_dict(other))
    expected = sorted(adapter_state_dict(model))
    assert str(error.value) == (
        f"missing {expected}, unexpected ['head.lora_a', 'head.lora_b']"
    )
