"""What a user of a served model feels, and what the operator counts."""

from collections.abc import Sequence
from itertools import pairwise

from snippets.serving.scheduler import Request


# --8<-- [start:latencies]
def time_to_first_token(request: Request) -> float:
    """Queue and prefill, in seconds: how long the screen stays empty."""
    return request.token_times[0] - request.arrival


def time_per_output_token(request: Request) -> float:
    """Mean gap between tokens after the first; 0 if there is only one.

    A mean over the request: among many tokens one long stall hides.
    """
    times = request.token_times
    return (times[-1] - times[0]) / max(len(times) - 1, 1)


def inter_token_latencies(request: Request) -> list[float]:
    """Every gap between tokens: its high percentiles show stalls."""
    return [b - a for a, b in pairwise(request.token_times)]
# --8<-- [end:latencies]


# --8<-- [start:goodput]
def goodput(
    requests: Sequence[Request],
    seconds: float,
    ttft_limit: float,
    tpot_limit: float,
) -> float:
    """Requests a second that met both limits. Throughput counts all.

    As the benchmarks of serving engines report it. Zhong et al. 2024,
    "DistServe", section 1, mean by it the highest rate of arrivals at
    which a target share of requests, 90 % say, still meets them.
    """
    met = [
        request
        for request in requests
        if time_to_first_token(request) <= ttft_limit
        and time_per_output_token(request) <= tpot_limit
    ]
    return len(met) / seconds
# --8<-- [end:goodput]
