"""Times of a hand-made request come out as by hand: the first token's wait
includes the queue, a stall shows in the largest gap and hides in the mean,
and first wait and gaps add up to the whole. Goodput counts only requests that
meet both limits.
"""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.serving.metrics import (
    goodput,
    inter_token_latencies,
    time_per_output_token,
    time_to_first_token,
)
from snippets.serving.scheduler import Request


def request(arrival, *times):
    return Request([1], len(times), arrival, token_times=list(times))


def test_times_by_hand():
    stalled = request(10.0, 10.5, 10.6, 10.7, 12.7, 12.8)
    assert time_to_first_token(stalled) == pytest.approx(0.5)
    assert time_per_output_token(stalled) == pytest.approx(2.3 / 4)
    gaps = inter_token_latencies(stalled)
    assert gaps == pytest.approx([0.1, 0.1, 2.0, 0.1])


def test_a_single_token_has_no_gap():
    assert time_per_output_token(request(0.0, 3.0)) == 0
    assert inter_token_latencies(request(0.0, 3.0)) == []


@given(
    arrival=st.floats(0, 10),
    gaps=st.lists(st.floats(0.01, 5), min_size=2, max_size=20),
)
def test_first_token_and_gaps_add_up_to_the_whole(arrival, gaps):
    times = (arrival + numpy.cumsum(gaps)).tolist()
    one = request(arrival, *times)
    whole = time_to_first_token(one) + sum(inter_token_latencies(one))
    assert whole == pytest.approx(times[-1] - arrival, rel=1e-12)
    mean = numpy.mean(inter_token_latencies(one))
    assert time_per_output_token(one) == pytest.approx(mean, rel=1e-12)


def test_goodput_counts_who_met_both_limits():
    requests = [
        request(0.0, 1.0, 1.25),  # meets both, exactly
        request(0.0, 1.5, 1.6),  # first token late
        request(0.0, 0.5, 1.5),  # slow after it
        request(5.0, 5.5, 5.6),
    ]
    assert goodput(requests, 10.0, 1.0, 0.25) == pytest.approx(0.2)
    assert goodput(requests, 10.0, 9.0, 9.0) == pytest.approx(0.4)
    assert goodput([], 10.0, 1.0, 1.0) == 0
