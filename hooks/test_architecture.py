"""The page "Architecture" is true of the tree: every module and widget has its place there, every name exists, every
dependency has its reason.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from hooks.fixtures import REPOSITORY

PAGE = (REPOSITORY / "docs/contributing/architecture.md").read_text("utf-8")
NAMES = re.findall(r"`([^`\n]+)`", PAGE)
MODULES = {path.stem for path in (REPOSITORY / "hooks").glob("*.py") if not path.name.startswith(("test_", "__"))}
ELSEWHERE = ("snippets/sizing", "hooks", "widgets", "widgets/store", "widgets/sw", "docs/data", "docs/paths", "docs")  # where a bare file name may lie


def rows(head: str) -> list[str]:
    """The second cells of the table whose head begins so."""
    _, _, table = PAGE.partition(f"| {head} |")
    return [line.split("|")[2] for line in table.partition("\n\n")[0].split("\n")[2:]]


def first_cells(head: str) -> set[str]:
    """What stands before the first bar, item by item."""
    _, _, table = PAGE.partition(head)
    lines = table.partition("|---|---|\n")[2].partition("\n\n")[0].strip().split("\n")
    return {word for line in lines for word in re.split(r", | and ", line.split("|")[1].strip())}


def test_every_module_of_hooks_is_in_the_table_once():
    named = re.findall(r"`(\w+)`", "".join(rows("in `hooks/`")))
    assert sorted(named) == sorted(MODULES)


def test_every_widget_is_in_the_table_once():
    named = re.findall(r"`([\w.]+)`", "".join(rows("in `widgets/`")))
    there = {path.parent.name for path in (REPOSITORY / "widgets").glob("*/index.ts")} | {path.name for path in (REPOSITORY / "widgets").glob("*.ts")}
    assert sorted(named) == sorted(there)


def exists(name: str) -> bool:
    """A file or folder; `<slug>` and `*` stand for any."""
    pattern = re.sub(r"<[^>]+>", "*", name).rstrip("/")
    return any(any(REPOSITORY.glob(f"{folder}{pattern}")) for folder in ("", *(f"{home}/" for home in ELSEWHERE)))


def test_every_file_and_folder_it_names_exists():
    built = ("sw.js", "edition.js", "llms.txt", "llms-full.txt", "ids.txt", "questions/")  # of the site, or of many folders
    files = {name for name in NAMES if re.fullmatch(r"[\w.<][\w.*<>/-]*(/|\.(py|ts|md|yml|txt|json|js|toml))", name)}
    assert len(files) > 40
    assert [name for name in sorted(files) if name not in built and not exists(name) and not name.startswith(".cache/")] == []


def test_every_test_and_command_it_names_exists():
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    commands = {name.split()[1] for name in NAMES if re.match(r"make \w", name)}
    assert commands and all(re.search(rf"^{name}:", makefile, re.M) for name in commands)
    modules = {name.split()[2] for name in NAMES if name.startswith("python -m ")}
    assert modules and all(Path(REPOSITORY, *name.split(".")).with_suffix(".py").is_file() for name in modules)


def wanted(group: str) -> set[str]:
    groups = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return {re.match(r"[\w-]+", each)[0] for each in groups[group]}


def test_every_dependency_has_its_reason_and_no_other_is_named():
    site, test, snippets = (first_cells(f"(`{path}requirements.txt`") for path in ("", "tests/", "snippets/"))
    assert site == wanted("site")
    assert test == wanted("test")
    assert snippets | site | test >= wanted("snippets") and snippets <= wanted("snippets")


def test_every_package_of_the_browser_has_its_reason():
    packages = json.loads((REPOSITORY / "package.json").read_text("utf-8"))["devDependencies"]
    named = first_cells("For the browser (`package.json`")
    assert {name for name in packages if not name.startswith("@fontsource")} == named - {"two @fontsource families"}
