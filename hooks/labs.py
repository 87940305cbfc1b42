"""Record the labs: run each lab.py and write lab.ipynb and results.json beside it.

    python -m hooks.labs              record every lab whose recording is out of date
    python -m hooks.labs PATH ...     record these, out of date or not

A lab is docs/chapters/<slug>/lab.py, a jupytext percent script that runs in its own folder, asserts its claims and
leaves its numbers in a dictionary `results`. The site renders the notebook as it is recorded; prose quotes
results.json. Figures whose script reads results.json are drawn again after a recording.

A recording is out of date when the lab's code, or a snippet that it imports, directly or not, has changed; comments and
docstrings do not count. If only the lab's prose changed, the prose is taken over and nothing runs.
"""

import ast
import datetime
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 600
PACKAGES = ("torch", "numpy")
DIGITS = 6
QUIET = {"PYTHONDONTWRITEBYTECODE": "1"}  # no __pycache__ among the pages


def labs(root: Path = ROOT) -> list[Path]:
    """All labs, in the order of their folders."""
    return sorted(root.glob("docs/chapters/*/lab.py"))


def code_hash(lab: Path, root: Path = ROOT) -> str:
    """A hash of the code of a lab and of the snippets behind it, blind to comments and docstrings."""
    digest = hashlib.sha256()
    for path in [lab, *sorted(_imported(lab, root))]:
        digest.update(ast.dump(_bare(path)).encode())
    return digest.hexdigest()[:16]


def is_current(lab: Path, root: Path = ROOT) -> bool:
    """Whether the recording is of this code."""
    results = lab.with_name("results.json")
    return results.exists() and json.loads(results.read_text())["recorded"]["code"] == code_hash(lab, root)


def in_step(lab: Path) -> bool:
    """Whether the notebook shows the cells of lab.py as they stand."""
    notebook = lab.with_name("lab.ipynb")
    return notebook.exists() and _sources(nbformat.read(notebook, as_version=4)) == _sources(_cells(lab))


def check(lab: Path) -> None:
    """Run a lab as a plain script, for its claims. Raises CalledProcessError if one no longer holds."""
    subprocess.run([sys.executable, lab.name], cwd=lab.parent, env={**os.environ, **QUIET}, check=True, timeout=SECONDS,
                   stdout=subprocess.DEVNULL)


def record(lab: Path, root: Path = ROOT) -> None:
    """Write lab.ipynb, results.json and the figures drawn from it."""
    notebook = _cells(lab)
    if is_current(lab, root) and _take_outputs(notebook, lab.with_name("lab.ipynb")):
        _write(notebook, lab)
        return
    results = _execute(notebook, lab.parent)
    recorded = {
        "code": code_hash(lab, root),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "device": f"CPU, {platform.machine()}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }
    text = json.dumps({"recorded": recorded, **_rounded(results)}, indent=1, ensure_ascii=False)
    lab.with_name("results.json").write_text(_short_lists(text) + "\n", encoding="utf-8", newline="\n")
    _write(notebook, lab)
    figures = [str(path) for path in sorted(lab.parent.glob("images/*.py")) if "results.json" in path.read_text()]
    if figures:
        command = [sys.executable, "-m", "hooks.draw", *figures]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **QUIET}, check=True)


def main(paths: list[str]) -> int:
    for lab in [Path(path).resolve() for path in paths] or labs():
        name = lab.relative_to(ROOT)
        if not paths and is_current(lab) and in_step(lab):
            print(f"{name}: up to date")
            continue
        print(f"{name}: recording", flush=True)
        record(lab)
    return 0


def _cells(lab: Path) -> nbformat.NotebookNode:
    """The lab as a notebook without outputs, with nothing in it that changes from run to run."""
    notebook = jupytext.read(lab, fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"cell-{number}", {}
    return notebook


def _sources(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def _execute(notebook: nbformat.NotebookNode, folder: Path) -> dict:
    """Run the cells in place and hand back the lab's `results`, read by one more cell that is not kept."""
    notebook.cells.append(nbformat.v4.new_code_cell("import json\nprint(json.dumps(results))", id="results"))
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", record_timing=False,
                            coalesce_streams=True, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, **QUIET})
    results = json.loads(notebook.cells.pop().outputs[0].text)
    for cell in notebook.cells:
        cell.metadata = {}
    return results


def _take_outputs(notebook: nbformat.NotebookNode, recording: Path) -> bool:
    """Give the code cells the outputs they had; false if the recording has others."""
    if not recording.exists():
        return False
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    before = [cell for cell in nbformat.read(recording, as_version=4).cells if cell.cell_type == "code"]
    if len(code) != len(before):
        return False
    for cell, old in zip(code, before, strict=True):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    return True


def _write(notebook: nbformat.NotebookNode, lab: Path) -> None:
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    lab.with_name("lab.ipynb").write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def _imported(path: Path, root: Path) -> set[Path]:
    """The snippet files behind a Python file."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        new = set(_direct(waiting.pop(), root)) - found
        found |= new
        waiting += new
    return found


def _direct(path: Path, root: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            file = root.joinpath(*name.split(".")).with_suffix(".py")
            if name.startswith("snippets.") and file.exists():
                yield file


def _bare(path: Path) -> ast.Module:
    """The syntax tree without docstrings."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


def _rounded(value):
    """Numbers to six significant digits: more would be noise from machine to machine."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _short_lists(text: str) -> str:
    """Lists of numbers on one line each."""
    lines, inside = [], 0
    for line in text.split("\n"):
        joined = lines and inside > 0
        inside += line.count("[") - line.count("]")
        if joined:
            lines[-1] += line.strip() + (" " if line.endswith(",") else "")
        else:
            lines.append(line)
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
