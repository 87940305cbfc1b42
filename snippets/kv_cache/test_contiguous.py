"""Whatever is appended, in chunks cut at random, comes back in order and
bit for bit, as a view and not a copy; memory beyond it is never handed out.
The bytes taken equal the closed form, and what does not fit is refused
before anything is stored.
"""

import jaxtyping
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.kv_cache.contiguous import KVCache

BATCH, N_KV_HEADS, HEAD_DIM = 2, 3, 4


def _new(device, length, batch=BATCH, n_kv_heads=N_KV_HEADS, width=HEAD_DIM):
    return torch.randn(2, batch, n_kv_heads, length, width, device=device)


def _cache(device, capacity=6, dtype=torch.float32):
    return KVCache(BATCH, N_KV_HEADS, capacity, HEAD_DIM, dtype, device)


@given(
    lengths=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    spare=st.integers(0, 3),
)
def test_chunks_come_back_in_order(device, lengths, spare):
    tokens = _new(device, sum(lengths))
    cache = _cache(device, capacity=sum(lengths) + spare)
    end = 0
    for chunk in tokens.split(lengths, dim=3):
        keys, values = cache.append(*chunk)
        end += chunk.shape[3]
        assert cache.length == end
        assert torch.equal(keys, tokens[0, :, :, :end])
        assert torch.equal(values, tokens[1, :, :, :end])


def test_appending_copies_nothing_but_the_new_tokens(device):
    cache = _cache(device)
    first, _ = cache.append(*_new(device, 2))
    second, values = cache.append(*_new(device, 1))
    assert first.data_ptr() == second.data_ptr() == cache.keys.data_ptr()
    assert values.data_ptr() == cache.values.data_ptr()


def test_a_full_cache_is_used_to_the_last_token(device):
    cache = _cache(device)
    keys, _ = cache.append(*_new(device, 6))
    assert keys.shape[2] == cache.length == 6


def test_unused_memory_is_never_handed_out(device):
    cache = _cache(device)
    cache.keys.fill_(torch.nan)
    cache.values.fill_(torch.nan)
    for length in (1, 3):
        for tensor in cache.append(*_new(device, length)):
            assert tensor.isfinite().all()


@pytest.mark.parametrize(
    ("dtype", "size"),
    [(torch.float64, 8), (torch.bfloat16, 2), (torch.int8, 1)],
)
def test_bytes_equal_the_closed_form(dtype, size):
    cache = KVCache(2, 8, 128, 16, dtype)
    assert cache.cache_bytes == 2 * 2 * 8 * 128 * 16 * size
    assert cache.keys.dtype == cache.values.dtype == dtype


def test_bytes_of_llama_3_1_70b_at_128k():
    # On the meta device: shapes without memory. 80 layers, 8 KV heads.
    layer = KVCache(1, 8, 131_072, 128, torch.bfloat16, torch.device("meta"))
    assert 80 * layer.cache_bytes == 40 * 2**30


def test_overflow_is_refused_and_nothing_stored(device):
    cache = _cache(device)
    before, _ = cache.append(*_new(device, 4))
    before = before.clone()
    with pytest.raises(ValueError, match="7 tokens, but capacity 6"):
        cache.append(*_new(device, 3))
    keys, _ = cache.append(*_new(device, 0))
    assert torch.equal(keys, before)


@pytest.mark.parametrize(
    "wrong", [{"batch": 1}, {"n_kv_heads": 1}, {"width": 1}]
)
def test_another_shape_is_refused_not_broadcast(device, wrong):
    cache = _cache(device)
    fits, shape = (2, 3, 2, 4), tuple(_new(device, 2, **wrong).shape[1:])
    with pytest.raises(ValueError) as error:
        cache.append(*_new(device, 2, **wrong))
    assert str(error.value) == f"{shape} instead of {fits}"
    assert cache.length == 0


def test_fewer_values_than_keys_are_refused(device):
    cache = _cache(device)
    key, value = _new(device, 2)
    # jaxtyping sees it before our check where tests run with it.
    with pytest.raises((ValueError, jaxtyping.TypeCheckError)):
        cache.append(key, value[:, :, :1])
    assert cache.length == 0


def test_no_gradient_flows_through(device):
    cache = _cache(device)
    key, value = _new(device, 2).requires_grad_()
    keys, values = cache.append(key, value)
    assert not keys.requires_grad
    assert not values.requires_grad


def test_memory_is_taken_on_the_device_asked_for():
    cache = _cache(torch.device("meta"))
    assert cache.keys.device.type == cache.values.device.type == "meta"
