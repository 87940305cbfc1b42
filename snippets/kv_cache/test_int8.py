"""No cached number is off by more than half its scale, the scale of its
channel for keys and of its token for values, and the newest tokens are exact,
however they come in. With a channel that is large in every token, as real
keys have, the error of attention is a small part of what a scale per token
would cost. The bytes equal the closed form.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.attention.scaled_dot_product import attention
from snippets.kv_cache.int8 import Int8KVCache
from snippets.quantization.int8 import quantize_absmax

BATCH, N_KV_HEADS, HEAD_DIM, GROUP = 2, 3, 8, 4


def _tokens(device, length):
    shape = (2, BATCH, N_KV_HEADS, length, HEAD_DIM)
    tokens = torch.randn(shape, dtype=torch.float64, device=device)
    tokens[0, ..., 5] *= 50  # a channel of the keys
    return tokens


def _cache(device, group=GROUP):
    return Int8KVCache(
        BATCH, N_KV_HEADS, HEAD_DIM, group, torch.float64, device
    )


@given(chunks=st.lists(st.integers(0, 9), max_size=5))
def test_every_error_is_within_half_a_scale(device, chunks):
    tokens, cache = _tokens(device, sum(chunks)), _cache(device)
    held = torch.stack(cache.append(*tokens[:, :, :, :0]))
    for new in tokens.split(chunks, dim=3):
        held = torch.stack(cache.append(*new))
    assert held.shape == tokens.shape
    assert cache.length == sum(chunks)
    n_coarse = sum(chunks) // GROUP * GROUP
    assert torch.equal(held[:, :, :, n_coarse:], tokens[:, :, :, n_coarse:])
    error = (held - tokens)[:, :, :, :n_coarse].abs()
    keys, values = tokens[:, :, :, :n_coarse].abs()
    per_channel = keys.unflatten(2, (-1, GROUP)).amax(dim=3)
    per_channel = per_channel.repeat_interleave(GROUP, dim=2)
    per_token = values.amax(dim=3, keepdim=True)
    for off, largest in zip(error, (per_channel, per_token), strict=True):
        assert (off <= largest / 254 * (1 + 1e-12)).all()


def test_how_tokens_come_in_changes_nothing(device):
    tokens = _tokens(device, 11)
    whole = torch.stack(_cache(device).append(*tokens))
    cache = _cache(device)
    for token in tokens.split(1, dim=3):
        single = torch.stack(cache.append(*token))
    assert torch.equal(single, whole)


def test_a_large_channel_does_not_coarsen_the_others(device):
    tokens = _tokens(device, GROUP)
    before, _ = _cache(device).append(*tokens)
    tokens[0, ..., 5] *= 1000
    after, _ = _cache(device).append(*tokens)
    others = [channel for channel in range(HEAD_DIM) if channel != 5]
    assert torch.equal(after[..., others], before[..., others])


def test_a_large_value_does_not_coarsen_other_tokens(device):
    tokens = _tokens(device, GROUP)
    _, before = _cache(device).append(*tokens)
    tokens[1, :, :, 0] *= 1000
    _, after = _cache(device).append(*tokens)
    assert torch.equal(after[:, :, 1:], before[:, :, 1:])


def test_attention_errs_far_less_than_with_keys_per_token(device):
    key, value = _tokens(device, 64)
    query = torch.randn_like(key)
    query[..., 5] /= 50  # so that the large channel does not decide alone
    exact = attention(query, key, value)
    keys, values = _cache(device, 32).append(key, value)
    codes, scale = quantize_absmax(key, dim=3)
    ours = (attention(query, keys, value) - exact).square().mean().sqrt()
    per_token = attention(query, codes * scale, value) - exact
    assert ours < per_token.square().mean().sqrt() / 4
    whole = (attention(query, keys, values) - exact).square().mean().sqrt()
    assert whole < 0.02 * exact.square().mean().sqrt()


@pytest.mark.parametrize("length", [0, 3, 4, 9])
def test_bytes_equal_the_closed_form(device, length):
    cache = _cache(device)
    cache.append(*_tokens(device, length))
    groups, newest = divmod(length, GROUP)
    codes = 2 * GROUP * HEAD_DIM
    scales = 8 * (HEAD_DIM + GROUP)  # float64 here; float32 in practice
    assert cache.cache_bytes == BATCH * N_KV_HEADS * (
        groups * (codes + scales) + newest * 2 * HEAD_DIM * 8
    )


def test_scales_of_a_16_bit_cache_take_4_bytes_each(device):
    cache = Int8KVCache(1, 1, 128, dtype=torch.bfloat16, device=device)
    tokens = torch.randn(2, 1, 1, 32, 128, device=device).bfloat16()
    keys, values = cache.append(*tokens)
    assert keys.dtype == values.dtype == torch.bfloat16
    assert cache.cache_bytes == 2 * 32 * 128 + 4 * (128 + 32)


def test_a_group_of_one_token_waits_for_nobody(device):
    tokens, cache = _tokens(device, 3), _cache(device, group=1)
    cache.append(*tokens)
    assert cache.new_keys.shape[2] == 0
    assert cache.length == len(cache.keys) == 3


def test_an_empty_group_is_refused():
    with pytest.raises(ValueError, match="group 0"):
        Int8KVCache(1, 1, 4, group=0)


def test_no_gradient_flows_through(device):
    cache = _cache(device)
    keys, values = cache.append(*_tokens(device, 5).requires_grad_())
    assert not keys.requires_grad
    assert not values.requires_grad


def test_memory_is_taken_on_the_device_asked_for():
    cache = Int8KVCache(1, 2, 4, device=torch.device("meta"))
    assert cache.new_keys.device.type == cache.new_values.device.type == "meta"
