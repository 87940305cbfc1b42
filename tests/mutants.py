"""Mutants of the snippets: `python tests/mutants.py [TOPIC or TOPIC/MODULE.py ...]` fails on each that no test notices and
nobody explained; `--sample N` tries N of all, others each week, and every explained one. `exercises` is a topic too, and
`exercises/SLUG` one of them: the solution is mutated, and its tests grade it.

Each folder of snippets/ is copied aside with its tests and mutated there by mutmut, so that the checkout and its
environment stay as they are. Survivors that no test can kill stand in snippets/mutants.yml with the reason. An entry
names a mutant by what it changes, not by mutmut's running number, which moves with every edit.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = ROOT / "snippets/mutants.yml"
WHERE = ROOT / ".cache/mutants"
RUNNER = ROOT / "tests/mutant_runner.py"
SETTINGS = """\
[tool.mutmut]
source_paths = ["{root}"]
only_mutate = ["{folder}/{only}"]
do_not_mutate = ["*/test_*.py", "*/conftest.py", "{never}"]
also_copy = ["conftest.py", "docs", "LICENSE", "LICENSE-CONTENT"]
use_git_change_detection = false

[tool.pytest.ini_options]
addopts = ["--strict-markers", "-m", "not gpu and not weekly"]
markers = ["gpu: needs CUDA", "weekly: too slow for every mutant"]
"""
# What reads the source of a function sees mutmut's wrapper instead: so closed forms and their reader take turns.
BATCHES = {
    "exercises": [{"only": "*/solution.py", "never": "*/none.py", "ignored": "test_exercises.py"}],
    "sizing": [{"only": "*", "never": "*/render.py", "ignored": "test_render.py"}, {"only": "render.py", "never": "*/none.py", "ignored": "-"}],
}
ALL = [{"only": "*", "never": "*/none.py", "ignored": "-"}]


class Stopped(Exception):
    """A run that did not come to its end says nothing about the mutants."""


def topics() -> list[str]:
    exercises = ["exercises"] if (ROOT / "exercises").exists() else []
    return sorted({path.parent.name for path in ROOT.glob("snippets/*/test_*.py")}) + exercises


def folder(topic: str) -> str:
    return topic if topic == "exercises" else f"snippets/{topic}"


def prepare(topic: str, batch: dict[str, str]) -> Path:
    place = WHERE / f"{topic}-{Path(batch['only']).stem.replace('*', 'all')}"
    if place.exists():
        shutil.rmtree(place)
    root = folder(topic).partition("/")[0]
    shutil.copytree(ROOT / root, place / root, ignore=shutil.ignore_patterns("__pycache__", "answer.py"))
    shutil.copytree(ROOT / "docs/data", place / "docs/data")
    for name in ("LICENSE", "LICENSE-CONTENT"):
        shutil.copy(ROOT / name, place)
    (place / "conftest.py").write_text("", encoding="utf-8")
    (place / "pyproject.toml").write_text(SETTINGS.format(root=root, folder=folder(topic), **batch), encoding="utf-8")
    runner(place, "generate")
    return place


def runner(place: Path, *arguments: str) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HYPOTHESIS_PROFILE": "faults", "EXERCISE": "solution"}
    done = subprocess.run(
        [sys.executable, str(RUNNER), *arguments], cwd=place, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise Stopped(f"{place.name}: {arguments[0]} stopped early, see above and {place / 'log.txt'}")
    return done.stdout


def passed(place: Path, name: str, value: object) -> str:
    (place / name).write_text(json.dumps(value), encoding="utf-8")
    return name


def function(mutant: str) -> str:
    """snippets.sizing.inputs.Inputs.field of snippets.sizing.inputs.xǁInputsǁfield__mutmut_7."""
    return mutant.partition("__mutmut_")[0].replace(".x_", ".").replace(".xǁ", ".").replace("ǁ", ".")


def changes(place: Path, names: list[str]) -> dict[str, tuple[str, str]]:
    """Mutant -> (function, "- old line + new line"), of mutants and of whole functions."""
    if not names:
        return {}
    found = json.loads(runner(place, "changes", passed(place, "names.json", names)))
    return {mutant: (function(mutant), changed) for mutant, changed in found.items()}


def explained() -> dict[tuple[str, str], str]:
    entries = yaml.safe_load(ALLOWED.read_text(encoding="utf-8")) or []
    return {(entry["function"], entry["change"]): entry["reason"] for entry in entries}


def sample(mutants: list[str], size: int, week: int) -> list[str]:
    """One slice of a fixed shuffle: slices of successive weeks meet every mutant before any comes again."""
    shuffled = sorted(mutants)
    random.Random(0).shuffle(shuffled)
    slices = max(1, -(-len(shuffled) // size))
    return shuffled[week % slices :: slices]


def results(place: Path) -> dict[str, str]:
    lines = (place / "results.jsonl").read_text(encoding="utf-8").splitlines() if (place / "results.jsonl").exists() else []
    return {found["mutant"]: found["verdict"] for found in map(json.loads, lines)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chosen", nargs="*", metavar="TOPIC[/MODULE.py]", help="all, if none is named")
    parser.add_argument("--sample", type=int, metavar="N", help="N of the chosen, others each week, and all that are explained")
    parser.add_argument("--week", type=int, default=(datetime.date.today().toordinal() - 1) // 7, help="as if it were this one")
    options = parser.parse_args(arguments)
    allowed, errors, places, listed = explained(), [], {}, {}

    wanted = [each.split("/") for each in options.chosen] or [[topic] for topic in topics()]
    for topic in dict.fromkeys(each[0] for each in wanted):
        for batch in BATCHES.get(topic, ALL):
            place = prepare(topic, batch)
            places[place] = (topic, batch)
            for mutant, path in json.loads((place / "mutants.json").read_text(encoding="utf-8")).items():
                if any(each in wanted for each in ([topic], [topic, Path(path).name], [topic, Path(path).parent.name])):
                    listed[mutant] = place
    if not listed:
        raise SystemExit(f"no mutants of {' '.join(options.chosen)}: name folders of snippets/ or their modules, exercises or one of them")

    known = {}  # mutant -> entry of the list
    for place in places:
        inside = sorted(
            {mutant.partition("__mutmut_")[0] for mutant, at in listed.items() if at == place and function(mutant) in {name for name, _ in allowed}}
        )
        known |= {mutant: found for mutant, found in changes(place, inside).items() if found in allowed}
    tried = set(listed) if options.sample is None else set(sample(list(listed), options.sample, options.week)) | set(known)

    for place, (topic, batch) in places.items():
        mine = [mutant for mutant, at in listed.items() if at == place and mutant in tried]
        if not mine:
            continue
        runner(place, "run", passed(place, "chosen.json", mine), folder(topic), f"--ignore={folder(topic)}/{batch['ignored']}")
        verdicts = results(place)
        if set(verdicts) != set(mine):
            raise Stopped(f"{place.name}: {len(mine)} mutants to try, {len(verdicts)} tried, see {place / 'log.txt'}")
        alive = [mutant for mutant in mine if verdicts[mutant] == "survived"]
        for mutant, (name, changed) in changes(place, [mutant for mutant in alive if mutant not in known]).items():
            errors.append(f"{name}: {changed}\n  no test notices; sharpen one, or explain it in {ALLOWED.relative_to(ROOT)} ({mutant})")
        for mutant in set(mine) & set(known) - set(alive):
            name, changed = known[mutant]
            errors.append(f"{name}: {changed}\n  is explained in {ALLOWED.relative_to(ROOT)} and did not survive; take it out")
        print(f"{place.name}: {len(mine)} mutants tried, {dict(Counter(verdicts.values()))}, {len(set(alive) & set(known))} explained", flush=True)

    if not options.chosen:
        for name, changed in sorted(set(allowed) - set(known.values())):
            errors.append(f"{name}: {changed}\n  is explained in {ALLOWED.relative_to(ROOT)} and is no mutant now; take it out")
    print(f"{len(tried)} of {len(listed)} mutants tried" + (f", week {options.week}" if options.sample else ""))
    print("\n".join(errors))
    return bool(errors)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stopped as stopped:
        sys.exit(str(stopped))
