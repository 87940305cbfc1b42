"""Recorded labs as pages: what mkdocs-jupyter adds and the site must not carry is taken away.

Its 575 KB of inline style, its script loaders and copy boxes go; cell ids, random in each build, are counted instead.
"""

from __future__ import annotations

import re

STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.S | re.I)
SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>", re.S | re.I)
CLIPBOARD = re.compile(r"<div class=\"zeroclipboard-container\">.*?</clipboard-copy>\s*</div>", re.S)
PROMPT = re.compile(r"<div class=\"jp-InputPrompt[^\"]*\">.*?</div>|<div class=\"jp-OutputPrompt[^\"]*\">.*?</div>", re.S)
CELL_ID = re.compile(r"\bcell-id=[0-9a-f-]{8,36}|\bid=\"cell-[0-9a-f]{8,}\"|\bid=\"cell-id=[^\"]*\"")
COLLAPSER = re.compile(r"<div class=\"jp-(?:Cell|Collapser)[^\"]*[Cc]ollapser[^\"]*\">\s*</div>", re.S)


def clean(page: str) -> str:
    for unwanted in (STYLE, SCRIPT, CLIPBOARD, PROMPT, COLLAPSER):
        page = unwanted.sub("", page)
    seen: dict[str, str] = {}
    return CELL_ID.sub(lambda match: seen.setdefault(match[0], f'id="cell-{len(seen) + 1}"' if match[0].startswith("id=") else f"cell-id={len(seen) + 1}"), page)
