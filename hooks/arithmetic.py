"""Computed numbers: a button with dots under it, and the arithmetic in a popover that needs no script.

    value("kv_cache_bytes", model="llama-3.1-70b", tokens=131072)     a quantity of snippets/sizing
    calc("sqrt(d_k)", d_k=64, label="typical score")                  any arithmetic
    field("llama-3.1-8b", "n_layers")                                 one field of a model or hardware record
    lab("final_loss")                                                 a result that a lab recorded

Each returns a token for the HTML (see building.py). A call that cannot be answered raises CallError.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from hooks.building import Building, CallError, Site
from hooks.expressions import evaluate, parse, tex
from hooks.formatting import SPACE, UnitError, as_html, number, show
from hooks.icons import icon
from hooks.linear import linear
from hooks.navigation import code_page
from hooks.problems import nearest


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
        f'<span popover="auto" id="{name}" class="co co-arith sum">'
        f'<span class="co-t">{icon("arith")}{title}</span>{lines}{source}</span>'
    )
    text = as_html(shown)
    return page.keep(f'<button class="num" type="button" popovertarget="{name}">{text}</button>{popover}', text)


# ---- on paper ----------------------------------------------------------------------------------------

SUM = '<span popover="auto" id="{}" class="co co-arith sum"'
SWITCH = (
    '<p class="print-arith"><input type="checkbox" id="with-arithmetic"> '
    '<label for="with-arithmetic">Print with arithmetic</label></p>'
)
OPENED = re.compile(re.escape(SUM[:-1]).replace(r"\{\}", r'([^"]+)'))
FOLD = re.compile(r'<(?P<end>/?)(?:details|sh-rubric|section(?P<flags> class="redflags")?)\b|popovertarget="(?P<sum>[^"]+)"')


def on_paper(page: str) -> str:
    """The switch by which paper gets each number's arithmetic, as a list at the end (print.css counts and marks).

    Numbers that a practice page or a question may leave out, in steps, rubric and red flags, are told apart, so that
    their arithmetic stays away with them. A sheet has one page and no room, and nobody prints the home page.
    """
    if SUM.partition("{}")[0] not in page or 'class="sheet"' in page or 'class="promise"' in page:
        return page
    answers = '<label for="with-answers">Print with answers</label></p>'
    if answers in page:
        page = page.replace(answers, answers + SWITCH, 1)
    else:
        first = page.index(SUM.partition("{}")[0])
        page = page[:first] + SWITCH + page[first:]
    if 'class="step ' in page:
        folded = _folded(page)
        page = OPENED.sub(lambda popover: popover[0] + " folded" * (popover[1] in folded), page)
    return page


def _folded(page: str) -> set[str]:
    """Popovers whose number stands in a fold, a rubric or among red flags."""
    found, open_ = set(), []
    for match in FOLD.finditer(page):
        if match["sum"]:
            if any(open_):
                found.add(match["sum"])
        elif match["end"]:
            open_[-1:] = []
        else:  # a section folds nothing by itself, and closes what it opens
            open_.append(not match[0].startswith("<section") or bool(match["flags"]))
    return found


TEX = re.compile(r"\\[A-Za-z]+|[_^]\{?|\{,\}")


def _line(line: str) -> str:
    """A step in TeX, with or without dollars, or in words."""
    if line.startswith("$") and line.endswith("$") and len(line) > 2:
        line = line.strip("$")
    elif not TEX.search(line):
        return as_html(line)
    return linear(line) or f'<span class="arithmatex">\\({html.escape(line, quote=False)}\\)</span>'


# ---- value -----------------------------------------------------------------------------------------


def value(
    site: Site,
    page: Building,
    name: str,
    *,
    unit: str | None = None,
    digits: int = 3,
    exact: bool = False,
    **given: Any,
) -> str:
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
    return button(
        page, shown, Arithmetic(title, lines, sources), f"value {name} {sorted(given.items())} {unit}{digits}{exact}"
    )


def _names(site: Site, given: dict[str, Any]) -> list[str]:
    """What the number is about: the model, the accelerator, the number format, in words."""
    records = {"model": site.handbook.models, "gpu": site.handbook.hardware}
    named = [records[key][given[key]].name for key in records if given.get(key) in records[key]]
    return named + ([str(given["dtype"])] if "dtype" in given else [])


def _inputs(used: list[tuple[str, Any, Any]]) -> str:
    """Each input with its number, gathered by source: "layers 80, KV heads 8: Llama 3 herd, table 3"."""
    by_source: dict[Any, list[str]] = {}
    for label, amount, source in used:
        by_source.setdefault(source, []).append(f"{html.escape(str(label))} {as_html(_given(amount))}")
    parts = [
        f"{', '.join(names)} ({source or 'given'})"
        if source in ("", None, "default")
        else f"{', '.join(names)}: {_source(source)}"
        for source, names in by_source.items()
    ]
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
    full = (
        str(show(amount, base, base or None, exact=True))
        if isinstance(amount, int)
        else str(show(amount, base, base or None, digits=6))
    )
    return shown if full == shown else f"{full} = {shown}" if _is_equal(amount, shown) else f"{full} ≈ {shown}"


def _is_equal(amount: float, shown: str) -> bool:
    """Whether nothing was rounded off, as in 327,680 bytes = 320 KiB."""
    from hooks.formatting import SCALES, WORDS

    digits, _, unit = shown.lstrip("$").replace(",", "").partition(SPACE)
    scale = next(
        (scales[unit] / min(scales.values()) for scales in SCALES.values() if unit in scales),
        WORDS.get(unit.split(" ")[0], 1),
    )
    try:
        return float(digits) * scale == amount
    except ValueError:
        return False


def _given(amount: Any) -> str:
    return (
        number(amount, digits=4) if isinstance(amount, (int, float)) and not isinstance(amount, bool) else str(amount)
    )


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
    return f'<a href="{page.href(code_page(module), fragment)}">{html.escape(module)}</a>'


# ---- calc ------------------------------------------------------------------------------------------


def calc(
    site: Site,
    page: Building,
    expression: str,
    *,
    unit: str | None = None,
    digits: int = 3,
    label: str = "",
    exact: bool = False,
    **names: float,
) -> str:
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
    return button(
        page,
        shown,
        Arithmetic(_capital(label) or "The arithmetic", lines),
        f"calc {expression} {sorted(names.items())} {unit}{digits}",
    )


def _base(unit: str | None) -> tuple[str, str | None]:
    """The expression is counted in the base unit of the unit it is shown in: bytes for GiB, seconds for ms."""
    from hooks.formatting import SAME, SCALES

    unit = SAME.get(unit or "", unit or "")
    if unit == "%":
        return "", unit
    base = next((family for family, scale in SCALES.items() if unit in scale), "")
    return base, unit


# ---- field, lab ------------------------------------------------------------------------------------

FIELD_UNITS = {
    "bf16": "TFLOP/s",
    "fp8": "TFLOP/s",
    "fp6": "TFLOP/s",
    "fp4": "TFLOP/s",
    "int8": "TFLOP/s",
    "fp16_fp16acc": "TFLOP/s",
    "fp8_fp16acc": "TFLOP/s",
    "mamf_bf16": "TFLOP/s",
    "mem_GB": "GB",
    "bw_GBps": "GB/s",
    "nvlink_GBps": "GB/s",
    "link_GBps": "GB/s",
    "ici_GBps": "GB/s",
    "tdp_W": "W",
}


def field(
    site: Site, page: Building, record: str, name: str, *, unit: str | None = None, digits: int = 4, exact: bool = True
) -> str:
    handbook = site.handbook
    folder = "models" if record in handbook.models else "hardware"
    file = f"docs/data/{folder}/{record}.yml"
    if record not in handbook.models and record not in handbook.hardware:
        raise CallError(f"no model or hardware `{record}`; {nearest(record, [*handbook.models, *handbook.hardware])}")
    data = handbook.lines[file].data
    found = data
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            raise CallError(
                f"{file} has no field `{name}`; {nearest(part, found if isinstance(found, dict) else data)}"
            )
        found = found[part]
    if isinstance(found, (dict, list)) or found is None:
        raise CallError(f"`{name}` of {record} is no single value")
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        base = FIELD_UNITS.get(name, "") if folder == "hardware" else ""
        shown = _shown(found, base, unit or base or None, digits, exact)
    else:
        shown = str(found)
    called = data.get("name", record)
    return button(
        page, shown, Arithmetic(f"{name} of {called}", [], [record_sources(data)]), f"field {record} {name} {unit}"
    )


def record_sources(data: dict) -> str:
    """Where a record's facts come from, as links."""
    listed = data.get("source") or data.get("src") or data.get("sources") or []
    if isinstance(listed, (str, dict)):
        listed = [listed]
    links = [
        _source((entry.get("title", entry["url"]), entry["url"]))
        if isinstance(entry, dict) and entry.get("url")
        else _source(entry.get("title", "") if isinstance(entry, dict) else entry)
        for entry in listed
    ]
    date = f" (as of {data['as_of']})" if data.get("as_of") else ""
    return f"Source: {'; '.join(links)}{date}"


def lab(
    site: Site,
    page: Building,
    name: str,
    *,
    chapter: str | None = None,
    unit: str | None = None,
    digits: int = 3,
    exact: bool = False,
) -> str:
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
            mend = nearest(part, found) if isinstance(found, dict) else "run `make labs`"
            raise CallError(f"results.json of {own.slug} has no `{name}`; {mend}")
    if isinstance(found, (dict, list)) or found is None:
        raise CallError(f"`{name}` in results.json of {own.slug} is no single value")
    base, unit = _base(unit)
    shown = (
        _shown(found, base, unit or None, digits, exact)
        if isinstance(found, (int, float)) and not isinstance(found, bool)
        else str(found)
    )
    link = f'<a href="{page.href(f"chapters/{own.slug}/lab.ipynb")}">lab of {html.escape(own.record.title)}</a>'
    recorded = own.lab.results.get("date") or own.lab.results.get("recorded") or ""
    when = f" on {html.escape(str(recorded)[:10])}" if recorded and isinstance(recorded, str) else ""
    sources = [f"Measured by the {link}{when}."]
    return button(
        page,
        shown,
        Arithmetic(_capital(name.rpartition(".")[2].replace("_", " ")), [], sources),
        f"lab {own.slug} {name}",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
