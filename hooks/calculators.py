"""Calculators on a page: the answer, the sum and a plot for the inputs at the start, which the widget then makes live.

`evaluate` does in Python what widgets/calculator does in the browser: both walk the steps of calculator_specs.py and
call the closed forms of snippets/sizing, here as they are, there as the JavaScript that snippets/sizing/render.py writes.
"""

from __future__ import annotations

import ast
import html
import importlib
import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

from hooks import widget_data
from hooks.building import Building, CallError, Site
from hooks.cache import kept, key
from hooks.calculator_specs import CALCULATORS, CONSTANTS, MIXED, OWN, PLAIN, Calculator, Choice, Gpu, Model, Number, Step
from hooks.draw import Chart, tick
from hooks.drill_specs import DRILLS
from hooks.problems import nearest

MODEL_VARIABLES = """params used_params active_params embedding attention ffn quantized_params other_params expert_params
    full_layers full_elements windowed_layers windowed_elements window n_experts n_active
    n_layers d_model n_heads n_kv_heads head_dim d_ff vocab_size""".split()
GPU_VARIABLES = {"peak_flops_per_second": ("bf16", 1e12), "bytes_per_second": ("bw_GBps", 1e9), "memory_bytes": ("mem_GB", 1e9)}
POINTS = 49  # of a curve
OPERATORS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "/", ast.Pow: "^"}


# ---- tables ----------------------------------------------------------------------------------------


@cache
def models() -> dict[str, dict[str, Any]]:
    """Variables of every model whose parameters can be counted; what does not fit a model is missing."""
    from snippets.sizing import counter, derived, layers, model_file, records
    from snippets.sizing.inputs import Inputs

    found = {}
    for name in records.names("models"):
        record = records.model(name)
        try:
            shape = model_file.check(model_file.flatten(record), name)
        except model_file.BadModelFile:
            continue
        if shape["form"] == "encoder-decoder":
            continue  # no calculator has two lengths
        count, split, (full, windowed) = counter.count(shape), layers.split(shape), layers.elements(shape)
        parts, moe = count.parts, shape.get("moe")
        experts = moe["n_experts"] - moe["n_active"] if moe else 0
        values = {
            "params": count.total, "used_params": count.active, "active_params": count.active_matmul,
            "embedding": parts.get("embedding", 0) + parts.get("lm_head", 0), "attention": parts["attention"],
            "ffn": parts["ffn"] + parts.get("router", 0), "expert_params": count.idle / experts if experts else 0,
            "n_experts": moe["n_experts"] if moe else 1, "n_active": moe["n_active"] if moe else 1,
            "full_layers": split.full, "full_elements": full, "windowed_layers": split.local, "windowed_elements": windowed,
            "window": shape["attention"].get("window") or 1,
        }  # fmt: skip
        if shape["form"] == "heads" and not moe and layers.is_gated(shape["ffn"]) and not {"global_head_dim", "v_head_dim"} & set(shape):
            try:
                inputs = Inputs(name, None, {}, {}, derived.DERIVED)
                values |= {each: inputs.take(each) for each in ("quantized_params", "other_params")}
            except ValueError:
                pass
        values |= {each: shape[each] for each in ("n_layers", "d_model", "n_heads", "n_kv_heads", "head_dim", "d_ff", "vocab_size") if shape.get(each)}
        found[name] = {"name": record["name"], **{each: derived.whole(values[each]) for each in MODEL_VARIABLES if each in values}}
    return found


@cache
def gpus() -> dict[str, dict[str, Any]]:
    from snippets.sizing import records

    found = {}
    for name in records.names("hardware"):
        record = records.accelerator(name)
        values = {each: record[column] * size for each, (column, size) in GPU_VARIABLES.items() if record.get(column)}
        found[name] = {"name": record["name"], **values}
    return found


def offered(spec: Model | Gpu) -> dict[str, dict[str, Any]]:
    """The records that have all that a calculator needs."""
    table = models() if isinstance(spec, Model) else gpus()
    return {name: row for name, row in table.items() if all(need in row for need in spec.needs)}


def variables(row: dict[str, Any]) -> dict[str, float]:
    """What a row of a table sets: all but its name."""
    return {name: value for name, value in row.items() if name != "name"}


# ---- the same walk as in the browser -----------------------------------------------------------------


