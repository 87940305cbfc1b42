"""Every bug hunt is real: the named test passes on the listing as it is shown
and fails once the fault is put in.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FIELDS = {"id", "file", "find", "replace", "test", "why", "cause", "fix"}
FAULTS = [
    (path.relative_to(ROOT), fault)
    for path in sorted(ROOT.glob("snippets/*/faults.yml"))
    for fault in yaml.safe_load(path.read_text(encoding="utf-8"))
]

# One process for all faults, so that torch and transformers load once. It
# runs the tests as they are, then once more with each fault in turn.
DRIVER = """
import contextlib, importlib, json, pathlib, sys
import pytest

def run(*tests):
    for name in [n for n in sys.modules if n.split(".")[0] == "snippets"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    with contextlib.redirect_stdout(sys.stderr):
        return int(pytest.main(["-q", "-p", "no:cacheprovider", *tests]))

faults = json.load(sys.stdin)
codes = {"": run(*sorted({fault["test"] for fault in faults}))}
for fault in faults:
    path = pathlib.Path(fault["file"])
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(fault["find"], fault["replace"]), "utf-8")
    codes[fault["id"]] = run(fault["test"])
    path.write_text(text, encoding="utf-8")
print(json.dumps(codes))
"""


@pytest.mark.parametrize(
    ("path", "fault"), FAULTS, ids=[fault["id"] for _, fault in FAULTS]
)
def test_a_fault_says_all_that_a_bug_hunt_needs(path, fault):
    assert set(fault) == FIELDS
    assert all(isinstance(fault[f], str) and fault[f].strip() for f in FIELDS)
    assert Path(fault["file"]).parent == path.parent
    text = (ROOT / fault["file"]).read_text(encoding="utf-8")
    assert text.count(fault["find"]) == 1
    assert fault["find"] != fault["replace"]
    ast.parse(text.replace(fault["find"], fault["replace"]))
    file, _, name = fault["test"].partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_ids_are_unique():
    ids = [fault["id"] for _, fault in FAULTS]
    assert sorted(ids) == sorted(set(ids))


def test_the_named_test_fails_with_the_fault_and_only_with_it(tmp_path):
    shutil.copytree(
        ROOT / "snippets",
        tmp_path / "snippets",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    faults = [fault for _, fault in FAULTS]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_PROFILE": "faults",
        },
        input=json.dumps(faults),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout)
    assert codes.pop("") == pytest.ExitCode.OK, done.stderr
    missed = {
        name: pytest.ExitCode(code).name
        for name, code in codes.items()
        if code != pytest.ExitCode.TESTS_FAILED
    }
    assert not missed, done.stderr
