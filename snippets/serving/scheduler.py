"""Continuous batching: what the next step of the model computes."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from snippets.kv_cache.paged import BlockAllocator, BlockTable, OutOfBlocks


# --8<-- [start:Request]
@dataclass(eq=False)
class Request:
    """A prompt and what has been generated for it so far.

    max_new_tokens stands for every reason to stop. Keys and values of
    table.length tokens are in the cache.
    """

    prompt: list[int]
    max_new_tokens: int
    arrival: float = 0.0
    output: list[int] = field(default_factory=list)
    token_times: list[float] = field(default_factory=list)
    n_preempted: int = 0
    table: BlockTable | None = None

    @property
    def n_behind(self) -> int:
        """Tokens that the model has to see before it can go on."""
        seen = 0 if self.table is None else self.table.length
        return len(self.prompt) + len(self.output) - seen
# --8<-- [end:Request]


# --8<-- [start:Scheduler]
class Scheduler:
    """Chooses requests, and how many tokens of each, step by step.

    Yu et al. 2022, "Orca", section 3: requests join and leave between
    any two steps. Agrawal et al. 2024, "Sarathi-Serve", section 4: a
    budget of tokens a step, filled with decodes first and then with
    chunks of prompts. Kwon et al. 2023, "PagedAttention", section 4.5:
    when blocks run out, the youngest request gives its own back and
    later computes everything again.

    There are no phases: a request is n_behind tokens behind, a whole
    prompt at first, 1 in decode. Only the youngest can be amid its
    prompt, so with a budget above max_running no decode ever waits
    for one. A budget above the longest prompt means no chunks.
    Raises ValueError for limits below 1.
    Leaves out: priorities, swapping to host memory, prefix caching; and
    holding back what will not fit to its end. A request is admitted as
    soon as its first chunk fits, so near a full cache requests can
    preempt each other over and over.
    """

    def __init__(
        self,
        n_blocks: int,
        block_size: int,
        token_budget: int,
        max_running: int,
    ) -> None:
        if token_budget < 1 or max_running < 1:
            raise ValueError(
                f"token_budget {token_budget}, max_running {max_running}"
            )
        self.allocator = BlockAllocator(n_blocks)
        self.block_size = block_size
        self.token_budget, self.max_running = token_budget, max_running
        self.waiting: deque[Request] = deque()
        self.running: list[Request] = []  # oldest first

    def add(self, request: Request) -> None:
        """Queue it. Raises ValueError if it could never finish."""
        if not request.prompt or request.max_new_tokens < 1:
            raise ValueError(
                f"{len(request.prompt)} prompt tokens, "
                f"{request.max_new_tokens} new ones"
            )
        # The last token is returned and never read again.
        n_stored = len(request.prompt) + request.max_new_tokens - 1
        needed = -(-n_stored // self.block_size)
        if needed > len(self.allocator.owners):
            raise ValueError(
                f"{needed} blocks needed, {len(self.allocator.owners)} exist"
            )
        request.table = BlockTable(self.allocator, self.block_size)
        self.waiting.append(request)

    def schedule(self) -> list[tuple[Request, list[int]]]:
        """The requests of the next step, and slots for their tokens."""
        batch: list[tuple[Request, list[int]]] = []
        budget, preempted = self.token_budget, False
        while len(batch) < len(self.running) and budget:
            request = self.running[len(batch)]
            n = min(request.n_behind, budget)
            try:
                slots, _ = request.table.grow(n)
            except OutOfBlocks:
                # From old to young: the youngest is not in the batch
                # yet. It may be the request itself.
                self._preempt(self.running.pop())
                preempted = True
                continue
            batch.append((request, slots))
            budget -= n
        while (
            self.waiting
            and budget
            and len(self.running) < self.max_running
            and not preempted
        ):
            n = min(self.waiting[0].n_behind, budget)
            try:
                slots, _ = self.waiting[0].table.grow(n)
            except OutOfBlocks:
                break  # nobody overtakes, or a long prompt would starve
            self.running.append(self.waiting.popleft())
            batch.append((self.running[-1], slots))
            budget -= n
        return batch

    def update(self, sampled: Mapping[Request, int]) -> None:
        """A new token for each request that is no longer behind."""
        for request, token in sampled.items():
            request.output.append(token)
            if len(request.output) == request.max_new_tokens:
                request.table.release()
                self.running.remove(request)

    def _preempt(self, request: Request) -> None:
        request.table.release()  # it keeps its output, and is behind again
        request.n_preempted += 1
        self.waiting.appendleft(request)
# --8<-- [end:Scheduler]
