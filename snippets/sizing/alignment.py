"""How far a policy moves, and what the alignment methods hold in memory."""

from snippets.sizing.symbolic import ln


def best_of_n_kl(n):
    """Nats between best-of-n and the model it samples from: at most log n − (n
    − 1)/n (arXiv:2210.10760; an upper bound, exact where answers are all
    different: arXiv:2401.01879).

    n = 16: 1.84.
    """
    return ln(n) - (n - 1) / n


def alignment_memory_bytes(
    trained_models,
    frozen_models,
    params,
    state_bytes_per_param,
    frozen_bytes_per_param,
):
    """Weights and states of the models that a method keeps, all of one size.
    PPO trains policy and critic and holds a reward and a reference model; GRPO
    drops the critic; DPO trains one and holds a reference.

    7 billion, 16 and 2 bytes: PPO 252 GB, GRPO with reference and reward model
    140 GB, DPO 126 GB.
    """
    return params * (
        trained_models * state_bytes_per_param
        + frozen_models * frozen_bytes_per_param
    )


def pipeline_speedup_limit(fixed_share, speedup):
    """Amdahl: if rollouts take 1 − fixed_share of a step and become `speedup`
    times faster.

    30 % fixed, rollouts four times faster: 2.1 times.
    """
    return 1 / (fixed_share + (1 - fixed_share) / speedup)
