"""Every exercise can be graded: each of its tests fails on the starter, passes on the solution, and the test that a
fault names fails with that fault.
"""

from pathlib import Path
from types import FunctionType, ModuleType

import pytest
import yaml

from exercises.loading import load

FOLDERS = [path.parent for path in sorted(Path(__file__).parent.glob("*/exercise.md"))]
every_exercise = pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])


def claims_of(folder: Path) -> dict[str, FunctionType]:
    module = load(folder / f"test_{folder.name.replace('-', '_')}.py")
    return {name: test for name, test in vars(module).items() if name.startswith("test_")}


def passes(test: FunctionType, module: ModuleType) -> bool:
    try:
        test(module)
    except Exception:
        return False
    return True


def test_there_is_an_exercise():
    assert FOLDERS


@every_exercise
def test_its_tests_fail_on_the_starter_and_pass_on_the_solution(folder):
    tests, starter, solution = claims_of(folder), load(folder / "starter.py"), load(folder / "solution.py")
    assert tests
    assert [name for name, test in tests.items() if passes(test, starter)] == [], "these pass on the starter"
    for test in tests.values():
        test(solution)


@every_exercise
def test_its_faults_are_caught(folder):
    path = folder / "solution.py"
    tests, sound = claims_of(folder), path.read_text("utf-8")
    faults = yaml.safe_load((folder / "faults.yml").read_text("utf-8"))
    assert faults
    missed = []
    for fault in faults:
        assert sound.count(fault["find"]) == 1, fault["id"]
        wrong = load(path, sound.replace(fault["find"], fault["replace"]))
        if passes(tests[fault["test"]], wrong):
            missed.append(fault["id"])
    assert missed == []
