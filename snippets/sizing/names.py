"""The public quantities: name, title, closed form, defaults.

A quantity is named after the closed form that answers it, and the end of its
name says its unit (`_bytes`, `_seconds`, `_params`, ...). PICK holds those
where the form depends on the model or on a word that the caller chooses.
"""

from snippets.sizing import (
    derived,
    evaluation,
    families,
    flops,
    lora,
    memory,
    parts,
    render,
    retrieval,
    roofline,
    speculative,
    training,
)

TITLES = {
    # parameters and weights
    "params": "Parameters",
    "rule_of_thumb_params": "Parameters by rule of thumb",
    "weights_bytes": "Weights",
    # cache
    "kv_cache_bytes": "Key-value cache",
    "linear_state_bytes": "State of the linear layers",
    "paged_kv_cache_bytes": "Key-value cache in whole blocks",
    "paged_waste_share": "Empty slots in the last block",
    "reserved_waste_share": "Empty share of a reservation",
    "quantized_bytes_per_element": "Bytes per quantized number",
    "kv_transfer_seconds": "Time to move a cache",
    # operations
    "flops_per_token": "Forward FLOPs of one token",
    "training_flops_per_token": "Training FLOPs of one token",
    "attention_flops_per_token": "Attention FLOPs of one token",
    "attention_flops_share": "Attention's share of a token's FLOPs",
    "attention_overtakes_tokens": "Context where attention costs as much as "
    "the weights",
    "training_flops": "Training FLOPs, 6ND",
    "recomputed_training_flops": "Training FLOPs with recomputation, 8ND",
    "lora_training_flops": "Training FLOPs with frozen weights, 4ND",
    "hardware_seconds": "Time of a compute-bound job",
    # training memory
    "training_memory_bytes": "Weights, gradients and optimizer state",
    "zero_memory_bytes": "Training state on each GPU",
    "activation_bytes": "Activations",
    "logits_bytes": "Logits",
    "scaled_bits": "Bits per weight with its scale",
    "double_quantized_bits": "Bits per weight, scales quantized too",
    # adapters
    "lora_params": "Adapter parameters",
    "lora_matrix_params": "Adapter parameters of one matrix",
    "lora_memory_bytes": "Frozen base and trained adapters",
    "qlora_base_bytes": "Base model in NF4",
    "adapter_bytes": "One adapter",
    # compute budgets
    "chinchilla_params": "Compute-optimal parameters",
    "chinchilla_tokens": "Compute-optimal tokens",
    "expected_loss": "Fitted loss, nats per token",
    "optimal_params_by_fit": "Compute-optimal parameters by the fitted loss",
    "lifetime_flops": "Training and serving FLOPs",
    "training_seconds": "Training time",
    "training_days": "Training time",
    "gpu_hours": "GPU-hours",
    "training_cost": "Price of the final run",
    "model_flops_utilization": "Model FLOPs utilization",
    "tokens_per_step": "Tokens per optimizer step",
    # parallelism
    "all_reduce_seconds": "Ring all-reduce",
    "all_gather_seconds": "All-gather",
    "all_to_all_seconds": "All-to-all",
    "ring_latency_seconds": "Latency of a ring",
    "tensor_parallel_bytes": "Bytes each GPU sends for tensor parallelism",
    "pipeline_bubble": "Pipeline bubble",
    "interleaved_bubble": "Bubble of an interleaved pipeline",
    "bubble_overhead": "Bubble over useful time",
    "checkpoint_interval_seconds": "Best checkpoint interval",
    "checkpoint_overhead": "Time lost to checkpoints and failures",
    "cluster_mtbf_seconds": "Mean time between failures",
    # roofline
    "ridge_point": "Ridge point",
    "arithmetic_intensity": "Arithmetic intensity",
    "attainable_flops_per_second": "Attainable rate",
    "decode_floor_seconds": "Least time of a decode step",
    "prefill_seconds": "Prefill time",
    "touched_experts": "Experts read by a batch",
    # serving
    "max_batch": "Sequences that fit",
    "max_context": "Tokens that fit in each sequence",
    "min_gpus": "Fewest GPUs that hold it",
    "throughput_tokens_per_second": "Tokens per second, at most",
    "cost_per_million_tokens": "Price of a million tokens",
    "request_seconds": "Time of a request",
    "requests_per_second": "Requests per second",
    "concurrent_requests": "Requests in flight",
    "gpus_needed": "GPUs needed",
    "cascade_cost": "Price of a request in a cascade",
    "break_even_escalation": "Escalation rate at which a cascade stops paying",
    # speculative decoding
    "speculative_expected_tokens": "Tokens per target pass",
    "speculative_speedup": "Speed-up of speculative decoding",
    "speculative_extra_operations": "Operations over plain decoding",
    # retrieval
    "flat_index_bytes": "Vectors",
    "hnsw_index_bytes": "HNSW index",
    "ivfpq_index_bytes": "IVF-PQ index",
    "chunk_count": "Chunks",
    "embedding_seconds": "Time to embed",
    "rag_query_tokens": "Tokens of a query",
    "rag_query_cost": "Price of a query",
    "cached_query_cost": "Price of a query with a cached prefix",
    "agent_input_tokens": "Input tokens of an agent's run",
    # evaluation
    "standard_error": "Standard error",
    "interval_half_width": "Half the interval",
    "wilson_interval": "Wilson's interval",
    "sample_size": "Answers needed",
    "clustered_standard_error": "Standard error with clusters",
    "all_succeed": "Chance that all trials succeed",
    "any_succeeds": "Chance that a trial succeeds",
    "positive_predictive_value": "Share of flags that are right",
    "cohen_kappa": "Cohen's kappa",
    "zero_failures_bound": "Upper bound after no failure",
    # alignment
    "best_of_n_kl": "KL of best-of-n, nats, at most",
    "alignment_memory_bytes": "Weights and states of all models",
    "pipeline_speedup_limit": "Speed-up of a step",
}

