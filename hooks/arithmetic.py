"""Computed numbers: a button with dots under it, and the arithmetic in a popover that needs no script.

    value("kv_cache_bytes", model="llama-3.1-70b", tokens=131072)     a quantity of snippets/sizing
    calc("sqrt(d_k)", d_k=64, label="typical score")                  any arithmetic
    field("llama-3.1-8b", "n_layers")                                 one field of a model or hardware record
    lab("final_loss")                                                 a result that a lab recorded

Each returns a token for the HTML (see building.py). A call that cannot be answered raises CallError.
"""

from __future__ import annotations

import ast
import hashlib
import html
import math
import operator
import re
from dataclasses import dataclass, field as attribute
from typing import Any

from hooks.building import Building, Site
from hooks.formatting import PLAIN_DIGITS, SPACE, SUPERSCRIPTS, UnitError, as_html, number, show
from hooks.icons import icon
from hooks.problems import nearest


class CallError(ValueError):
    """A macro call with a fault in it; the text says which and how to mend it."""


@dataclass
class Arithmetic:
    """What a popover shows."""

    title: str
    lines: list[str]  # TeX or words: formula, numbers put in, result
    sources: list[str] = attribute(default_factory=list)  # HTML


def button(page: Building, shown: str, sum_: Arithmetic, key: str) -> str:
    """The number and its popover. `key` says which call this is, so that its id is the same in each build."""
    name = page.unique("n-" + hashlib.sha256(key.encode()).hexdigest()[:6])
    lines = "".join(f'<span class="sum-line">{_line(line)}</span>' for line in sum_.lines if line)
    source = f'<span class="sum-src">{" ".join(sum_.sources)}</span>' if sum_.sources else ""
    title = html.escape(sum_.title, quote=False)
    popover = page.keep_late(
        f'<span popover="auto" id="{name}" class="co co-arith sum"><span class="co-t">{icon("arith")}{title}</span>{lines}{source}</span>'
    )
    text = as_html(shown)
    return page.keep(f'<button class="num" type="button" popovertarget="{name}">{text}</button>{popover}', text)


TEX = re.compile(r"\\[A-Za-z]+|[_^]\{?")


def _line(line: str) -> str:
    """A step in TeX, with or without dollars, or in words."""
    if line.startswith("$") and line.endswith("$") and len(line) > 2:
        line = line.strip("$")
    elif not TEX.search(line):
        return as_html(line)
    return f'<span class="arithmatex">\\({html.escape(line, quote=False)}\\)</span>'


# ---- value -----------------------------------------------------------------------------------------


def value(site: Site, page: Building, name: str, *, unit: str | None = None, digits: int = 3, exact: bool = False, **given: Any) -> str:
    try:
        from snippets.sizing import quantities
    except ImportError:
        raise CallError("the quantities are not written yet") from None

    if name not in quantities.QUANTITIES:
        raise CallError(f"unknown quantity `{name}`; {nearest(name, quantities.QUANTITIES)}")
    try:
        computed = quantities.compute(name, **given)
    except (ValueError, TypeError, KeyError, ZeroDivisionError, OverflowError) as error:
        raise CallError(f"{name}: {error}") from None
    shown = _shown(computed.value, computed.unit, unit, digits, exact)
    lines = [computed.formula_tex, *computed.steps]
    lines.append(f"= {_result(computed.value, computed.unit, shown)}")
    sources = [f"{_inputs(computed.inputs)}."] if computed.inputs else []
    module = computed.module if computed.module.endswith(".py") else computed.module.replace(".", "/") + ".py"
    sources.append(f"Formula: {code_link(page, module)}")
    title = ", ".join([computed.title, *_names(site, given)])
    return button(page, shown, Arithmetic(title, lines, sources), f"value {name} {sorted(given.items())} {unit}{digits}{exact}")


def _names(site: Site, given: dict[str, Any]) -> list[str]:
    """What the number is about: the model, the accelerator, the number format, in words."""
    records = {"model": site.handbook.models, "gpu": site.handbook.hardware}
    named = [records[key][given[key]].name for key in records if given.get(key) in records[key]]
    return named + ([str(given["dtype"])] if "dtype" in given else [])


def _inputs(used: list[tuple[str, Any, Any]]) -> str:
    """Each input with its number, gathered by source: "layers 80, KV heads 8: Llama 3 herd, table 3"."""
    by_source: dict[Any, list[str]] = {}
    for label, amount, source in used:
        by_source.setdefault(source, []).append(f"{html.escape(str(label))} {html.escape(_given(amount))}")
    parts = [f"{', '.join(names)} ({source or 'given'})" if source in ("", None, "default") else f"{', '.join(names)}: {_source(source)}"
             for source, names in by_source.items()]  # fmt: skip
    return "; ".join(parts)