def form_of(name: str):
    module, function = name.split(".")
    return getattr(importlib.import_module(f"snippets.sizing.{module}"), function)


def start(calculator: Calculator) -> dict[str, Any]:
    """The inputs that a page opens with."""
    chosen: dict[str, Any] = {}
    for spec in calculator.inputs:
        if isinstance(spec, Model):
            chosen |= {"model": spec.default, **{number.name: number.default for number in spec.own}}
        elif isinstance(spec, Gpu):
            chosen |= {"gpu": spec.default, **{number.name: number.default for number in spec.own}}
        else:
            chosen[spec.name] = spec.default
    return chosen


def applies(step: Step, chosen: dict[str, Any]) -> bool:
    if step.when is None:
        return True
    name, wanted = step.when
    return (kind(chosen["model"]) if name == "model" else chosen[name]) in wanted


def kind(model: str) -> str:
    """Which form of the cache fits: the short one where all layers keep all keys and values of the same heads."""
    if model == OWN:
        return OWN
    row = models()[model]
    alike = row["full_layers"] == row.get("n_layers") and row["full_elements"] == 2 * row["n_kv_heads"] * row["head_dim"]
    return PLAIN if alike else MIXED


def evaluate(calculator: Calculator, chosen: dict[str, Any]) -> dict[str, float]:
    """Every variable and every step's value for the inputs `chosen`."""
    values: dict[str, float] = dict(CONSTANTS)
    for spec in calculator.inputs:
        if isinstance(spec, Model):
            if chosen["model"] == OWN:
                values |= {number.name: chosen[number.name] for number in spec.own}
            else:
                values |= variables(models()[chosen["model"]])
        elif isinstance(spec, Gpu):
            if chosen["gpu"] == OWN:
                values |= dict(number.variable(chosen[number.name]) for number in spec.own)
            else:
                values |= variables(gpus()[chosen["gpu"]])
        elif isinstance(spec, Choice):
            values |= spec.options[chosen[spec.name]]
        else:
            values[spec.name] = chosen[spec.name]
    for step in calculator.steps:
        if applies(step, chosen):
            values[step.name] = result_of(step, values)
    return values


def result_of(step: Step, values: dict[str, float]) -> float:
    if step.form in ("+", "*"):
        result = 0.0 if step.form == "+" else 1.0
        for name in step.of:
            result = result + values[name] if step.form == "+" else result * values[name]
        return result
    if step.form == "^":
        return float(values[step.of[0]] ** values[step.of[1]])
    form = form_of(step.form)
    return form(**{name: argument(step, name, values) for name in inspect.signature(form).parameters})


def argument(step: Step, name: str, values: dict[str, float]) -> float:
    source = step.takes.get(name, name)
    return values[source] if isinstance(source, str) else source


# ---- words -------------------------------------------------------------------------------------------


@cache
def words(form: str) -> str:
    """A closed form as one line of text with its parameters' names: "2 × n_layers × …"."""
    from snippets.sizing import render

    return _words(render.expression(form_of(form)), form_of(form), 0)


def _words(node: ast.expr, form, outer: int) -> str:
    from snippets.sizing import render

    if isinstance(node, ast.Constant):
        return f"{node.value:,}" if isinstance(node.value, int) else str(node.value)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.UnaryOp):
        return "−" + _words(node.operand, form, 3)
    if isinstance(node, ast.BinOp):
        sign = OPERATORS[type(node.op)]
        level = {"+": 1, "−": 1, "×": 2, "/": 2, "^": 3}[sign]
        left, right = _words(node.left, form, level), _words(node.right, form, level + (sign in "−/^"))
        text = f"{left}{sign}{right}" if sign == "^" else f"{left} {sign} {right}"
        return f"({text})" if level < outer else text
    inner = [_words(each, form, 0) for each in node.args]
    name = node.func.id
    if name in render.FUNCTIONS:
        if name.endswith("_div"):
            return f"{'⌈' if name == 'ceil_div' else '⌊'}{' / '.join(inner)}{'⌉' if name == 'ceil_div' else '⌋'}"
        return f"{ {'smallest': 'min', 'largest': 'max'}.get(name, name)}({', '.join(inner)})"
    return f"{name}({', '.join(inner)})"


def step_words(step: Step) -> str:
    signs = {"+": " + ", "*": " × ", "^": "^"}
    return signs[step.form].join(step.of) if step.form in signs else words(step.form)


