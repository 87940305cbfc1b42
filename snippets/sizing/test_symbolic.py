"""The functions of closed forms: right on numbers, exact on integers of any
size, and on symbols the expression of the same name.
"""

import math

import pytest
import sympy

from snippets.sizing import symbolic

X = sympy.Symbol("x", positive=True)


@pytest.mark.parametrize(
    ("function", "value", "wanted"),
    [
        (symbolic.sqrt, 9, 3),
        (symbolic.ln, math.e**2, 2),
        (symbolic.exp, 1, math.e),
        (symbolic.log2, 1024, 10),
    ],
)
def test_on_a_number_it_computes(function, value, wanted):
    assert function(value) == pytest.approx(wanted, rel=1e-15)
    assert isinstance(function(value), float)


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (symbolic.sqrt, sympy.sqrt(X)),
        (symbolic.ln, sympy.log(X)),
        (symbolic.exp, sympy.exp(X)),
        (symbolic.log2, sympy.log(X, 2)),
    ],
)
def test_on_a_symbol_it_builds(function, wanted):
    assert function(X) == wanted


@pytest.mark.parametrize("divide", [symbolic.ceil_div, symbolic.floor_div])
def test_division_is_exact_where_floats_are_not(divide):
    large = 10**30
    up = divide is symbolic.ceil_div
    assert divide(large + 1, 10) == 10**29 + up
    assert divide(large, 10) == 10**29
    assert divide(7.5, 2) == (4 if up else 3)
    assert divide(X, 2) == (sympy.ceiling if up else sympy.floor)(X / 2)
    assert divide(7, X) == (sympy.ceiling if up else sympy.floor)(7 / X)


def test_the_smallest_and_the_largest():
    assert (symbolic.smallest(3, 5, 4), symbolic.largest(3, 5, 4)) == (3, 5)
    assert symbolic.smallest(X, 2) == sympy.Min(X, 2)
    assert symbolic.largest(2, X) == sympy.Max(X, 2)


def test_a_quotient_with_one_whole_number_is_rounded_to_a_whole_one():
    for rounded, expected in (
        (symbolic.ceil_div(7, 2.5), 3),
        (symbolic.ceil_div(7.5, 2), 4),
        (symbolic.floor_div(7, 2.5), 2),
        (symbolic.floor_div(7.5, 2), 3),
    ):
        assert rounded == expected and type(rounded) is int
