"""A calculator's answer is the handbook's own number, in Python and in the browser's code; its page says so without script."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest

from hooks import calculators, in_node
from hooks.building import Building, Site
from hooks.calculator_specs import CALCULATORS, OWN, Choice, Gpu, Model, Number
from hooks.model import load
from snippets.sizing import render
from snippets.sizing.quantities import compute

ROOT = Path(__file__).parents[1]
EVERY = sorted(CALCULATORS)


def answer(name: str, **chosen) -> float:
    spec = CALCULATORS[name]
    return calculators.evaluate(spec, calculators.start(spec) | chosen)[spec.result]


def anywhere(name: str, seed: int) -> dict:
    """Inputs that the form allows, drawn at random."""
    spec, chance, chosen = CALCULATORS[name], random.Random(f"{name}{seed}"), {}

    def draw(number: Number):
        value = number.low * (number.high / number.low) ** chance.random() if number.low > 0 else number.high * chance.random()
        return round(value) if number.whole else float(f"{value:.6g}")

    for each in spec.inputs:
        if isinstance(each, Model):
            chosen["model"] = chance.choice([OWN, *calculators.offered(each)])
            chosen |= {number.name: draw(number) for number in each.own}
        elif isinstance(each, Gpu):
            chosen["gpu"] = chance.choice([OWN, *calculators.offered(each)])
            chosen |= {number.name: draw(number) for number in each.own}
        elif isinstance(each, Choice):
            chosen[each.name] = chance.choice(list(each.options))
        else:
            chosen[each.name] = draw(each)
    return chosen


@pytest.mark.parametrize(("name", "chosen", "wanted"), [
    ("kv-cache", {"model": "llama-3.1-70b", "tokens": 131072}, ("kv_cache_bytes", {"model": "llama-3.1-70b", "tokens": 131072})),
    ("kv-cache", {"model": "deepseek-v3", "tokens": 1}, ("kv_cache_bytes", {"model": "deepseek-v3", "tokens": 1})),
    ("kv-cache", {"model": "gpt-oss-120b", "tokens": 4096, "batch": 3, "cache_type": "fp8"}, ("kv_cache_bytes", {"model": "gpt-oss-120b", "tokens": 4096, "batch": 3, "dtype": "fp8"})),
    ("parameters", {"model": "mixtral-8x7b"}, ("params", {"model": "mixtral-8x7b"})),
    ("lora", {"model": "llama-3.1-8b", "base": "bf16 (LoRA)", "rank": 16}, ("lora_memory_bytes", {"model": "llama-3.1-8b", "rank": 16})),
    ("decode", {"model": "llama-3.1-70b", "gpus": 8, "tokens": 8192, "batch": 4}, ("decode_floor_seconds", {"model": "llama-3.1-70b", "gpu": "h100-sxm5-80gb", "gpus": 8, "tokens": 8192, "batch": 4})),
    ("decode", {"model": "deepseek-v3", "gpus": 16, "tokens": 1000, "batch": 32}, ("decode_floor_seconds", {"model": "deepseek-v3", "gpu": "h100-sxm5-80gb", "gpus": 16, "tokens": 1000, "batch": 32})),
    ("speculation", {"acceptance": 0.8, "draft_tokens": 4, "draft_cost": 0.05}, ("speculative_speedup", {"acceptance": 0.8, "draft_tokens": 4, "draft_cost": 0.05})),
])  # fmt: skip
def test_it_is_the_number_that_pages_compute(name, chosen, wanted):
    quantity, inputs = wanted
    assert answer(name, **chosen) == pytest.approx(compute(quantity, **inputs).value, rel=1e-12)


def test_the_anchors_of_the_handbook():
    assert answer("kv-cache", model="llama-3.1-70b", tokens=131072) == 40 * 2**30
    assert answer("kv-cache", model="deepseek-v3", tokens=1) == 70_272
    assert answer("parameters", model="llama-3.1-8b") == 8_030_261_248
    qlora = calculators.evaluate(CALCULATORS["lora"], calculators.start(CALCULATORS["lora"]) | {"model": "llama-3.1-70b"})
    assert qlora["base_bytes"] / 1e9 == pytest.approx(39.5, abs=0.05)
    assert answer("training-memory", model=OWN, params_billion=7, sharding="nothing", tokens=1) / 1e9 == pytest.approx(112, abs=0.01)


def test_the_own_shape_of_a_model_gives_the_models_answer():
    row = calculators.models()["llama-3.1-8b"]
    shape = {key: row[key] for key in ("n_layers", "d_model", "n_heads", "n_kv_heads", "head_dim", "d_ff", "vocab_size")}
    assert answer("parameters", model=OWN, vocab_matrices=2, **shape) == row["params"]
    assert answer("kv-cache", model=OWN, **shape) == answer("kv-cache", model="llama-3.1-8b")


def test_an_own_gpu_with_the_tables_figures_gives_the_tables_answer():
    own = {"gpu": OWN, "memory_gb": 141, "bandwidth_gb_per_s": 4_800, "dense_tflops": 989}  # the H200's row
    for name in ("training-compute", "decode", "serving-cost"):
        assert answer(name, **own) == pytest.approx(answer(name, gpu="h200-sxm-141gb"), rel=1e-12)
        assert answer(name, **own) != answer(name, gpu="a100-sxm4-80gb")


def test_an_own_gpu_asks_for_what_the_calculator_uses_and_no_more():
    asked = {name: [number.name for each in spec.inputs if isinstance(each, Gpu) for number in each.own] for name, spec in CALCULATORS.items()}
    assert {name: numbers for name, numbers in asked.items() if numbers} == {
        "training-compute": ["dense_tflops"], "decode": ["bandwidth_gb_per_s", "dense_tflops"], "serving-cost": ["bandwidth_gb_per_s", "memory_gb"]}


@pytest.fixture(scope="module")
def browsers_answers(tmp_path_factory) -> dict[str, list[float]]:
    """Every calculator on 200 random inputs, walked by the widget's own code in Node."""
    asked = {name: [anywhere(name, seed) for seed in range(200)] for name in EVERY}
    folder = tmp_path_factory.mktemp("calculators")
    (folder / "data.js").write_text("globalThis.window = globalThis; globalThis.document = { currentScript: { src: '' } };\n" + calculators.script(ROOT), encoding="utf-8")
    return in_node.run(
        folder,
        f"import './data.js'; import {{ evaluate }} from '{in_node.WIDGETS}/calculator/walk'; const asked: any = {json.dumps(asked)}; const data: any = window.strongHireCalculators;\n"
        "const answers: any = {}; for (const name in asked) { const spec = data.calculators[name];"
        " answers[name] = asked[name].map((chosen: any) => evaluate(data, spec, chosen)[spec.result]); }\n"
        "console.log(JSON.stringify(answers));",
    )


