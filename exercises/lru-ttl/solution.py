"""A cache with a capacity and a time to live.

Two orders of the same keys: by use, for eviction, and by expiry. Every entry
lives equally long, so the order of expiry is the order of setting, and no
heap is needed. Each call costs constant time, amortised: an entry is stored
once and dropped once.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class TTLCache:
    def __init__(
        self, capacity: int, ttl: float, clock: Callable[[], float]
    ) -> None:
        """At most `capacity` entries, each for `ttl` seconds of `clock`."""
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        if ttl <= 0:
            raise ValueError(f"ttl must be positive, not {ttl}")
        self._capacity, self._ttl, self._clock = capacity, ttl, clock
        self._values: OrderedDict[Hashable, Any] = OrderedDict()  # by use
        self._expiry: OrderedDict[Hashable, float] = OrderedDict()  # by set

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The live value of `key`, which is now the most recently used."""
        self._drop_expired(self._clock())
        if key not in self._values:
            return default
        self._values.move_to_end(key)
        return self._values[key]

    def set(self, key: Hashable, value: Any) -> None:
        """Store `value` for `ttl` seconds from now, as the most recent."""
        now = self._clock()
        self._drop_expired(now)
        self._values[key] = value
        self._values.move_to_end(key)
        self._expiry[key] = now + self._ttl
        self._expiry.move_to_end(key)
        if len(self._values) > self._capacity:
            oldest = next(iter(self._values))
            del self._expiry[oldest], self._values[oldest]

    def __len__(self) -> int:
        """The number of live entries."""
        self._drop_expired(self._clock())
        return len(self._values)

    def _drop_expired(self, now: float) -> None:
        while self._expiry:
            key, expires = next(iter(self._expiry.items()))
            if now < expires:
                return
            del self._expiry[key], self._values[key]
