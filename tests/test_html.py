"""The built pages as documents: valid, linked, nothing left over from the build."""

from __future__ import annotations

import json
import subprocess

import pytest
from conftest import ROOT, SITE, TEMPLATES

from hooks import assets, html_gate


def test_no_page_fails_the_gate():
    """Links and fragments resolve, no literal macro or formula, nothing loaded from elsewhere: every page is read."""
    assert html_gate.check_site(SITE) == []


def test_one_page_of_each_kind_is_valid(tmp_path):
    report = tmp_path / "report.json"
    files = [str(SITE / path / ("" if path.endswith(".html") else "index.html")) for path in TEMPLATES.values()]
    command = [*assets.node(), str(ROOT / "node_modules/html-validate/bin/html-validate.mjs"),
               "--config", str(ROOT / "tests/html-validate.json"), "--formatter", f"json={report}", *files]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert report.exists(), done.stderr
    faults = {}
    for page in json.loads(report.read_text(encoding="utf-8")):
        name = page["filePath"].removeprefix(str(SITE))
        for message in page["messages"]:
            faults.setdefault(f"{message['ruleId']}: {message['message']}", []).append(f"{name}:{message['line']}")
    assert {fault: places[:3] for fault, places in faults.items()} == {}


def test_widgets_are_typed():
    command = [*assets.node(), str(ROOT / "node_modules/typescript/bin/tsc"), "-p", str(ROOT / "widgets"), "--noEmit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_formula_stylesheet_is_where_formulas_are(kind):
    path = SITE / TEMPLATES[kind]
    text = (path if path.suffix else path / "index.html").read_text(encoding="utf-8")
    assert ("katex.css" in text) == ('class="katex' in text)
