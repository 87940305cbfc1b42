"""Drill: a LoRA run takes the memory of a full fine-tune.

Planted: the base is kept still by a parameter group with a learning rate of 0, not by requires_grad = False. Gradients
and Adam's two means are made for it all the same; loss, adapters and base are right. Run for real, on a decoder with 1.9
million parameters: bytes of the tensors that are alive after each phase, counted by kind.

Writes memory_timeline.svg and .txt, which the drill shows, and memory_timeline-mended.svg and -mended.txt for its
solution.
"""

import sys
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

sys.path.insert(0, str(Path(__file__).parent))

from two_licences import CHARACTERS, NEW, TARGETS, batches, save

from hooks.draw import Drawing
from snippets.decoder.tiny import TinyDecoder
from snippets.lora.inject import inject

KINDS = ("weights", "saved for backward", "gradients", "optimizer")
SHADES = {"weights": 0.12, "saved for backward": 0.3, "gradients": 0.65, "optimizer": 1}
MIB = 2**20


def timeline(frozen: bool) -> tuple[list[tuple[str, dict[str, float]]], bool]:
    """MiB by kind after each phase of two steps, and whether the base is as it was."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = TinyDecoder(len(CHARACTERS), 192, 4, 4, 4, 512, tied_embeddings=False)
    inject(model, TARGETS, 8, 16.0)
    base = [p for name, p in model.named_parameters() if "lora_" not in name]
    adapters = [p for name, p in model.named_parameters() if "lora_" in name]
    before = [p.clone() for p in base]
    groups = [{"params": adapters, "lr": 1e-3}]
    if not frozen:
        for parameter in base:
            parameter.requires_grad_(True)
        groups.append({"params": base, "lr": 0.0})
    optimizer = torch.optim.AdamW(groups)
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    saved: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    def alive() -> dict[str, float]:
        state = [t for entry in optimizer.state.values() for t in entry.values()]
        sizes = {
            "weights": sum(p.nbytes for p in model.parameters()),
            "saved for backward": sum(saved.values()),
            "gradients": sum(p.grad.nbytes for p in model.parameters() if p.grad is not None),
            "optimizer": sum(t.nbytes for t in state),
        }
        return {kind: size / MIB for kind, size in sizes.items()}

    pairs, phases = batches(NEW, batch=8), [("loaded", alive())]
    for step in (1, 2):
        inputs, targets = next(pairs)
        optimizer.zero_grad()
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            loss = cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        phases.append((f"forward {step}", alive()))
        loss.backward()
        saved.clear()
        phases.append((f"backward {step}", alive()))
        optimizer.step()
        phases.append((f"update {step}", alive()))
    return phases, all(torch.equal(*pair) for pair in zip(base, before, strict=True))


def table(phases: list, still: bool) -> str:
    rows = ["MiB          " + "".join(f"{kind:>20}" for kind in KINDS) + f"{'all':>8}"]
    for name, sizes in phases:
        rows.append(f"{name:13}" + "".join(f"{sizes[kind]:20.1f}" for kind in KINDS) + f"{sum(sizes.values()):8.1f}")
    return "\n".join([*rows, f"base as before: {'yes' if still else 'no'}"]) + "\n"


def chart(phases: list, seen: str) -> Drawing:
    """Stacked bars, one a phase, with the kinds named beside the last."""
    left, foot, bar, pitch, top, scale = 40, 196, 30, 38, 30, 4
    drawn = Drawing("Memory by kind over two training steps", seen, width=448, height=236)
    drawn.text(0, 14, "MiB", "quiet")
    for tick in (0, 10, 20, 30, 40):
        y = foot - scale * tick
        drawn.line([(left, y), (left + pitch * len(phases), y)], "grid")
        drawn.text(left - 8, y + 4.5, str(tick), "quiet", "end")
    for column, (name, sizes) in enumerate(phases):
        x, y = left + column * pitch + (pitch - bar) / 2, foot
        for kind in KINDS:
            height = scale * sizes[kind]
            y -= height
            if height > 0.5:
                drawn.cell(x, y, bar, height, SHADES[kind], darkest=0.9)
                if column == len(phases) - 1 and height > 12:
                    drawn.text(x + bar + 8, y + height / 2 + 4.5, kind)
                if column == 1 and kind == "saved for backward":
                    drawn.text(x + bar / 2, y - 6, kind, anchor="middle")
        word, _, step = name.partition(" ")
        drawn.text(x + bar / 2, foot + 16, word if not step else word[:3] + ".", "quiet", "middle")
        drawn.text(x + bar / 2, foot + 32, step, "quiet", "middle")
    assert max(sum(sizes.values()) for _, sizes in phases) < (foot - top) / scale
    return drawn


shown, still = timeline(frozen=False)
mended, mended_still = timeline(frozen=True)
save(__file__, table(shown, still))
save(__file__, table(mended, mended_still), "mended")
all_of = {name: sum(sizes.values()) for name, sizes in shown}
chart(shown, "Stacked bars for seven moments. Weights are the same throughout. After the first update the optimizer's state "
      f"is about twice the weights, and the whole has grown from {all_of['loaded']:.0f} to {all_of['update 2']:.0f} MiB."
      ).save(__file__)
chart(mended, "The same moments with a frozen base: weights, what is saved for the backward pass, and hardly anything else."
      ).save(__file__, panel="mended")
