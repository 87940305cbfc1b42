"""axe-core in a page. Its script needs a page without the policy: `visit(…, bypass_csp=True)`."""

from __future__ import annotations

import json

from conftest import ROOT

SCRIPT = ROOT / "node_modules/axe-core/axe.min.js"
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def faults(page, within: str = "", rules: list[str] | None = None) -> dict:
    """What axe finds, by rule, of all or of these: where, and what it says."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=SCRIPT)
    where = json.dumps(within) if within else "document"
    options = OPTIONS if rules is None else OPTIONS | {"runOnly": rules, "rules": {}}
    found = page.evaluate(f"axe.run({where}, {json.dumps(options)})")
    return {
        fault["id"]: [node["target"][0] for node in fault["nodes"][:4]] + [fault["nodes"][0]["failureSummary"][:200]]
        for fault in found["violations"]
    }
