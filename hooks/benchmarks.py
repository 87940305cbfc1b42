"""The last recorded benchmark of the snippets on a page: `tests/bench_snippets.py --record` wrote it, nobody retyped it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from hooks.building import Building, CallError, Site
from hooks.formatting import day, number
from hooks.problems import nearest

RECORD = "docs/data/bench.json"
# case: heads of columns, and for each the key with its unit
COLUMNS = {
    "decode": (("tokens so far", "tokens", ""), ("whole text again", "uncached_seconds", "ms"), ("with the cache", "cached_seconds", "ms"), ("ratio", "ratio", "")),
    "paging": (("tokens a sequence", "tokens", ""), ("in a row", "contiguous_seconds", "ms"), ("by block table", "paged_seconds", "ms"), ("ratio", "ratio", "")),
    "flash": (("tokens", "tokens", ""), ("score matrix", "naive_bytes", "MB"), ("tiles", "tiled_bytes", "MB"), ("ratio of memory", "ratio", ""),
              ("score matrix, time", "naive_seconds", "ms"), ("tiles, time", "tiled_seconds", "ms"), ("Triton, memory", "triton_bytes", "MB"), ("Triton, time", "triton_seconds", "ms")),
    "lora": (("rank", "rank", ""), ("trained", "trained_lora", ""), ("of", "trained_full", ""), ("state", "lora_state_bytes", "MB"), ("full state", "full_state_bytes", "MB"),
             ("LoRA step", "lora_seconds", "ms"), ("full step", "full_seconds", "ms"), ("ratio", "ratio", "")),
}  # fmt: skip
SIZES = {"": 1, "ms": 1e-3, "MB": 1e6}


def read(root: Path) -> dict[str, Any]:
    path = root / RECORD
    if not path.is_file():
        raise CallError(f"no recording: {RECORD} is missing; run `python tests/bench_snippets.py --record`")
    return json.loads(path.read_text(encoding="utf-8"))


def bench(site: Site, page: Building, case: str) -> str:
    """`<%= bench("decode") %>`: one comparison as a table; `bench("recorded")` says on what and when."""
    found = read(site.handbook.root)
    if case == "recorded":
        recorded = found["recorded"]
        versions = ", ".join(f"{name} {version}" for name, version in recorded["versions"].items())
        return f"Recorded on {day(datetime.date.fromisoformat(recorded['date']))}: {recorded['device']}; {versions}; medians of {recorded['turns']} turns."
    if case not in COLUMNS:
        raise CallError(f"no benchmark `{case}`; {nearest(case, COLUMNS)}")
    columns = [(head + (f", {unit}" if unit else ""), key, unit) for head, key, unit in COLUMNS[case] if key in found[case][0]]
    lines = ["| " + " | ".join(head for head, _, _ in columns) + " |", "|--:" * len(columns) + "|"]
    lines += ["| " + " | ".join(number(row[key] / SIZES[unit]) for _, key, unit in columns) + " |" for row in found[case]]
    return "\n".join(lines)
