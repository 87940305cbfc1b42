"""Random loads run through a small model whose next token depends on every
cached token. Whatever the budget, the number of blocks, and however often
requests are preempted, each ends with exactly the tokens it gets when it runs
alone. No step exceeds its budget, no block is lost, first come is first
served, and no decode waits for a prompt.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.serving.scheduler import Request, Scheduler

BLOCK_SIZE = 3


def next_token(tokens):
    """A model: any change of any token before changes the next one."""
    state = 7
    for token in tokens:
        state = (31 * state + token + 1) % 997
    return state


def alone(prompt, n_new):
    tokens = list(prompt)
    for _ in range(n_new):
        tokens.append(next_token(tokens))
    return tokens[len(prompt) :]


def run_step(scheduler, memory):
    """Schedule, write tokens into their slots, read them back, sample."""
    batch = scheduler.schedule()
    sampled = {}
    for request, slots in batch:
        tokens = request.prompt + request.output
        length = request.table.length
        new = tokens[length - len(slots) : length]
        for slot, token in zip(slots, new, strict=True):
            memory[slot] = token
    for request, _ in batch:
        cached = [
            memory[block * BLOCK_SIZE + offset]
            for block in request.table.blocks
            for offset in range(BLOCK_SIZE)
        ][: request.table.length]
        if request.n_behind == 0:
            sampled[request] = next_token(cached)
    scheduler.update(sampled)
    return batch


LOADS = st.lists(
    st.tuples(
        st.integers(0, 6),  # the step at which it arrives
        st.lists(st.integers(0, 9), min_size=1, max_size=10),
        st.integers(1, 8),
    ),
    min_size=1,
    max_size=8,
)


@given(
    load=LOADS,
    spare=st.integers(0, 6),
    budget=st.integers(1, 12),
    max_running=st.integers(1, 5),
)
def test_every_request_gets_its_tokens(load, spare, budget, max_running):
    longest = max(len(prompt) + n_new - 1 for _, prompt, n_new in load)
    n_blocks = -(-longest // BLOCK_SIZE) + spare
    scheduler = Scheduler(n_blocks, BLOCK_SIZE, budget, max_running)
    memory = [None] * (n_blocks * BLOCK_SIZE)
    requests = [
        (step, Request(prompt, n_new)) for step, prompt, n_new in load
    ]
    first_run, limit = [], 20 * sum(len(p) + n for _, p, n in load) + 10
    for step in range(limit):
        for arrival, request in requests:
            if arrival == step:
                scheduler.add(request)
        decoding = [r for r in scheduler.running if r.n_behind == 1]
        preempted = sum(r.n_preempted for _, r in requests)
        batch = run_step(scheduler, memory)

        assert sum(len(slots) for _, slots in batch) <= budget
        assert all(slots for _, slots in batch)
        assert len(batch) == len({r for r, _ in batch}) <= max_running
        ran = {r for r, _ in batch}
        if preempted == sum(r.n_preempted for _, r in requests):
            assert ran >= set(decoding[:budget])
        assert ran or not (scheduler.running or scheduler.waiting)

        held = [b for _, r in requests if r.table for b in r.table.blocks]
        assert len(held) == len(set(held))
        assert len(held) + scheduler.allocator.n_free == n_blocks
        assert all(r.n_behind == 1 for r in scheduler.running[:-1])
        first_run += [r for r, _ in batch if r not in first_run]
        if step > 6 and not scheduler.running and not scheduler.waiting:
            break
    for _, request in requests:
        assert request.output == alone(request.prompt, request.max_new_tokens)
    assert scheduler.allocator.n_free == n_blocks
    by_arrival = [r for _, r in sorted(requests, key=lambda pair: pair[0])]
    assert first_run == by_arrival


def test_a_prompt_is_cut_to_the_budget_that_decodes_leave():
    scheduler = Scheduler(20, BLOCK_SIZE, token_budget=4, max_running=4)
    memory = [None] * 60
    scheduler.add(Request([1], max_new_tokens=9))
    run_step(scheduler, memory)
    scheduler.add(Request([1] * 7, max_new_tokens=2))
    sizes = [
        [len(slots) for _, slots in run_step(scheduler, memory)]
        for _ in range(4)
    ]
    assert sizes == [[1, 3], [1, 3], [1, 1], [1, 1]]


def test_a_large_budget_runs_a_prompt_in_one_step():
    scheduler = Scheduler(20, BLOCK_SIZE, token_budget=100, max_running=4)
    scheduler.add(Request([1] * 30, max_new_tokens=1))
    ((_, slots),) = scheduler.schedule()
    assert len(slots) == 30


def test_the_youngest_is_preempted_and_computes_the_same_again():
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=20, max_running=4)
    memory = [None] * 12
    old, young = (Request([n] * 5, max_new_tokens=6) for n in (1, 2))
    scheduler.add(old)
    scheduler.add(young)
    run_step(scheduler, memory)  # both prompts: 2 blocks each
    run_step(scheduler, memory)  # both fill their second block
    assert scheduler.allocator.n_free == 0
    run_step(scheduler, memory)  # old needs a third
    assert (old.n_preempted, young.n_preempted) == (0, 1)
    assert list(scheduler.waiting) == [young]
    assert young.output == alone(young.prompt, 2)  # what it had, it keeps
    assert young.n_behind == 5 + 2  # and all of it must be computed again
    while scheduler.running or scheduler.waiting:
        run_step(scheduler, memory)
    assert old.output == alone(old.prompt, 6)
    assert young.output == alone(young.prompt, 6)


def test_nobody_is_admitted_in_a_step_that_preempts():
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=20, max_running=4)
    memory = [None] * 12
    old, young = (Request([n] * 5, max_new_tokens=6) for n in (1, 2))
    scheduler.add(old)
    scheduler.add(young)
    run_step(scheduler, memory)
    run_step(scheduler, memory)
    scheduler.token_budget = 3  # a chunk of 2 would fit into the free block
    batch = run_step(scheduler, memory)
    assert [request for request, _ in batch] == [old]
    assert scheduler.allocator.n_free == 1
    batch = run_step(scheduler, memory)
    assert [request for request, _ in batch] == [old, young]


def test_a_request_that_preempts_itself_makes_room_for_older_ones():
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=20, max_running=4)
    memory = [None] * 12
    old = Request([1] * 4, max_new_tokens=3)
    young = Request([2] * 6, max_new_tokens=6)
    scheduler.add(old)
    scheduler.add(young)
    run_step(scheduler, memory)  # 2 blocks each; young's are full
    batch = run_step(scheduler, memory)
    assert [request for request, _ in batch] == [old]
    assert (old.n_preempted, young.n_preempted) == (0, 1)
    assert scheduler.allocator.n_free == 2


def test_a_request_can_be_preempted_again_and_again():
    scheduler = Scheduler(2, BLOCK_SIZE, token_budget=3, max_running=2)
    memory = [None] * 6
    old = Request([1], max_new_tokens=4)
    young = Request([2] * 4, max_new_tokens=2)
    scheduler.add(old)
    scheduler.add(young)
    while scheduler.running or scheduler.waiting:
        run_step(scheduler, memory)
    assert (old.n_preempted, young.n_preempted) == (0, 2)
    assert young.output == alone(young.prompt, 2)


def test_a_preempted_request_goes_before_those_that_wait():
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=20, max_running=2)
    memory = [None] * 12
    old, young, later = (Request([n] * 5, max_new_tokens=6) for n in (1, 2, 3))
    for request in (old, young, later):
        scheduler.add(request)
    for _ in range(3):
        run_step(scheduler, memory)
    assert list(scheduler.waiting) == [young, later]


def test_nobody_overtakes_a_prompt_that_does_not_fit_yet():
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=20, max_running=4)
    memory = [None] * 12
    scheduler.add(Request([1] * 6, max_new_tokens=2))
    run_step(scheduler, memory)
    long, short = Request([2] * 9, 1), Request([3], 1)
    scheduler.add(long)
    scheduler.add(short)
    run_step(scheduler, memory)
    assert list(scheduler.waiting) == [long, short]


def test_before_it_is_queued_a_request_is_behind_by_its_prompt():
    assert Request([1] * 7, max_new_tokens=2).n_behind == 7


def test_a_request_that_can_never_fit_is_refused():
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=4, max_running=4)
    scheduler.add(Request([1] * 7, max_new_tokens=6))  # 12 stored: fits
    with pytest.raises(ValueError, match="5 blocks needed, 4 exist"):
        scheduler.add(Request([1] * 7, max_new_tokens=7))
    assert len(scheduler.waiting) == 1


@pytest.mark.parametrize(("prompt", "n_new"), [([], 3), ([1], 0)])
def test_a_request_has_a_prompt_and_a_token_to_make(prompt, n_new):
    scheduler = Scheduler(4, BLOCK_SIZE, token_budget=4, max_running=4)
    message = f"{len(prompt)} prompt tokens, {n_new} new ones"
    with pytest.raises(ValueError, match=message):
        scheduler.add(Request(prompt, n_new))


@pytest.mark.parametrize("limits", [(0, 1), (1, 0)])
def test_limits_below_1_are_refused(limits):
    with pytest.raises(ValueError, match=r"token_budget \d, max_running \d"):
        Scheduler(4, BLOCK_SIZE, *limits)
