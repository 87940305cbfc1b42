"""Outputs and log-sum-exps equal PyTorch's attention in float64 for random
shapes and tile sizes, and no tensor as large as the score matrix is ever
made. Later tokens change no bit of earlier outputs, tiles that nobody may
see are never read, and the error in 16 bits is at most twice PyTorch's.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

from snippets.attention.flash import flash_attention
from snippets.attention.scaled_dot_product import attention

SIZES = st.integers(1, 7)


def _inputs(device, n_query=5, n_key=7, dtype=torch.float64, width=4):
    return (
        torch.randn(2, 3, n_query, width, dtype=dtype, device=device),
        torch.randn(2, 3, n_key, width, dtype=dtype, device=device),
        torch.randn(2, 3, n_key, width + 2, dtype=dtype, device=device),
    )


def _reference(query, key, value, causal):
    mask = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool)
    if causal:
        mask = causal_lower_right(*mask.shape)._materialize()
    mask = mask.to(query.device)
    output = scaled_dot_product_attention(query, key, value, attn_mask=mask)
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return output, scores.masked_fill(~mask, -torch.inf).logsumexp(dim=-1)


@given(
    n_query=SIZES,
    more=st.integers(0, 5),
    query_block=SIZES,
    key_block=SIZES,
    causal=st.booleans(),
)
def test_equals_pytorch(device, n_query, more, query_block, key_block, causal):
    inputs = _inputs(device, n_query, n_query + more)
    results = flash_attention(*inputs, causal, query_block, key_block)
    for result, expected in zip(
        results, _reference(*inputs, causal), strict=True
    ):
        torch.testing.assert_close(result, expected, rtol=0, atol=1e-14)


def test_more_queries_than_keys_without_a_mask(device):
    inputs = _inputs(device, n_query=7, n_key=2)
    results = flash_attention(*inputs, causal=False, query_block=3)
    for result, expected in zip(
        results, _reference(*inputs, causal=False), strict=True
    ):
        torch.testing.assert_close(result, expected, rtol=0, atol=1e-14)


def test_large_scores_neither_overflow_nor_vanish(device):
    # exp(4e3) is infinite and exp(-4e3) is 0, so every query needs a running
    # maximum of its own.
    query, key, value = _inputs(device)
    sign = torch.tensor([1.0, -1, 1, -1, 1]).to(query)[:, None]
    query = torch.cat([query, sign.expand(2, 3, -1, -1)], dim=-1)
    zero = torch.zeros_like(key[..., :1])
    expected, _ = flash_attention(query, torch.cat([key, zero], -1), value)
    output, logsumexp = flash_attention(
        query, torch.cat([key, zero + 1e4], -1), value, key_block=2
    )
    # A shift of all scores of a query changes nothing but their rounding:
    # near 4e3, float64 keeps 12 digits behind the point.
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-11)
    assert logsumexp.isfinite().all()


def test_no_tensor_is_as_large_as_the_score_matrix(device, tensors_made):
    length, width, block = 256, 2, 16
    inputs = _inputs(device, length, length, width=width)
    with tensors_made() as plain:
        attention(*inputs)
    with tensors_made() as tiled:
        flash_attention(*inputs, True, block, block)
    heads = 2 * 3
    largest = max(math.prod(shape) for shape, _ in plain.all)
    assert largest == heads * length**2
    largest = max(math.prod(shape) for shape, _ in tiled.all)
    assert largest == heads * length * (width + 2)  # value and output


def test_a_tile_has_64_queries_and_64_keys_by_default(device, tensors_made):
    with tensors_made() as made:
        flash_attention(*_inputs(device, 70, 80), causal=False)
    assert (2, 3, 64, 64) in {shape for shape, _ in made.all}


def test_the_future_changes_no_bit(device):
    query, key, value = _inputs(device, n_query=7)
    before, _ = flash_attention(query, key, value, True, 2, 3)
    key[:, :, 4:] = torch.nan
    value[:, :, 4:] = 1e300
    after, _ = flash_attention(query, key, value, True, 2, 3)
    assert torch.equal(after[:, :, :4], before[:, :, :4])
    assert after[:, :, 4:].isnan().all()


def test_tiles_that_nobody_may_see_are_not_read(device):
    query, key, value = _inputs(device, n_query=7)
    before, _ = flash_attention(query, key, value, True, 2, 3)
    value[:, :, 4:] = torch.nan  # 0 * NaN would be NaN
    after, _ = flash_attention(query, key, value, True, 2, 3)
    assert torch.equal(after[:, :, :4], before[:, :, :4])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_error_in_16_bits_is_at_most_twice_pytorchs(device, dtype):
    query, key, value = _inputs(device, 64, 64, dtype, width=64)
    query = 3 * query  # scores far from 0, where rounding them would show
    exact, exact_logsumexp = _reference(
        query.double(), key.double(), value.double(), causal=True
    )
    pytorch = scaled_dot_product_attention(query, key, value, is_causal=True)
    output, logsumexp = flash_attention(query, key, value, True, 16, 16)
    assert (output.dtype, logsumexp.dtype) == (dtype, torch.float32)
    error = (output - exact).abs().max()
    assert 0 < error <= 2 * (pytorch - exact).abs().max()
    torch.testing.assert_close(
        logsumexp.double(), exact_logsumexp, rtol=0, atol=1e-5
    )


def test_refuses_queries_before_the_first_key(device):
    with pytest.raises(ValueError, match="8 queries but only 7 keys"):
        flash_attention(*_inputs(device, n_query=8))


@pytest.mark.parametrize("blocks", [(0, 4), (4, 0), (-1, 4)])
def test_refuses_empty_blocks(device, blocks):
    with pytest.raises(ValueError, match=f"{blocks[0]} x {blocks[1]}"):
        flash_attention(*_inputs(device), True, *blocks)


def test_works_on_the_device_of_its_inputs():
    # The meta device has shapes but no memory, and refuses to mix.
    output, logsumexp = flash_attention(*_inputs("meta"))
    assert output.device.type == logsumexp.device.type == "meta"
