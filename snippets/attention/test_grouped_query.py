"""With the same weights, outputs equal a Llama attention layer of the
transformers library, rotary positions included. Decoding with a cache, in
chunks cut at random, equals one full pass; each KV head serves neighbouring
query heads; later tokens change no bit of earlier outputs.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaAttention

from snippets.attention.grouped_query import GroupedQueryAttention
from snippets.attention.multi_head import MultiHeadAttention
from snippets.attention.scaled_dot_product import causal_mask
from snippets.attention.sliding_window import sliding_window_mask
from snippets.kv_cache.contiguous import KVCache
from snippets.positions.rope import rope_frequencies

HEAD_DIM, D_MODEL = 6, 20


def _layer(device, n_heads=4, n_kv_heads=2):
    layer = GroupedQueryAttention(D_MODEL, n_heads, n_kv_heads, HEAD_DIM)
    return layer.to(device, torch.float64)


def _x(device, length=5):
    x = torch.randn(2, length, D_MODEL, dtype=torch.float64)
    return x.to(device)


def _cache(device, capacity, n_kv_heads=2):
    return KVCache(2, n_kv_heads, capacity, HEAD_DIM, torch.float64, device)


@pytest.mark.parametrize("n_kv_heads", [1, 2, 4])
def test_equals_llama_attention(device, n_kv_heads):
    layer, x = _layer(device, 4, n_kv_heads), _x(device)
    reference = LlamaAttention(
        LlamaConfig(
            hidden_size=D_MODEL,
            num_attention_heads=4,
            num_key_value_heads=n_kv_heads,
            head_dim=HEAD_DIM,
            attn_implementation="sdpa",
        ),
        layer_idx=0,
    ).to(device, torch.float64)
    reference.load_state_dict(layer.state_dict())
    frequencies = rope_frequencies(HEAD_DIM)
    angles = torch.outer(torch.arange(5), frequencies).repeat(1, 2).to(device)
    expected, _ = reference(
        x,
        position_embeddings=(angles.cos()[None], angles.sin()[None]),
        attention_mask=None,  # causal, then
    )
    torch.testing.assert_close(
        layer(x, frequencies), expected, rtol=0, atol=1e-14
    )


@given(
    length=st.integers(1, 6),
    n_kv_heads=st.integers(1, 3),
    n_shared=st.integers(1, 3),
)
def test_equals_pytorch_enable_gqa(device, length, n_kv_heads, n_shared):
    layer = _layer(device, n_kv_heads * n_shared, n_kv_heads)
    x = _x(device, length)
    query, key, value = (
        projection(x).unflatten(-1, (-1, HEAD_DIM)).transpose(1, 2)
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj)
    )
    mixed = scaled_dot_product_attention(
        query, key, value, is_causal=True, enable_gqa=True
    )
    expected = layer.o_proj(mixed.transpose(1, 2).flatten(2))
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=1e-14)


def test_as_many_kv_heads_as_heads_is_multi_head_attention(device):
    multi = MultiHeadAttention(12, 3).to(device, torch.float64)
    grouped = GroupedQueryAttention(12, 3, 3, 4).to(device, torch.float64)
    grouped.load_state_dict(multi.state_dict())
    x = torch.randn(2, 5, 12).to(device, torch.float64)
    mask = causal_mask(5, 5, device)
    assert torch.equal(grouped(x), multi(x, mask))


def test_a_kv_head_serves_neighbouring_query_heads(device):
    layer = GroupedQueryAttention(36, n_heads=6, n_kv_heads=2, head_dim=6)
    layer.to(device, torch.float64)
    with torch.no_grad():
        layer.o_proj.weight.copy_(torch.eye(36))  # show the heads as they are
    x = torch.randn(2, 5, 36).to(device, torch.float64)
    before = layer(x)
    with torch.no_grad():
        layer.v_proj.weight[:6] += 1  # KV head 0
    changed = (layer(x) != before).any(dim=0).any(dim=0)
    assert changed.tolist() == [True] * 18 + [False] * 18


@given(
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    rotary=st.booleans(),
)
def test_cached_chunks_equal_the_full_pass(device, lengths, rotary):
    layer, x = _layer(device), _x(device, sum(lengths))
    frequencies = rope_frequencies(HEAD_DIM) if rotary else None
    cache = _cache(device, sum(lengths))
    chunks = [
        layer(chunk, frequencies, cache) for chunk in x.split(lengths, dim=1)
    ]
    torch.testing.assert_close(
        torch.cat(chunks, dim=1), layer(x, frequencies), rtol=0, atol=1e-14
    )


def test_unused_cache_memory_is_never_read(device):
    layer, x = _layer(device), _x(device)
    cache = _cache(device, capacity=9)
    cache.keys.fill_(torch.nan)
    cache.values.fill_(torch.nan)
    assert torch.equal(layer(x, cache=cache), layer(x))


def test_positions_begin_at_zero_with_a_cache_and_without(device):
    # Scores depend on distances alone: only rounding tells where it began.
    layer, x = _layer(device), _x(device)
    frequencies = rope_frequencies(HEAD_DIM)
    cached = layer(x, frequencies, _cache(device, capacity=5))
    assert torch.equal(cached, layer(x, frequencies))


def test_the_future_changes_no_bit(device):
    layer, x = _layer(device), _x(device)
    frequencies = rope_frequencies(HEAD_DIM)
    before = layer(x, frequencies)
    x[:, 3:] = 1e30
    after = layer(x, frequencies)
    assert torch.equal(after[:, :3], before[:, :3])
    assert not torch.equal(after[:, 3:], before[:, 3:])


def test_positions_matter_only_with_frequencies(device):
    layer, x = _layer(device), _x(device)
    swapped = x[:, [1, 0, 2, 3, 4]]
    last = slice(4, 5)  # sees all, so order is the only difference
    torch.testing.assert_close(
        layer(x)[:, last], layer(swapped)[:, last], rtol=0, atol=1e-14
    )
    frequencies = rope_frequencies(HEAD_DIM)
    assert not torch.allclose(
        layer(x, frequencies)[:, last], layer(swapped, frequencies)[:, last]
    )


def test_a_given_mask_replaces_the_causal_one(device):
    layer, x = _layer(device), _x(device)
    mask = sliding_window_mask(5, 5, window=2, device=device)
    before = layer(x, mask=mask)
    x[:, 0] = 1e30
    after = layer(x, mask=mask)
    assert torch.equal(after[:, 2:], before[:, 2:])
    assert not torch.equal(after[:, :2], before[:, :2])


@pytest.mark.parametrize("n_kv_heads", [3, 8, 0])
def test_refuses_kv_heads_that_do_not_divide_the_heads(n_kv_heads):
    with pytest.raises(ValueError, match=f"4 query heads .* {n_kv_heads} KV"):
        GroupedQueryAttention(D_MODEL, 4, n_kv_heads, HEAD_DIM)


def test_works_on_the_device_of_its_inputs():
    # The meta device has shapes but no memory, and refuses to mix.
    layer, cache = _layer("meta"), _cache(torch.device("meta"), capacity=5)
    output = layer(_x("meta"), rope_frequencies(HEAD_DIM), cache)
    assert output.device.type == "meta"
