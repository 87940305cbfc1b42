"""A lab's recording shows the lab as it stands, is stable, and is run again when, and only when, its code changed."""

import json
import subprocess
from pathlib import Path

import nbformat
import pytest

from hooks import labs
from hooks.labs import check, code_hash, in_step, is_current, record

LAB = '''# %% [markdown]
# # A lab
# Three is odd.

# %%
import sys

sys.path.insert(0, "../../..")
from snippets.numbers.odd import is_odd

results = {"three": 3.00000001, "lists": {"odd": [n for n in range(5) if is_odd(n)]}}
print("counted")

# %% [markdown]
# ## Claims

# %%
assert is_odd(results["lists"]["odd"][1])
'''
SNIPPET = '''"""Odd."""
from snippets.numbers.rest import rest


def is_odd(n):
    """True for 3."""
    return rest(n) == 1
'''
REST = "def rest(n):\n    return n % 2\n"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A root with one lab, which imports a snippet, which imports another."""
    for name, text in {"docs/chapters/odd/lab.py": LAB, "snippets/numbers/odd.py": SNIPPET,
                       "snippets/numbers/rest.py": REST, "snippets/numbers/other.py": "x = 1\n"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "docs/chapters/odd/lab.py"


@pytest.fixture
def recorded(lab: Path, tmp_path: Path) -> Path:
    record(lab, tmp_path)
    return lab


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_labs_are_found(lab: Path, tmp_path: Path):
    assert labs.labs(tmp_path) == [lab]


@pytest.mark.parametrize("name, old, new, changes", [
    ("docs/chapters/odd/lab.py", "range(5)", "range(7)", True),
    ("docs/chapters/odd/lab.py", "Three is odd", "Three is not even", False),
    ("snippets/numbers/odd.py", "== 1", "!= 0", True),
    ("snippets/numbers/odd.py", "True for 3", "False for 2", False),
    ("snippets/numbers/odd.py", '"""Odd."""\n', '"""Odd."""\n# why not\n', False),
    ("snippets/numbers/rest.py", "% 2", "& 1", True),
    ("snippets/numbers/other.py", "1", "2", False),
])
def test_only_code_behind_the_lab_counts(lab: Path, tmp_path: Path, name, old, new, changes):
    before = code_hash(lab, tmp_path)
    edit(tmp_path / name, old, new)
    assert (code_hash(lab, tmp_path) != before) == changes


def test_a_recording_holds_outputs_numbers_and_where_they_come_from(recorded: Path, tmp_path: Path):
    notebook = nbformat.read(recorded.with_name("lab.ipynb"), as_version=4)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown", "code"]
    assert [cell.id for cell in notebook.cells] == ["cell-1", "cell-2", "cell-3", "cell-4"]
    assert notebook.cells[1].outputs[0].text == "counted\n"
    assert set(notebook.metadata) == {"kernelspec", "language_info"} and not any(c.metadata for c in notebook.cells)
    text = recorded.with_name("results.json").read_text()
    assert '"odd": [1, 3]' in text
    results = json.loads(text)
    assert results["three"] == 3 and results["recorded"]["code"] == code_hash(recorded, tmp_path)
    assert set(results["recorded"]) == {"code", "date", "device", "versions"}
    assert is_current(recorded, tmp_path) and in_step(recorded)
    assert str(tmp_path) not in text + recorded.with_name("lab.ipynb").read_text()

    written = [path.read_bytes() for path in sorted(recorded.parent.iterdir())]
    recorded.with_name("results.json").unlink()  # so that it runs again
    record(recorded, tmp_path)
    assert [path.read_bytes() for path in sorted(recorded.parent.iterdir())] == written


def test_new_prose_is_taken_over_and_nothing_runs(recorded: Path, tmp_path: Path, monkeypatch):
    def refuse(*_):
        raise AssertionError("ran")

    monkeypatch.setattr(labs, "_execute", refuse)
    edit(recorded, "Three is odd", "Three is not even")
    assert is_current(recorded, tmp_path) and not in_step(recorded)
    record(recorded, tmp_path)
    notebook = nbformat.read(recorded.with_name("lab.ipynb"), as_version=4)
    assert "not even" in notebook.cells[0].source and notebook.cells[1].outputs[0].text == "counted\n"
    assert in_step(recorded)

    edit(tmp_path / "snippets/numbers/rest.py", "% 2", "& 1")
    assert not is_current(recorded, tmp_path) and in_step(recorded)
    with pytest.raises(AssertionError, match="ran"):
        record(recorded, tmp_path)


def test_a_claim_that_fails_is_refused(lab: Path, tmp_path: Path):
    check(lab)
    edit(tmp_path / "snippets/numbers/rest.py", "% 2", "* 0")
    with pytest.raises(subprocess.CalledProcessError):
        check(lab)
    with pytest.raises(Exception, match=r"AssertionError|IndexError"):
        record(lab, tmp_path)
    assert not lab.with_name("results.json").exists()


@pytest.mark.parametrize("lab", [pytest.param(lab, id=lab.parent.name) for lab in labs.labs()])
def test_the_page_shows_the_lab_as_it_stands(lab: Path):
    assert in_step(lab), f"{lab.relative_to(labs.ROOT)} is newer than its recording: make labs"


@pytest.mark.parametrize("lab", [pytest.param(lab, id=lab.parent.name) for lab in labs.labs()])
def test_the_claims_hold_on_the_code_as_it_stands(lab: Path):
    if not is_current(lab):  # recorded with this code, the claims were checked by the recording
        check(lab)
