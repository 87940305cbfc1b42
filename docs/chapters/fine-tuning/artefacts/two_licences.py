"""What the artefacts share: a decoder trained on one licence, to be fine-tuned on the other.

One token is one character, small letters and a few marks. `old` is the text licence, `new` the code licence; the last
tenth of each is held out. Everything is seeded and runs on one thread.
"""

import string
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from snippets.decoder.tiny import TinyDecoder
from snippets.decoder.train import train, windows
from snippets.lora.inject import inject

ROOT = Path(__file__).resolve().parents[4]
LENGTH = 32
CHARACTERS = sorted(string.ascii_lowercase + " .,;()")
TARGETS = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def _text(name: str) -> Tensor:
    small = (ROOT / name).read_text().lower()
    words = "".join(c if c in CHARACTERS else " " for c in small).split()
    return ids_of(" ".join(words))


def ids_of(written: str) -> Tensor:
    return torch.tensor([CHARACTERS.index(c) for c in written])


def written(ids: Tensor) -> str:
    return "".join(CHARACTERS[i] for i in ids)


OLD, NEW = _text("LICENSE-CONTENT"), _text("LICENSE")


def batches(text: Tensor, batch: int = 16, seed: int = 3) -> Iterator:
    """Training windows: all but the last tenth of a text."""
    return windows(text[: len(text) * 9 // 10], batch, LENGTH, seed)


@torch.no_grad()
def held_out_loss(model: nn.Module, text: Tensor) -> float:
    """Mean loss in nats on windows of a text's last tenth."""
    inputs, targets = next(windows(text[len(text) * 9 // 10 :], 256, LENGTH, seed=9))
    return cross_entropy(model(inputs).flatten(0, 1), targets.flatten()).item()


def new_decoder(seed: int = 0) -> TinyDecoder:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    return TinyDecoder(len(CHARACTERS), 48, 2, 4, 4, 128, tied_embeddings=False)


def trained_base() -> TinyDecoder:
    """A decoder that knows the old text."""
    model = new_decoder()
    train(model, batches(OLD, 32, seed=0), 600, learning_rate=6e-3)
    return model


def tuned(model: nn.Module, n_steps: int = 200, r: int = 8, alpha: float = 16.0, learning_rate: float = 1e-2) -> list[float]:
    """Wrap a model's linear layers, train the adapters on the new text in place, and return each step's loss."""
    torch.manual_seed(1)
    inject(model, TARGETS, r, alpha)
    return train(model, batches(NEW), n_steps, learning_rate, weight_decay=0.0)


def save(script: str, text: str, panel: str = "") -> None:
    """Write a log or a table beside its script."""
    path = Path(script)
    name = path.stem + (f"-{panel}" if panel else "") + ".txt"
    path.with_name(name).write_text(text, encoding="utf-8", newline="\n")
