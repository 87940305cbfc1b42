"""How many requests fit, how fast they go, what a token costs."""

from snippets.sizing.symbolic import ceil_div, floor_div


def max_batch(
    gpus, memory_bytes, reserve, weights_bytes, kv_cache_bytes_per_sequence
):
    """Whole sequences that fit beside the weights when a share `reserve` of
    the memory stays free.

    Llama 3.1 70B in bf16 on 8 GPUs of 80 GB, a tenth free, 131,072 tokens each
    (42.9 GB): 10.
    """
    return floor_div(
        gpus * memory_bytes * (1 - reserve) - weights_bytes,
        kv_cache_bytes_per_sequence,
    )


def max_context(
    gpus, memory_bytes, reserve, weights_bytes, kv_cache_bytes_per_token, batch
):
    """Tokens that each of `batch` sequences can have."""
    return floor_div(
        gpus * memory_bytes * (1 - reserve) - weights_bytes,
        kv_cache_bytes_per_token * batch,
    )


def min_gpus(needed_bytes, memory_bytes, reserve):
    """Fewest accelerators whose memory holds it. 141 GB on 80 GB with a tenth
    free: 2.
    """
    return ceil_div(needed_bytes, memory_bytes * (1 - reserve))


def throughput_tokens_per_second(batch, seconds_per_step):
    """Every sequence of the batch gets one token a step."""
    return batch / seconds_per_step


def cost_per_million_tokens(price_per_hour, tokens_per_second):
    """2.50 an hour at 2,500 tokens a second: 0.28 a million."""
    return 1000000 * price_per_hour / (3600 * tokens_per_second)


def request_seconds(time_to_first_token, output_tokens, seconds_per_token):
    """End-to-end latency. 300 ms and 100 tokens of 1/150 s: 0.967 s."""
    return time_to_first_token + output_tokens * seconds_per_token


def requests_per_second(requests_per_day):
    """Average over the day; the peak is what you must serve. 10 million a day:
    115.7.
    """
    return requests_per_day / 86400


def concurrent_requests(requests_per_second, seconds_per_request):
    """Little's law, L = λW. 350 a second for 4 s each: 1,400 in flight."""
    return requests_per_second * seconds_per_request


def gpus_needed(tokens_per_second, gpu_tokens_per_second):
    """350 requests a second of 300 tokens on GPUs of 2,500 tokens a second:
    42.
    """
    return ceil_div(tokens_per_second, gpu_tokens_per_second)


def cascade_cost(small_cost, large_cost, escalation_rate):
    """A small model answers first; a share of requests goes on to the large
    one and pays twice (arXiv:2305.05176).

    0.025 and 1 at 50 % escalation: 0.525.
    """
    return small_cost + escalation_rate * large_cost


def break_even_escalation(small_cost, large_cost):
    """Above this share of escalations the cascade costs more than the large
    model alone. 0.025 and 1: 97.5 %.
    """
    return 1 - small_cost / large_cost
