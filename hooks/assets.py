"""What the finished pages need beside them: fonts, the stylesheet of formulas, and widgets.

Made from node_modules/ and widgets/ in the last step of a build. Works without MkDocs: `build(root, site)` returns the
problems as lines of text. Results are cached in .cache/assets under the hash of everything that went in, so a warm run
takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import unicodedata
from pathlib import Path

from hooks import fonts, theme
from hooks.cache import key
from hooks.fonts import present
from hooks.mathematics import node

SHIPPED = ("--minify", "--format=iife", "--target=es2020", "--charset=utf8", "--legal-comments=none")


def build(root: Path, site: Path) -> list[str]:
    """Write fonts, stylesheets and widgets into the built `site`; return problems, one a line."""
    theme.slim(site)
    widgets(root, site)
    theme.replace_search(site)
    theme.with_header(site)
    shown = fonts.Characters()
    for file in [*sorted(site.rglob("*.html")), *sorted((site / "assets/widgets").glob("*.js"))]:
        shown.read(file)
    covered = fonts.write(root, site, shown)
    theme.used(site)
    return [
        f"{file.relative_to(site)}: no bundled font has {character!r} (U+{ord(character):04X} "
        f"{unicodedata.name(character, '?').lower()}); write it otherwise (10<sup>9</sup>, not superscript nine) or add a "
        "font that has it to hooks/fonts.py"
        for file, character in shown.lacking(covered)
    ]


def esbuild(root: Path, *arguments: str) -> None:
    """Bundle TypeScript with the pinned esbuild."""
    command = [node(), str(present(root / "node_modules/esbuild/bin/esbuild")), "--bundle", "--log-level=warning", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"widgets/: esbuild failed\n{done.stderr.strip()}")


def widgets(root: Path, site: Path) -> None:
    """Bundle every widgets/<name>/index.ts into assets/widgets/<name>.js as one classic script."""
    entries = sorted((root / "widgets").glob("*/index.ts"))
    out = site / "assets/widgets"
    out.mkdir(parents=True, exist_ok=True)
    if not entries:
        return
    sources = sorted(p for p in (root / "widgets").rglob("*") if p.is_file() and "test" not in p.name)
    lock = (root / "package-lock.json").read_bytes()
    parts = [part for p in sources for part in (str(p.relative_to(root)).encode(), p.read_bytes())]
    cached = root / ".cache/assets" / f"widgets-{key(lock, *parts)}"
    if not cached.is_dir():
        partial = cached.with_name(f"{cached.name}.{os.getpid()}")
        esbuild(root, *(f"{entry.parent.name}={entry}" for entry in entries), *SHIPPED, f"--outdir={partial}")
        with contextlib.suppress(OSError):  # another build was first
            partial.replace(cached)
    for script in sorted(cached.glob("*.js")):
        (out / script.name).write_bytes(script.read_bytes())