@pytest.mark.parametrize("name", EVERY)
def test_the_browser_gives_the_python_value(name, browsers_answers):
    for seed, got in enumerate(browsers_answers[name]):
        assert got == pytest.approx(answer(name, **anywhere(name, seed)), rel=1e-12), anywhere(name, seed)


@pytest.mark.parametrize("name", EVERY)
def test_the_answer_stands_in_the_page_without_script(name):
    page = Building("docs/p.md", ROOT, ROOT / "docs")
    built = page.restore(calculators.calculator(Site(load(ROOT)), page, name))
    inside = re.fullmatch(r"<sh-calculator[^>]*>(.*)</sh-calculator>", built, re.DOTALL)[1]
    spec = CALCULATORS[name]
    unit = next(step.unit for step in reversed(spec.steps) if step.name == spec.result)
    assert calculators.shown(answer(name), unit) in inside
    assert ("<svg" in inside) == bool(spec.curve)


def test_models_that_cannot_be_counted_are_not_offered():
    assert "deepseek-v3" in calculators.models()
    assert "deepseek-v3.2" not in calculators.models()  # sparse attention: the counter refuses


@pytest.mark.parametrize("name", EVERY)
def test_every_offered_model_and_gpu_gives_a_number(name):
    for each in CALCULATORS[name].inputs:
        if isinstance(each, Model | Gpu):
            for record in calculators.offered(each):
                assert answer(name, **{"model" if isinstance(each, Model) else "gpu": record}) > 0


def test_an_unknown_calculator_is_named():
    with pytest.raises(calculators.CallError, match="did you mean `kv-cache`"):
        calculators.calculator(Site(load(ROOT)), Building("docs/p.md", ROOT, ROOT / "docs"), "kv-cash")


def test_all_of_it_is_at_most_25_kb(tmp_path):
    assert in_node.weight(tmp_path, "calculator") + len(gzip.compress(calculators.script(ROOT).encode())) <= 25_000


@pytest.mark.parametrize(("value", "unit", "text"), [
    (42949672960, "bytes", "40 GiB"), (70272, "bytes", "68.6 KiB"), (39.5e9, "GB", "39.5 GB"), (8030261248, "params", "8.03 billion parameters"),
    (0.00529, "s", "5.29 ms"), (1.457, "$", "$1.46"), (0.0031, "$", "$0.0031"), (2.8, "×", "2.8×"), (33704.2, "GPU-hours", "33,700 GPU-hours"), (4.8e22, "FLOPs", "4.80 × 10^22 FLOPs"),
])  # fmt: skip
def test_how_a_number_is_shown(value, unit, text):
    assert calculators.shown(value, unit) == text


def test_a_form_in_words_has_every_parameter_of_the_form():
    for name in {step.form for spec in CALCULATORS.values() for step in spec.steps} - {"+", "*", "^"}:
        form = render.closed_forms()[name]
        assert set(re.findall(r"[a-z]\w*", calculators.words(name))) >= set(form.__code__.co_varnames[: form.__code__.co_argcount])
