"""Bookkeeping of a paged KV cache.

A block is free or has owners. Who writes into a block is its only owner.
Each operation checks first and changes then, so a failure changes nothing.
"""

from collections.abc import Hashable

Slot = tuple[int, int]  # (block, offset)
Copy = tuple[int, int]  # (source, target), whole blocks


class OutOfBlocks(Exception):
    """Fewer blocks are free than are needed; nothing has changed."""


class Pool:
    def __init__(self, n_blocks: int, block_size: int) -> None:
        """All blocks free."""
        if n_blocks < 1 or block_size < 1:
            raise ValueError(f"{n_blocks} blocks of {block_size}")
        self._size = block_size
        self._free = list(range(n_blocks))
        self._owners = [0] * n_blocks
        self._tables: dict[Hashable, list[int]] = {}
        self._lengths: dict[Hashable, int] = {}

    @property
    def free(self) -> int:
        """The number of free blocks."""
        return len(self._free)

    def allocate(self, seq: Hashable, tokens: int) -> None:
        """Start `seq` with `tokens` tokens."""
        if seq in self._tables:
            raise KeyError(f"sequence {seq!r} is there already")
        if tokens < 1:
            raise ValueError(f"{tokens} tokens")
        self._tables[seq] = self._take(-(-tokens // self._size))
        self._lengths[seq] = tokens

    def append(self, seq: Hashable) -> tuple[Slot, Copy | None]:
        """Room for one token: where, and what to copy before."""
        table, offset = self._tables[seq], self._lengths[seq] % self._size
        copy = None
        if offset == 0:  # the last block is full, whoever else holds it
            table += self._take(1)
        elif self._owners[table[-1]] > 1:
            (own,) = self._take(1)
            copy = (table[-1], own)
            self._owners[table[-1]] -= 1
            table[-1] = own
        self._lengths[seq] += 1
        return (table[-1], offset), copy

    def fork(self, parent: Hashable, child: Hashable) -> None:
        """Start `child` with all that `parent` holds, shared."""
        blocks = self._tables[parent]
        if child in self._tables:
            raise KeyError(f"sequence {child!r} is there already")
        for block in blocks:
            self._owners[block] += 1
        self._tables[child] = blocks.copy()
        self._lengths[child] = self._lengths[parent]

    def release(self, seq: Hashable) -> None:
        """End `seq`."""
        for block in self._tables.pop(seq):
            self._owners[block] -= 1
            if not self._owners[block]:
                self._free.append(block)
        del self._lengths[seq]

    def table(self, seq: Hashable) -> list[int]:
        """Its blocks, in the order of its tokens."""
        return self._tables[seq].copy()

    def length(self, seq: Hashable) -> int:
        """Its tokens."""
        return self._lengths[seq]

    def _take(self, count: int) -> list[int]:
        if count > len(self._free):
            raise OutOfBlocks(f"{count} needed, {len(self._free)} free")
        blocks = [self._free.pop() for _ in range(count)]
        for block in blocks:
            self._owners[block] = 1
        return blocks
