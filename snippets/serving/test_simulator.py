"""One request alone takes exactly the closed form's time, and requests that
do not share a step do not feel each other. Each token is stamped with the end
of its step, no step begins before what it runs has arrived, every request
ends, and time never stands still or runs back.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.serving.scheduler import Request, Scheduler
from snippets.serving.simulator import simulate
from snippets.sizing.roofline import step_seconds


def roof(n_tokens, n_cached):
    """A machine with ridge point 8, a model of 100 FLOPs a token."""
    return step_seconds(
        flops=100 * n_tokens,
        moved_bytes=100 + 2 * n_cached,
        gpus=1,
        peak_flops_per_second=800,
        bytes_per_second=100,
        mfu=1,
    )


def scheduler(token_budget=16, n_blocks=50):
    return Scheduler(n_blocks, 4, token_budget, max_running=8)


def test_a_request_alone_takes_the_roofs_time():
    request = Request([1] * 30, max_new_tokens=4, arrival=2.0)
    steps = list(simulate(scheduler(token_budget=100), [request], roof))
    assert steps[0].start == 2.0  # an idle machine jumps to the arrival
    prefill = max(100 * 30 / 800, (100 + 2 * 30) / 100)
    decode = [(100 + 2 * (30 + n)) / 100 for n in (1, 2, 3)]
    expected = [2.0 + prefill + sum(decode[:n]) for n in range(4)]
    assert request.token_times == pytest.approx(expected, rel=1e-14)


def test_chunks_of_a_prompt_read_the_weights_again():
    request = Request([1] * 30, max_new_tokens=1)
    steps = list(simulate(scheduler(token_budget=10), [request], roof))
    assert [n for step in steps for _, n in step.ran] == [10, 10, 10]
    reads = [(100 + 2 * n) / 100 for n in (10, 20, 30)]
    assert [step.end - step.start for step in steps] == pytest.approx(
        [max(100 * 10 / 800, read) for read in reads], rel=1e-14
    )


def test_requests_that_never_meet_do_not_feel_each_other():
    def times(*arrivals):
        requests = [Request([1] * 9, 5, arrival) for arrival in arrivals]
        list(simulate(scheduler(), requests, roof))
        return [
            [t - r.arrival for t in r.token_times] for r in requests
        ]

    (alone,) = times(0.0)
    for apart in times(0.0, 100.0, 350.0):
        assert apart == pytest.approx(alone, abs=1e-12)
    assert times(0.0, 0.0)[1] != pytest.approx(alone, abs=0.1)


@given(
    load=st.lists(
        st.tuples(
            st.floats(0, 30), st.integers(1, 25), st.integers(1, 6)
        ),
        min_size=1,
        max_size=8,
    ),
    budget=st.integers(1, 40),
    spare=st.integers(0, 8),
)
def test_time_runs_on_and_everybody_ends(load, budget, spare):
    requests = [Request([1] * p, n, arrival) for arrival, p, n in load]
    seen, clock, stamps = dict.fromkeys(requests, 0), 0.0, []
    for step in simulate(scheduler(budget, 8 + spare), requests, roof):
        assert clock <= step.start < step.end
        clock = step.end
        stamps.append(clock)
        assert 0 <= step.n_blocks_used <= 8 + spare
        for request, n in step.ran:
            assert request.arrival <= step.start
            assert n >= 1
            seen[request] += n
    for request in requests:
        assert request.output == [0] * request.max_new_tokens
        assert len(request.token_times) == request.max_new_tokens
        assert set(request.token_times) <= set(stamps)
        assert request.token_times == sorted(set(request.token_times))
        needed = len(request.prompt) + request.max_new_tokens - 1
        assert seen[request] >= needed
        assert (seen[request] > needed) == (request.n_preempted > 0)
