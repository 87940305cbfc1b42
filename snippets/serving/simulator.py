"""A clock around the scheduler: when does each token come out?"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from snippets.serving.scheduler import Request, Scheduler


# --8<-- [start:simulate]
@dataclass(frozen=True)
class Step:
    """One step: when it ran, and the tokens it ran of each request."""

    start: float
    end: float
    ran: list[tuple[Request, int]]
    n_blocks_used: int


def simulate(
    scheduler: Scheduler,
    requests: Sequence[Request],
    seconds: Callable[[int, int], float],
) -> Iterator[Step]:
    """Run all requests to their end, one step at a time.

    seconds: time of a step with so many tokens to compute and so many
        cached tokens to read. The roofline gives the least: the larger
        of FLOPs / peak and (weight bytes + KV bytes) / bandwidth.

    Writes token_times into the requests. One that arrives during a
    step waits for its end. Tokens are all 0: only time is simulated.
    Leaves out: the network, the tokenizer, work between steps.
    """
    pending = deque(sorted(requests, key=lambda request: request.arrival))
    clock = 0.0
    while pending or scheduler.waiting or scheduler.running:
        if not (scheduler.waiting or scheduler.running):
            clock = max(clock, pending[0].arrival)
        while pending and pending[0].arrival <= clock:
            scheduler.add(pending.popleft())
        ran = [(r, len(slots)) for r, slots in scheduler.schedule()]
        allocator = scheduler.allocator
        used = len(allocator.owners) - allocator.n_free
        start = clock
        clock += seconds(
            sum(n for _, n in ran), sum(r.table.length for r, _ in ran)
        )
        ready = [request for request, _ in ran if request.n_behind == 0]
        for request in ready:
            request.token_times.append(clock)
        scheduler.update(dict.fromkeys(ready, 0))
        yield Step(start, clock, ran, used)
# --8<-- [end:simulate]
