"""The reference tables hold one row a record, with counts that the sizing code gives."""

from pathlib import Path

import pytest

from hooks import reference
from snippets.sizing import records

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def models():
    return rows_of(reference.model_table(None, None))


def rows_of(table):
    """The lines of the table, without the widget that sorts and filters it."""
    widget, blank, *rows = table.splitlines()
    assert (widget, blank) == ("<div><sh-table></sh-table></div>", "")
    return rows


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_one_row_a_model(models):
    assert len(models) == len(records.names("models")) + 2
    assert {len(cells(line)) for line in models} == {10}


def test_rows_of_known_models(models):
    rows = {cells(line)[0].split("]")[0].strip("["): cells(line) for line in models}
    llama = ["2024", "70.6 B", "70.6 B", "–", "80", "8,192", "64 : 8", "320\N{NO-BREAK SPACE}KiB", "131,072"]
    assert rows["Llama-3.1 70B"][1:] == llama
    assert rows["DeepSeek-V3 / R1"][2:5] == ["671 B", "671 B", "37.6 B"]
    assert rows["Kimi K3"][2] == "2.78 T†" and rows["Kimi K3"][-2:] == ["–", "1,048,576"]
    assert rows["Llama-3.1 70B"] and "](https://" in next(line for line in models if "Llama-3.1 70B" in line)


def test_rows_are_in_natural_order(models):
    names = [cells(line)[0].split("]")[0].strip("[") for line in models]
    assert names.index("Gemma 3 4B") < names.index("Gemma 3 27B") < names.index("Gemma 4 31B")


def test_one_row_an_accelerator():
    lines = rows_of(reference.hardware_table(None, None))
    assert len(lines) == len(records.names("hardware")) + 2
    (h100,) = (cells(line) for line in lines if "H100-SXM5" in line)
    assert h100[1:] == ["80", "3,350", "989", "1,979", "–", "900", "700", "295"]


def test_every_difference_above_one_percent_is_marked_and_explained(models):
    marked = {cells(line)[0].split("]")[0].strip("[") for line in models if reference.APART in line}
    told = {line.split("**")[1] for line in reference.model_differences(None, None).splitlines()}
    assert marked == told
    for name in records.names("models"):
        record = records.model(name)
        published = record.get("published_total_value")
        is_apart = bool(published) and abs(record["computed"]["total"] / published - 1) > 0.01
        assert (record["name"] in told) == is_apart
