"""Drill: a fine-tune passes its evaluation, is merged and shipped, and most of it is gone.

Planted: an adapter trained over an NF4 base is merged into it and the sum is quantized to NF4 again. The update is a
twentieth of the weights, less than the steps between the levels. Run for real.

Writes merged_to_nf4.svg and .txt, which the drill shows, and merged_to_nf4-layers.txt for its solution.
"""

import copy
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))

from two_licences import NEW, TARGETS, batches, held_out_loss, save, trained_base

from hooks.draw import Drawing
from snippets.decoder.train import train
from snippets.lora.qlora import NF4Linear, QLoRALinear

STEPS, RATE = 200, 2e-4


def replaced(model: nn.Module, make: Callable[[nn.Module], nn.Module]) -> nn.Module:
    """A copy of the model with each target layer made anew."""
    model = copy.deepcopy(model)
    for name, layer in list(model.named_modules()):
        parent, _, last = name.rpartition(".")
        if last in TARGETS:
            setattr(model.get_submodule(parent), last, make(layer))
    return model


def update(layer: QLoRALinear) -> torch.Tensor:
    return (layer.scale * layer.lora_b @ layer.lora_a).detach()


def onto_the_original(layer: QLoRALinear, original: nn.Linear) -> nn.Linear:
    merged = layer.merged(torch.float32)
    merged.weight.data = original.weight.data + update(layer)
    return merged


base = trained_base().requires_grad_(False)
torch.manual_seed(1)
tuned = replaced(base, lambda layer: QLoRALinear(layer, 8, 16.0))
start = held_out_loss(tuned, NEW)
train(tuned, batches(NEW), STEPS, RATE, weight_decay=0.0)

models = {
    "base, 16 bits": replaced(base, lambda layer: copy.deepcopy(layer)),
    "base, NF4": replaced(base, NF4Linear),
    "base in NF4 + adapter": tuned,
    "merged, kept in 16 bits": replaced(tuned, lambda layer: layer.merged(torch.bfloat16).float()),
    "merged, quantized to NF4": replaced(tuned, lambda layer: NF4Linear(layer.merged(torch.float32))),
}
onto = [onto_the_original(layer, base.get_submodule(name)) for name, layer in tuned.named_modules() if isinstance(layer, QLoRALinear)]
originals = iter(onto)
models["update added to the 16-bit base"] = replaced(tuned, lambda layer: next(originals))
originals = iter(onto)
models["the same, quantized to NF4"] = replaced(tuned, lambda layer: NF4Linear(next(originals)))
losses = {name: held_out_loss(model, NEW) for name, model in models.items()}
shown = ["base, NF4", "base in NF4 + adapter", "merged, quantized to NF4"]
save(__file__, "".join(f"{losses[name]:.3f}  {name}\n" for name in shown))

rows = ["loss   model"] + [f"{loss:.3f}  {name}" for name, loss in losses.items()]
rows += ["", "layer                         update / W   codes changed"]
merged = models["merged, quantized to NF4"]
for name, layer in tuned.named_modules():
    if isinstance(layer, QLoRALinear):
        size = (update(layer).norm() / layer.base.weight.norm()).item()
        codes = [x.packed for x in (layer.base, merged.get_submodule(name))]
        changed = torch.stack([(codes[0] ^ codes[1]) >> 4, (codes[0] ^ codes[1]) & 15]).ne(0).double().mean().item()
        rows.append(f"{name:28}  {size:10.3f}   {changed:13.3f}")
save(__file__, "\n".join(rows) + "\n", "layers")

low, high, left, right, pitch = 2.2, 2.5, 176, 376, 34
drawn = Drawing(
    "Loss on the new text before and after merging",
    "Three dots on a scale: " + ", ".join(f"{name} {losses[name]:.2f}" for name in shown)
    + ". Merging and quantizing again takes back over half of the gain.",
    width=400, height=176)
drawn.text(0, 14, "loss on held-out new text, nats", "quiet")
foot = 40 + pitch * len(shown)
for tick in (2.2, 2.3, 2.4, 2.5):
    x = left + (right - left) * (tick - low) / (high - low)
    drawn.line([(x, 30), (x, foot)], "grid")
    drawn.text(x, foot + 18, f"{tick:g}", "quiet", "middle")
for row, name in enumerate(shown):
    x, y = left + (right - left) * (losses[name] - low) / (high - low), 52 + row * pitch
    look = "main" if row == len(shown) - 1 else "data"
    drawn.dots([(x, y)], look, "square" if look == "main" else "round", 10)
    drawn.text(left - 12, y + 5, name, "accent b" if look == "main" else "", "end")
drawn.save(__file__)
