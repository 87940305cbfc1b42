"""Napkin-mathematics drills on a page: some worked examples for whoever runs no script, inside the widget that asks on."""

from __future__ import annotations

import html
import itertools
import random
from typing import Any

from hooks import calculators
from hooks.building import Building, Site
from hooks.calculator_specs import CONSTANTS
from hooks.drill_specs import DRILLS, Drill

EXAMPLES = 8


def draw(drill: Drill, chance: random.Random) -> dict[str, Any]:
    return {name: chance.choice(values) for name, values in drill.draws.items()}


def every(drill: Drill) -> list[dict[str, Any]]:
    return [dict(zip(drill.draws, values, strict=True)) for values in itertools.product(*drill.draws.values())]


def values(drill: Drill, drawn: dict[str, Any]) -> dict[str, float]:
    """Every variable and step of a drill for the values drawn."""
    found: dict[str, float] = dict(CONSTANTS) | (drill.fixed or {})
    for name, value in drawn.items():
        if name == "model":
            found |= calculators.variables(calculators.models()[value])
        elif name == "gpu":
            found |= calculators.variables(calculators.gpus()[value])
        elif isinstance(value, dict):
            found |= next(iter(value.values()))
    # what the question says goes before a model's own
    found |= {name: value for name, value in drawn.items() if isinstance(value, int | float)} | (drill.fixed or {})
    for step in drill.steps:
        if calculators.applies(step, drawn):
            found[step.name] = calculators.result_of(step, found)
    return found


def text(drill: Drill, drawn: dict[str, Any]) -> str:
    def said(name: str, value: Any) -> str:
        if name == "model":
            return calculators.models()[value]["name"]
        if name == "gpu":
            return calculators.gpus()[value]["name"]
        return next(iter(value)) if isinstance(value, dict) else f"{value:,}"

    return drill.text.format(**{name: said(name, value) for name, value in drawn.items()})


def unit(drill: Drill) -> str:
    return next(step.unit for step in reversed(drill.steps) if step.name == drill.result)


def drills(site: Site, page: Building) -> str:
    """`<%= drills() %>`: the widget with a few worked examples inside."""
    chance = random.Random(1)
    rows = []
    for drill in chance.sample(DRILLS, EXAMPLES):
        drawn = draw(drill, chance)
        found = values(drill, drawn)
        sums = "".join(
            f"<li>{html.escape(step.title)}: <code>{html.escape(calculators.step_words(step))}</code> = {html.escape(calculators.shown(found[step.name], step.unit))}</li>"
            for step in drill.steps
            if calculators.applies(step, drawn)
        )
        rows.append(f'<li><p>{html.escape(text(drill, drawn))}</p><details><summary>Answer</summary><section data-search-exclude><ul>{sums}</ul></section></details></li>')
    return page.keep(f'<sh-drill class="calc drill"><div class="calc-still"><ol>{"".join(rows)}</ol></div></sh-drill>')
