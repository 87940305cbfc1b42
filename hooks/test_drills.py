"""Every drill that can be drawn has an answer, the browser computes the same, and the page holds some without script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hooks import calculators, drills, in_node
from hooks.building import Building, Site
from hooks.drill_specs import DRILLS
from hooks.model import load

ROOT = Path(__file__).parents[1]
ROLES = {"research", "full-stack", "applied", "platform"}


def test_ids_are_unique_and_every_role_has_every_level():
    assert len({drill.id for drill in DRILLS}) == len(DRILLS) >= 20
    for role in ROLES:
        assert {drill.level for drill in DRILLS if role in drill.roles} >= {1, 2}
    assert {drill.level for drill in DRILLS} == {1, 2, 3}
    assert set().union(*(drill.roles for drill in DRILLS)) == ROLES


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.id)
def test_every_draw_gives_a_number_and_a_whole_question(drill):
    for drawn in drills.every(drill):
        assert drills.values(drill, drawn)[drill.result] > 0
        assert not re.search(r"[{}]", drills.text(drill, drawn))
    assert 1 < drill.factor <= 2


def test_known_answers():
    by_id = {drill.id: drill for drill in DRILLS}

    def answer(name, **drawn):
        return drills.values(by_id[name], drawn)[by_id[name].result]

    assert answer("cache-token", model="llama-3.1-70b") == 327_680
    assert answer("cache", model="llama-3.1-70b", batch=1, tokens=131_072) == 40 * 2**30
    assert answer("train-state", model="llama-2-7b") == 16 * 6_738_415_616
    assert answer("requests", millions=10) == pytest.approx(115.74, abs=0.01)
    assert answer("speculation", draft_tokens=4, acceptance=0.8) == pytest.approx(3.3616)
    assert answer("touched", n_experts=256, n_active=8, tokens=32) == pytest.approx(163.3, abs=0.05)


def test_the_browser_computes_the_same(tmp_path):
    asked = [[number, drawn] for number, drill in enumerate(DRILLS) for drawn in drills.every(drill)]
    (tmp_path / "data.js").write_text("globalThis.window = globalThis; globalThis.document = { currentScript: { src: '' } };\n" + calculators.script(ROOT), encoding="utf-8")
    answers = in_node.run(
        tmp_path,
        f"import './data.js'; import {{ drillValues }} from '{in_node.WIDGETS}/calculator/walk'; const data: any = window.strongHireCalculators;\n"
        f"const asked: any = {json.dumps(asked)};\n"
        "console.log(JSON.stringify(asked.map(([number, drawn]: any) => drillValues(data, data.drills[number], drawn)[data.drills[number].result])));",
    )
    for (number, drawn), got in zip(asked, answers, strict=True):
        drill = DRILLS[number]
        assert got == pytest.approx(drills.values(drill, drawn)[drill.result], rel=1e-12), (drill.id, drawn)


def test_worked_examples_stand_in_the_page_and_their_answers_out_of_search():
    page = Building("docs/p.md", ROOT, ROOT / "docs")
    built = page.restore(drills.drills(Site(load(ROOT)), page))
    assert built.startswith("<sh-drill")
    assert built.count("<details>") == drills.EXAMPLES == built.count("<section data-search-exclude>")
