"""A formula on one line, as HTML text: `\\frac{a}{b + c}` is a / (b + c). For the sums behind numbers.

A page has a hundred of them, hidden until asked for: as KaTeX they would be a tenth of its weight. `linear` knows the TeX
that snippets/sizing and calc() write and returns None for anything else, which KaTeX then renders.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\{,\}[0-9]+|[.,][0-9]+)*|[A-Za-z]|\s+|.", re.S)
SIGNS = {
    "times": " × ", "cdot": " × ", "pi": "π", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋", "le": " ≤ ", "leq": " ≤ ",
    "ge": " ≥ ", "geq": " ≥ ", "approx": " ≈ ", "infty": "∞", "theta": "θ", "alpha": "α", "beta": "β", "gamma": "γ",
    "lambda": "λ", "mu": "μ", "epsilon": "ε", "sigma": "σ", "left": "", "right": "", "quad": " ", "%": "%", "_": "_", ",": " ", " ": " ",
}  # fmt: skip
NAMES = {"min", "max", "log", "ln", "exp"}
SPACED = {"+": " + ", "-": " − ", "=": "= ", "<": " &lt; ", ">": " &gt; ", "/": " / ", "*": " × ", ",": ", "}
GROUPS = {"text", "operatorname", "mathrm", "mathit", "mathbf"}


class Unknown(ValueError):
    """TeX that this module does not know."""


@lru_cache(maxsize=8192)  # the checker makes each sum twice, and the build once more
def linear(tex: str) -> str | None:
    """HTML of `tex` on one line, or None where it needs KaTeX."""
    try:
        tokens = TOKEN.findall(tex)
        shown, rest = _row(tokens, 0, None)
        if rest != len(tokens):
            return None
    except (Unknown, IndexError):
        return None
    return re.sub(r"\s+", " ", shown).replace("( ", "(").strip()


def _row(tokens: list[str], place: int, end: str | None) -> tuple[str, int]:
    """Everything up to `end`."""
    parts: list[str] = []
    while place < len(tokens) and tokens[place] != end:
        token = tokens[place]
        if token.isspace():
            place += 1
        elif token in "^_":
            tag = "sup" if token == "^" else "sub"
            inner, place = _argument(tokens, place + 1)
            parts.append(f"<{tag}>{inner}</{tag}>")
        elif token == "-" and (not "".join(parts).strip() or parts[-1].rstrip().endswith(("(", "=", "×", "/"))):
            parts.append("−")
            place += 1
        else:
            shown, place = _argument(tokens, place)
            parts.append(shown)
    return "".join(parts), place


def _argument(tokens: list[str], place: int) -> tuple[str, int]:
    """One token, group or command; the place after it."""
    while tokens[place].isspace():  # TeX does not see it
        place += 1
    token = tokens[place]
    if token == "{":
        inner, place = _row(tokens, place + 1, "}")
        return inner.strip(), place + 1
    if not token.startswith("\\"):
        if token == "}":
            raise Unknown(token)
        if token[0].isdigit():
            return token.replace("{,}", ","), place + 1
        return (f"<i>{token}</i>" if token.isalpha() else SPACED.get(token, html.escape(token, quote=False))), place + 1
    name = token[1:]
    if name in SIGNS:
        return SIGNS[name], place + 1
    if name in NAMES:
        return name, place + 1
    if name in GROUPS:
        words, place = _words(tokens, place + 1)
        return words, place
    if name == "frac":
        above, place = _argument(tokens, place + 1)
        below, place = _argument(tokens, place)
        return f"{_held(above, '+−')} / {_held(below, '+−×/')}", place
    if name == "sqrt":
        inner, place = _argument(tokens, place + 1)
        return "√" + _held(inner, "+−×/ "), place
    raise Unknown(token)


def _words(tokens: list[str], place: int) -> tuple[str, int]:
    """The text of `{…}`, its letters upright."""
    if tokens[place] != "{":
        raise Unknown(tokens[place])
    place += 1
    words: list[str] = []
    while tokens[place] != "}":
        words.append(tokens[place].removeprefix("\\"))
        place += 1
    return html.escape("".join(words), quote=False), place + 1


def _held(shown: str, signs: str) -> str:
    """In parentheses if it holds one of the signs outside its own brackets."""
    depth = 0
    text = re.sub(r"<su[bp]>.*?</su[bp]>", "", shown)
    for character in re.sub(r"<[^>]*>", "", text).strip():
        depth += {"(": 1, ")": -1, "⌈": 1, "⌉": -1, "⌊": 1, "⌋": -1}.get(character, 0)
        if not depth and character in signs:
            return f"({shown.strip()})"
    return shown.strip()
