"""Run many prompts, few at a time, with retries."""

import asyncio
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
    if limit < 1 or retries < 0:
        raise ValueError(f"limit {limit} and retries {retries}")
    places = asyncio.Semaphore(limit)

    async def one(prompt: str) -> Any:
        attempt = 0
        while True:
            try:
                async with places:
                    return await call(prompt)
            except Overloaded as error:
                if attempt == retries:
                    return error
                delay = error.retry_after
            except Exception as error:
                return error
            # outside the semaphore: who waits holds no place
            await sleep(min(2**attempt, 30) if delay is None else delay)
            attempt += 1

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(prompt)) for prompt in prompts]
    return [task.result() for task in tasks]
