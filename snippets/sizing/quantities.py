"""Every number that a page may ask for by name, with its formula and where its inputs come from.

    compute("kv_cache_bytes", model="llama-3.1-70b", tokens=131072).value   # 42949672960

`QUANTITIES` lists the names. A model's fields can be overridden (`n_kv_heads=64`), or all inputs given without a
model. The arithmetic is a closed form's; which one is picked by the family of the model's attention (families.py).
"""

import inspect
from dataclasses import dataclass, field

from snippets.sizing import (
    alignment, derived, evaluation, families, flops, kv_cache, lora, memory, parallelism, records, render, retrieval,
    roofline, serving, speculative, training,
)  # fmt: skip
from snippets.sizing.inputs import Inputs


@dataclass(frozen=True)
class Computed:
    """A number with everything that stands behind it."""

    value: float | tuple
    unit: str
    title: str
    formula_tex: str
    substituted_tex: str
    result: str
    inputs: list  # (label, value, source); the source is empty for what the caller gave
    module: str
    function: str

    @property
    def steps(self):
        return ["= " + self.substituted_tex] if self.substituted_tex else []


@dataclass(frozen=True)
class Quantity:
    """`form` is a closed form; or `pick` chooses one, looking at the inputs. `derive` says what an input means here."""

    title: str
    unit: str
    form: object = None
    pick: object = None
    defaults: dict = field(default_factory=dict)
    derive: dict = field(default_factory=dict)


def _by(choice, **forms):
    """Picks among closed forms by a word that the caller gives; the first is the default."""
    known = {name.replace("_", "-"): form for name, form in forms.items()}
    return lambda inputs: known[inputs.choice(choice, known, next(iter(known)))]


def _token_flops(inputs):
    """Without a context, the weights alone."""
    return flops.token_flops if inputs.given.get("context") else _without_context(inputs, flops.forward_flops_per_token)


def _token_training_flops(inputs):
    if inputs.given.get("context"):
        return flops.token_training_flops
    return _without_context(inputs, flops.training_flops_per_token)


def _without_context(inputs, form):
    inputs.taken.add("context")
    return form


def _training_memory(inputs):
    part = inputs.choice("part", ("total", "weights", "gradients", "optimizer"), "total")
    keep = {"weights": "weight_bytes", "gradients": "gradient_bytes", "optimizer": "optimizer_bytes"}.get(part)
    for name in ("weight_bytes", "gradient_bytes", "optimizer_bytes"):
        if keep not in (None, name):
            inputs.put(name, 0)
    return memory.training_state_bytes


def _wilson(inputs):
    return _by("part", lower=evaluation.wilson_lower, upper=evaluation.wilson_upper)(inputs)


