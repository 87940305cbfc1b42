"""How long the site takes to check and to build: `make bench`. Ratios in one run; the seconds are this machine's.

Three builds of the same tree: cold (no cache of ours), warm (formulas, fonts and scripts cached), and the check alone.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def seconds(command: list[str], cwd: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "site", ".cache", "__pycache__"))
        (tree / "node_modules").symlink_to(ROOT / "node_modules")
        build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(Path(folder) / "site")]
        cold, warm = seconds(build, tree), seconds(build, tree)
        check = seconds([sys.executable, "-m", "hooks.check"], tree)
        pages = sum(1 for _ in (Path(folder) / "site").rglob("*.html"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{'run':<12}{'seconds':>9}{'of cold':>9}")
    for name, took in (("cold build", cold), ("warm build", warm), ("check", check)):
        print(f"{name:<12}{took:>9.1f}{took / cold:>9.0%}")
    print(f"{pages} pages, {1000 * warm / pages:.0f} ms a page warm, {memory:.0f} MiB at most")


if __name__ == "__main__":
    main()
