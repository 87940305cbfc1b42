"""What widgets load: classic scripts that set one global each, written in the build's last step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def script(name: str, value: Any) -> str:
    return f"window.{name}={compact(value)};\n"


def write(site: Path, family: str, text: str) -> None:
    """assets/widgets/<family>-data.js, which the widget of that name asks for."""
    target = site / "assets/widgets" / f"{family}-data.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