USED = {"params": derived.used_params}
ONE = {"batch": 1, "tokens": 1, "gpus": 1}
Q = Quantity
QUANTITIES = {
    # parameters and weights
    "params": Q("Parameters", "parameters", pick=families.params_sum, defaults={"n_shared": 0}),
    "rule_of_thumb_params": Q("Parameters by rule of thumb", "parameters", families.parameters.rule_of_thumb_params),
    "weights_bytes": Q("Weights", "bytes", memory.weights_bytes),
    # cache
    "kv_cache_bytes": Q("Key-value cache", "bytes", pick=families.kv_cache_form, defaults=ONE),
    "linear_state_bytes": Q("State of the linear layers", "bytes", kv_cache.linear_state_bytes, defaults=ONE),
    "paged_kv_cache_bytes": Q(
        "Key-value cache in whole blocks", "bytes", kv_cache.paged_kv_cache_bytes, defaults={"batch": 1}
    ),
    "paged_waste_share": Q("Empty slots in the last block", "", kv_cache.paged_waste_share),
    "reserved_waste_share": Q("Empty share of a reservation", "", kv_cache.reserved_waste_share),
    "quantized_bytes_per_element": Q("Bytes per quantized number", "bytes", kv_cache.quantized_bytes_per_element),
    "kv_transfer_seconds": Q("Time to move a cache", "s", kv_cache.kv_transfer_seconds),
    # operations
    "flops_per_token": Q("Forward FLOPs of one token", "FLOPs", pick=_token_flops),
    "training_flops_per_token": Q("Training FLOPs of one token", "FLOPs", pick=_token_training_flops),
    "attention_flops_per_token": Q("Attention FLOPs of one token", "FLOPs", pick=families.attention_form),
    "attention_flops_share": Q("Attention's share of a token's FLOPs", "", flops.attention_flops_share),
    "attention_overtakes_tokens": Q("Context at which attention costs as much as the weights", "tokens",
                                    pick=families.overtakes_form),
    "training_flops": Q("Training FLOPs, 6ND", "FLOPs", flops.training_flops, derive=USED),
    "recomputed_training_flops": Q("Training FLOPs with full recomputation, 8ND", "FLOPs",
                                   flops.recomputed_training_flops, derive=USED),
    "lora_training_flops": Q("Training FLOPs with frozen weights, 4ND", "FLOPs", flops.lora_training_flops, derive=USED),
    # training memory
    "training_memory_bytes": Q("Weights, gradients and optimizer state", "bytes", pick=_training_memory),
    "zero_memory_bytes": Q("Training state on each GPU", "bytes", pick=lambda inputs: {
        1: memory.zero1_bytes, 2: memory.zero2_bytes, 3: memory.zero3_bytes}[inputs.choice("stage", (1, 2, 3), 3)]),
    "activation_bytes": Q("Activations", "bytes", pick=_by("method", flash=memory.flash_activation_bytes,
                          full=memory.activation_bytes, checkpointed=memory.checkpointed_activation_bytes),
                          defaults={"batch": 1, "tensor_parallel": 1}),
    "logits_bytes": Q("Logits", "bytes", memory.logits_bytes, defaults={"batch": 1}),
    "scaled_bits": Q("Bits per weight with its scale", "bits", memory.scaled_bits),
    "double_quantized_bits": Q("Bits per weight, scales quantized too", "bits", memory.double_quantized_bits,
                               defaults={"bits": 4, "block_size": 64, "scale_bits": 8, "scale_block_size": 256,
                                         "constant_bits": 32}),
    # adapters
    "lora_params": Q("Adapter parameters", "parameters", pick=families.lora_form),
    "lora_matrix_params": Q("Adapter parameters of one matrix", "parameters", lora.lora_matrix_params),
    "lora_memory_bytes": Q("Frozen base and trained adapters", "bytes", lora.lora_training_bytes,
                           defaults={"adapter_bytes_per_param": 16},
                           derive={"base_bytes_per_param": derived.base_bytes_per_param}),
    "qlora_base_bytes": Q("Base model in NF4", "bytes", lora.qlora_base_bytes, defaults={"dtype": "nf4"}),
    "adapter_bytes": Q("One adapter", "bytes", lora.adapter_bytes,
                       derive={"bytes_per_param": derived.base_bytes_per_param}),
    # compute budgets
    "chinchilla_params": Q("Compute-optimal parameters", "parameters", training.chinchilla_params,
                           defaults={"tokens_per_param": 20}),
    "chinchilla_tokens": Q("Compute-optimal tokens", "tokens", training.chinchilla_tokens,
                           defaults={"tokens_per_param": 20}),
    "expected_loss": Q("Fitted loss, nats per token", "", training.expected_loss, defaults=training.CHINCHILLA_FIT),
    "optimal_params_by_fit": Q("Compute-optimal parameters by the fitted loss", "parameters",
                               training.optimal_params_by_fit, defaults=training.CHINCHILLA_FIT),
    "lifetime_flops": Q("Training and serving FLOPs", "FLOPs", training.lifetime_flops, derive=USED),
    "training_seconds": Q("Training time", "s", training.training_seconds, derive=USED),
    "training_days": Q("Training time", "days", training.training_days, derive=USED),
    "gpu_hours": Q("GPU-hours", "GPU-hours", training.gpu_hours, derive=USED),
    "training_cost": Q("Price of the final run", "$", training.training_cost, derive=USED),
    "model_flops_utilization": Q("Model FLOPs utilization", "", training.model_flops_utilization, derive=USED),
    "tokens_per_step": Q("Tokens per optimizer step", "tokens", training.tokens_per_step,
                         defaults={"accumulation": 1, "replicas": 1}),
    "hardware_seconds": Q("Time of a compute-bound job", "s", flops.hardware_seconds),
    # parallelism
    "all_reduce_seconds": Q("Ring all-reduce", "s", parallelism.all_reduce_seconds,
                            derive={"bytes_per_second": derived.link_bytes_per_second}),
    "all_gather_seconds": Q("All-gather", "s", parallelism.all_gather_seconds,
                            derive={"bytes_per_second": derived.link_bytes_per_second}),
    "all_to_all_seconds": Q("All-to-all", "s", parallelism.all_to_all_seconds,
                            derive={"bytes_per_second": derived.link_bytes_per_second}),
    "ring_latency_seconds": Q("Latency of a ring", "s", parallelism.ring_latency_seconds),
    "tensor_parallel_bytes": Q("Bytes each GPU sends for tensor parallelism", "bytes",
                               parallelism.tensor_parallel_bytes, defaults={"batch": 1, "tokens": 1}),
    "pipeline_bubble": Q("Pipeline bubble", "", parallelism.pipeline_bubble),
    "interleaved_bubble": Q("Bubble of an interleaved pipeline", "", parallelism.interleaved_bubble),
    "bubble_overhead": Q("Bubble over useful time", "", parallelism.bubble_overhead),
    "checkpoint_interval_seconds": Q("Best checkpoint interval", "s", parallelism.checkpoint_interval_seconds),
    "checkpoint_overhead": Q("Time lost to checkpoints and failures", "", parallelism.checkpoint_overhead),
    "cluster_mtbf_seconds": Q("Mean time between failures", "s", parallelism.cluster_mtbf_seconds),
    # roofline
    "ridge_point": Q("Ridge point", "FLOPs per byte", roofline.ridge_point),
    "arithmetic_intensity": Q("Arithmetic intensity", "FLOPs per byte", pick=_by("of", decode=roofline.decode_intensity,
                              matmul=roofline.matmul_intensity), defaults={"batch": 1}),
    "attainable_flops_per_second": Q("Attainable rate", "FLOP/s", roofline.attainable_flops_per_second),
    "decode_floor_seconds": Q("Least time of a decode step", "s", roofline.decode_floor_seconds, defaults=ONE),
    "prefill_seconds": Q("Prefill time", "s", roofline.prefill_seconds, defaults={"gpus": 1}),
    "touched_experts": Q("Experts read by a batch", "", roofline.touched_experts),
    # serving
    "max_batch": Q("Sequences that fit", "", serving.max_batch, defaults={"gpus": 1, "reserve": 0.1}),
    "max_context": Q("Tokens that fit in each sequence", "tokens", serving.max_context,
                     defaults={"gpus": 1, "reserve": 0.1, "batch": 1}),
    "min_gpus": Q("Fewest GPUs that hold it", "", serving.min_gpus, defaults={"reserve": 0.1}),
    "throughput_tokens_per_second": Q("Tokens per second, at most", "tokens/s", serving.throughput_tokens_per_second,
                                      defaults={"gpus": 1, "batch": 1, "tokens": 1}),
    "cost_per_million_tokens": Q("Price of a million tokens", "$", serving.cost_per_million_tokens),
    "request_seconds": Q("Time of a request", "s", serving.request_seconds),
    "requests_per_second": Q("Requests per second", "requests/s", serving.requests_per_second),
    "concurrent_requests": Q("Requests in flight", "", serving.concurrent_requests),
    "gpus_needed": Q("GPUs needed", "", serving.gpus_needed),
    "cascade_cost": Q("Price of a request in a cascade", "$", serving.cascade_cost),
    "break_even_escalation": Q("Escalation rate at which a cascade stops paying", "", serving.break_even_escalation),
    # speculative decoding
    "speculative_expected_tokens": Q("Tokens per target pass", "", speculative.expected_tokens),
    "speculative_speedup": Q("Speed-up of speculative decoding", "", speculative.speedup),
    "speculative_extra_operations": Q("Operations over plain decoding", "", speculative.extra_operations),
    # retrieval
    "flat_index_bytes": Q("Vectors", "bytes", retrieval.flat_index_bytes, defaults={"bytes_per_component": 4}),
    "hnsw_index_bytes": Q("HNSW index", "bytes", retrieval.hnsw_index_bytes, defaults={"bytes_per_component": 4}),
    "ivfpq_index_bytes": Q("IVF-PQ index", "bytes", retrieval.ivfpq_index_bytes, defaults={"bits": 8}),
    "chunk_count": Q("Chunks", "", retrieval.chunk_count, defaults={"overlap_tokens": 0}),
    "embedding_seconds": Q("Time to embed", "s", retrieval.embedding_seconds),
    "rag_query_tokens": Q("Tokens of a query", "tokens", retrieval.query_tokens),
    "rag_query_cost": Q("Price of a query", "$", retrieval.query_cost),
    "cached_query_cost": Q("Price of a query with a cached prefix", "$", retrieval.cached_query_cost),
    "agent_input_tokens": Q("Input tokens of an agent's run", "tokens", retrieval.agent_input_tokens),
    # evaluation
    "standard_error": Q("Standard error", "", evaluation.standard_error),
    "interval_half_width": Q("Half the interval", "", evaluation.interval_half_width, defaults={"z": 1.96}),
    "wilson_interval": Q("Wilson's interval", "", pick=_wilson, defaults={"z": 1.96}),
    "sample_size": Q("Answers needed", "", pick=_by("design", difference=evaluation.sample_size_difference,
                     paired=evaluation.sample_size_paired, mean=evaluation.sample_size_mean),
                     defaults={"z_level": 1.96, "z_power": 0.8416, "z": 1.96}),
    "clustered_standard_error": Q("Standard error with clusters", "", evaluation.clustered_standard_error),
    "all_succeed": Q("Chance that all trials succeed", "", evaluation.all_succeed),
    "any_succeeds": Q("Chance that a trial succeeds", "", evaluation.any_succeeds),
    "positive_predictive_value": Q("Share of flags that are right", "", evaluation.positive_predictive_value),
    "cohen_kappa": Q("Cohen's kappa", "", evaluation.cohen_kappa),
    "zero_failures_bound": Q("Upper bound after no failure", "", evaluation.zero_failures_bound, defaults={"alpha": 0.05}),
    # alignment
    "best_of_n_kl": Q("KL of best-of-n, nats, at most", "", alignment.best_of_n_kl),
    "alignment_memory_bytes": Q("Weights and states of all models", "bytes", alignment.alignment_memory_bytes,
                                defaults={"state_bytes_per_param": 16, "frozen_bytes_per_param": 2}),
    "pipeline_speedup_limit": Q("Speed-up of a step", "", alignment.pipeline_speedup_limit),
}  # fmt: skip


