"""A problem names a file and a line, says what is wrong and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing a contributor must mend; `path` is relative to the root."""

    path: str
    line: int
    what: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f", {self.mend}" if self.mend else ""
        return f"{self.path}:{self.line}: {self.what}{mend}"


def nearest(word: object, known: Iterable[str]) -> str:
    """The advice that goes with an unknown word: the nearest one, or a few."""
    known = sorted(known)
    close = difflib.get_close_matches(str(word), known, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not known:
        return "there is none yet"
    shown = ", ".join(f"`{name}`" for name in known[:12])
    return f"use one of {shown}" + (", …" if len(known) > 12 else "")
