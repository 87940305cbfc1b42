"""Paged memory for KV caches: blocks by number, shared by counting owners."""


class OutOfBlocks(ValueError):
    """Fewer blocks are free than are needed; nothing has changed."""


# --8<-- [start:BlockAllocator]
class BlockAllocator:
    """Which blocks are free, and how many owners each other block has.

    Kwon et al. 2023, "Efficient Memory Management for Large Language
    Model Serving with PagedAttention", sections 4.2 and 4.4.

    Blocks are equal and need not be neighbours, so any free block
    serves anybody: no memory is lost between them. Works on numbers
    only; the tensors are elsewhere. O(1) for a block.
    Leaves out: keeping a freed block's content for a prefix cache.
    """

    def __init__(self, n_blocks: int) -> None:
        self.owners = [0] * n_blocks
        self._free = list(range(n_blocks))

    @property
    def n_free(self) -> int:
        return len(self._free)

    def allocate(self, count: int) -> list[int]:
        """Take `count` blocks, or raise OutOfBlocks and take none."""
        if count > self.n_free:
            raise OutOfBlocks(f"{count} blocks needed, {self.n_free} free")
        blocks = [self._free.pop() for _ in range(count)]
        for block in blocks:
            self.owners[block] = 1
        return blocks

    def share(self, block: int) -> None:
        """One more owner. Raises ValueError if the block is free."""
        if self.owners[block] == 0:
            raise ValueError(f"block {block} is free and cannot be shared")
        self.owners[block] += 1

    def release(self, block: int) -> None:
        """One owner less; the last one's leaving frees the block.

        Raises ValueError if it is free: freed twice, it would be handed
        out twice, and two sequences would write over each other.
        """
        if self.owners[block] == 0:
            raise ValueError(f"block {block} is free already")
        self.owners[block] -= 1
        if self.owners[block] == 0:
            self._free.append(block)
# --8<-- [end:BlockAllocator]


# --8<-- [start:BlockTable]
class BlockTable:
    """The blocks of one sequence, in the order of its tokens.

    Token p lies in slot blocks[p // block_size] * block_size
    + p % block_size. Only the last block can have empty slots: a
    sequence wastes less than one block.
    Raises ValueError for a block_size below 1.
    Leaves out: shrinking, which rejected speculative tokens need.
    """

    def __init__(self, allocator: BlockAllocator, block_size: int) -> None:
        if block_size < 1:
            raise ValueError(f"block_size {block_size}")
        self.allocator, self.block_size = allocator, block_size
        self.blocks: list[int] = []
        self.length = 0

    def grow(self, n_tokens: int) -> tuple[list[int], list[tuple[int, int]]]:
        """Slots for the next tokens, and copies to make before.

        A last block that others own too is not written: a private copy
        takes its place (copy-on-write). Make the copies (from, to) of
        all sequences before any write of the same step.
        Raises ValueError for a negative n_tokens, OutOfBlocks if blocks
        run out; both change nothing.
        """
        if n_tokens < 0:
            raise ValueError(f"cannot grow by {n_tokens} tokens")
        size, end = self.block_size, self.length + n_tokens
        half_full = n_tokens > 0 and self.length % size > 0
        copied = half_full and self.allocator.owners[self.blocks[-1]] > 1
        n_added = -(-end // size) - len(self.blocks)
        fresh = self.allocator.allocate(n_added + copied)
        copies = []
        if copied:
            copies.append((self.blocks.pop(), fresh[0]))
            self.allocator.release(copies[0][0])
        self.blocks += fresh
        positions = range(self.length, end)
        self.length = end
        return [
            self.blocks[p // size] * size + p % size for p in positions
        ], copies

    def fork(self) -> "BlockTable":
        """A second sequence with the same past. Copies no token."""
        child = BlockTable(self.allocator, self.block_size)
        child.blocks, child.length = self.blocks.copy(), self.length
        for block in self.blocks:
            self.allocator.share(block)
        return child

    def release(self) -> None:
        """Give everything back; the table is empty and can start anew."""
        for block in self.blocks:
            self.allocator.release(block)
        self.blocks, self.length = [], 0
# --8<-- [end:BlockTable]
