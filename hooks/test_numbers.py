"""A figure with a unit is computed, cited or marked given; everything else is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hooks.fixtures import INDEX, QUESTION, edit, small_handbook
from hooks.model import Page, load
from hooks.numbers import check, figures, model_names, shown, unexplained
from hooks.records import read_yaml


def page(body: str) -> Page:
    return Page(Path("docs/p.md"), "docs/p.md", body, 1, read_yaml("", "docs/p.md"))


def refused(body: str, computed=()) -> list[str]:
    return [problem.what for problem in unexplained(page(body), computed)]


UNEXPLAINED = [
    "A sequence takes 40 GiB of cache.",
    "The model has 8.03B parameters.",
    "It took 3.8 × 10^25 FLOPs.",
    "It took 3.8x10²⁵ FLOPs.",
    "An H100 does 989 TFLOP/s.",
    "That is 12 % of the time.",
    "That is 12% of the time.",
    "A token takes 21.3 ms.",
    "It costs $5.576 million.",
    "Training saw 15 trillion tokens.",
    "There are 131,072 tokens in it.",
    "- A list item of 40 GiB.",
    "### The cache takes 80 GB { #cache }",
    "| model | cache |\n|---|---|\n| a | 40 GiB |",
    "/// trap\nA cache of 40 GiB.\n///",
    "A cited one (<%= cite('a') %>). But this one of 40 GiB is not.",
]


@pytest.mark.parametrize("body", UNEXPLAINED)
def test_a_bare_figure_is_refused(body):
    assert len(refused(body)) == 1


@pytest.mark.parametrize("body", [
    "A sequence takes <%= value('kv_cache_bytes') %> of cache.",
    "It took 3.8 × 10^25 FLOPs (<%= cite('llama3-herd') %>).",
    "Say the GPU has 80 GB. {given}",
    "Code: `80 GB`, and a formula: $576 + 512$ bytes, and $$\n40 \\text{ GiB}\n$$",
    "```python\nx = '40 GiB'\n```",
    "[a link](https://example.org/40GiB), and Section 3 of 2024, and 64 heads, and layer 12.",
    "| a | b |\n|---|---|\n| 40 GiB | <%= cite('x') %> |\n| 41 GiB | |",
    "/// sample | No hire\nIt takes 80 GB.\n///",
    "/// redflags\n- Says 80 GB.\n///",
    "| criterion | strong hire | lean hire | no hire |\n|---|---|---|---|\n| number | derived | close | says 80 GB |",
    "“80 GB of cache”: no, it forgets the KV heads.",
    "right within 10 %",
    "/// followup | Now each user sends 3,000 tokens.\nNothing changes.\n///",
    "elements of 2 bytes each",
    "### “The cache takes 80 GB.” { #cache }",
])  # fmt: skip
def test_an_explained_figure_passes(body):
    assert refused(body) == []


def test_a_strong_sample_is_held_to_the_rule():
    assert len(refused("/// sample | Strong hire\nIt takes 40 GiB.\n///")) == 1


def test_what_was_computed_may_be_restated_to_its_digits():
    assert refused("so about 40 GiB a sequence", ["40 GiB"]) == []
    assert refused("so about 40 GB a sequence", ["40 GiB"]) != []  # 7 % apart: another number
    assert refused("so 320 KiB", ["327,680 bytes"]) == []
    assert refused("so 8B parameters", ["8.03B"]) == []
    assert refused("so 9B parameters", ["8.03B"]) != []
    assert refused("so 40 ms", ["40 GiB"]) != []


def test_an_input_of_a_macro_may_be_named():
    assert refused("At 131,072 tokens it is <%= value('kv_cache_bytes', tokens=131072) %>.") == []
    assert refused("At 65,536 tokens it is <%= value('kv_cache_bytes', tokens=131072) %>.") != []


def test_a_recording_may_be_quoted_to_its_digit():
    log = "step   took\n   1  1,323 ms"
    assert unexplained(page("The step took 1,323 ms."), (), recorded=log) == []
    assert unexplained(page("The step took 1,320 ms."), (), recorded=log) != []
    assert unexplained(page("The step took 32 ms."), (), recorded=log) != []


def test_the_line_is_the_figures_own():
    problem, = unexplained(page("one\n\ntwo\nthree takes\n40 GiB here"), ())
    assert (problem.path, problem.line) == ("docs/p.md", 5)


@pytest.mark.parametrize(("text", "value"), [
    ("40 GiB", 40 * 2**30), ("40 GB", 40e9), ("1,234,567 bytes", 1234567), ("2.5 × 10^3 FLOPs", 2500),
    ("$3.5 million", 3.5e6), ("15 trillion tokens", 15e12), ("20 µs", 20e-6), ("7B", 7e9),
])  # fmt: skip
def test_figures_are_read_in_their_base_unit(text, value):
    (_, figure), = figures(text)
    assert figure.value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["v2.5", "layer-12", "H100", "3.2.1", "2026", "12 heads", "arXiv:2305.13245", "W8A8", "8x7B", "10 billion years"])
def test_what_is_no_figure(text):
    assert figures(text) == []


def test_model_names_are_no_figures():
    root = Path(__file__).parents[1]
    names = model_names(load(root))
    for text in ("Llama 3.1 70B", "Llama-2-7B", "Mixtral 8x7B", "a 7B model", "Qwen3-30B-A3B", "gpt-oss-120b", "H100-SXM5-80GB"):
        assert unexplained(page(f"Take {text} here."), (), names) == []
    assert unexplained(page("It has 7B parameters."), (), names) != []


def test_what_the_macros_of_a_real_page_show_is_known():
    root = Path(__file__).parents[1]
    page_ = page("It is <%= calc('6*2**30', unit='GiB') %>. So 6 GiB, not 7 GiB.")
    (problem,) = unexplained(page_, shown(load(root), page_))
    assert "7 GiB" in problem.what


def test_the_checker_runs_it(tmp_path):
    root = small_handbook(tmp_path)
    assert not list(check(load(root)))
    edit(root, QUESTION, "/// solution\n", "/// solution\nIt takes 40 GiB.\n\n")
    edit(root, INDEX, "Precision.\n", "Precision of 3 ms.\n")
    assert {problem.path for problem in check(load(root))} == {INDEX, QUESTION}
