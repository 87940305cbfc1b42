"""Sequences are started, grown, forked and released at random while a plain
list of tokens is kept for each: what the blocks hold always equals the list,
each block has as many owners as tables that name it, and no block is lost or
handed out twice. When memory runs out, the call fails exactly when it must
and changes nothing.
"""

import itertools

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
)

from snippets.kv_cache.paged import BlockAllocator, BlockTable, OutOfBlocks

N_BLOCKS, BLOCK_SIZE = 7, 3


class PagedMemory(RuleBasedStateMachine):
    """Block tables over real memory, beside one plain list a sequence."""

    tables = Bundle("tables")

    def __init__(self):
        super().__init__()
        self.allocator = BlockAllocator(N_BLOCKS)
        self.memory = [None] * (N_BLOCKS * BLOCK_SIZE)
        self.expected = {}
        self.fresh_token = itertools.count()

    def blocks_needed(self, table, n_tokens):
        """Counted one token at a time, unlike in the listing."""
        needed = 0
        for position in range(table.length, table.length + n_tokens):
            if position % BLOCK_SIZE == 0:
                needed += 1
            elif position == table.length:
                last = table.blocks[-1]
                owners = sum(last in t.blocks for t in self.expected)
                needed += owners > 1
        return needed

    @rule(target=tables)
    def start(self):
        table = BlockTable(self.allocator, BLOCK_SIZE)
        self.expected[table] = []
        return table

    @rule(table=tables, n_tokens=st.integers(0, 2 * BLOCK_SIZE + 1))
    def grow(self, table, n_tokens):
        before = list(self.allocator.owners), table.blocks[:], table.length
        free = self.allocator.n_free
        needed = self.blocks_needed(table, n_tokens)
        if needed > free:
            with pytest.raises(OutOfBlocks) as error:
                table.grow(n_tokens)
            assert str(error.value) == f"{needed} blocks needed, {free} free"
            assert self.allocator.n_free == free
            after = list(self.allocator.owners), table.blocks, table.length
            assert after == before
            return
        slots, copies = table.grow(n_tokens)
        assert self.allocator.n_free == free - needed
        for source, target in copies:
            self.memory[self.span(target)] = self.memory[self.span(source)]
        for slot in slots:
            self.memory[slot] = next(self.fresh_token)
            self.expected[table].append(self.memory[slot])

    @rule(target=tables, table=tables)
    def fork(self, table):
        free = self.allocator.n_free
        child = table.fork()
        assert self.allocator.n_free == free  # no token is copied
        self.expected[child] = self.expected[table].copy()
        return child

    @rule(table=consumes(tables))
    def release(self, table):
        table.release()
        del self.expected[table]
        assert (table.blocks, table.length) == ([], 0)

    def span(self, block):
        return slice(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)

    @invariant()
    def contents_equal_the_plain_lists(self):
        for table, tokens in self.expected.items():
            assert table.length == len(tokens)
            held = [t for b in table.blocks for t in self.memory[self.span(b)]]
            assert held[: table.length] == tokens

    @invariant()
    def a_sequence_wastes_less_than_a_block(self):
        for table in self.expected:
            waste = len(table.blocks) * BLOCK_SIZE - table.length
            assert 0 <= waste < BLOCK_SIZE

    @invariant()
    def every_owner_is_a_table(self):
        named = [block for table in self.expected for block in table.blocks]
        assert self.allocator.owners == [
            named.count(block) for block in range(N_BLOCKS)
        ]

    @invariant()
    def free_blocks_are_those_without_an_owner(self):
        free = sorted(self.allocator._free)
        owners = self.allocator.owners
        assert free == [b for b in range(N_BLOCKS) if owners[b] == 0]


TestPagedMemory = PagedMemory.TestCase


def test_a_fork_copies_its_half_full_block_when_it_writes():
    parent = BlockTable(BlockAllocator(4), block_size=2)
    parent.grow(3)
    child = parent.fork()
    full, half = parent.blocks
    slots, copies = child.grow(1)
    assert copies == [(half, child.blocks[1])]
    assert child.blocks[0] == full  # never written again, so shared for good
    assert child.blocks[1] != half
    assert slots == [child.blocks[1] * 2 + 1]
    # The parent owns the half-full block alone now and writes in place.
    assert parent.grow(1) == ([half * 2 + 1], [])


def test_full_blocks_are_shared_without_a_copy():
    parent = BlockTable(BlockAllocator(4), block_size=2)
    parent.grow(4)
    child = parent.fork()
    slots, copies = child.grow(1)
    assert copies == []
    assert child.blocks[:2] == parent.blocks
    assert slots == [child.blocks[2] * 2]


def test_growing_by_nothing_copies_nothing():
    parent = BlockTable(BlockAllocator(4), block_size=2)
    parent.grow(3)
    child = parent.fork()
    assert child.grow(0) == ([], [])
    assert child.blocks == parent.blocks


def test_a_block_of_one_token():
    table = BlockTable(BlockAllocator(3), block_size=1)
    slots, _ = table.grow(3)
    assert slots == table.blocks


def test_full_blocks_survive_the_parents_release():
    allocator = BlockAllocator(3)
    parent = BlockTable(allocator, block_size=2)
    parent.grow(4)
    child = parent.fork()
    parent.release()
    other = BlockTable(allocator, block_size=2)
    other.grow(2)
    assert allocator.n_free == 0
    assert not set(other.blocks) & set(child.blocks)


def test_every_block_can_be_used():
    allocator = BlockAllocator(5)
    assert sorted(allocator.allocate(5)) == [0, 1, 2, 3, 4]
    assert allocator.n_free == 0
    with pytest.raises(OutOfBlocks, match="1 blocks needed, 0 free"):
        allocator.allocate(1)


def test_memory_that_is_out_comes_back():
    allocator = BlockAllocator(2)
    first, second = (BlockTable(allocator, block_size=4) for _ in range(2))
    first.grow(8)
    with pytest.raises(OutOfBlocks):
        second.grow(1)
    first.release()
    slots, _ = second.grow(8)
    assert sorted(slots) == list(range(8))


def test_a_block_is_not_freed_twice():
    allocator = BlockAllocator(2)
    (block,) = allocator.allocate(1)
    allocator.release(block)
    with pytest.raises(ValueError, match=f"block {block} is free already"):
        allocator.release(block)
    assert allocator.n_free == 2


def test_a_free_block_is_not_shared():
    allocator = BlockAllocator(2)
    with pytest.raises(ValueError, match="block 1 is free and cannot"):
        allocator.share(1)
    assert allocator.owners == [0, 0]


def test_a_released_table_can_start_anew():
    table = BlockTable(BlockAllocator(2), block_size=2)
    table.grow(3)
    table.release()
    table.release()
    assert len(table.grow(4)[0]) == 4


def test_negative_growth_is_refused():
    table = BlockTable(BlockAllocator(2), block_size=2)
    table.grow(3)
    with pytest.raises(ValueError, match="cannot grow by -1 tokens"):
        table.grow(-1)
    assert table.length == 3


def test_a_block_holds_a_token():
    with pytest.raises(ValueError, match="block_size 0"):
        BlockTable(BlockAllocator(2), block_size=0)
