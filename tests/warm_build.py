"""Builds this site with the cache of pages and without it, and compares every byte: part of `make weekly`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / ".cache/pages"


def built(site: Path) -> dict[str, bytes]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        warm = built(Path(folder) / "warm")
        shutil.rmtree(PAGES, ignore_errors=True)  # the next build fills it again
        clean = built(Path(folder) / "clean")
        again = built(Path(folder) / "again")
    for name, other in (("clean", clean), ("built again", again)):
        differ = sorted(path for path in warm.keys() | other.keys() if warm.get(path) != other.get(path))
        if differ:
            sys.exit(f"{len(differ)} files of the warm build are not those {name}: {', '.join(differ[:20])}")
    print(f"{len(clean)} files, the same bytes warm, clean and built again")


if __name__ == "__main__":
    main()
