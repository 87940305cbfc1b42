"""Run many prompts, few at a time, with retries."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any


class Overloaded(Exception):
    """The endpoint asks to come again, after `retry_after` seconds."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


async def run(
    prompts: Sequence[str],
    call: Callable[[str], Awaitable[Any]],
    limit: int,
    retries: int,
    sleep: Callable[[float], Awaitable[None]],
) -> list[Any]:
    """What `call` gives for each prompt, or its exception, in order."""
    raise NotImplementedError
