"""The model table and the hardware table of the reference: every record of docs/data, one row each.

Does not know any formula: counts and sizes come from snippets/sizing.
"""

from __future__ import annotations

import re
from typing import Any

from hooks.building import Building, Site
from hooks.formatting import number, show

NONE = "–"
RECORDED = "†"
APART = "‡"  # more than 1 % from the published figure


def model_table(site: Site, page: Building) -> str:
    """Rows by family and size. A count that nobody can check here bears a dagger."""
    from snippets.sizing import counter, layers, model_file, records

    rows = [("model", "year", "parameters", "published", "active", "layers", "width", "heads : KV", "cache a token", "context")]
    for name in sorted(records.names("models"), key=_natural):
        record = records.model(name)
        try:
            shape = model_file.check(model_file.flatten(record), name)
            count = counter.count(shape)
            total, active, mark = count.total, count.active, ""
            cache = str(show(2 * layers.cache_elements(shape, 1), "bytes"))
        except model_file.BadModelFile:
            total, mark, cache = record["computed"]["total"], RECORDED, NONE
            active = record["computed"].get("active_incl_embedding") or record["computed"].get("active_matmul")
        is_sparse = "moe" in record and active
        active = _billions(active) + mark if is_sparse else NONE
        heads = f"{record['n_heads']} : {record['n_kv_heads']}"
        rows.append((
            _linked(record), record["year"], _billions(total) + mark, _published(record, total), active, record["n_layers"],
            _whole(record["d_model"]), heads, cache, _whole(record.get("max_context")),
        ))  # fmt: skip
    return _table(rows)


def hardware_table(site: Site, page: Building) -> str:
    """Dense peaks. The ridge point is bf16 over memory bandwidth."""
    from snippets.sizing import quantities, records

    rows = [("accelerator", "memory, GB", "bandwidth, GB/s", "bf16, TFLOP/s", "fp8", "fp4", "NVLink, GB/s", "power, W",
             "ridge point")]  # fmt: skip
    for name in sorted(records.names("hardware"), key=_natural):
        record = records.accelerator(name)
        ridge = quantities.compute("ridge_point", gpu=name).value
        fields = ("mem_GB", "bw_GBps", "bf16", "fp8", "fp4", "nvlink_GBps", "tdp_W")
        rows.append((_linked(record), *(_whole(record.get(field)) for field in fields), number(ridge)))
    return _table(rows)


def model_differences(site: Site, page: Building) -> str:
    """Each model whose count is more than 1 % from the published figure, and why."""
    from snippets.sizing import records

    rows = []
    for name in sorted(records.names("models"), key=_natural):
        record = records.model(name)
        total = record["computed"]["total"]
        if _apart(record, total):
            share = total / record["published_total_value"] - 1
            why = record["check"]["why"].rstrip(".")
            rows.append(f"- **{record['name']}**: {_billions(total)} against {record['published_total_params']}, {number(100 * share)} %. {why[0].upper()}{why[1:]} (the record's note).")
    return "\n".join(rows)


def _apart(record: dict, total: float) -> bool:
    published = record.get("published_total_value")
    return bool(published) and abs(total / published - 1) > 0.01


def _published(record: dict, total: float) -> str:
    published = record.get("published_total_value")
    if not published:
        return NONE
    return _billions(published) + (APART if _apart(record, total) else "")


def _linked(record: dict) -> str:
    from snippets.sizing import records

    url = records.source_url(record)
    return f"[{record['name']}]({url})" if url else record["name"]


def _billions(count: float) -> str:
    return f"{number(count / 1e9)} B" if count < 1e12 else f"{number(count / 1e12)} T"


def _whole(value: Any) -> str:
    return NONE if not value else number(value, exact=True)


def _natural(name: str) -> list:
    """Gemma 3 4B before Gemma 3 27B."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _table(rows: list[tuple]) -> str:
    head, *body = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(["<div><sh-table></sh-table></div>", "", head, "|---" + "|--:" * (len(rows[0]) - 1) + "|", *body])
