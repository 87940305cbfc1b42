"""Is it bound by compute or by memory traffic, and what is the least it can
take?
"""

from snippets.sizing.symbolic import largest, smallest


def ridge_point(peak_flops_per_second, bytes_per_second):
    """Operations per byte at which an accelerator turns from memory-bound to
    compute-bound.

    H100: 989e12 / 3.35e12 = 295.
    """
    return peak_flops_per_second / bytes_per_second


def matmul_intensity(rows, inner, columns, bytes_per_element):
    """Operations per byte of (rows × inner) · (inner × columns), each matrix
    moved once.

    8 tokens against 8,192 × 8,192 in bf16: 7.98, about one per token and
    byte-pair.
    """
    return (
        2
        * rows
        * inner
        * columns
        / (
            bytes_per_element
            * (rows * inner + inner * columns + rows * columns)
        )
    )


def decode_intensity(batch, bits_per_param):
    """Operations per weight byte of one decode step: 2 · batch a parameter of
    bits/8 bytes.

    bf16: equal to the batch, so an H100 needs about 295 sequences to be
    compute-bound.
    """
    return 2 * batch / (bits_per_param / 8)


def attainable_flops_per_second(
    intensity, peak_flops_per_second, bytes_per_second
):
    """The roof: intensity · bandwidth until the peak. Intensity 100 on an
    H100: 335 TFLOP/s of 989.
    """
    return smallest(peak_flops_per_second, intensity * bytes_per_second)


def decode_floor_seconds(
    weight_bytes_read, kv_cache_bytes, gpus, bytes_per_second
):
    """No decode step is faster than reading the weights and the cache of the
    batch once.

    Llama 3.1 8B in bf16 on an H100, empty cache: 4.8 ms, 209 tokens a second.
    """
    return (weight_bytes_read + kv_cache_bytes) / (gpus * bytes_per_second)


def step_seconds(
    flops, moved_bytes, gpus, peak_flops_per_second, bytes_per_second, mfu
):
    """The slower of compute and traffic, when both overlap perfectly."""
    return largest(
        flops / (gpus * peak_flops_per_second * mfu),
        moved_bytes / (gpus * bytes_per_second),
    )


def prefill_seconds(active_params, tokens, gpus, peak_flops_per_second, mfu):
    """Time to first token, compute-bound, attention left out: 2NT over what
    the GPUs really deliver.

    Llama 3.1 70B, 8,192 tokens, 4 H100 at 50 %: 0.58 s.
    """
    return 2 * active_params * tokens / (gpus * peak_flops_per_second * mfu)


def touched_experts(n_experts, n_active, tokens):
    """Experts that a batch reads in one layer if tokens choose evenly: E(1 −
    (1 − k/E)^tokens).

    256 experts, 8 a token, 32 tokens: 163. The weights of a sparse model stop
    being cheap to read.
    """
    return n_experts * (1 - (1 - n_active / n_experts) ** tokens)
