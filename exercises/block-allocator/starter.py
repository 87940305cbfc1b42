"""Bookkeeping of a paged KV cache."""

from collections.abc import Hashable

Slot = tuple[int, int]  # (block, offset)
Copy = tuple[int, int]  # (source, target), whole blocks


class OutOfBlocks(Exception):
    """Fewer blocks are free than are needed; nothing has changed."""


class Pool:
    def __init__(self, n_blocks: int, block_size: int) -> None:
        """All blocks free."""
        raise NotImplementedError

    @property
    def free(self) -> int:
        """The number of free blocks."""
        raise NotImplementedError

    def allocate(self, seq: Hashable, tokens: int) -> None:
        """Start `seq` with `tokens` tokens."""
        raise NotImplementedError

    def append(self, seq: Hashable) -> tuple[Slot, Copy | None]:
        """Room for one token: where, and what to copy before."""
        raise NotImplementedError

    def fork(self, parent: Hashable, child: Hashable) -> None:
        """Start `child` with all that `parent` holds, shared."""
        raise NotImplementedError

    def release(self, seq: Hashable) -> None:
        """End `seq`."""
        raise NotImplementedError

    def table(self, seq: Hashable) -> list[int]:
        """Its blocks, in the order of its tokens."""
        raise NotImplementedError

    def length(self, seq: Hashable) -> int:
        """Its tokens."""
        raise NotImplementedError
