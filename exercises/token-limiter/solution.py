"""A token bucket for each customer, with reservation and settlement.

Nothing refills in the background: a bucket is its level and the time when it
was right. Each call costs constant time, a sweep the number of customers.
"""

from collections.abc import Callable

ROUNDING = 1e-6  # of the capacity: what a wait may fall short by


class Limiter:
    def __init__(
        self, rate: float, capacity: float, clock: Callable[[], float]
    ) -> None:
        """`rate` tokens a second, at most `capacity`, full at first."""
        if rate <= 0 or capacity <= 0:
            raise ValueError(f"rate {rate} and capacity {capacity}")
        self._rate, self._capacity, self._clock = rate, capacity, clock
        self._buckets: dict[str, tuple[float, float]] = {}  # level, when

    def reserve(self, customer: str, amount: float) -> float:
        """Take `amount` and give 0.0, or take nothing and give the wait."""
        if not 0 < amount <= self._capacity:
            raise ValueError(
                f"amount {amount} is not in (0, {self._capacity}]"
            )
        now = self._clock()
        level = self._level(customer, now)
        if level < amount - self._capacity * ROUNDING:
            return (amount - level) / self._rate
        self._buckets[customer] = (level - amount, now)
        return 0.0

    def settle(self, customer: str, reserved: float, used: float) -> None:
        """Give back what was reserved and not used, or take the excess."""
        if reserved < 0 or used < 0:
            raise ValueError(f"reserved {reserved} and used {used}")
        now = self._clock()
        level = self._level(customer, now) + reserved - used
        self._buckets[customer] = (min(level, self._capacity), now)

    def sweep(self) -> None:
        """Forget customers whose bucket is full."""
        now = self._clock()
        self._buckets = {
            customer: bucket
            for customer, bucket in self._buckets.items()
            if self._level(customer, now) < self._capacity
        }

    def __len__(self) -> int:
        """Customers that are remembered."""
        return len(self._buckets)

    def _level(self, customer: str, now: float) -> float:
        level, when = self._buckets.get(customer, (self._capacity, now))
        return min(self._capacity, level + self._rate * (now - when))
