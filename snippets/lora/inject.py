"""LoRA on a whole model: wrap layers by name, train and save only those."""

from collections.abc import Collection, Mapping

from torch import Tensor, nn

from snippets.lora.linear import LoRALinear


# --8<-- [start:inject]
def inject(
    model: nn.Module, targets: Collection[str], r: int, alpha: float
) -> list[str]:
    """Wrap every linear layer with a name in `targets`; freeze the rest.

    targets: last parts of module names, for instance {"q_proj",
        "v_proj"}. Which ones matters: all linear layers, those of the
        feed-forward part too, is the better default (Dettmers et al.
        2023, "QLoRA", section 4).

    Returns the full names of the wrapped layers. Raises ValueError,
    and changes nothing, if a target names no linear layer.
    Leaves out: embeddings, and layers that two parents share.
    """
    linear = {
        name: name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    }
    unknown = set(targets) - set(linear.values())
    if unknown:
        raise ValueError(
            f"no linear layer is called {sorted(unknown)}; "
            f"there are {sorted(set(linear.values()))}"
        )
    wrapped = [name for name, last in linear.items() if last in targets]
    for name in wrapped:
        parent, _, last = name.rpartition(".")
        layer = LoRALinear(model.get_submodule(name), r, alpha)
        setattr(model.get_submodule(parent), last, layer)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(_is_adapter(name))
    return wrapped


def _is_adapter(name: str) -> bool:
    return name.endswith((".lora_a", ".lora_b"))
# --8<-- [end:inject]


# --8<-- [start:trainable_parameters]
def trainable_parameters(model: nn.Module) -> dict[str, int]:
    """Name and size of everything an optimizer would change.

    Look at it before training: a base that is not frozen, or a target
    that matched too little, shows here and nowhere else.
    """
    return {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
# --8<-- [end:trainable_parameters]


# --8<-- [start:adapter_state_dict]
def adapter_state_dict(model: nn.Module) -> dict[str, Tensor]:
    """A and B of every wrapped layer: all that needs to be saved."""
    return {
        name: tensor
        for name, tensor in model.state_dict().items()
        if _is_adapter(name)
    }


def load_adapter(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load what adapter_state_dict gave into an injected model.

    Raises ValueError if the names differ. `load_state_dict` with
    strict=False alone would skip them and leave a model that runs.
    """
    expected = set(adapter_state_dict(model))
    if set(state) != expected:
        raise ValueError(
            f"missing {sorted(expected - set(state))}, "
            f"unexpected {sorted(set(state) - expected)}"
        )
    model.load_state_dict(dict(state), strict=False)
# --8<-- [end:adapter_state_dict]