def _shown(amount: float, base: str, unit: str | None, digits: int, exact: bool) -> str:
    if isinstance(amount, (tuple, list)):
        return f"{_shown(amount[0], base, unit, digits, exact)} to {_shown(amount[1], base, unit, digits, exact)}"
    try:
        return str(show(amount, base, unit, digits, exact))
    except UnitError as error:
        raise CallError(str(error)) from None


def _result(amount: Any, base: str, shown: str) -> str:
    """The last line of a sum: all digits, then as shown, where that says less."""
    if not isinstance(amount, (int, float)):
        return shown
    full = str(show(amount, base, base or None, exact=True)) if isinstance(amount, int) else str(show(amount, base, base or None, digits=6))
    return shown if full == shown else f"{full} = {shown}" if _is_equal(amount, shown) else f"{full} ≈ {shown}"


def _is_equal(amount: float, shown: str) -> bool:
    """Whether nothing was rounded off, as in 327,680 bytes = 320 KiB."""
    from hooks.formatting import SCALES, WORDS

    digits, _, unit = shown.lstrip("$").replace(",", "").partition(SPACE)
    scale = next((scales[unit] / min(scales.values()) for scales in SCALES.values() if unit in scales), WORDS.get(unit.split(" ")[0], 1))
    try:
        return float(digits) * scale == amount
    except ValueError:
        return False


def _given(amount: Any) -> str:
    return number(amount, digits=4) if isinstance(amount, (int, float)) and not isinstance(amount, bool) else str(amount)


def _source(source: Any) -> str:
    """Words, an address, or both as (words, address)."""
    if isinstance(source, (tuple, list)) and len(source) == 2:
        words = re.sub(r": \S+/\S+$", "", str(source[0]))  # the address names the file, words need not
        return f'<a href="{html.escape(str(source[1]))}">{html.escape(words)}</a>'
    text = str(source)
    if re.fullmatch(r"https?://\S+", text):
        return f'<a href="{html.escape(text)}">{html.escape(re.sub(r"^https?://(www[.])?", "", text))}</a>'
    return html.escape(text, quote=False)


def code_link(page: Building, module: str, fragment: str = "") -> str:
    """Link to the generated page of a module under snippets/."""
    source = "code/" + module.removeprefix("snippets/").removesuffix(".py") + ".md"
    return f'<a href="{page.href(source, fragment)}">{html.escape(module)}</a>'


# ---- calc ------------------------------------------------------------------------------------------

FUNCTIONS = {"sqrt": math.sqrt, "log2": math.log2, "ln": math.log, "log10": math.log10, "exp": math.exp, "ceil": math.ceil,
             "floor": math.floor, "round": round, "abs": abs, "min": min, "max": max}  # fmt: skip
CONSTANTS = {"pi": math.pi}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
             ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow}  # fmt: skip
LARGEST_POWER = 10_000


def calc(site: Site, page: Building, expression: str, *, unit: str | None = None, digits: int = 3, label: str = "", exact: bool = False,
         **names: float) -> str:  # fmt: skip
    tree = parse(expression, names)
    try:
        result = evaluate(tree, names)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as error:
        raise CallError(f"`{expression}`: {error}") from None
    if isinstance(result, complex):
        raise CallError(f"`{expression}` is not a real number")
    base, unit = _base(unit)
    shown = _shown(result, base, unit or None, digits, exact)
    lines = [tex(tree, {})] if names else []
    lines.append(("=" if names else "") + tex(tree, names))
    full = number(result, digits=6)
    lines.append(f"= {shown}" if full == shown.split(SPACE)[0] else f"= {full} ≈ {shown}" if not unit else f"= {shown}")
    return button(page, shown, Arithmetic(_capital(label) or "The arithmetic", lines), f"calc {expression} {sorted(names.items())} {unit}{digits}")


def _base(unit: str | None) -> tuple[str, str | None]:
    """The expression is counted in the base unit of the unit it is shown in: bytes for GiB, seconds for ms."""
    from hooks.formatting import SAME, SCALES

    unit = SAME.get(unit or "", unit or "")
    if unit == "%":
        return "", unit
    base = next((family for family, scale in SCALES.items() if unit in scale), "")
    return base, unit


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
    if isinstance(node.op, ast.Div) and isinstance(left, int) and isinstance(right, int) and right and left % right == 0:
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
            "sqrt": rf"\sqrt{{{inner}}}", "ceil": rf"\left\lceil {inner} \right\rceil", "floor": rf"\left\lfloor {inner} \right\rfloor",
            "log2": rf"\log_2\left({inner}\right)", "log10": rf"\log_{{10}}\left({inner}\right)", "exp": rf"e^{{{inner}}}",
            "abs": rf"\left|{inner}\right|",
        }.get(node.func.id) or rf"\operatorname{{{node.func.id}}}\left({inner}\right)"  # fmt: skip
    kind = type(node.op)
    if kind is ast.Div:
        return rf"\frac{{{tex(node.left, names)}}}{{{tex(node.right, names)}}}"
    if kind is ast.FloorDiv:
        return rf"\left\lfloor \frac{{{tex(node.left, names)}}}{{{tex(node.right, names)}}} \right\rfloor"
    if kind is ast.Pow:
        base = tex(node.left, names, TIGHTNESS[kind] + 1)
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Div) or base.startswith("e^"):
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