def compute(name, model=None, gpu=None, **given):
    """The quantity `name` for a model, an accelerator and inputs; ValueError says what is missing or unknown."""
    if name not in QUANTITIES:
        raise ValueError(f"no quantity {name!r}; {records.nearest(name, QUANTITIES)}")
    quantity = QUANTITIES[name]
    if name == "wilson_interval" and "part" not in given:
        return _both_ends(model, gpu, given)
    inputs = Inputs(model, gpu, given, quantity.defaults, {**derived.DERIVED, **quantity.derive})
    form = quantity.form or quantity.pick(inputs)
    if isinstance(form, families.Sum):
        value, formula, substituted, module, function = form.value, form.tex, form.substituted, form.module, form.function
        known = set()
    else:
        known = set(inspect.signature(form).parameters)
        values = {parameter: inputs.take(parameter) for parameter in inspect.signature(form).parameters}
        value = _call(name, form, values)
        formula, substituted = render.tex(form), render.tex(form, values)
        module, function = form.__module__.replace(".", "/") + ".py", form.__name__
    _refuse_unused(name, set(given) - inputs.taken, known | inputs.taken | set(quantity.defaults), quantity)
    words = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    result = f"{words} {quantity.unit}".strip()
    return Computed(value, quantity.unit, quantity.title, formula, substituted, result, inputs.used, module, function)


def _call(name, form, values):
    try:
        value = form(**values)
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        raise ValueError(f"{name}: {error} with {values}") from None
    if isinstance(value, complex):
        raise ValueError(f"{name} is no real number with {values}")
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _refuse_unused(name, unused, known, quantity):
    if unused:
        raise ValueError("; ".join(f"{name} does not use {extra!r}: {records.nearest(extra, known)}" for extra in sorted(unused)))


def _both_ends(model, gpu, given):
    lower = compute("wilson_interval", model, gpu, part="lower", **given)
    upper = compute("wilson_interval", model, gpu, part="upper", **given)
    return Computed((lower.value, upper.value), lower.unit, lower.title, lower.formula_tex, lower.substituted_tex,
                    f"{lower.result} to {upper.result}", lower.inputs, lower.module, "wilson_lower, wilson_upper")  # fmt: skip
