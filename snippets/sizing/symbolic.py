"""The functions that a closed form may call: on numbers they compute, on SymPy
expressions they build one.

A closed form is a single expression, so that the number on the page, its
formula and the calculator's code have one source. Python's `min`, `math.ceil`
and `math.sqrt` cannot take symbols; these can. SymPy is imported only when a
symbol arrives: computing with numbers never needs it.
"""

import math


def _symbolic(*arguments):
    return any(hasattr(argument, "free_symbols") for argument in arguments)


def ceil_div(dividend, divisor):
    """Smallest integer not below dividend / divisor; exact for integers of any
    size.
    """
    if _symbolic(dividend, divisor):
        import sympy

        return sympy.ceiling(dividend / divisor)
    if isinstance(dividend, int) and isinstance(divisor, int):
        return -(-dividend // divisor)
    return math.ceil(dividend / divisor)


def floor_div(dividend, divisor):
    """Largest integer not above dividend / divisor; exact for integers of any
    size.
    """
    if _symbolic(dividend, divisor):
        import sympy

        return sympy.floor(dividend / divisor)
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend // divisor
    return math.floor(dividend / divisor)


def smallest(*values):
    if _symbolic(*values):
        import sympy

        return sympy.Min(*values)
    return min(values)


def largest(*values):
    if _symbolic(*values):
        import sympy

        return sympy.Max(*values)
    return max(values)


def _function(name, value):
    if _symbolic(value):
        import sympy

        return getattr(sympy, name)(value)
    return getattr(math, name)(value)


def sqrt(value):
    return _function("sqrt", value)


def ln(value):
    return _function("log", value)


def exp(value):
    return _function("exp", value)


def log2(value):
    if _symbolic(value):
        import sympy

        return sympy.log(value, 2)
    return math.log2(value)
