"""The page of benchmarks shows what was recorded, and the recording shows what theory demands of any machine."""

import json
import re
from datetime import date

import pytest

from hooks import benchmarks
from hooks.building import Building, CallError, Site
from hooks.fixtures import REPOSITORY
from hooks.model import load

PAGE = "docs/reference/benchmarks.md"
FOUND = benchmarks.read(REPOSITORY)
BENCH = (REPOSITORY / "tests/bench_snippets.py").read_text("utf-8")


@pytest.fixture(scope="module")
def site():
    return Site(load(REPOSITORY))


def shown(site, case: str) -> str:
    return benchmarks.bench(site, Building(PAGE, REPOSITORY, REPOSITORY / "docs/reference"), case)


def test_the_recording_says_on_what_and_when():
    recorded = FOUND["recorded"]
    assert set(recorded) == {"device", "versions", "date", "turns"} and set(recorded["versions"]) == {"python", "torch"}
    assert date.fromisoformat(recorded["date"]) and recorded["device"] and recorded["turns"] >= 5


@pytest.mark.parametrize("case", benchmarks.COLUMNS)
def test_each_row_has_every_number(case):
    keys = {key for _, key, _ in benchmarks.COLUMNS[case] if not key.startswith("triton")}
    assert len(FOUND[case]) >= 3
    for row in FOUND[case]:
        assert keys <= set(row) and all(isinstance(value, int | float) and value >= 0 for value in row.values())
    assert ("triton_bytes" in FOUND["flash"][0]) == (not FOUND["recorded"]["device"].startswith("CPU"))


def growth(rows: list[dict], key: str) -> float:
    return rows[-1][key] / rows[0][key]


def test_without_a_cache_the_cost_of_a_token_grows_faster():
    assert growth(FOUND["decode"], "uncached_seconds") > 4 * growth(FOUND["decode"], "cached_seconds")
    assert FOUND["decode"][-1]["ratio"] > FOUND["decode"][0]["ratio"]


def test_paging_changes_no_result():
    assert all(row["largest_difference"] < 1e-5 for row in FOUND["paging"])


def test_the_score_matrix_grows_with_the_square_and_the_tiles_do_not():
    rows = FOUND["flash"]
    times = rows[-1]["tokens"] / rows[0]["tokens"]
    assert growth(rows, "naive_bytes") > 0.8 * times**2
    assert growth(rows, "tiled_bytes") < 1.2 * times
    assert [row["ratio"] for row in rows] == sorted(row["ratio"] for row in rows)


def test_adapters_have_little_state_and_a_step_that_is_no_third_as_long():
    for row in FOUND["lora"]:
        assert row["trained_lora"] < row["trained_full"] / 4
        assert row["full_state_bytes"] / row["lora_state_bytes"] == pytest.approx(row["trained_full"] / row["trained_lora"], rel=0.01)
        assert row["ratio"] > 0.5  # 4 N of 6 N FLOPs, and the adapters' own


@pytest.mark.parametrize("case", benchmarks.COLUMNS)
def test_the_page_shows_the_recording(site, case):
    text = (REPOSITORY / PAGE).read_text("utf-8")
    assert f'<%= bench("{case}") %>' in text
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in shown(site, case).splitlines()]
    assert len(cells) == len(FOUND[case]) + 2 and len({len(row) for row in cells[:1] + cells[2:]}) == 1
    first = next(iter(FOUND[case][0].values()))
    assert cells[2][0] == str(first)


def test_the_page_has_no_figure_of_its_own(site):
    """No digit in its prose but in names and orders: numbers come from the recording."""
    text = (REPOSITORY / PAGE).read_text("utf-8").partition("---\n")[2].partition("---\n")[2]
    prose = re.sub(r"<%=.*?%>|`[^`]*`|\]\([^)]*\)|\{ [^}]*\}|\$[^$]*\$", "", text)
    assert not re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:\s?(?:ms|MB|GB|%|times|tokens))", prose)
    assert '<%= bench("recorded") %>' in text and str(date.fromisoformat(FOUND["recorded"]["date"]).year) in shown(site, "recorded")


def test_the_script_writes_what_is_read():
    for case in benchmarks.COLUMNS:
        assert f"def {case}()" in BENCH
    keys = set(re.findall(r'"(\w+)":', BENCH)) | {f"{way}_{what}" for way in ("naive", "tiled", "triton") for what in ("bytes", "seconds")}
    assert {key for columns in benchmarks.COLUMNS.values() for _, key, _ in columns} <= keys


def test_an_unknown_case_and_a_missing_recording_are_named(site, tmp_path):
    with pytest.raises(CallError, match="did you mean `decode`"):
        shown(site, "decod")
    with pytest.raises(CallError, match="--record"):
        benchmarks.read(tmp_path)
    assert json.loads((REPOSITORY / benchmarks.RECORD).read_text("utf-8")) == FOUND