UNITS = {
    "_bytes": "bytes",
    "bytes_per_element": "bytes",
    "tokens_per_second": "tokens/s",
    "requests_per_second": "requests/s",
    "flops_per_second": "FLOP/s",
    "_seconds": "s",
    "_days": "days",
    "gpu_hours": "GPU-hours",
    "_cost": "$",
    "cost_per_million_tokens": "$",
    "flops_per_token": "FLOPs",
    "_flops": "FLOPs",
    "params": "parameters",
    "params_by_fit": "parameters",
    "speculative_expected_tokens": "",
    "_tokens": "tokens",
    "tokens_per_step": "tokens",
    "max_context": "tokens",
    "_bits": "bits",
    "ridge_point": "FLOPs per byte",
    "arithmetic_intensity": "FLOPs per byte",
}
OTHER_NAMES = {
    "lora_memory_bytes": lora.lora_training_bytes,
    "speculative_expected_tokens": speculative.expected_tokens,
    "speculative_speedup": speculative.speedup,
    "speculative_extra_operations": speculative.extra_operations,
    "rag_query_tokens": retrieval.query_tokens,
    "rag_query_cost": retrieval.query_cost,
}


def unit(name):
    """By the longest ending of the name that says one."""
    ends = [end for end in UNITS if name.endswith(end)]
    return UNITS[max(ends, key=len)] if ends else ""


def form(name):
    """The closed form of that name, or None where PICK chooses one."""
    if name in PICK:
        return None
    return OTHER_NAMES.get(name) or _FORMS[name]


def _by(word, **forms):
    """Picks by a word that the caller gives; the first is the default."""

    def pick(inputs):
        return forms[inputs.choice(word, forms, next(iter(forms)))]

    return pick


def _token_flops(inputs):
    """Without a context, the weights alone."""
    if inputs.given.get("context"):
        return flops.token_flops
    inputs.taken.add("context")
    return flops.forward_flops_per_token


def _token_training_flops(inputs):
    if inputs.given.get("context"):
        return flops.token_training_flops
    inputs.taken.add("context")
    return flops.training_flops_per_token


def _training_memory(inputs):
    """The whole, or one part: then the other parts weigh nothing."""
    sizes = {
        "weights": "weight_bytes",
        "gradients": "gradient_bytes",
        "optimizer": "optimizer_bytes",
    }
    part = inputs.choice("part", ("total", *sizes), "total")
    for each, size in sizes.items():
        if part not in ("total", each):
            inputs.put(size, 0)
    return memory.training_state_bytes


