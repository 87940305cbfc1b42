"""Outputs equal PyTorch's own attention in float64, with and without a mask,
for random shapes. Changing what a query must not see changes no bit of its
output, and in 16 bits the error is at most twice that of PyTorch's kernel.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

from snippets.attention.scaled_dot_product import attention, causal_mask

SIZES = st.integers(1, 6)


def _inputs(device, n_query=3, n_key=5, dtype=torch.float64, width=4):
    return (
        torch.randn(2, 3, n_query, width, dtype=dtype, device=device),
        torch.randn(2, 3, n_key, width, dtype=dtype, device=device),
        torch.randn(2, 3, n_key, 7, dtype=dtype, device=device),
    )


def test_equals_pytorch(device):
    query, key, value = _inputs(device)
    expected = scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(
        attention(query, key, value), expected, rtol=0, atol=1e-14
    )


@given(batch=SIZES, head=SIZES, n_query=SIZES, more=SIZES, width=SIZES)
def test_equals_pytorch_for_random_shapes(
    device, batch, head, n_query, more, width
):
    n_key = n_query + more - 1
    options = {"dtype": torch.float64, "device": device}
    query = torch.randn(batch, head, n_query, width, **options)
    key = torch.randn(batch, head, n_key, width, **options)
    value = torch.randn(batch, head, n_key, width + 1, **options)
    mask = causal_mask(n_query, n_key, device)
    bias = torch.randn(head, n_query, n_key, **options)
    expected = scaled_dot_product_attention(
        query, key, value, attn_mask=bias.masked_fill(~mask, -torch.inf)
    )
    torch.testing.assert_close(
        attention(query, key, value, mask, bias), expected, rtol=0, atol=1e-13
    )


def test_scale_replaces_the_default(device):
    query, key, value = _inputs(device)
    expected = scaled_dot_product_attention(query, key, value, scale=0.3)
    torch.testing.assert_close(
        attention(query, key, value, scale=0.3), expected, rtol=0, atol=1e-14
    )


def test_scores_keep_unit_variance_whatever_the_width():
    # q . k of independent unit entries has variance d_k, so its size grows
    # with the root. Equal keys but one make the score readable: ln of odds.
    for width in (16, 256):
        query = torch.randn(1, 1, 20_000, width, dtype=torch.float64)
        key = torch.zeros(1, 1, 2, width, dtype=torch.float64)
        key[..., 1, :] = torch.randn(width, dtype=torch.float64).sign()
        value = torch.tensor([[[[0.0], [1.0]]]], dtype=torch.float64)
        weight = attention(query, key, value)
        deviation = torch.log(weight / (1 - weight)).std().item()
        assert 0.97 < deviation < 1.03  # six standard errors


def test_masked_scores_do_not_count_in_the_denominator(device):
    query, key, value = _inputs(device, n_query=5)
    ones = torch.ones_like(value)
    mask = causal_mask(5, 5, device)
    torch.testing.assert_close(
        attention(query, key, ones, mask), ones, rtol=0, atol=1e-15
    )


@pytest.mark.parametrize("poison", [1e300, -1e300])
def test_the_future_changes_no_bit(device, poison):
    query, key, value = _inputs(device, n_query=5)
    mask = causal_mask(5, 5, device)
    before = attention(query, key, value, mask)
    key[:, :, 3:] = torch.nan
    value[:, :, 3:] = poison  # NaN would pass: 0 * NaN is NaN
    after = attention(query, key, value, mask)
    assert torch.equal(after[:, :, :3], before[:, :, :3])
    assert not torch.equal(after[:, :, 3:], before[:, :, 3:])


def test_the_future_gets_no_gradient(device):
    query, key, value = (
        x.requires_grad_() for x in _inputs(device, n_query=5)
    )
    seen = attention(query, key, value, causal_mask(5, 5, device))[:, :, :3]
    seen.sum().backward()
    for hidden in (key.grad[:, :, 3:], value.grad[:, :, 3:]):
        assert torch.equal(hidden, torch.zeros_like(hidden))
    assert value.grad[:, :, :3].all()


def test_a_query_that_sees_nothing_gets_nan(device):
    query, key, value = _inputs(device)
    mask = torch.ones(3, 5, dtype=torch.bool, device=device)
    mask[1] = False
    nan = attention(query, key, value, mask).isnan()
    assert nan[:, :, 1].all()
    assert not nan[:, :, [0, 2]].any()


def test_causal_mask_aligns_the_last_query_with_the_last_key(device):
    seen = causal_mask(2, 4, device).tolist()
    assert seen == [[True, True, True, False], [True, True, True, True]]


@given(n_query=SIZES, more=st.integers(0, 5))
def test_causal_mask_equals_pytorch_lower_right(n_query, more):
    n_key = n_query + more
    expected = causal_lower_right(n_query, n_key)._materialize()
    assert torch.equal(causal_mask(n_query, n_key), expected)


def test_causal_mask_refuses_queries_before_the_first_key():
    with pytest.raises(ValueError, match="3 queries but only 2 keys"):
        causal_mask(3, 2)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_error_in_16_bits_is_at_most_twice_pytorchs(device, dtype):
    query, key, value = _inputs(device, 32, 32, dtype, width=64)
    query = 3 * query  # scores far from 0, where rounding them would show
    mask = causal_mask(32, 32, device)
    exact = scaled_dot_product_attention(
        query.double(), key.double(), value.double(), is_causal=True
    )
    pytorch = scaled_dot_product_attention(query, key, value, is_causal=True)
    ours = attention(query, key, value, mask)
    assert ours.dtype == dtype
    error = (ours - exact).abs().max()
    assert 0 < error <= 2 * (pytorch - exact).abs().max()


def test_large_scores_do_not_overflow_float16(device):
    query, key, value = _inputs(device, dtype=torch.float16)
    scores = query * 200 @ (key * 200).transpose(-2, -1)
    assert not scores.isfinite().all()  # float16 ends at 65504
    assert attention(query * 200, key * 200, value).isfinite().all()


def test_uniform_scores_give_the_mean(device):
    query, key, value = _inputs(device)
    expected = value.mean(dim=2, keepdim=True).expand(-1, -1, 3, -1)
    torch.testing.assert_close(
        attention(torch.zeros_like(query), key, value),
        expected,
        rtol=0,
        atol=1e-15,
    )


def test_default_scale_is_the_root_of_the_width():
    query = torch.tensor([[[[2.0, 0, 0, 0]]]], dtype=torch.float64)
    key = torch.tensor([[[[3.0, 0, 0, 0], [0, 0, 0, 0]]]], dtype=torch.float64)
    value = torch.tensor([[[[1.0], [0.0]]]], dtype=torch.float64)
    expected = math.exp(3) / (math.exp(3) + 1)  # 2 * 3 / sqrt(4) = 3
    assert attention(query, key, value).item() == pytest.approx(
        expected, rel=1e-15
    )


def test_causal_mask_is_made_on_the_device_asked_for():
    assert causal_mask(2, 3, torch.device("meta")).device.type == "meta"
