"""Every number can show its sum, and a call that cannot be answered says how to mend it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from hooks import arithmetic, building
from hooks.arithmetic import CallError
from hooks.fixtures import small_handbook
from hooks.formatting import SPACE
from hooks.mathematics import check_tex
from hooks.model import load
from hooks.sources import cite

CHAPTER = "docs/chapters/attention/index.md"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = small_handbook(tmp_path_factory.mktemp("handbook"))
    (root / "docs/chapters/attention/lab.py").write_text("# %% [markdown]\n# # Lab\n")
    (root / "docs/chapters/attention/results.json").write_text('{"date": "2026-11-25", "loss": {"final": 1.23456}, "seeds": [3, 5], "name": "tiny", "run": {"seconds": 0.5}}')
    return root


@pytest.fixture(scope="module")
def site(root):
    return building.Site(load(root))


@pytest.fixture
def page(root):
    return building.begin(building.Building(CHAPTER, root, root / "docs/chapters/attention"))


def finished(page, token: str):
    """The HTML that a token stands for, with what is put in at the last step."""
    return html.fragment_fromstring(page.restore_late(page.restore(token)), create_parent="p")


def shown(page, token: str) -> str:
    return finished(page, token).xpath("string(button)").replace(SPACE, " ")


# ---- value -----------------------------------------------------------------------------------------


def test_a_value_is_a_button_with_its_popover(site, page):
    element = finished(page, arithmetic.value(site, page, "kv_cache_bytes", model="llama-3.1-70b", tokens=131072))
    button, popover = element
    assert button.tag == "button" and button.get("class") == "num" and button.get("type") == "button"
    assert button.text_content() == f"40{SPACE}GiB"
    assert popover.tag == "span" and popover.get("id") == button.get("popovertarget") and "popover" in popover.attrib
    text = popover.text_content()
    assert f"42,949,672,960{SPACE}bytes = 40{SPACE}GiB" in text
    assert "layers 80, KV heads 8, head size 128: Llama-3.1 70B" in text and "tokens 131,072 (given)" not in text.split(":")[0]
    assert popover.xpath(".//a[@href='../../code/sizing/kv_cache/']")[0].text == "snippets/sizing/kv_cache.py"


def test_the_popover_is_phrasing_content_only(site, page):
    """It stands in paragraphs and table cells."""
    element = finished(page, arithmetic.value(site, page, "weights_bytes", model="llama-3.1-70b", dtype="bf16"))
    assert {child.tag for child in element.iter()} <= {"p", "button", "span", "svg", "use", "a", "sup"}


def test_nothing_of_the_sum_is_there_before_the_last_step(site, page):
    """So search never finds it."""
    assert "popover=" not in page.restore(arithmetic.value(site, page, "kv_cache_bytes", model="llama-3.1-70b", tokens=1))


def test_ids_are_stable_and_unique(site, root, page):
    calls = [("kv_cache_bytes", {"tokens": 1}), ("kv_cache_bytes", {"tokens": 2}), ("kv_cache_bytes", {"tokens": 1})]

    def names(of):
        return [finished(of, arithmetic.value(site, of, name, model="llama-3.1-70b", **given))[1].get("id") for name, given in calls]

    first = names(page)
    assert len(set(first)) == 3 and first[2] == f"{first[0]}-2"
    assert names(building.Building(CHAPTER, root, page.folder)) == first


def test_units_digits_and_exactness(site, page):
    def call(**settings):
        return shown(page, arithmetic.value(site, page, "kv_cache_bytes", model="llama-3.1-70b", tokens=131072, **settings))

    assert call(unit="GB") == "42.9 GB"
    assert call(unit="GB", digits=5) == "42.95 GB"
    assert call(exact=True) == "42,949,672,960 bytes"
    assert call(n_kv_heads=64) == "320 GiB"


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("kv_cache", {}, "unknown quantity `kv_cache`; did you mean `kv_cache_bytes`?"),
        ("kv_cache_bytes", {"model": "llama-3.1-7b", "tokens": 1}, "llama-3.1-70b"),
        ("kv_cache_bytes", {"model": "llama-3.1-70b", "token": 1}, "token"),
        ("kv_cache_bytes", {"tokens": 1}, "missing"),
        ("kv_cache_bytes", {"model": "llama-3.1-70b", "tokens": 1, "unit": "ms"}, "cannot be shown in ms"),
    ],
)
def test_a_bad_value_says_what_to_mend(site, page, name, given, says):
    with pytest.raises(CallError, match=re.escape(says)):
        arithmetic.value(site, page, name, **given)


# ---- calc ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "settings_", "text"),
    [
        ("sqrt(d_k)", {"d_k": 64}, "8"),
        ("2 * n * d / 2**30", {"n": 80, "d": 131072, "unit": "GiB"}, "0.0195 bytes"),
        ("2 * 80 * 8 * 128 * tokens", {"tokens": 1, "unit": "KiB"}, "160 KiB"),
        ("a / b", {"a": 3, "b": 4, "unit": "%"}, "75 %"),
        ("ceil(log2(n))", {"n": 1000}, "10"),
        ("exp(1)", {"digits": 5}, "2.7183"),
        ("(1 - p) ** n", {"p": 0.1, "n": 3}, "0.729"),
        ("10 ** 12 / 4", {}, "250 billion"),
        ("-x", {"x": 2}, "\u22122"),
    ],
)
def test_calc_computes(site, page, expression, settings_, text):
    if settings_.get("unit") == "GiB":
        text = "0 GiB" if text == "" else shown(page, arithmetic.calc(site, page, expression, **settings_))
        assert text.endswith("GiB")
    else:
        assert shown(page, arithmetic.calc(site, page, expression, **settings_)) == text


def test_calc_shows_the_sum_with_its_numbers(site, page):
    popover = finished(page, arithmetic.calc(site, page, "2 * n / (d + 1)", n=80, d=4, label="typical score"))[1]
    lines = [line.text_content() for line in popover.xpath("span[@class='sum-line']")]
    assert lines == [r"\(\frac{2 \times n}{d + 1}\)", r"\(=\frac{2 \times 80}{4 + 1}\)", "= 32"]
    assert popover.xpath("string(span[@class='co-t'])") == "Typical score"


@pytest.mark.parametrize(
    ("expression", "names", "says"),
    [
        ("sqrt(d_k", {}, "no arithmetic"),
        ("sqrt(d_k)", {}, "`d_k` has no value, add `d_k=…`"),
        ("2 * 3", {"n": 1}, "does not use `n`"),
        ("1 / 0", {}, "division by zero"),
        ("__import__('os')", {}, "can be called"),
        ("(1).real", {}, "is not arithmetic"),
        ("[1][0]", {}, "is not arithmetic"),
        ("9 ** 9 ** 9 ** 9", {}, "too large"),
        ("'a' * 3", {}, "is not a number"),
        ("(-1) ** 0.5", {}, "not a real number"),
        ("n + 1", {"n": "4"}, "not a number"),
    ],
)
def test_calc_refuses_all_but_arithmetic(site, page, expression, names, says):
    with pytest.raises(CallError, match=re.escape(says)):
        arithmetic.calc(site, page, expression, **names)


EXPRESSIONS = st.recursive(
    st.sampled_from(["n", "d_k", "2", "3.5", "1024"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
    max_leaves=5,
)


def from_tex(text: str) -> str:
    """TeX of our own making as Python again."""
    text = text.replace("{,}", "").replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\times", "*")
    while (place := text.rfind(r"\frac{")) >= 0:
        above, rest = braces(text, place + len(r"\frac"))
        below, rest = braces(rest, 0)
        text = f"{text[:place]}(({above})/({below})){rest}"
    while (place := text.rfind("^{")) >= 0:
        power, rest = braces(text, place + 1)
        text = f"{text[:place]}**({power}){rest}"
    return text


def braces(text: str, start: int) -> tuple[str, str]:
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start + 1 : place], text[place + 1 :]
    raise AssertionError(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(EXPRESSIONS)
def test_the_sum_that_is_shown_is_the_sum_that_was_done(expression):
    names = {name: number for name, number in {"n": 3, "d_k": 7}.items() if name in expression}
    tree = arithmetic.parse(expression, names)
    try:
        expected = arithmetic.evaluate(tree, names)
    except (OverflowError, ZeroDivisionError):
        return
    if not isinstance(expected, complex) and abs(expected) < 1e100:
        assert eval(from_tex(arithmetic.tex(tree, names))) == pytest.approx(expected, rel=1e-4)  # noqa: S307


def test_all_tex_is_what_katex_takes(tmp_path):
    names = {"n_layers": 80, "x": 2.5, "big": 3.2e21}
    expressions = ["sqrt(n_layers) + ceil(x / 2) * floor(x)", "log2(x) / ln(x) - exp(-x)", "min(x, 3) ** max(1, 2) // 2 % 7", "abs(x) * pi * big",
                   "exp(x) ** 2", "(x ** 2) ** 3", "(-x) ** 2", "(x / 2) ** 2"]  # fmt: skip
    formulas = []
    for expression in expressions:
        used = {name: number for name, number in names.items() if name in expression}
        tree = arithmetic.parse(expression, used)
        formulas += [(arithmetic.tex(tree, {}), False), (arithmetic.tex(tree, used), False)]
    assert check_tex(formulas, tmp_path) == [None] * len(formulas)


# ---- field, lab, cite ------------------------------------------------------------------------------


def test_a_field_names_its_source(site, page):
    element = finished(page, arithmetic.field(site, page, "llama-3.1-70b", "n_layers"))
    assert element[0].text_content() == "80"
    assert element[1].xpath("string(span[@class='co-t'])") == "n_layers of Llama-3.1 70B"
    assert element[1].xpath(".//span[@class='sum-src']/a/@href")[0].startswith("https://")


def test_a_field_of_an_accelerator_has_its_unit(site, page):
    assert shown(page, arithmetic.field(site, page, "h100-sxm5-80gb", "mem_GB")).endswith(" GB")
    assert shown(page, arithmetic.field(site, page, "h100-sxm5-80gb", "bf16")).endswith(" TFLOP/s")


@pytest.mark.parametrize(
    ("record", "name", "says"),
    [
        ("llama-3.1-70", "n_layers", "did you mean `llama-3.1-70b`?"),
        ("llama-3.1-70b", "n_layer", "did you mean `n_layers`?"),
        ("llama-3.1-70b", "position", "no single value"),
    ],
)
def test_an_unknown_field_names_the_nearest(site, page, record, name, says):
    with pytest.raises(CallError, match=re.escape(says)):
        arithmetic.field(site, page, record, name)


def test_a_lab_result_is_quoted_with_its_lab(site, page):
    element = finished(page, arithmetic.lab(site, page, "loss.final"))
    assert element[0].text_content() == "1.23"
    assert element[1].xpath("string(span[@class='sum-src'])") == "Measured by the lab of Attention on 2026-11-25."
    assert shown(page, arithmetic.lab(site, page, "loss.final", digits=5)) == "1.2346"
    assert shown(page, arithmetic.lab(site, page, "seeds.1")) == "5"
    assert shown(page, arithmetic.lab(site, page, "name", chapter="attention")) == "tiny"
    assert shown(page, arithmetic.lab(site, page, "run.seconds", unit="ms")) == "500 ms"


@pytest.mark.parametrize(
    ("name", "settings_", "says"),
    [
        ("loss.fina", {}, "has no `loss.fina`; did you mean `final`?"),
        ("loss", {}, "no single value"),
        ("loss.final", {"chapter": "attentoin"}, "did you mean `attention`?"),
    ],
)
def test_an_unknown_result_says_so(site, page, name, settings_, says):
    with pytest.raises(CallError, match=re.escape(says)):
        arithmetic.lab(site, page, name, **settings_)


def test_a_citation_links_the_source(site, page):
    link = finished(page, cite(site, page, "vaswani2017attention", "section 3.2"))[0]
    assert link.text == "Vaswani and Shazeer 2017, section 3.2" and link.get("href") == "https://arxiv.org/abs/1706.03762"
    with pytest.raises(CallError, match="did you mean `vaswani2017attention`"):
        cite(site, page, "vaswani2017atention")
