"""Can each exercise be done and graded? Its files, what they import, and that the starter is unsolved.

Does not run anything: exercises/test_exercises.py does.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from hooks.exercises import ALOUD
from hooks.model import Exercise, Handbook, exercise_test
from hooks.problems import Problem, nearest

ALLOWED = sys.stdlib_module_names | {"numpy"}
WIDEST = 79


def check(handbook: Handbook) -> Iterator[Problem]:
    root = handbook.root / "exercises"
    for folder in sorted(path for path in root.glob("*/") if path.is_dir() and not path.name.startswith(("_", "."))):
        name = f"exercises/{folder.name}"
        for file in ("exercise.md", "starter.py", "solution.py", "faults.yml", exercise_test(folder.name)):
            if not (folder / file).exists():
                yield Problem(f"{name}/{file}", 1, "the file is missing", "see docs/contributing/exercise.md")
    for exercise in handbook.exercises.values():
        yield from record(handbook, exercise)
        yield from statement(exercise)
        yield from modules(exercise)
        yield from tests(exercise)
        yield from mistakes(exercise)


def record(handbook: Handbook, exercise: Exercise) -> Iterator[Problem]:
    """Chapters and snippet exist."""
    page, front = exercise.page, exercise.page.front
    known = handbook.subjects
    for index, slug in enumerate(exercise.record.chapters):
        if slug not in known:
            yield Problem(page.name, front.line(("chapters", index)), f"unknown chapter `{slug}`", nearest(slug, known))
    path = exercise.record.snippet
    if path and path not in handbook.snippets:
        yield Problem(page.name, front.line(("snippet",)), f"unknown snippet `{path}`", nearest(path, handbook.snippets))


def statement(exercise: Exercise) -> Iterator[Problem]:
    """The task, then how to solve it aloud."""
    page = exercise.page
    task, mark, aloud = page.body.partition(f"\n{ALOUD}\n")
    if not mark:
        yield Problem(page.name, page.body_line, "no guide to solving it aloud", f"add `{ALOUD}` below the task")
    elif not task.strip() or not aloud.strip():
        yield Problem(page.name, page.body_line, "the task or the guide is empty", "write it")


def parsed(path: Path, name: str) -> tuple[ast.Module | None, list[Problem]]:
    try:
        return ast.parse(path.read_text("utf-8")), []
    except SyntaxError as error:
        return None, [Problem(name, error.lineno or 1, f"not valid Python: {error.msg}")]


def modules(exercise: Exercise) -> Iterator[Problem]:
    """Starter and solution define the same, import little, print well; only the starter is unsolved."""
    trees = {}
    for file in ("starter.py", "solution.py", exercise_test(exercise.id)):
        path, name = exercise.dir / file, f"exercises/{exercise.id}/{file}"
        if not path.exists():
            continue
        tree, problems = parsed(path, name)
        if not file.startswith("test_"):  # whose syntax the model has reported
            yield from problems
        if tree is None:
            continue
        trees[file] = tree
        allowed = ALLOWED | ({"pytest"} if file.startswith("test_") else set())
        yield from imports(tree, name, allowed)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if len(line) > WIDEST:
                yield Problem(name, number, f"{len(line)} characters", f"keep to {WIDEST}: listings are printed")
    if "starter.py" in trees and "solution.py" in trees:
        starter, solution = interface(trees["starter.py"]), interface(trees["solution.py"])
        for words in sorted(starter ^ solution):
            where = "starter.py" if words in starter else "solution.py"
            yield Problem(f"exercises/{exercise.id}/{where}", 1, f"only here: `{words}`", "starter and solution define the same")
    if "starter.py" in trees and "NotImplementedError" not in ast.dump(trees["starter.py"]):
        yield Problem(f"exercises/{exercise.id}/starter.py", 1, "nothing is left to write", "raise NotImplementedError")
    if "solution.py" in trees and "NotImplementedError" in ast.dump(trees["solution.py"]):
        yield Problem(f"exercises/{exercise.id}/solution.py", 1, "a NotImplementedError is left", "solve it")


def imports(tree: ast.Module, name: str, allowed: set[str] | frozenset[str]) -> Iterator[Problem]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found = ["." if node.level else node.module or ""]
        elif isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        else:
            continue
        for module in found:
            if module.split(".")[0] not in allowed:
                yield Problem(name, node.lineno, f"imports {module}", "keep to the standard library and NumPy")


def interface(tree: ast.Module) -> set[str]:
    """What a module offers: public functions and methods with their parameters, and classes."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found.add(f"{node.name}({ast.unparse(node.args)})")
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found.add(node.name)
            methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            found |= {f"{node.name}.{method.name}({ast.unparse(method.args)})" for method in methods
                      if not method.name.startswith("_") or method.name.endswith("__")}  # fmt: skip
    return found


def tests(exercise: Exercise) -> Iterator[Problem]:
    """Each takes the module under test and nothing else, so that they run without pytest too."""
    name = f"exercises/{exercise.id}/{exercise_test(exercise.id)}"
    path = exercise.dir / exercise_test(exercise.id)
    if not path.exists():
        return
    if not exercise.tests:
        yield Problem(name, 1, "no test in it", "a test is a function `test_…(exercise)`")
    elif not exercise.test_doc:
        yield Problem(name, 1, "no docstring", "say in plain words what the tests prove: the page shows it")
    tree, _ = parsed(path, name)
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test") and ast.unparse(node.args) != "exercise":
            yield Problem(name, node.lineno, f"`{node.name}` takes `{ast.unparse(node.args)}`", "a test takes `exercise` alone")


def mistakes(exercise: Exercise) -> Iterator[Problem]:
    """At least one, planted in one place, caught by a test that exists."""
    name = f"exercises/{exercise.id}/faults.yml"
    solution = exercise.dir / "solution.py"
    if not (exercise.dir / "faults.yml").exists() or not solution.exists():
        return
    if not exercise.mistakes:
        yield Problem(name, 1, "no fault in it", "add a mistake that people make, and the test that catches it")
    text, known, taken = solution.read_text("utf-8"), [test for test, _ in exercise.tests], set()
    lines = (exercise.dir / "faults.yml").read_text("utf-8").splitlines()
    for mistake in exercise.mistakes:
        line = next((number for number, row in enumerate(lines, start=1) if row.strip() == f"- id: {mistake.id}"), 1)
        if text.count(mistake.find) != 1:
            yield Problem(name, line, f"`find` of `{mistake.id}` stands {text.count(mistake.find)} times in solution.py", "quote enough to meet one place")
        if mistake.find == mistake.replace:
            yield Problem(name, line, f"`{mistake.id}` changes nothing", "write what goes wrong under `replace`")
        if mistake.test not in known:
            yield Problem(name, line, f"no test `{mistake.test}`", nearest(mistake.test, known))
        if mistake.id in taken:
            yield Problem(name, line, f"the id `{mistake.id}` stands twice", "choose another")
        taken.add(mistake.id)