def shown(value: float, unit: str) -> str:
    """A step's value; the widget's `show` writes the same."""
    if unit == "$":
        return f"${value:,.2f}" if value >= 0.01 else f"${value:.2g}"
    if unit in ("params", "tokens"):
        noun = "parameters" if unit == "params" else "tokens"
        for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
            if value >= size:
                return f"{_three(value / size)}{word} {noun}"
        return f"{_three(value)} {noun}"
    if unit == "bytes":
        for size, word in ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
            if value >= size:
                return f"{_three(value / size)} {word}"
        return f"{_three(value)} bytes"
    if unit == "GB":
        return f"{_three(value / 1e9)} GB"
    if unit == "s":
        return f"{_three(value * 1e3)} ms" if value < 1 else f"{_three(value)} s"
    if unit == "FLOPs":
        return f"{value:.2e} FLOPs".replace("e+", " × 10^")
    if unit == "%":
        return f"{_three(value * 100)} %"
    if unit == "×":
        return f"{_three(value)}×"
    return f"{_three(value)} {unit}".strip()


def _three(value: float) -> str:
    """Three significant digits; whole numbers below a million to the last digit."""
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.2e}"


# ---- the page's own answer ---------------------------------------------------------------------------


def calculator(site: Site, page: Building, name: str) -> str:
    """`<%= calculator("kv-cache") %>`: the widget, with a worked table and a plot inside for whoever runs no script."""
    if name not in CALCULATORS:
        raise CallError(f"no calculator `{name}`; {nearest(name, CALCULATORS)}")
    spec = CALCULATORS[name]
    chosen = start(spec)
    values = evaluate(spec, chosen)
    result = next(step for step in reversed(spec.steps) if step.name == spec.result)
    rows = "".join(f"<tr><th scope=row>{html.escape(label)}</th><td>{html.escape(text)}</td></tr>" for label, text in _inputs(spec, chosen))
    sums = "".join(
        f"<tr><th scope=row>{html.escape(step.title)}</th><td><code>{html.escape(step_words(step))}</code></td><td>{html.escape(shown(values[step.name], step.unit))}</td></tr>"
        for step in spec.steps
        if step.title and applies(step, chosen)
    )
    body = (
        f'<p class="calc-result"><b>{html.escape(shown(values[spec.result], result.unit))}</b> {html.escape(spec.phrase)}</p>'
        f'<table class="calc-inputs"><caption>Inputs</caption><tbody>{rows}</tbody></table>'
        f'<table class="calc-sum"><caption>The sum</caption><thead><tr><th scope=col>step</th><th scope=col>formula</th><th scope=col>result</th></tr></thead><tbody>{sums}</tbody></table>'
        f"{plot(spec, chosen)}"
    )
    return page.keep(f'<sh-calculator class="calc" data-calculator="{name}"><div class="calc-still">{body}</div></sh-calculator>')


