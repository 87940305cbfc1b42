"""What it costs to spread one model over many accelerators.

Rates are one-way bytes a second and GPU. Vendors quote NVLink both ways: halve
it (900 GB/s is 450 each way).
"""

from snippets.sizing.symbolic import sqrt


def all_reduce_seconds(payload_bytes, gpus, bytes_per_second):
    """Ring all-reduce: reduce-scatter, then all-gather; each GPU sends 2(p −
    1)/p of the payload.

    nccl-tests, PERFORMANCE.md, has the same factor. 1 GB over 8 GPUs at 450
    GB/s: 3.9 ms. Latency is left out.
    """
    return 2 * (gpus - 1) / gpus * (payload_bytes / bytes_per_second)


def all_gather_seconds(payload_bytes, gpus, bytes_per_second):
    """Every GPU ends with the whole payload, of which it had 1/p
    (reduce-scatter costs the same).
    """
    return (gpus - 1) / gpus * (payload_bytes / bytes_per_second)


def all_to_all_seconds(payload_bytes, gpus, bytes_per_second):
    """Each GPU sends (p − 1)/p of its own payload, as expert parallelism does
    before and after the experts.
    """
    return (gpus - 1) / gpus * (payload_bytes / bytes_per_second)


def ring_latency_seconds(gpus, seconds_per_hop):
    """What small messages pay: 2(p − 1) hops, however little there is."""
    return 2 * (gpus - 1) * seconds_per_hop


def tensor_parallel_bytes(
    n_layers, d_model, tokens, batch, bytes_per_element, gpus
):
    """Bytes each GPU sends in one forward pass: two all-reduces a layer
    (arXiv:1909.08053) times 2(p − 1)/p.

    Llama 3.1 70B, one token, 8 GPUs, bf16: 4.6 MB.
    """
    return (
        2
        * n_layers
        * batch
        * tokens
        * d_model
        * bytes_per_element
        * (2 * (gpus - 1) / gpus)
    )


def pipeline_bubble(stages, microbatches):
    """Idle share of the whole time: (p − 1)/(m + p − 1) (arXiv:2104.04473,
    section 2.2.1, relative to all time).

    8 stages, 32 microbatches: 17.9 %.
    """
    return (stages - 1) / (microbatches + stages - 1)


def interleaved_bubble(stages, microbatches, chunks):
    """With `chunks` model chunks a device the bubble shrinks: idle over useful
    time is (p − 1)/(v · m) (arXiv:2104.04473, section 2.2.2); here again as a
    share of the whole time.
    """
    return (stages - 1) / (chunks * microbatches + stages - 1)


def bubble_overhead(stages, microbatches):
    """Idle time over useful time, (p − 1)/m, as the paper writes it
    (arXiv:2104.04473, section 2.2.1).
    """
    return (stages - 1) / microbatches


def checkpoint_interval_seconds(save_seconds, mtbf_seconds):
    """Best time between checkpoints: √(2 · save · MTBF) (Young, CACM 17(9),
    1974).

    A save that blocks for 60 s and a failure every 3 hours: 1,138 s, 19
    minutes.
    """
    return sqrt(2 * save_seconds * mtbf_seconds)


def checkpoint_overhead(interval_seconds, save_seconds, mtbf_seconds):
    """Share of time lost: a save each interval, and half an interval at each
    failure. The optimum above makes the two equal: 10.5 % for 60 s and 3
    hours.
    """
    return save_seconds / interval_seconds + interval_seconds / (
        2 * mtbf_seconds
    )


def cluster_mtbf_seconds(component_mtbf_seconds, components):
    """One failure stops a synchronous job, so its mean time between failures
    shrinks with the number of parts.
    """
    return component_mtbf_seconds / components
