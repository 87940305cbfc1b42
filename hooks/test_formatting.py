"""Numbers are shown to three digits, never under the wrong unit, and never lose what the unit promises."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.formatting import AUTOMATIC, SCALES, SPACE, WORDS, UnitError, number, show, spelled

CASES = [
    # value, base unit, asked for, shown
    (42949672960, "bytes", None, "40 GiB"),
    (42949672960, "bytes", "GB", "42.9 GB"),
    (42949672960, "bytes", "GiB", "40 GiB"),
    (327680, "bytes", None, "320 KiB"),
    (70272, "bytes", None, "68.6 KiB"),
    (1023, "bytes", None, "1,023 bytes"),
    (141_107_412_992, "bytes", "GB", "141 GB"),
    (8030261248, "parameters", None, "8.03 billion parameters"),
    (8030261248, "", None, "8.03 billion"),
    (8030261248, "", "billion", "8.03 billion"),
    (131072, "", None, "131,072"),
    (131072, "tokens", None, "131,072 tokens"),
    (0.0213, "s", None, "21.3 ms"),
    (0.0213, "seconds", "ms", "21.3 ms"),
    (90000, "s", None, "1.04 days"),
    (2.15e25, "FLOPs", None, "21.5 YFLOPs"),
    (989e12, "FLOP/s", None, "989 TFLOP/s"),
    (3.35e12, "bytes/s", None, "3.35 TB/s"),
    (0.756, "", "%", "75.6 %"),
    (2.5, "USD", None, "$2.5"),
    (8, "", None, "8"),
    (8.0, "", None, "8"),
    (-0.5, "", None, "\u22120.5"),
    (0, "bytes", None, "0 bytes"),
    (999.6 * 2**20, "bytes", None, "1,000 MiB"),
    (1e-9, "", None, "10⁻⁹"),
    (3.2e-8, "", None, "3.2 × 10⁻⁸"),
    (6.02e23, "", None, "6.02 × 10²³"),
]


@pytest.mark.parametrize(("value", "base", "unit", "shown"), CASES)
def test_worked_cases(value, base, unit, shown):
    assert str(show(value, base, unit)).replace(SPACE, " ") == shown


def test_exact_keeps_every_digit():
    assert str(show(8030261248, "", exact=True)) == "8,030,261,248"
    assert str(show(42949672961, "bytes", exact=True)).replace(SPACE, " ") == "42,949,672,961 bytes"


def test_digits_can_be_asked_for():
    assert number(3.14159, digits=5) == "3.1416"
    assert number(1234567.0, digits=2) == "1,200,000"


def test_a_unit_of_another_kind_is_refused():
    with pytest.raises(UnitError, match="a number in bytes cannot be shown in ms; use one of bytes, KiB"):
        show(1, "bytes", "ms")
    with pytest.raises(UnitError, match="cannot be shown in GB/s"):
        show(1, "FLOPs", "GB/s")


def test_a_result_that_is_no_number_is_refused():
    for bad in (math.inf, math.nan):
        with pytest.raises(UnitError, match="the result is"):
            show(bad, "bytes")


RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SHOWN = re.compile(r"(?P<number>-?[\d,.]+?)?(?: × )?(?:10(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(?: (?P<unit>\D.*))?")


def read_back(text: str) -> float:
    """The number that a reader takes from the text, in the base unit."""
    match = SHOWN.fullmatch(text.replace(SPACE, " ").replace("\u2212", "-"))
    unit = match["unit"] or ""
    scale = next((scales[unit] for scales in SCALES.values() if unit in scales), WORDS.get(unit.split(" ")[0], 1))
    return (
        float((match["number"] or "1").replace(",", ""))
        * 10.0 ** int((match["power"] or "0").translate(RAISED))
        * scale
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(min_value=1e-12, max_value=1e27), st.sampled_from([*AUTOMATIC, "", "parameters"]), st.integers(2, 6))
def test_what_is_shown_reads_back_within_its_digits(value, base, digits):
    assert read_back(str(show(value, base, digits=digits))) == pytest.approx(value, rel=10.0 ** (1 - digits))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, 2**63), st.sampled_from(["GiB", "GB", "KiB", "bytes", "TB"]))
def test_bytes_keep_the_unit_that_was_asked_for(value, unit):
    text = str(show(value, "bytes", unit, digits=8))
    assert text.endswith(SPACE + unit)
    assert read_back(text) == pytest.approx(value, rel=1e-7)


@given(st.integers(0, 10**18))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_exact_whole_numbers_survive(value):
    assert int(number(value, exact=True).replace(",", "")) == value


def test_counts_are_spelled_up_to_ten():
    assert [spelled(n, "test") for n in (1, 2, 10, 11, 1200)] == [
        "one test",
        "two tests",
        "ten tests",
        "11 tests",
        "1,200 tests",
    ]
