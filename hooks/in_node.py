"""For tests: the widgets' code run by Node, without a browser, and what a widget's script weighs."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from hooks.assets import SHIPPED, esbuild
from hooks.fixtures import REPOSITORY
from hooks.mathematics import node

WIDGETS = (REPOSITORY / "widgets").as_posix()  # from where a test's TypeScript imports


def bundled(folder: Path, source: str, form: str = "esm") -> Path:
    """`source`, TypeScript that imports widgets, as one script."""
    (folder / "run.ts").write_text(source, encoding="utf-8")
    out = folder / ("run.cjs" if form == "cjs" else "run.mjs")
    esbuild(REPOSITORY, str(folder / "run.ts"), f"--format={form}", "--platform=node", f"--outfile={out}")
    return out


def run(folder: Path, source: str, zone: str = "") -> Any:
    """What `source` prints, as JSON."""
    environment = os.environ | {"TZ": zone} if zone else None
    done = subprocess.run([node(), str(bundled(folder, source))], env=environment, check=True, capture_output=True, text=True, encoding="utf-8")
    return json.loads(done.stdout)


def weight(folder: Path, family: str) -> int:
    """Bytes of a widget's script as sent."""
    out = folder / f"{family}.js"
    esbuild(REPOSITORY, f"widgets/{family}/index.ts", *SHIPPED, f"--outfile={out}")
    return len(gzip.compress(out.read_bytes(), 9))
