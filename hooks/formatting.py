"""Numbers as a reader sees them: three significant digits, thousands separated, the unit never ambiguous.

GiB is 2^30 and GB is 10^9; a number in one is never shown under the name of the other. Bytes are shown in binary units
unless the call names one, rates in decimal ones.
"""

from __future__ import annotations

import datetime
import html
import math
import re
from dataclasses import dataclass

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18, "Z": 10**21, "Y": 10**24}

# base unit: the units it may be shown in, and how many of the base each is
SCALES: dict[str, dict[str, float]] = {
    "bytes": {
        "bytes": 1,
        "KiB": 2**10,
        "MiB": 2**20,
        "GiB": 2**30,
        "TiB": 2**40,
        "PiB": 2**50,
        "kB": 10**3,
        "KB": 10**3,
        "MB": 10**6,
        "GB": 10**9,
        "TB": 10**12,
        "PB": 10**15,
    },
    "bytes/s": {
        "bytes/s": 1,
        "KB/s": 10**3,
        "MB/s": 10**6,
        "GB/s": 10**9,
        "TB/s": 10**12,
        "GiB/s": 2**30,
        "TiB/s": 2**40,
    },
    "FLOPs": {f"{prefix}FLOPs": size for prefix, size in DECIMAL.items()},
    "FLOP/s": {f"{prefix}FLOP/s": size for prefix, size in DECIMAL.items()},
    "s": {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "days": 86400, "years": 31557600},
    "W": {"W": 1, "kW": 10**3, "MW": 10**6},
    "GPU-hours": {"GPU-hours": 1},
    "%": {"%": 0.01},
}
AUTOMATIC = {  # units chosen from when the call names none, smallest first
    "bytes": ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"],
    "bytes/s": ["bytes/s", "KB/s", "MB/s", "GB/s", "TB/s"],
    "FLOPs": [f"{prefix}FLOPs" for prefix in DECIMAL if prefix not in ("k",)],
    "FLOP/s": [f"{prefix}FLOP/s" for prefix in DECIMAL if prefix not in ("k",)],
    "s": ["ns", "µs", "ms", "s", "min", "h", "days", "years"],
    "W": ["W", "kW", "MW"],
}
SAME = {
    "B": "bytes",
    "byte": "bytes",
    "B/s": "bytes/s",
    "seconds": "s",
    "second": "s",
    "FLOP": "FLOPs",
    "flops": "FLOPs",
    "flop/s": "FLOP/s",
    "FLOPS": "FLOP/s",
    "count": "",
    "ratio": "",
    "none": "",
    "$": "USD",
    "usd": "USD",
}
WORDS = {"million": 10**6, "billion": 10**9, "trillion": 10**12}
EXACT_BELOW = 10**6  # a whole number below this is shown to its last digit


class UnitError(ValueError):
    """A unit that the number cannot be shown in."""


@dataclass(frozen=True)
class Shown:
    """A number with its unit, as text."""

    number: str
    unit: str

    def __str__(self) -> str:
        if self.unit == "USD":
            return f"${self.number}"
        if self.unit.startswith("USD"):
            return f"${self.number}{SPACE}{self.unit.removeprefix('USD').strip()}"
        if self.unit == "%":
            return f"{self.number}{SPACE}%"
        return f"{self.number}{SPACE}{self.unit}" if self.unit else self.number


