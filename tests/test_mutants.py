"""The mutation run fails on an unexplained survivor and on an explanation that no longer holds, and says nothing else.
Exercises are run like a folder of snippets.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
CODE = """\
TABLE = {}


def register(name):
    TABLE[name] = len(name)


register("four")


def larger(a, b):
    return a if a >= b else b
"""
# `a > b` for `a >= b` is the same function; the table is built while the module is imported.
TESTS = """\
from snippets.tiny.code import TABLE, larger


def test_larger():
    assert larger(2, 1) == larger(1, 2) == 2


def test_table():
    assert TABLE == {"four": 4}
"""
SAME = {"function": "snippets.tiny.code.larger", "change": "- return a if a >= b else b + return a if a > b else b", "reason": "Equal numbers."}


@pytest.fixture
def mutants(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("mutants_under_test", HERE / "mutants.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in {"code.py": CODE, "test_code.py": TESTS, "__init__.py": ""}.items():
        (tmp_path / "snippets/tiny").mkdir(parents=True, exist_ok=True)
        (tmp_path / "snippets/tiny" / name).write_text(text, encoding="utf-8")
    (tmp_path / "snippets/__init__.py").touch()
    (tmp_path / "docs/data").mkdir(parents=True)
    for name in ("LICENSE", "LICENSE-CONTENT"):
        (tmp_path / name).touch()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "ALLOWED", tmp_path / "snippets/mutants.yml")
    monkeypatch.setattr(module, "WHERE", tmp_path / "places")

    def explain(*entries):
        module.ALLOWED.write_text(yaml.safe_dump(list(entries)), encoding="utf-8")

    module.explain = explain
    return module


def test_a_survivor_must_be_explained_and_a_killed_one_must_not(mutants, capsys):
    mutants.explain(SAME)
    assert mutants.main([]) == 0, capsys.readouterr().out

    mutants.explain()
    assert mutants.main([]) == 1
    told = capsys.readouterr().out
    assert SAME["change"] in told and told.count("no test notices") == 1

    killed = SAME | {"change": "- return a if a >= b else b + return a if a < b else b"}
    gone = SAME | {"change": "- return max(a, b) + return None"}
    mutants.explain(SAME, killed, gone)
    mutants.ROOT.joinpath("snippets/tiny/code.py").write_text(CODE.replace("a >= b", "b < a"), encoding="utf-8")
    assert mutants.main([]) == 1
    assert capsys.readouterr().out.count("is no mutant now") == 3


@pytest.mark.weekly  # as the run itself
def test_an_explained_mutant_that_a_test_kills_is_an_error(mutants, capsys):
    first = {"function": "snippets.tiny.code.register", "change": "- TABLE[name] = len(name) + TABLE[name] = None", "reason": "Wrong."}
    mutants.explain(SAME, first)
    assert mutants.main(["--sample", "1"]) == 1
    told = capsys.readouterr().out
    assert told.count("did not survive; take it out") == 1 and "TABLE[name] = None" in told


def test_a_mutant_that_grows_without_end_gets_no_more_memory(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["."]\n', encoding="utf-8")
    code = "import sys; sys.path.append({!r}); import mutant_runner; mutant_runner.confine(0); bytes({} << 30)"
    ends = [subprocess.run([sys.executable, "-c", code.format(str(HERE), size)], cwd=tmp_path, check=False).returncode for size in (1, 9)]
    assert ends == [0, 1]


@pytest.mark.weekly  # as the run itself
def test_exercises_are_graded_by_their_tests(mutants, capsys):
    shutil.rmtree(mutants.ROOT / "snippets/tiny")
    folder = mutants.ROOT / "exercises/the-larger"
    folder.mkdir(parents=True)
    for name in ("__init__.py", "conftest.py", "loading.py"):
        shutil.copy(HERE.parent / "exercises" / name, folder.parent)
    (folder / "solution.py").write_text(CODE, encoding="utf-8")
    (folder / "test_the_larger.py").write_text("def test_larger(exercise):\n    assert exercise.larger(2, 1) == exercise.larger(1, 2) == 2\n", encoding="utf-8")
    same = SAME | {"function": "exercises.the-larger.solution.larger"}
    mutants.explain(same)
    for chosen in ([], ["exercises/the-larger"]):
        assert mutants.main(chosen) == 1
        told = capsys.readouterr().out
        assert told.count("no test notices") == 1 and "TABLE[name] = None" in told
    with pytest.raises(SystemExit, match="no mutants of exercises/another"):
        mutants.main(["exercises/another"])


def test_slices_of_successive_weeks_meet_every_mutant_once(mutants):
    names = [f"m{number}" for number in range(103)]
    weeks = [mutants.sample(names, 20, week) for week in range(2900, 2906)]
    assert sorted(name for week in weeks for name in week) == sorted(names)
    assert max(map(len, weeks)) <= 20
    assert mutants.sample(names[::-1], 20, 2901) == weeks[1]
