"""Attention through block tables equals PyTorch's over contiguous keys in
float64: for sequences of different lengths in one batch, shuffled blocks,
grouped heads, decode and chunks of prefill, and for forks that share blocks.
Memory that belongs to nobody or to another sequence is never read.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

from snippets.kv_cache.paged import BlockAllocator, BlockTable
from snippets.kv_cache.paged_attention import PagedPool, paged_attention

N_HEADS, N_KV_HEADS, HEAD_DIM = 6, 2, 5


def _tokens(device, length):
    """Keys and values of one sequence: (2, token, kv_head, head_dim)."""
    return torch.randn(
        2, length, N_KV_HEADS, HEAD_DIM, dtype=torch.float64, device=device
    )


def _pool(device, n_blocks, block_size):
    pool = PagedPool(
        n_blocks, block_size, N_KV_HEADS, HEAD_DIM, torch.float64, device
    )
    pool.keys.fill_(torch.nan)  # whoever reads what was not written, gets NaN
    pool.values.fill_(torch.nan)
    return pool


def _queries(device, batch, n_query):
    return torch.randn(
        batch, N_HEADS, n_query, HEAD_DIM, dtype=torch.float64, device=device
    )


def _padded(device, tables, padding=0):
    width = max(len(table.blocks) for table in tables)
    rows = [t.blocks + [padding] * (width - len(t.blocks)) for t in tables]
    return (
        torch.tensor(rows, device=device),
        torch.tensor([t.length for t in tables], device=device),
    )


def _reference(query, sequence):
    """PyTorch's attention of one sequence: query (head, query, head_dim)."""
    key, value = sequence.transpose(1, 2)[:, None]
    mask = causal_lower_right(query.shape[1], key.shape[2])._materialize()
    return scaled_dot_product_attention(
        query[None], key, value, mask.to(query.device), enable_gqa=True
    )[0]


def _check(pool, tables, sequences, n_query, padding=0):
    query = _queries(pool.keys.device, len(tables), n_query)
    output = paged_attention(
        query, pool.keys, pool.values,
        *_padded(pool.keys.device, tables, padding),
    )
    expected = torch.stack([
        _reference(q, s) for q, s in zip(query, sequences, strict=True)
    ])
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-14)


@given(
    lengths=st.lists(st.integers(3, 9), min_size=1, max_size=4),
    block_size=st.integers(1, 5),
    n_query=st.integers(1, 3),
    chunk=st.integers(1, 4),
    order=st.randoms(use_true_random=False),
)
def test_equals_contiguous(device, lengths, block_size, n_query, chunk, order):
    allocator = BlockAllocator(40)
    order.shuffle(allocator._free)  # blocks in no order
    pool = _pool(device, 40, block_size)
    sequences = [_tokens(device, length) for length in lengths]
    tables = [BlockTable(allocator, block_size) for _ in lengths]
    for start in range(0, max(lengths), chunk):  # sequences take turns
        for sequence, table in zip(sequences, tables, strict=True):
            new = sequence[:, start : start + chunk]
            slots, copies = table.grow(new.shape[1])
            pool.copy(copies)
            pool.write(slots, *new)
    _check(pool, tables, sequences, n_query)


def test_forks_read_the_shared_past_and_their_own_tokens(device):
    allocator, pool = BlockAllocator(6), _pool(device, 6, block_size=3)
    past, mine, yours = (_tokens(device, n) for n in (5, 2, 3))
    parent = BlockTable(allocator, 3)
    pool.write(parent.grow(5)[0], *past)
    child = parent.fork()
    grown = [(parent.grow(2), mine), (child.grow(3), yours)]
    for (_, copies), _ in grown:
        pool.copy(copies)
    for (slots, _), new in grown:
        pool.write(slots, *new)
    sequences = [torch.cat([past, new], dim=1) for new in (mine, yours)]
    _check(pool, [parent, child], sequences, n_query=2)


def test_a_neighbours_memory_is_never_read(device):
    allocator, pool = BlockAllocator(4), _pool(device, 4, block_size=2)
    sequence, other = _tokens(device, 3), _tokens(device, 4)
    table, neighbour = (BlockTable(allocator, 2) for _ in range(2))
    pool.write(table.grow(3)[0], *sequence)
    pool.write(neighbour.grow(4)[0], *(other * torch.nan))
    _check(pool, [table], [sequence], n_query=3)


@pytest.mark.parametrize("padding", [0, 3, -1])
def test_padding_may_be_anything(device, padding):
    allocator, pool = BlockAllocator(4), _pool(device, 4, block_size=2)
    sequences = [_tokens(device, 1), _tokens(device, 5)]
    tables = [BlockTable(allocator, 2) for _ in sequences]
    for table, sequence in zip(tables, sequences, strict=True):
        pool.write(table.grow(sequence.shape[1])[0], *sequence)
    _check(pool, tables, sequences, n_query=1, padding=padding)


def test_a_chunk_does_not_see_its_own_future(device):
    allocator, pool = BlockAllocator(3), _pool(device, 3, block_size=2)
    sequence, table = _tokens(device, 6), BlockTable(allocator, 2)
    slots, _ = table.grow(6)
    pool.write(slots, *sequence)
    query = _queries(device, 1, 3)
    arguments = query, pool.keys, pool.values, *_padded(device, [table])
    before = paged_attention(*arguments)
    pool.write(slots[-1:], *(100 * sequence[:, -1:]))
    after = paged_attention(*arguments)
    assert torch.equal(after[:, :, :2], before[:, :, :2])
    assert not torch.equal(after[:, :, 2], before[:, :, 2])


def test_more_queries_than_tokens_are_refused(device):
    pool = _pool(device, 2, block_size=2)
    tables = torch.tensor([[0], [1]], device=device)
    lengths = torch.tensor([2, 1], device=device)
    with pytest.raises(ValueError, match="2 queries but only 1 tokens"):
        paged_attention(
            _queries(device, 2, 2), pool.keys, pool.values, tables, lengths
        )


def test_works_on_the_device_and_in_the_type_asked_for():
    pool = PagedPool(2, 3, 4, 5, torch.bfloat16, torch.device("meta"))
    assert pool.keys.shape == pool.values.shape == (2, 3, 4, 5)
    assert pool.keys.dtype == pool.values.dtype == torch.bfloat16
    assert pool.keys.device.type == pool.values.device.type == "meta"


def test_indices_are_made_where_the_inputs_lie(device):
    allocator, pool = BlockAllocator(3), _pool(device, 3, block_size=2)
    sequence, table = _tokens(device, 5), BlockTable(allocator, 2)
    pool.write(table.grow(5)[0], *sequence)
    inputs = _queries(device, 1, 2), pool.keys, pool.values
    inputs += _padded(device, [table])
    expected = paged_attention(*inputs)
    with torch.device("meta"):  # for what is made without a device
        assert torch.equal(paged_attention(*inputs), expected)


def test_no_gradient_flows_into_the_pool(device):
    pool = _pool(device, 2, block_size=2)
    key, value = _tokens(device, 1).requires_grad_()
    pool.write([3], key, value)
    pool.copy([(1, 0)])
    assert not pool.keys.requires_grad
    assert torch.equal(pool.keys[0, 1], key[0])
    assert torch.equal(pool.values[0, 1], value[0])
