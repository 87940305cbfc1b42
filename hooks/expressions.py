"""Arithmetic written as text: what may stand in it, its value, and its TeX with names or with numbers.

    tree = parse("sqrt(d_k) / 2", {"d_k": 64})
    evaluate(tree, {"d_k": 64})      # 4.0
    tex(tree, {})                    # \\frac{\\sqrt{d_{k}}}{2}

Only numbers, the names given, the four operations, powers and the functions below: never a call into Python.
"""

from __future__ import annotations

import ast
import math
import operator
import re

from hooks.building import CallError
from hooks.formatting import PLAIN_DIGITS, SPACE, SUPERSCRIPTS, number

FUNCTIONS = {
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ln": math.log,
    "log10": math.log10,
    "exp": math.exp,
    "ceil": math.ceil,
    "floor": math.floor,
    "round": round,
    "abs": abs,
    "min": min,
    "max": max,
}
CONSTANTS = {"pi": math.pi}
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
LARGEST_POWER = 10_000


def parse(expression: str, names: dict[str, float]) -> ast.expr:
    """The expression, or a CallError where it holds anything but arithmetic on the names given."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise CallError(f"`{expression}` is no arithmetic: {error.msg}") from None
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
                raise CallError(f"`{expression}`: only {', '.join(FUNCTIONS)} can be called")
        elif isinstance(node, ast.Name):
            used.add(node.id)
            if node.id not in names and node.id not in FUNCTIONS and node.id not in CONSTANTS:
                raise CallError(f"`{expression}`: `{node.id}` has no value, add `{node.id}=…`")
        elif isinstance(node, ast.Constant):
            if not isinstance(node.value, (int, float)) or isinstance(node.value, bool):
                raise CallError(f"`{expression}`: {node.value!r} is not a number")
        elif not isinstance(node, (ast.BinOp, ast.UnaryOp, ast.USub, ast.UAdd, ast.Load, *OPERATORS)):
            raise CallError(f"`{expression}`: {type(node).__name__} is not arithmetic")
    for name, amount in names.items():
        if not isinstance(amount, (int, float)) or isinstance(amount, bool):
            raise CallError(f"`{name}` is {amount!r}, not a number")
        if name not in used:
            raise CallError(f"`{expression}` does not use `{name}`")
    return tree


def evaluate(node: ast.expr, names: dict[str, float]) -> float:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id] if node.id in names else CONSTANTS[node.id]
    if isinstance(node, ast.UnaryOp):
        return -evaluate(node.operand, names) if isinstance(node.op, ast.USub) else evaluate(node.operand, names)
    if isinstance(node, ast.Call):
        return FUNCTIONS[node.func.id](*(evaluate(argument, names) for argument in node.args))
    left, right = evaluate(node.left, names), evaluate(node.right, names)
    if isinstance(node.op, ast.Pow) and (abs(right) > LARGEST_POWER or abs(left) > 10**30):
        raise OverflowError("the power is too large")
    if (
        isinstance(node.op, ast.Div)
        and isinstance(left, int)
        and isinstance(right, int)
        and right
        and left % right == 0
    ):
        return left // right  # stays a whole number, however large
    return OPERATORS[type(node.op)](left, right)


TIGHTNESS = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Mod: 2, ast.FloorDiv: 5, ast.Div: 5, ast.USub: 3, ast.Pow: 4}


def tex(node: ast.expr, names: dict[str, float], outer: int = 0) -> str:
    """TeX of the expression, with the numbers in `names` put in."""
    if isinstance(node, ast.Constant):
        return tex_number(node.value)
    if isinstance(node, ast.Name):
        return tex_number(names[node.id]) if node.id in names else r"\pi" if node.id == "pi" else tex_name(node.id)
    if isinstance(node, ast.UnaryOp):
        sign = "-" if isinstance(node.op, ast.USub) else ""
        return _bracket(sign + tex(node.operand, names, TIGHTNESS[ast.USub]), TIGHTNESS[ast.USub], outer)
    if isinstance(node, ast.Call):
        inner = ", ".join(tex(argument, names) for argument in node.args)
        return {
            "sqrt": rf"\sqrt{{{inner}}}",
            "ceil": rf"\left\lceil {inner} \right\rceil",
            "floor": rf"\left\lfloor {inner} \right\rfloor",
            "log2": rf"\log_2\left({inner}\right)",
            "log10": rf"\log_{{10}}\left({inner}\right)",
            "exp": rf"e^{{{inner}}}",
            "abs": rf"\left|{inner}\right|",
        }.get(node.func.id) or rf"\operatorname{{{node.func.id}}}\left({inner}\right)"
    kind = type(node.op)
    if kind is ast.Div:
        return rf"\frac{{{tex(node.left, names)}}}{{{tex(node.right, names)}}}"
    if kind is ast.FloorDiv:
        return rf"\left\lfloor \frac{{{tex(node.left, names)}}}{{{tex(node.right, names)}}} \right\rfloor"
    if kind is ast.Pow:
        base = tex(node.left, names, TIGHTNESS[kind] + 1)
        if (isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Div)) or base.startswith("e^"):
            base = rf"\left({base}\right)"
        return _bracket(f"{base}^{{{tex(node.right, names)}}}", TIGHTNESS[kind], outer)
    level = TIGHTNESS[kind]
    sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\times", ast.Mod: r"\bmod"}[kind]
    right = tex(node.right, names, level + (kind in (ast.Sub, ast.Mod)))
    return _bracket(f"{tex(node.left, names, level)} {sign} {right}", level, outer)


def _bracket(text: str, level: int, outer: int) -> str:
    return rf"\left({text}\right)" if level < outer else text


def tex_number(amount: float) -> str:
    text = number(amount, digits=6, exact=isinstance(amount, int) and abs(amount) < 10**15)
    power = re.fullmatch(rf"(.+?){SPACE}×{SPACE}10([{SUPERSCRIPTS}]+)|10([{SUPERSCRIPTS}]+)", text)
    if power:
        exponent = (power[2] or power[3]).translate(str.maketrans(SUPERSCRIPTS, PLAIN_DIGITS))
        return (rf"{power[1]} \times " if power[1] else "") + f"10^{{{exponent}}}"
    return text.replace(",", "{,}").replace("\N{MINUS SIGN}", "-")


def tex_name(name: str) -> str:
    """d_k is d with k below; tokens and n_kv_heads are set upright."""
    head, _, below = name.partition("_")
    head = head if len(head) == 1 else rf"\text{{{head}}}"
    if not below:
        return head
    below = below.replace("_", r"\_")
    return f"{head}_{{{below}}}" if len(below) == 1 else rf"{head}_{{\text{{{below}}}}}"
