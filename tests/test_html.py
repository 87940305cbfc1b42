"""The built pages as documents: valid, linked, nothing left over from the build."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, SITE, TEMPLATES, source

from hooks import html_gate, mathematics

DEFINED = re.compile(r'customElements\.define\("([\w-]+)"')
SPAN = re.compile(r"<span\b|</span>")


def test_no_page_fails_the_gate():
    """Links and fragments resolve, no literal macro or formula, nothing loaded from elsewhere: every page is read."""
    assert html_gate.check_site(SITE) == []


def without_formulas(page: str) -> str:
    """KaTeX writes the bulk of a page and is not ours to validate."""
    kept, place = [], 0
    while (start := page.find('<span class="katex">', place)) != -1:
        kept.append(page[place:start])
        depth = 0
        for tag in SPAN.finditer(page, start):
            depth += 1 if tag[0] == "<span" else -1
            if not depth:
                place = tag.end()
                break
    return "".join(kept) + page[place:]


def test_one_page_of_each_kind_is_valid(tmp_path):
    report, files = tmp_path / "report.json", []
    for kind in TEMPLATES:
        copy = tmp_path / f"{kind}.html"
        copy.write_text(without_formulas(source(kind)), encoding="utf-8")
        files.append(str(copy))
    rules = json.loads((ROOT / "tests/html-validate.json").read_text(encoding="utf-8"))
    ours = {name: {"flow": True, "permittedContent": ["@flow"]} for entry in ROOT.glob("widgets/*/index.ts") for name in DEFINED.findall(entry.read_text("utf-8"))}
    for name in ("sh-print", "sh-today"):  # a button, and a link, in a line of text
        ours[name]["phrasing"] = True
    config = tmp_path / "rules.json"
    config.write_text(json.dumps(rules | {"elements": [*rules["elements"], ours]}), encoding="utf-8")
    command = [mathematics.node(), str(ROOT / "node_modules/html-validate/bin/html-validate.mjs"),
               "--config", str(config), "--formatter", f"json={report}", *files]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert report.exists(), done.stderr
    faults = {}
    for page in json.loads(report.read_text(encoding="utf-8")):
        name = Path(page["filePath"]).stem
        for message in page["messages"]:
            faults.setdefault(f"{message['ruleId']}: {message['message']}", []).append(f"{name}:{message['line']}")
    assert {fault: places[:3] for fault, places in faults.items()} == {}


def test_widgets_are_typed():
    command = [mathematics.node(), str(ROOT / "node_modules/typescript/bin/tsc"), "-p", str(ROOT / "widgets"), "--noEmit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_formula_stylesheet_is_where_formulas_are(kind):
    assert ("katex.css" in source(kind)) == ('class="katex' in source(kind) or "<sh-review>" in source(kind))