def _inputs(spec: Calculator, chosen: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for each in spec.inputs:
        if isinstance(each, Model):
            found.append(("Model", models()[chosen["model"]]["name"]))
        elif isinstance(each, Gpu):
            found.append(("GPU", gpus()[chosen["gpu"]]["name"]))
        elif isinstance(each, Number):
            found.append((each.label, f"{chosen[each.name]:,}"))
        else:
            found.append((each.label, chosen[each.name]))
    return found


def plot(spec: Calculator, chosen: dict[str, Any]) -> str:
    """The result along one input, as the widget draws it."""
    if not spec.curve:
        return ""
    number = next(each for each in spec.inputs if isinstance(each, Number) and each.name == spec.curve)
    unit = next(step.unit for step in spec.steps if step.name == spec.result)
    xs = along(number, chosen[number.name])
    ys = [evaluate(spec, chosen | {number.name: x})[spec.result] for x in xs]
    top = max(ys) or 1
    chart = Chart(f"{spec.title}: {number.label.lower()} against the result", f"From {shown(ys[0], unit)} at {tick(xs[0])} to {shown(ys[-1], unit)} at {tick(xs[-1])}.",
                  x=(xs[0], xs[-1]), y=(0, top * 1.05))  # fmt: skip
    chart.y_axis("", {share * top: shown(share * top, unit) for share in (0, 0.5, 1)})
    chart.x_axis(number.label.lower(), {x: tick(x) for x in (xs[0], xs[len(xs) // 2], xs[-1])})
    chart.curve(xs, ys, look="main")
    return f'<figure class="fig calc-plot">{chart.svg()}</figure>'


def along(number: Number, current: float) -> list[float]:
    """Points of the curve: from the least to twice where the reader stands, whole where the input is."""
    low, high = number.low, min(number.high, max(2 * current, number.low * 2, 8 if number.whole else 0))
    points = [low + (high - low) * index / (POINTS - 1) for index in range(POINTS)]
    return sorted({round(point) for point in points}) if number.whole else points


# ---- what the widget reads -----------------------------------------------------------------------------


def script(root: Path) -> str:
    """assets/widgets/calculator-data.js: tables, steps, and the closed forms as JavaScript. Cached by its sources."""
    sources = sorted([*(root / "snippets/sizing").glob("*.py"), *(root / "docs/data").rglob("*.yml"), *Path(__file__).parent.glob("*_specs.py"), Path(__file__)])
    cached = root / ".cache/assets" / f"calculators-{key(*(path.read_bytes() for path in sources))}.js"
    return kept(cached, lambda: _script().encode()).decode()


def _script() -> str:
    from snippets.sizing import render

    used = sorted({step.form for each in (*CALCULATORS.values(), *DRILLS) for step in each.steps} - {"+", "*", "^"})
    forms = ",".join(f"{json.dumps(name)}:[{json.dumps(list(inspect.signature(form_of(name)).parameters))},{_function(name, render)}]" for name in used)
    data = {
        "constants": CONSTANTS,
        "models": {name: [row["name"], kind(name), *(row.get(each) for each in MODEL_VARIABLES)] for name, row in models().items()},
        "modelVariables": MODEL_VARIABLES,
        "gpus": gpus(),
        "calculators": {name: _packed(each) for name, each in CALCULATORS.items()},
        "drills": [{"id": each.id, "level": each.level, "roles": each.roles, "text": each.text, "draws": each.draws, "result": each.result,
                    "factor": each.factor, "fixed": each.fixed or {}, "steps": _steps(each.steps)} for each in DRILLS],
    }
    return f"window.strongHireCalculators={{forms:{{{forms}}},...{widget_data.compact(data)}}};\n"


def _function(name: str, render) -> str:
    form = form_of(name)
    return f"({','.join(inspect.signature(form).parameters)})=>{render.javascript(form)}"


def _packed(spec: Calculator) -> dict[str, Any]:
    def of(each):
        if isinstance(each, Model):
            return {"kind": "model", "default": each.default, "own": [of(number) for number in each.own], "names": list(offered(each))}
        if isinstance(each, Gpu):
            return {"kind": "gpu", "default": each.default, "own": [of(number) | {"sets": number.sets, "size": number.size} for number in each.own], "names": list(offered(each))}
        if isinstance(each, Choice):
            return {"kind": "choice", "name": each.name, "label": each.label, "options": each.options, "default": each.default}
        return {"kind": "number", "name": each.name, "label": each.label, "default": each.default, "low": each.low, "high": each.high, "whole": each.whole}

    return {
        "title": spec.title, "result": spec.result, "phrase": spec.phrase, "terms": spec.terms, "curve": spec.curve,
        "compare": spec.compare, "fits": spec.fits, "inputs": [of(each) for each in spec.inputs],
        "steps": _steps(spec.steps),
    }  # fmt: skip


def _steps(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [{"name": step.name, "title": step.title, "form": step.form, "unit": step.unit, "takes": step.takes, "of": step.of,
             "when": step.when, "words": step_words(step)} for step in steps]  # fmt: skip


def formula(site: Site, page: Building, name: str) -> str:
    """`<%= formula("kv_cache.kv_cache_bytes") %>`: a closed form as it stands in the code, set in LaTeX."""
    from snippets.sizing import render

    forms = render.closed_forms()
    if name not in forms:
        raise CallError(f"no closed form `{name}`; {nearest(name, forms)}")
    title = forms[name].__name__.replace("_", " ")
    return f"\n$$\n\\begin{{aligned}}&\\text{{{title}}} \\\\ &\\quad = {render.tex(forms[name])}\\end{{aligned}}\n$$\n"


def write(root: Path, site: Path) -> None:
    widget_data.write(site, "calculator", script(root))
