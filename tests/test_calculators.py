"""Calculators and drills by keyboard alone, by a shared link, and without a script."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from hooks import calculators, drills
from hooks.calculator_specs import CALCULATORS, OWN, Choice, Gpu, Model
from hooks.drill_specs import DRILLS


def wanted(name: str, chosen: dict) -> str:
    spec = CALCULATORS[name]
    value = calculators.evaluate(spec, calculators.start(spec) | chosen)[spec.result]
    return calculators.shown(value, next(step.unit for step in reversed(spec.steps) if step.name == spec.result))


def live(page):
    """The calculator once its script has run."""
    page.locator("sh-calculator .calc-live").wait_for()
    return page.locator("sh-calculator .calc-result b")


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_by_keyboard_alone_it_gives_the_python_value(visit, name):
    page = visit(f"calculators/{name}/")
    result = live(page)
    assert result.inner_text() == wanted(name, {})
    page.keyboard.press("Tab")  # past the skip link into the page
    chosen = {}
    fields = page.locator("sh-calculator form :is(select, input):visible")
    fields.first.focus()
    for index, field in enumerate(fields.all()):
        if index:
            page.keyboard.press("Tab")
        assert field.evaluate("element => element === document.activeElement"), "the order of Tab is the order on the page"
        key = field.get_attribute("name")
        if field.evaluate("element => element.localName") == "select":
            page.keyboard.press("ArrowDown")
            chosen[key] = field.input_value()
        else:
            page.keyboard.press("Control+a")
            spec = next(number for number in calculators.CALCULATORS[name].inputs if getattr(number, "name", "") == key)
            value = min(spec.high, spec.default + 3) if spec.whole else spec.default / 2
            page.keyboard.type(str(value))
            chosen[key] = value
    if chosen.get("model") == OWN:
        chosen.pop("model")
    assert result.inner_text() == wanted(name, chosen)


def test_a_link_holds_the_answer_and_survives_a_reload(visit):
    chosen = {"model": "deepseek-v3", "tokens": 4096, "batch": 7, "cache_type": "fp8"}
    page = visit(f"calculators/kv-cache/#{urlencode(chosen)}")
    assert live(page).inner_text() == wanted("kv-cache", chosen)
    page.locator("input[name=batch]").fill("9")
    page.wait_for_url(re.compile("batch=9"))
    page.reload()
    assert live(page).inner_text() == wanted("kv-cache", chosen | {"batch": 9})
    page.get_by_role("button", name="Reset").click()
    assert live(page).inner_text() == wanted("kv-cache", {})
    page.wait_for_url(re.compile("^[^#]*$"))


def test_a_link_with_nonsense_falls_back_to_the_start(visit):
    page = visit("calculators/kv-cache/#model=nobody&tokens=-4&batch=x&cache_type=fp1&other=1")
    assert live(page).inner_text() == wanted("kv-cache", {})


@pytest.mark.parametrize(("typed", "says"), [("", "Type a number"), ("0", "Only from 1"), ("99999999999", "Only from 1"), ("2.5", "A whole number")])
def test_a_bad_number_is_named_and_the_last_answer_stays(visit, typed, says):
    page = visit("calculators/kv-cache/")
    before = live(page).inner_text()
    box = page.locator("input[name=tokens]")
    box.fill(typed)
    assert says in page.locator(".calc-wrong:not(:empty)").inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    assert live(page).inner_text() == before
    box.fill("4096")
    assert page.locator(".calc-wrong:not(:empty)").count() == 0


def test_an_own_shape_can_be_typed(visit):
    page = visit("calculators/parameters/")
    live(page)
    page.locator("select[name=model]").select_option(OWN)
    page.locator("input[name=n_layers]").fill("80")
    page.locator("input[name=d_model]").fill("8192")
    page.locator("input[name=n_heads]").fill("64")
    page.locator("input[name=d_ff]").fill("28672")
    assert live(page).inner_text() == calculators.shown(calculators.models()["llama-3.1-70b"]["params"], "params")


def test_an_own_gpu_can_be_typed_by_keyboard_and_is_kept_in_the_link(visit):
    page = visit("calculators/serving-cost/")
    result = live(page)
    box = page.locator("input[name=memory_gb]")
    assert not box.is_visible(), "an own GPU's fields wait until one is asked for"
    page.locator("select[name=gpu]").focus()
    page.keyboard.press("End")
    assert page.locator("select[name=gpu]").input_value() == OWN
    own = {"gpu": OWN, "bandwidth_gb_per_s": 1_000, "memory_gb": 32}
    for name in ("bandwidth_gb_per_s", "memory_gb"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
        page.keyboard.press("Control+a")
        page.keyboard.type(str(own[name]))
    assert result.inner_text() == wanted("serving-cost", own)
    page.wait_for_url(re.compile("gpu=own.*memory_gb=32"))
    page.reload()
    assert live(page).inner_text() == wanted("serving-cost", own)
    page.locator("select[name=gpu]").select_option("h100-sxm5-80gb")
    assert live(page).inner_text() == wanted("serving-cost", {})
    assert not box.is_visible()


@pytest.mark.parametrize(("typed", "says"), [("", "Type a number"), ("0", "Only from 0.1"), ("-5", "Only from 0.1"), ("1e9", "Only from 0.1")])
def test_a_bad_figure_of_an_own_gpu_is_named(visit, typed, says):
    page = visit("calculators/training-compute/#gpu=own&dense_tflops=500")
    before = live(page).inner_text()
    assert before == wanted("training-compute", {"gpu": OWN, "dense_tflops": 500})
    box = page.locator("input[name=dense_tflops]")
    box.fill(typed)
    assert says in page.locator(".calc-wrong:not(:empty)").inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    assert live(page).inner_text() == before


def test_the_copied_text_has_an_own_gpus_figures_and_no_others(visit):
    page = visit("calculators/decode/#gpu=own&bandwidth_gb_per_s=1792&dense_tflops=210")
    live(page)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => {window.copied = text; return Promise.resolve()}}})")
    page.get_by_role("button", name="Copy as text").click()
    page.locator(".calc-said", has_text="copied").wait_for()
    lines = page.evaluate("window.copied").splitlines()
    assert {"gpu = own", "bandwidth_gb_per_s = 1792", "dense_tflops = 210"} <= set(lines)
    assert not [line for line in lines if line.startswith(("memory_gb", "n_layers = "))]
    page.locator("select[name=gpu]").select_option("h100-sxm5-80gb")
    page.get_by_role("button", name="Copy as text").click()
    page.wait_for_function("window.copied.includes('gpu = h100')")
    assert not [line for line in page.evaluate("window.copied").splitlines() if line.startswith("dense_tflops")]


def test_what_does_not_fit_is_said(visit):
    page = visit("calculators/serving-cost/#batch=100000")
    live(page)
    assert "do not fit" in page.locator(".calc-says").inner_text()


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_without_a_script_the_worked_table_stands(visit, name):
    page = visit(f"calculators/{name}/", java_script_enabled=False)
    still = page.locator("sh-calculator .calc-still")
    assert still.is_visible()
    assert wanted(name, {}) in still.inner_text()
    assert page.locator("sh-calculator table").count() == 2


def test_it_survives_instant_navigation(visit):
    page = visit("calculators/kv-cache/")
    live(page)
    page.locator(".md-nav--primary .md-nav__link", has_text="Speculative decoding").first.click()
    page.wait_for_url(re.compile("speculation"))
    expect(live(page)).to_have_text(wanted("speculation", {}))  # the address changes before the page does


# ---- drills ------------------------------------------------------------------------------------------------------


def asked(page) -> tuple:
    """The drill on the page and what was drawn for it, found by its words."""
    page.locator("sh-drill .drill-question").wait_for()
    text = page.locator(".drill-question").inner_text()
    return next((drill, drawn) for drill in DRILLS for drawn in drills.every(drill) if drills.text(drill, drawn) == text)


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_right_answer_typed_by_keyboard_is_right_and_a_far_one_is_not(visit, seed):
    page = visit(f"practice/napkin-math/#seed={seed}")
    drill, drawn = asked(page)
    value = drills.values(drill, drawn)[drill.result]
    unit = page.locator(".drill-answer select").input_value()
    sizes = {"GiB": 2**30, "KiB": 2**10, "GB": 1e9, "million": 1e6, "× 10^18": 1e18, "ms": 1e-3, "%": 0.01}
    page.locator("#drill-answer").focus()
    page.keyboard.type(f"{value / sizes.get(unit, 1) * 1.05:.4g}")
    page.keyboard.press("Enter")
    page.locator(".drill-out b", has_text="Right.").wait_for()
    assert calculators.shown(value, drills.unit(drill)) in page.locator(".drill-out").inner_text()
    page = visit(f"practice/napkin-math/#seed={seed}")
    asked(page)
    page.locator("#drill-answer").fill(f"{value / sizes.get(unit, 1) * 5:.4g}")
    page.keyboard.press("Enter")
    page.locator(".drill-out b", has_text="Too high.").wait_for()


def test_an_answer_counts_once_and_not_after_the_right_one_was_read(visit):
    page = visit.blank()
    page.goto(visit.address + "practice/napkin-math/#seed=5")
    asked(page)
    page.locator("#drill-answer").fill("1e-30")
    page.keyboard.press("Enter")
    page.locator(".drill-past").get_by_text("Last 1: 0 right.").wait_for()
    page.locator("#drill-answer").focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    assert page.locator("#drill-answer").get_attribute("readonly") is not None and page.locator(".drill-check").is_disabled()
    assert len(page.evaluate("async () => (await strongHireStore.open()).all('drill')")) == 1
    page.locator(".drill-past button", has_text=page.locator(".drill-question").inner_text()).click()  # a second try is a new one
    expect(page.locator("#drill-answer")).to_be_editable()


@pytest.mark.parametrize(("typed", "number"), [("2,5", 2.5), ("0,125", 0.125), ("2,500", 2500), ("1,234,567", 1234567), ("2 500", 2500), ("2.5e3", 2500), ("1,2345", 1.2345)])
def test_a_comma_is_read_as_it_was_meant(visit, typed, number):
    page = visit("practice/napkin-math/#seed=5")
    drill, drawn = asked(page)
    value, unit = drills.values(drill, drawn)[drill.result], page.locator(".drill-answer select").input_value()
    sizes = {"GiB": 2**30, "KiB": 2**10, "GB": 1e9, "million": 1e6, "× 10^18": 1e18, "ms": 1e-3, "%": 0.01}
    ratio = number * sizes.get(unit, 1) / value
    off = max(ratio, 1 / ratio)
    page.locator("#drill-answer").fill(typed)
    page.keyboard.press("Enter")
    told = page.locator(".drill-out p").first
    told.wait_for()
    assert float(re.search(r"factor of ([\d.,]+)", told.inner_text())[1].replace(",", "").rstrip(".")) == pytest.approx(off, rel=0.05)


def test_a_seed_asks_the_same_question_and_role_and_level_hold(visit):
    page = visit("practice/napkin-math/#role=platform&level=3&seed=42")
    drill, drawn = asked(page)
    assert drill.level == 3 and "platform" in drill.roles
    page.reload()
    assert asked(page) == (drill, drawn)


def test_a_missed_question_comes_back_after_a_reload(visit):
    page = visit.blank()
    page.goto(visit.address + "practice/napkin-math/#seed=5")
    _, drawn = asked(page)
    text = page.locator(".drill-question").inner_text()
    page.locator("#drill-answer").fill("1e-30")
    page.keyboard.press("Enter")
    page.locator(".drill-past").get_by_text(text).wait_for()
    page.goto(visit.address + "practice/napkin-math/#seed=6")
    page.reload()
    page.locator(".drill-past button", has_text=text).click()
    assert asked(page)[1] == drawn


@pytest.mark.parametrize("typed", ["", "many", "-3", "0"])
def test_what_is_no_number_is_named(visit, typed):
    page = visit("practice/napkin-math/#seed=5")
    asked(page)
    page.locator("#drill-answer").fill(typed)
    page.keyboard.press("Enter")
    assert "above 0" in page.locator("#drill-wrong").inner_text()


def test_every_kind_of_input_is_known():
    """A new kind of input must be taught to the keyboard test."""
    kinds = {type(each) for spec in CALCULATORS.values() for each in spec.inputs}
    assert {Choice, Gpu, Model} < kinds
