"""A token bucket for each customer, with reservation and settlement."""

from collections.abc import Callable


class Limiter:
    def __init__(
        self, rate: float, capacity: float, clock: Callable[[], float]
    ) -> None:
        """`rate` tokens a second, at most `capacity`, full at first."""
        raise NotImplementedError

    def reserve(self, customer: str, amount: float) -> float:
        """Take `amount` and give 0.0, or take nothing and give the wait."""
        raise NotImplementedError

    def settle(self, customer: str, reserved: float, used: float) -> None:
        """Give back what was reserved and not used, or take the excess."""
        raise NotImplementedError

    def sweep(self) -> None:
        """Forget customers whose bucket is full."""
        raise NotImplementedError

    def __len__(self) -> int:
        """Customers that are remembered."""
        raise NotImplementedError
