"""Decoding and prefilling through the ring, in chunks cut at random, equals
sliding-window attention over the whole sequence. The ring takes the same
memory at any length, hands out no slot that was never written, and refuses a
chunk that would overwrite itself, before anything is stored.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.attention.scaled_dot_product import attention
from snippets.attention.sliding_window import sliding_window_mask
from snippets.kv_cache.rolling import RollingKVCache

BATCH, N_KV_HEADS, HEAD_DIM = 2, 3, 4


def _tokens(device, length, n=2):
    shape = (n, BATCH, N_KV_HEADS, length, HEAD_DIM)
    return torch.randn(shape, dtype=torch.float64, device=device)


def _cache(device, window):
    cache = RollingKVCache(
        BATCH, N_KV_HEADS, window, HEAD_DIM, torch.float64, device
    )
    cache.keys.fill_(torch.nan)
    cache.values.fill_(torch.nan)
    return cache


@given(window=st.integers(1, 5), data=st.data())
def test_chunks_equal_the_whole_sequence(device, window, data):
    chunks = data.draw(st.lists(st.integers(0, window), max_size=8))
    tokens = _tokens(device, sum(chunks), n=3)
    cache = _cache(device, window)
    outputs = []
    for query, key, value in tokens.split(chunks, dim=3):
        keys, values = cache.append(key, value)
        mask = sliding_window_mask(
            key.shape[2], keys.shape[2], window, device=device
        )
        outputs.append(attention(query, keys, values, mask))
    assert cache.length == sum(chunks)
    mask = sliding_window_mask(sum(chunks), sum(chunks), window, device=device)
    expected = attention(*tokens, mask)
    output = torch.cat([expected[:, :, :0], *outputs], dim=2)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-14)


def test_what_is_visible_comes_back_in_order_of_time(device):
    tokens = _tokens(device, 7)
    cache = _cache(device, window=3)
    for start, n_new in ((0, 2), (2, 3), (5, 1), (6, 1)):
        end = start + n_new
        held = cache.append(*tokens[:, :, :, start:end])
        visible = tokens[:, :, :, max(0, start - 2) : end]
        assert torch.equal(torch.stack(held), visible)


def test_memory_does_not_grow(device):
    cache = _cache(device, window=3)
    address = cache.keys.data_ptr(), cache.values.data_ptr()
    for _ in range(50):
        cache.append(*_tokens(device, 2))
    assert (cache.keys.data_ptr(), cache.values.data_ptr()) == address
    assert cache.keys.shape == (BATCH, N_KV_HEADS, 3, HEAD_DIM)


def test_tokens_out_of_the_window_are_gone(device):
    cache = _cache(device, window=3)
    cache.append(*(torch.nan * _tokens(device, 2)))
    cache.append(*_tokens(device, 2))
    for tensor in cache.append(*_tokens(device, 1)):
        assert tensor.isfinite().all()


def test_a_chunk_as_long_as_the_window_fits(device):
    tokens = _tokens(device, 3)
    cache = _cache(device, window=3)
    cache.append(*tokens)
    keys, _ = cache.append(*_tokens(device, 1))
    assert torch.equal(keys[:, :, :2], tokens[0, :, :, 1:])


def test_an_over_long_prefill_is_refused_and_nothing_stored(device):
    tokens = _tokens(device, 2)
    cache = _cache(device, window=3)
    cache.append(*tokens)
    with pytest.raises(ValueError, match="4 new tokens, but window 3"):
        cache.append(*_tokens(device, 4))
    assert cache.length == 2
    keys, values = cache.append(*_tokens(device, 0))
    assert torch.equal(torch.stack([keys, values]), tokens)


def test_no_gradient_flows_through(device):
    cache = _cache(device, window=3)
    keys, values = cache.append(*_tokens(device, 2).requires_grad_())
    assert not keys.requires_grad
    assert not values.requires_grad


def test_memory_is_taken_on_the_device_asked_for():
    cache = RollingKVCache(1, 2, 3, 4, torch.bfloat16, torch.device("meta"))
    assert cache.keys.device.type == cache.values.device.type == "meta"
    assert cache.keys.dtype == cache.values.dtype == torch.bfloat16
