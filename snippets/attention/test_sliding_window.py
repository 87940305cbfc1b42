"""The window mask equals the one of the transformers library, and a
definition spelt out key by key. What left the window changes no bit; stacked
layers hear exactly as far as stated. Attention with a learned sink equals
gpt-oss's, and plain attention once the sinks are turned off.
"""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.masking_utils import sliding_window_causal_mask_function
from transformers.models.gpt_oss.modeling_gpt_oss import (
    eager_attention_forward,
)

from snippets.attention.flash import flash_attention
from snippets.attention.scaled_dot_product import attention, causal_mask
from snippets.attention.sliding_window import (
    sink_attention,
    sliding_window_mask,
)

SIZES = st.integers(1, 7)


def _inputs(device, dtype=torch.float64, length=6, width=4):
    return (
        torch.randn(3, 2, 3, length, width).to(device, dtype).unbind()
    )  # query, key, value: batch 2, head 3


@given(n_query=SIZES, more=st.integers(0, 5), window=SIZES)
def test_equals_transformers(n_query, more, window):
    n_key = n_query + more
    visible = sliding_window_causal_mask_function(window)
    expected = [
        [bool(visible(0, 0, i, j)) for j in range(n_key)]
        for i in map(torch.tensor, range(more, n_key))
    ]
    assert sliding_window_mask(n_query, n_key, window).tolist() == expected


@given(
    n_query=SIZES,
    more=st.integers(0, 5),
    window=SIZES,
    n_sinks=st.integers(0, 4),
)
def test_equals_its_definition(device, n_query, more, window, n_sinks):
    n_key = n_query + more
    expected = [
        [
            j in range(max(0, i - window + 1), i + 1)
            or j in range(min(n_sinks, i + 1))
            for j in range(n_key)
        ]
        for i in range(more, n_key)
    ]
    mask = sliding_window_mask(n_query, n_key, window, n_sinks, device)
    assert mask.tolist() == expected


def test_a_window_as_long_as_the_text_is_the_causal_mask():
    assert torch.equal(sliding_window_mask(4, 6, 6), causal_mask(4, 6))


def test_what_left_the_window_changes_no_bit(device):
    query, key, value = _inputs(device)
    mask = sliding_window_mask(6, 6, window=2, n_sinks=1, device=device)
    before = attention(query, key, value, mask)
    key[:, :, 1:4] = torch.nan
    value[:, :, 1:4] = 1e300
    after = attention(query, key, value, mask)
    assert torch.equal(after[:, :, 5], before[:, :, 5])  # sees 0, 4, 5
    assert after[:, :, 4].isnan().all()  # sees 3


@pytest.mark.parametrize(("window", "n_layers"), [(2, 1), (2, 3), (3, 2)])
def test_stacked_layers_hear_layers_times_window_minus_one(window, n_layers):
    length = 9
    x = torch.randn(1, 1, length, 4, dtype=torch.float64, requires_grad=True)
    mask = sliding_window_mask(length, length, window)
    y = x
    for _ in range(n_layers):
        y = attention(y, y, y, mask)
    y[0, 0, -1].sum().backward()
    heard = x.grad[0, 0].any(dim=-1).tolist()
    reach = n_layers * (window - 1)
    assert heard == [False] * (length - 1 - reach) + [True] * (1 + reach)


@pytest.mark.parametrize(("window", "n_sinks"), [(0, 0), (-2, 1), (3, -1)])
def test_refuses_an_empty_window(window, n_sinks):
    with pytest.raises(
        ValueError, match=f"window {window}, n_sinks {n_sinks}"
    ):
        sliding_window_mask(4, 4, window, n_sinks)


def test_sink_equals_gpt_oss(device):
    query, key, value = _inputs(device)
    sink = torch.randn(3).to(device, torch.float64)
    mask = sliding_window_mask(6, 6, window=3, device=device)
    layer = SimpleNamespace(num_key_value_groups=1, sinks=sink, training=False)
    expected, _ = eager_attention_forward(
        layer,
        query,
        key,
        value,
        torch.zeros_like(mask, dtype=torch.float64).masked_fill(
            ~mask, -torch.inf
        ),
        scaling=0.5,
    )
    torch.testing.assert_close(
        sink_attention(query, key, value, sink, mask),
        expected.transpose(1, 2),
        rtol=0,
        atol=1e-14,
    )


def test_no_sink_is_plain_attention(device):
    query, key, value = _inputs(device)
    sink = torch.full((3,), -torch.inf, dtype=torch.float64, device=device)
    torch.testing.assert_close(
        sink_attention(query, key, value, sink),
        attention(query, key, value),
        rtol=0,
        atol=1e-15,
    )


def test_a_strong_sink_says_nothing(device):
    query, key, value = _inputs(device)
    sink = torch.full((3,), 1e3, dtype=torch.float64, device=device)
    assert not sink_attention(query, key, value, sink).any()


def test_a_sink_scales_the_output_by_a_sigmoid(device):
    # So a fused kernel that returns logsumexp needs no change inside.
    query, key, value = _inputs(device)
    sink = torch.randn(3).to(device, torch.float64)
    output, logsumexp = flash_attention(query, key, value)
    share = torch.sigmoid(logsumexp - sink[:, None])
    torch.testing.assert_close(
        sink_attention(query, key, value, sink, causal_mask(6, 6, device)),
        output * share[..., None],
        rtol=0,
        atol=1e-15,
    )


def test_sink_attention_hides_the_future(device):
    query, key, value = _inputs(device)
    sink = torch.randn(3).to(device, torch.float64)
    mask = causal_mask(6, 6, device)
    before = sink_attention(query, key, value, sink, mask)
    key[:, :, 4:] = torch.nan
    value[:, :, 4:] = 1e300
    after = sink_attention(query, key, value, sink, mask)
    assert torch.equal(after[:, :, :4], before[:, :, :4])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sink_error_in_16_bits_is_at_most_twice_gpt_oss(device, dtype):
    query, key, value = _inputs(device, dtype, length=32, width=64)
    sink = torch.randn(3).to(device, dtype)

    def reference(query, key, value, sink):
        layer = SimpleNamespace(
            num_key_value_groups=1, sinks=sink, training=False
        )
        output, _ = eager_attention_forward(
            layer, query, key, value, None, scaling=1 / 8
        )
        return output.transpose(1, 2)

    exact = reference(*(x.double() for x in (query, key, value, sink)))
    theirs = reference(query, key, value, sink)
    ours = sink_attention(query, key, value, sink)
    assert ours.dtype == dtype
    error = (ours - exact).abs().max()
    assert 0 < error <= 2 * (theirs - exact).abs().max()


def test_large_scores_of_a_sink_layer_do_not_overflow_float16(device):
    query, key, value = _inputs(device, torch.float16)
    sink = torch.randn(3).to(device, torch.float16)
    scores = query * 200 @ (key * 200).mT
    assert not scores.isfinite().all()  # float16 ends at 65504
    assert sink_attention(query * 200, key * 200, value, sink).isfinite().all()


def test_the_mask_is_made_on_the_device_asked_for():
    mask = sliding_window_mask(2, 3, 1, device=torch.device("meta"))
    assert mask.device.type == "meta"