def show(value: float, base: str = "", unit: str | None = None, digits: int = 3, exact: bool = False) -> Shown:
    """`value`, counted in `base`, shown in `unit`; without one the scale is chosen."""
    base = SAME.get(base, base)
    unit = SAME.get(unit, unit)
    if isinstance(value, float) and not math.isfinite(value):
        raise UnitError(f"the result is {value}")
    if unit == "%" and base == "":
        base = "%"
        return Shown(number(value * 100, digits, exact), "%")
    if unit is None or unit == base:
        if exact or (unit is not None and base not in ("",)):
            return Shown(number(value, digits, exact), base)
        return _automatic(value, base, digits)
    for scale in SCALES.values():
        if base in scale and unit in scale:
            return Shown(number(_divide(value * scale[base], scale[unit]), digits, exact), unit)
    if base in ("", "parameters", "tokens", "params") and unit.split(" ")[0] in WORDS:
        return Shown(number(_divide(value, WORDS[unit.split(" ")[0]]), digits, exact), unit)
    if base == "":
        return Shown(number(value, digits, exact), unit)  # a bare number takes the unit the author gives it
    possible = ", ".join(next((list(scale) for scale in SCALES.values() if base in scale), [base]))
    raise UnitError(f"a number in {base} cannot be shown in {unit}; use one of {possible}")


def _automatic(value: float, base: str, digits: int) -> Shown:
    family = next((name for name, scale in SCALES.items() if base in scale and name in AUTOMATIC), None)
    if family is not None:
        scale = SCALES[family]
        size = abs(value) * scale[base]
        chosen = AUTOMATIC[family][0] if size else base
        for unit in AUTOMATIC[family]:
            # 999.7 rounds to 1,000: then the next unit reads better
            if unit == AUTOMATIC[family][0] or float(f"{size / scale[unit]:.{digits - 1}e}") >= 1:
                chosen = unit
        return Shown(number(_divide(value * scale[base], scale[chosen]), digits), chosen)
    if base in ("", "parameters", "tokens", "params", "elements"):
        words = "" if base in ("",) else f" {base}"
        for word, size in reversed(WORDS.items()):
            if abs(float(f"{value:.{digits - 1}e}")) >= size:
                if size == 10**12 and abs(value) >= 10**15:
                    break
                return Shown(number(_divide(value, size), digits), word + words)
    return Shown(number(value, digits), base)


def _divide(value: float, size: float) -> float:
    """Whole where it divides: 40 GiB is 40, not 40.0000001."""
    if isinstance(value, int) and isinstance(size, int) and value % size == 0:
        return value // size
    return value / size


def number(value: float, digits: int = 3, exact: bool = False) -> str:
    """The digits alone. Whole numbers below a million keep all of theirs, others are rounded to `digits`."""
    if value == 0:
        return "0"
    sign = MINUS if value < 0 else ""
    value = abs(value)
    whole = isinstance(value, int) or float(value).is_integer()
    if exact:
        text = f"{int(value):,}" if whole else f"{value:,.15g}"
        return sign + text
    if whole and value < EXACT_BELOW:
        return sign + f"{int(value):,}"
    if value >= 10**15 or value < 10**-6:
        return sign + _power(value, digits)
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(rounded)))
    text = f"{rounded:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return sign + text


def _power(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    raised = str(int(exponent)).translate(str.maketrans(PLAIN_DIGITS, SUPERSCRIPTS))
    return f"10{raised}" if mantissa == "1" else f"{mantissa}{SPACE}×{SPACE}10{raised}"


SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
PLAIN_DIGITS = "-0123456789"
LOWERED = str.maketrans(SUPERSCRIPTS, MINUS + PLAIN_DIGITS[1:])


def as_html(text: str) -> str:
    """Escaped, its powers raised by <sup>: fonts lack most raised digits."""
    text = html.escape(text, quote=False)
    return re.sub(f"[{SUPERSCRIPTS}]+", lambda match: f"<sup>{match[0].translate(LOWERED)}</sup>", text)


COUNTED = {
    word: number
    for number, word in enumerate(["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
SPELLED = {number: word for word, number in COUNTED.items()}


def day(date: datetime.date) -> str:
    """25 November 2026."""
    return f"{date.day} {date:%B %Y}"


def counted(count: int, noun: str) -> str:
    """ "2 tests", "1 test"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def spelled(count: int, noun: str) -> str:
    """ "two tests", "one test", "12 tests"."""
    number, _, noun = counted(count, noun).partition(" ")
    return f"{SPELLED.get(count, number)} {noun}"
