"""Sums on one line."""

import pytest

from hooks.linear import linear


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"2 \times 80 \times 8", "2 × 80 × 8"),
        (r"2 \cdot n_{\text{kv heads}} \cdot \text{tokens}", "2 × <i>n</i><sub>kv heads</sub> × tokens"),
        (r"=4{,}096^{2}", "= 4,096<sup>2</sup>"),
        (r"\frac{512 + 64}{2 \times 128}", "(512 + 64) / (2 × 128)"),
        (r"\frac{\frac{a}{b}}{c}", "<i>a</i> / <i>b</i> / <i>c</i>"),
        (r"\frac{a}{\frac{b}{c}}", "<i>a</i> / (<i>b</i> / <i>c</i>)"),
        (r"\sqrt{d_{k}}", "√<i>d</i><sub><i>k</i></sub>"),
        (r"\sqrt{1 + 2 \times L}", "√(1 + 2 × <i>L</i>)"),
        (r"\left(1 - \frac{8}{256}\right)^{32}", "(1 − 8 / 256)<sup>32</sup>"),
        (r"256 \times \left\lceil \frac{8}{3} \right\rceil", "256 × ⌈8 / 3⌉"),
        (r"\min\left(\text{tokens}, 128\right)", "min(tokens, 128)"),
        (r"e^{-g}", "<i>e</i><sup>−<i>g</i></sup>"),
        (r"a < b", "<i>a</i> &lt; <i>b</i>"),
    ],
)
def test_a_sum_reads_on_one_line(tex, shown):
    assert linear(tex) == shown


@pytest.mark.parametrize("tex", [r"\begin{cases} 0 \end{cases}", r"\hat{x}", r"\frac{1}", "}", r"\text x"])
def test_what_it_does_not_know_is_left_to_katex(tex):
    assert linear(tex) is None
