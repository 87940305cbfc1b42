"""Results kept in .cache under a name that stands for everything they were made from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path


def key(*parts: bytes) -> str:
    """A name for what is made from these parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:24]


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of `path`, made where it is missing: beside it, then moved, so that another build sees all or nothing."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(make())
        partial.replace(path)
    return path.read_bytes()
