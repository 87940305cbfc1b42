"""Archives in which the same files give the same bytes: one date, one mode, one system."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO


def write(target: Path | IO[bytes], files: Iterable[tuple[str, bytes]]) -> None:
    """A zip of (name, content), in this order."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o100644 << 16, 3
            archive.writestr(entry, content, compresslevel=9)
