"""Mutants of the snippets: `python tests/mutants.py [TOPIC ...]` fails on each that no test notices and nobody explained.

Each folder of snippets/ is copied aside with its tests and mutated there by mutmut, so that the checkout and its
environment stay as they are. Survivors that no test can kill stand in snippets/mutants.yml with the reason. An entry
names a mutant by what it changes, not by mutmut's running number, which moves with every edit.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = ROOT / "snippets/mutants.yml"
WHERE = ROOT / ".cache/mutants"
SURVIVED, NO_TEST = 0, (5, 33)
SETTINGS = """\
[tool.mutmut]
source_paths = ["snippets"]
only_mutate = ["snippets/{topic}/{only}"]
do_not_mutate = ["*/test_*.py", "*/conftest.py", "{never}"]
also_copy = ["conftest.py", "docs", "LICENSE", "LICENSE-CONTENT"]
pytest_add_cli_args = ["-q", "-p", "no:cacheprovider", "--no-header"]
pytest_add_cli_args_test_selection = ["snippets/{topic}", "--ignore=snippets/{topic}/{ignored}"]
use_git_change_detection = false

[tool.pytest.ini_options]
addopts = ["--strict-markers", "-m", "not gpu"]
markers = ["gpu: needs CUDA"]
"""
# What reads the source of a function sees mutmut's wrapper instead: so closed forms and their reader take turns.
BATCHES = {
    "sizing": [{"only": "*", "never": "*/render.py", "ignored": "test_render.py"}, {"only": "render.py", "never": "-", "ignored": "-"}],
}
ALL = [{"only": "*", "never": "-", "ignored": "-"}]

# mutmut 3.8 reads a name that pytest 9.1 no longer has
CONFTEST = """\
def pytest_collection_modifyitems(items):
    for item in items:
        item._nodeid = item.nodeid
"""


def topics() -> list[str]:
    return sorted({path.parent.name for path in ROOT.glob("snippets/*/test_*.py")})


def prepare(topic: str, batch: dict[str, str]) -> Path:
    place = WHERE / f"{topic}-{Path(batch['only']).stem.replace('*', 'all')}"
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(ROOT / "snippets", place / "snippets", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "docs/data", place / "docs/data")
    for name in ("LICENSE", "LICENSE-CONTENT"):
        shutil.copy(ROOT / name, place)
    (place / "pyproject.toml").write_text(SETTINGS.format(topic=topic, **batch), encoding="utf-8")
    (place / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    return place


def run(place: Path) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HYPOTHESIS_PROFILE": "faults", "PYTHONDONTWRITEBYTECODE": "1"}
    with (place / "log.txt").open("w") as log:  # how far it is: the log's last line
        subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "1"], cwd=place, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)


def outcome(place: Path) -> dict[str, int | None]:
    """Mutant -> exit code of its tests; None where it was not tried."""
    found: dict[str, int | None] = {}
    for path in sorted((place / "mutants").rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def change(place: Path, mutant: str) -> tuple[str, str]:
    """(function, "- old line + new line") of a mutant."""
    shown = subprocess.run([sys.executable, "-m", "mutmut", "show", mutant], cwd=place, capture_output=True, text=True, check=True).stdout
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    function = mutant.rpartition("__mutmut_")[0].replace(".x_", ".").replace(".xǁ", ".").replace("ǁ", ".")
    return function, " ".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def explained() -> dict[tuple[str, str], str]:
    entries = yaml.safe_load(ALLOWED.read_text(encoding="utf-8")) or []
    return {(entry["function"], entry["change"]): entry["reason"] for entry in entries}


def main(chosen: list[str]) -> int:
    allowed, unexplained, met = explained(), [], set()
    for topic, batch in [(each, batch) for each in chosen or topics() for batch in BATCHES.get(each, ALL)]:
        place = prepare(topic, batch)
        run(place)
        codes = outcome(place)
        if not codes or None in codes.values():
            print(f"{topic}: the run stopped early, see {place / 'log.txt'}")
            unexplained.append((topic, "did not finish"))
        alive = [mutant for mutant, code in codes.items() if code == SURVIVED or code in NO_TEST]
        for mutant in alive:
            found = change(place, mutant)
            met.add(found)
            if found not in allowed:
                unexplained.append(found)
        print(f"{topic}: {len(codes)} mutants, {len(alive)} alive", flush=True)
    for function, changed in unexplained:
        print(f"{function}: {changed}\n  no test notices; sharpen one, or explain it in {ALLOWED.relative_to(ROOT)}")
    if not chosen:
        for function, changed in sorted(set(allowed) - met):
            print(f"{function}: {changed}\n  is explained in {ALLOWED.relative_to(ROOT)} and did not survive; take it out")
            unexplained.append((function, changed))
    return bool(unexplained)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
