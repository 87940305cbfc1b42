"""Compute budgets: how large, how long, how dear."""

from snippets.sizing.symbolic import sqrt

# Parametric fits of loss = E + A / N^alpha + B / D^beta.
CHINCHILLA_FIT = {
    "irreducible": 1.69,
    "a": 406.4,
    "b": 410.7,
    "alpha": 0.34,
    "beta": 0.28,
}  # arXiv:2203.15556, eq. 10
REPLICATED_FIT = {
    "irreducible": 1.8172,
    "a": 482.01,
    "b": 2085.43,
    "alpha": 0.3478,
    "beta": 0.3658,
}  # arXiv:2404.10102


def chinchilla_params(flops, tokens_per_param):
    """Compute-optimal size when D = tokens_per_param · N and C = 6ND
    (arXiv:2203.15556: about 20).

    5.88e23 operations at 20: 70 billion parameters.
    """
    return sqrt(flops / (6 * tokens_per_param))


def chinchilla_tokens(flops, tokens_per_param):
    """Compute-optimal data for the same budget. 5.88e23 operations at 20: 1.4
    trillion tokens.
    """
    return sqrt(flops * tokens_per_param / 6)


def expected_loss(params, tokens, irreducible, a, b, alpha, beta):
    """L(N, D) = E + A/N^α + B/D^β in nats a token (arXiv:2203.15556, section
    3.3).

    Chinchilla, 70 billion on 1.4 trillion tokens, with the paper's own
    constants: 1.94.
    """
    return irreducible + a / params**alpha + b / tokens**beta


def optimal_params_by_fit(flops, a, b, alpha, beta):
    """N that minimises the fitted loss at C = 6ND (arXiv:2203.15556, eq. 4)."""
    return (alpha * a / (beta * b)) ** (1 / (alpha + beta)) * (flops / 6) ** (
        beta / (alpha + beta)
    )


def lifetime_flops(params, training_tokens, inference_tokens):
    """Training and serving together: 6ND + 2ND' (arXiv:2401.00448, eq. 2).
    Heavy use favours a smaller model trained longer.

    8 billion trained on 15 trillion and asked for 10 trillion: 8.8e23.
    """
    return 6 * params * training_tokens + 2 * params * inference_tokens


def training_seconds(flops, gpus, peak_flops_per_second, mfu):
    """Wall-clock time at a model FLOPs utilization.

    GPT-3 with recomputation, 4.2e23 operations on 1,024 A100 that deliver 140
    TFLOP/s of 312 (45 %): 34 days (arXiv:2104.04473, section 5.1).
    """
    return flops / (gpus * peak_flops_per_second * mfu)


def training_days(params, tokens, gpus, peak_flops_per_second, mfu):
    """6ND spread over a cluster. 8 billion on 1 trillion tokens, 1,024 H100 at
    40 %: 1.4 days.
    """
    return 6 * params * tokens / (86400 * gpus * peak_flops_per_second * mfu)


def gpu_hours(flops, peak_flops_per_second, mfu):
    """8 billion on a trillion tokens (4.8e22) on H100 at 40 %: 33,704."""
    return flops / (3600 * peak_flops_per_second * mfu)


def training_cost(flops, peak_flops_per_second, mfu, price_per_gpu_hour):
    """The same in money: at 2.50 an hour 84,260. Only the final run: no failed
    ones, no people, no data.
    """
    return flops / (3600 * peak_flops_per_second * mfu) * price_per_gpu_hour


def model_flops_utilization(
    tokens_per_second, params, gpus, peak_flops_per_second
):
    """MFU = 6N · tokens/s over the dense peak (arXiv:2204.02311, appendix B,
    without the attention term).

    Llama 3.1 405B, 400 TFLOP/s a GPU of 989: 40 %.
    """
    return 6 * params * tokens_per_second / (gpus * peak_flops_per_second)


def tokens_per_step(batch, sequence_tokens, accumulation, replicas):
    """Tokens between two optimizer steps. 4 sequences of 8,192, 8 accumulated,
    64 replicas: 16,777,216.
    """
    return batch * sequence_tokens * accumulation * replicas
