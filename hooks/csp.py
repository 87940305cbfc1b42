"""The content security policy of every page, and the inline scripts it lets through.

Only scripts whose hash stands in csp_hashes.txt run. A build with any other inline script fails and names the line to
add, so that a new one is a decision and not an accident.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from hooks import folder

HASHES = Path(__file__).with_name("csp_hashes.txt")
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.S | re.I)
TYPE = re.compile(r"""\btype\s*=\s*["']?([^"'\s>]+)""", re.I)
RUNS = {"", "text/javascript", "application/javascript", "module"}
DATA = re.compile(r"""url\((["']?)data:image/svg\+xml;charset=utf-8,(.*?)\1\)""")
HEAD = re.compile(r"<meta charset=[^>]*>", re.I)


class UnpinnedScript(ValueError):
    """An inline script that the policy would block."""


@cache
def pinned() -> tuple[str, ...]:
    lines = HASHES.read_text(encoding="utf-8").splitlines()
    return tuple(line.split()[0] for line in lines if line.startswith("sha256-"))


def digest(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def inline_scripts(page: str) -> list[str]:
    """What runs; data blocks (application/json) do not."""
    found = []
    for attributes, body in SCRIPT.findall(page):
        kind = TYPE.search(attributes)
        if not re.search(r"\bsrc\s*=", attributes) and (kind[1].lower() if kind else "") in RUNS:
            found.append(body)
    return found


def unpinned(page: str) -> list[str]:
    return [script for script in inline_scripts(page) if digest(script) not in pinned()]


def policy(from_folder: bool = False) -> str:
    """From a folder, a page's origin is opaque and 'self' may match nothing: the scheme stands for it. Icons stay data: addresses."""
    own = "'self' file:" if from_folder else "'self'"
    scripts = " ".join([own, *(f"'{pin}'" for pin in pinned())])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {own}",
            "style-src-attr 'unsafe-inline'",  # KaTeX and SVG need it: without it formulas are cut in half
            *(f"{kind}-src {own}{' data:' if from_folder and kind == 'img' else ''}" for kind in ("img", "font", "connect", "worker", "manifest", "media")),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def protect(page: str, name: str, preview: bool = False) -> str:
    """The page with its policy, before anything else that loads. A preview has none: MkDocs reloads it by a script."""
    if blocked := unpinned(page):
        lines = [f"{digest(script)}  {_beginning(script)}" for script in blocked]
        raise UnpinnedScript(
            f"{name}: the policy would block inline scripts. Move them to a file; or, if they are the theme's own and "
            "you have read them, add these lines to hooks/csp_hashes.txt:\n" + "\n".join(lines)
        )
    if preview:
        return page
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(folder.wanted())}">'
    return HEAD.sub(lambda match: match[0] + meta, page, count=1)


def _beginning(script: str) -> str:
    return re.sub(r"\s+", " ", script.strip())[:60]


def icons_to_files(site: Path) -> int:
    """The theme's stylesheet holds its icons as data: addresses, which the policy refuses: make them files."""
    folder = site / "assets/images/theme"
    written = set()

    def to_file(match: re.Match) -> str:
        drawing = unquote(match[2]).replace("\\'", "'")
        name = hashlib.sha256(drawing.encode()).hexdigest()[:10] + ".svg"
        if name not in written:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(drawing, encoding="utf-8")
            written.add(name)
        return f'url("../images/theme/{name}")'

    for path in sorted((site / "assets/stylesheets").glob("*.css")):
        text = path.read_text(encoding="utf-8")
        if "data:image/svg" in text:
            path.write_text(DATA.sub(to_file, text), encoding="utf-8")
    return len(written)