def _zero(inputs):
    stages = {
        1: memory.zero1_bytes,
        2: memory.zero2_bytes,
        3: memory.zero3_bytes,
    }
    return stages[inputs.choice("stage", stages, 3)]


PICK = {
    "params": parts.params,
    "kv_cache_bytes": families.kv_cache_form,
    "flops_per_token": _token_flops,
    "training_flops_per_token": _token_training_flops,
    "attention_flops_per_token": families.attention_form,
    "attention_overtakes_tokens": families.overtakes_form,
    "training_memory_bytes": _training_memory,
    "zero_memory_bytes": _zero,
    "activation_bytes": _by(
        "method",
        flash=memory.flash_activation_bytes,
        full=memory.activation_bytes,
        checkpointed=memory.checkpointed_activation_bytes,
    ),
    "lora_params": families.lora_form,
    "arithmetic_intensity": _by(
        "of",
        decode=roofline.decode_intensity,
        matmul=roofline.matmul_intensity,
    ),
    "wilson_interval": _by(
        "part", lower=evaluation.wilson_lower, upper=evaluation.wilson_upper
    ),
    "sample_size": _by(
        "design",
        difference=evaluation.sample_size_difference,
        paired=evaluation.sample_size_paired,
        mean=evaluation.sample_size_mean,
    ),
}
_ONE = {"batch": 1, "tokens": 1, "gpus": 1}
DEFAULTS = {
    "params": {"n_shared": 0},
    "kv_cache_bytes": _ONE,
    "linear_state_bytes": _ONE,
    "paged_kv_cache_bytes": {"batch": 1},
    "activation_bytes": {"batch": 1, "tensor_parallel": 1},
    "logits_bytes": {"batch": 1},
    "double_quantized_bits": {
        "bits": 4,
        "block_size": 64,
        "scale_bits": 8,
        "scale_block_size": 256,
        "constant_bits": 32,
    },
    "lora_memory_bytes": {"adapter_bytes_per_param": 16},
    "qlora_base_bytes": {"dtype": "nf4"},
    "chinchilla_params": {"tokens_per_param": 20},
    "chinchilla_tokens": {"tokens_per_param": 20},
    "expected_loss": training.CHINCHILLA_FIT,
    "optimal_params_by_fit": training.CHINCHILLA_FIT,
    "tokens_per_step": {"accumulation": 1, "replicas": 1},
    "tensor_parallel_bytes": {"batch": 1, "tokens": 1},
    "arithmetic_intensity": {"batch": 1},
    "decode_floor_seconds": _ONE,
    "prefill_seconds": {"gpus": 1},
    "max_batch": {"gpus": 1, "reserve": 0.1},
    "max_context": {"gpus": 1, "reserve": 0.1, "batch": 1},
    "min_gpus": {"reserve": 0.1},
    "throughput_tokens_per_second": _ONE,
    "flat_index_bytes": {"bytes_per_component": 4},
    "hnsw_index_bytes": {"bytes_per_component": 4},
    "ivfpq_index_bytes": {"bits": 8},
    "chunk_count": {"overlap_tokens": 0},
    "interval_half_width": {"z": 1.96},
    "wilson_interval": {"z": 1.96},
    "sample_size": {"z_level": 1.96, "z_power": 0.8416, "z": 1.96},
    "zero_failures_bound": {"alpha": 0.05},
    "alignment_memory_bytes": {
        "state_bytes_per_param": 16,
        "frozen_bytes_per_param": 2,
    },
}
_USED = {"params": derived.used_params}
_LINK = {"bytes_per_second": derived.link_bytes_per_second}
DERIVE = {
    "training_flops": _USED,
    "recomputed_training_flops": _USED,
    "lora_training_flops": _USED,
    "lifetime_flops": _USED,
    "training_seconds": _USED,
    "training_days": _USED,
    "gpu_hours": _USED,
    "training_cost": _USED,
    "model_flops_utilization": _USED,
    "all_reduce_seconds": _LINK,
    "all_gather_seconds": _LINK,
    "all_to_all_seconds": _LINK,
    "lora_memory_bytes": {"base_bytes_per_param": derived.bytes_per_param},
    "adapter_bytes": {"bytes_per_param": derived.bytes_per_param},
}
_FORMS = {form.__name__: form for form in render.closed_forms().values()}
