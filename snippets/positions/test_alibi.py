"""Slopes equal those of the transformers library for 1 to 128 heads. With a
causal mask, attention under the bias equals attention under BLOOM's; the
penalty is the slope times the distance, and with a cache as without.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.bloom.modeling_bloom import build_alibi_tensor

from snippets.attention.scaled_dot_product import attention, causal_mask
from snippets.positions.alibi import alibi_bias, alibi_slopes


def _bloom(n_heads, length, dtype=torch.float32):
    """BLOOM's bias: head, 1, key; it counts keys from the start."""
    return build_alibi_tensor(torch.ones(1, length), n_heads, dtype)


def test_slopes_equal_bloom():
    for n_heads in range(1, 129):
        torch.testing.assert_close(
            alibi_slopes(n_heads),
            _bloom(n_heads, 2)[:, 0, 1],
            rtol=2e-6,  # theirs are powers of a rounded float32
            atol=0,
        )


def test_slopes_of_eight_heads_are_the_papers():
    assert alibi_slopes(8).tolist() == [2**-i for i in range(1, 9)]


def test_slopes_of_twelve_heads_fill_up_from_sixteen():
    slopes = alibi_slopes(12)
    assert torch.equal(slopes[:8], alibi_slopes(8))
    assert torch.equal(slopes[8:], alibi_slopes(16)[:8:2])


def test_attention_equals_blooms(device):
    query, key, value = torch.randn(3, 2, 8, 5, 4).to(device).double()
    mask = causal_mask(5, 5, device)
    bias = alibi_bias(8, 5, 5, device)
    theirs = _bloom(8, 5).to(device).expand(-1, 5, -1)
    # Their bias differs by a constant a row, which a softmax ignores.
    torch.testing.assert_close(
        attention(query, key, value, mask, bias),
        attention(query, key, value, mask, theirs),
        rtol=0,
        atol=1e-14,
    )


@given(n_query=st.integers(1, 6), more=st.integers(0, 6))
def test_bias_is_slope_times_distance(device, n_query, more):
    n_key = n_query + more
    bias = alibi_bias(2, n_query, n_key, device)
    expected = [
        [[-slope * (i - j) for j in range(n_key)] for i in range(more, n_key)]
        for slope in (1 / 16, 1 / 256)
    ]
    assert bias.tolist() == expected


def test_one_query_at_a_time_gets_the_same_bias():
    full = alibi_bias(3, 6, 6)
    for i in range(6):
        step = alibi_bias(3, 1, i + 1)
        assert torch.equal(step, full[:, i : i + 1, : i + 1])


@pytest.mark.parametrize("n_heads", [0, -2])
def test_refuses_no_heads(n_heads):
    with pytest.raises(ValueError, match=f"n_heads {n_heads}"):
        alibi_slopes(n_heads)


def test_bias_is_made_on_the_device_asked_for():
    assert alibi_bias(2, 3, 4, torch.device("meta")).device.type == "meta"