# ---- field, lab ------------------------------------------------------------------------------------

FIELD_UNITS = {"bf16": "TFLOP/s", "fp8": "TFLOP/s", "fp6": "TFLOP/s", "fp4": "TFLOP/s", "int8": "TFLOP/s", "fp16_fp16acc": "TFLOP/s",
               "fp8_fp16acc": "TFLOP/s", "mamf_bf16": "TFLOP/s", "mem_GB": "GB", "bw_GBps": "GB/s", "nvlink_GBps": "GB/s",
               "link_GBps": "GB/s", "ici_GBps": "GB/s", "tdp_W": "W"}  # fmt: skip


def field(site: Site, page: Building, record: str, name: str, *, unit: str | None = None, digits: int = 4, exact: bool = True) -> str:
    handbook = site.handbook
    folder = "models" if record in handbook.models else "hardware"
    file = f"docs/data/{folder}/{record}.yml"
    if record not in handbook.models and record not in handbook.hardware:
        raise CallError(f"no model or hardware `{record}`; {nearest(record, [*handbook.models, *handbook.hardware])}")
    data = handbook.lines[file].data
    found = data
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            raise CallError(f"{file} has no field `{name}`; {nearest(part, found if isinstance(found, dict) else data)}")
        found = found[part]
    if isinstance(found, (dict, list)) or found is None:
        raise CallError(f"`{name}` of {record} is no single value")
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        base = FIELD_UNITS.get(name, "") if folder == "hardware" else ""
        shown = _shown(found, base, unit or base or None, digits, exact)
    else:
        shown = str(found)
    called = data.get("name", record)
    return button(page, shown, Arithmetic(f"{name} of {called}", [], [record_sources(data)]), f"field {record} {name} {unit}")


def record_sources(data: dict) -> str:
    """Where a record's facts come from, as links."""
    listed = data.get("source") or data.get("src") or data.get("sources") or []
    if isinstance(listed, (str, dict)):
        listed = [listed]
    links = [_source((entry.get("title", entry["url"]), entry["url"])) if isinstance(entry, dict) and entry.get("url")
             else _source(entry.get("title", "") if isinstance(entry, dict) else entry) for entry in listed]  # fmt: skip
    date = f" (as of {data['as_of']})" if data.get("as_of") else ""
    return f"Source: {'; '.join(links)}{date}"


def lab(site: Site, page: Building, name: str, *, chapter: str | None = None, unit: str | None = None, digits: int = 3, exact: bool = False) -> str:
    handbook = site.handbook
    own = handbook.by_slug.get(chapter) if chapter else handbook.chapter_of(page.name)
    if own is None:
        known = nearest(chapter, handbook.by_slug) if chapter else "name one: chapter=…"
        raise CallError(f"no chapter `{chapter}`, {known}" if chapter else f"this page is in no chapter, {known}")
    if own.lab is None:
        raise CallError(f"the chapter {own.slug} has no lab.py")
    found: Any = own.lab.results
    for part in name.split("."):
        if isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, dict) and part in found:
            found = found[part]
        else:
            raise CallError(f"results.json of {own.slug} has no `{name}`; {nearest(part, found) if isinstance(found, dict) else 'run `make labs`'}")
    if isinstance(found, (dict, list)) or found is None:
        raise CallError(f"`{name}` in results.json of {own.slug} is no single value")
    base, unit = _base(unit)
    shown = _shown(found, base, unit or None, digits, exact) if isinstance(found, (int, float)) and not isinstance(found, bool) else str(found)
    link = f'<a href="{page.href(f"chapters/{own.slug}/lab.ipynb")}">lab of {html.escape(own.record.title)}</a>'
    recorded = own.lab.results.get("date") or own.lab.results.get("recorded") or ""
    when = f" on {html.escape(str(recorded)[:10])}" if recorded and isinstance(recorded, str) else ""
    sources = [f"Measured by the {link}{when}."]
    return button(page, shown, Arithmetic(_capital(name.rpartition(".")[2].replace("_", " ")), [], sources), f"lab {own.slug} {name}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
