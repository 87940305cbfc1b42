"""A cache with a capacity and a time to live."""

from collections.abc import Callable, Hashable
from typing import Any


class TTLCache:
    def __init__(
        self, capacity: int, ttl: float, clock: Callable[[], float]
    ) -> None:
        """At most `capacity` entries, each for `ttl` seconds of `clock`."""
        raise NotImplementedError

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The live value of `key`, which is now the most recently used."""
        raise NotImplementedError

    def set(self, key: Hashable, value: Any) -> None:
        """Store `value` for `ttl` seconds from now, as the most recent."""
        raise NotImplementedError

    def __len__(self) -> int:
        """The number of live entries."""
        raise NotImplementedError
