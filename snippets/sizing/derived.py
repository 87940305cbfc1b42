"""Inputs that follow from a model, an accelerator or a choice of precision.

Each function takes `Inputs` and returns (value, label, source), or None when it does not apply; then the input must
be given. DERIVED lists them by the name that the closed forms use.
"""

import inspect

from snippets.sizing import counter, families, flops, memory, roofline

BITS = {
    "fp32": 32, "bf16": 16, "fp16": 16, "fp8": 8, "int8": 8, "fp4": 4, "int4": 4,
    "mxfp4": 4.25, "nvfp4": 4.5, "nf4": 4.126953125,
}  # fmt: skip
PEAK_FIELD = {"bf16": "bf16", "fp16": "bf16", "fp8": "fp8", "int8": "int8"}  # what has fewer bits runs as fp4


def whole(number):
    """2.0 as 2: bytes are counted in whole numbers where they come out whole."""
    return int(number) if number == int(number) else number


# ---- parameters and bytes of weights -----------------------------------------------------------------------


def params(inputs):
    if not inputs.has_model:
        return None
    if inputs.countable:
        return inputs.count.total, "parameters", inputs.model_source
    return inputs.record["computed"]["total"], "parameters (as recorded)", inputs.model_source


def used_params(inputs):
    """For 6ND: of a mixture of experts only what a token uses, the embedding included."""
    if not inputs.has_model:
        return None
    recorded = None if inputs.countable else inputs.record["computed"].get("active_incl_embedding")
    return recorded or inputs.count.active, "parameters that a token uses", inputs.model_source


def active_params(inputs):
    label = "parameters that a token multiplies by"
    if not inputs.has_model:
        return (inputs.take("params"), label, "") if "params" in inputs.given else None
    recorded = None if inputs.countable else inputs.record["computed"].get("active_matmul")
    return recorded or inputs.count.active_matmul, label, inputs.model_source


def bits_per_param(inputs):
    dtype = inputs.choice("dtype", BITS, inputs.defaults.get("dtype", "bf16"))
    return BITS[dtype], f"bits per parameter ({dtype})", ""


def base_bytes_per_param(inputs):
    dtype = inputs.choice("dtype", BITS, "bf16")
    return whole(BITS[dtype] / 8), f"bytes per parameter ({dtype})", ""


def bytes_per_element(inputs):
    dtype = inputs.choice("dtype", BITS, "bf16")
    return whole(BITS[dtype] / 8), f"bytes per number ({dtype})", ""


def weights_bytes(inputs):
    if not inputs.has_model:
        return None
    dtype, size = inputs.choice("dtype", BITS, "bf16"), params(inputs)[0]
    return whole(memory.weights_bytes(size, BITS[dtype])), f"weights, bytes ({size:,} in {dtype})", inputs.model_source


def weight_bytes_read(inputs):
    """All that one step multiplies by: no input embedding, and of the experts those that some token chose."""
    if not inputs.has_model:
        return None
    dtype, read, note = inputs.choice("dtype", BITS, "bf16"), inputs.count.active_matmul, "without the input embedding"
    if inputs.count.idle:
        experts, chosen = (inputs.shape["moe"][name] for name in ("n_experts", "n_active"))
        touched = roofline.touched_experts(experts, chosen, inputs.take("batch"))
        read += inputs.count.idle / (experts - chosen) * (touched - chosen)
        note += f", {touched:.4g} of {experts} experts a layer"
    return whole(memory.weights_bytes(read, BITS[dtype])), f"weights read, bytes ({note})", inputs.model_source


# ---- accelerators ------------------------------------------------------------------------------------------


def peak_flops_per_second(inputs):
    if not inputs.gpu:
        return None
    dtype = inputs.choice("dtype", BITS, "bf16")
    column = PEAK_FIELD.get(dtype, "fp4")
    if not inputs.gpu.get(column):
        raise ValueError(f"{inputs.gpu_name} has no {column} peak on record")
    return whole(inputs.gpu[column] * 1e12), f"dense {column} peak, FLOP/s", inputs.gpu_source


def bytes_per_second(inputs):
    return (whole(inputs.gpu["bw_GBps"] * 1e9), "memory bandwidth, bytes/s", inputs.gpu_source) if inputs.gpu else None


def link_bytes_per_second(inputs):
    """One direction of NVLink; vendors quote both together."""
    link = inputs.gpu.get("nvlink_GBps")
    return (whole(link * 1e9 / 2), "NVLink one way, bytes/s", inputs.gpu_source) if link else None


def memory_bytes(inputs):
    return (whole(inputs.gpu["mem_GB"] * 1e9), "memory, bytes", inputs.gpu_source) if inputs.gpu else None


# ---- cache -------------------------------------------------------------------------------------------------


def _cache(inputs, tokens, batch, label):
    dtype = inputs.choice("kv_dtype", BITS, "bf16")
    size = counter.cache_elements(inputs.shape, tokens) * batch * BITS[dtype] / 8
    return whole(size), f"{label}, bytes ({dtype})", inputs.model_source


def kv_cache_bytes(inputs):
    if inputs.has_model:
        return _cache(inputs, inputs.take("tokens"), inputs.take("batch"), "cache of the batch")
    return None


def kv_cache_bytes_per_sequence(inputs):
    return _cache(inputs, inputs.take("tokens"), 1, "cache of one sequence") if inputs.has_model else None


def kv_cache_bytes_per_token(inputs):
    return _cache(inputs, 1, 1, "cache of one token") if inputs.has_model else None


# ---- operations and time -----------------------------------------------------------------------------------


def attention_flops(inputs):
    form = families.attention_form(inputs)
    value = form(**{name: inputs.take(name) for name in inspect.signature(form).parameters})
    linear = families.linear_flops(inputs.shape) if inputs.has_model else 0
    return value + linear, "attention FLOPs of one token", f"flops.{form.__name__}"


def training_flops(inputs):
    """A run's operations from its size and data."""
    if not (inputs.has_model or "params" in inputs.given):
        return None
    return flops.training_flops(inputs.take("params"), inputs.take("tokens")), "training FLOPs, 6ND", "flops.training_flops"


def seconds_per_step(inputs):
    if not (inputs.has_model and inputs.gpu):
        return None
    names = ("weight_bytes_read", "kv_cache_bytes", "gpus", "bytes_per_second")
    seconds = roofline.decode_floor_seconds(*(inputs.take(name) for name in names))
    return seconds, "least time of a decode step, s", "roofline.decode_floor_seconds"


# ---- training ----------------------------------------------------------------------------------------------


def _recipe(index, part):
    def find(inputs):
        recipe = inputs.choice("recipe", memory.RECIPES, "mixed-adamw")
        return memory.RECIPES[recipe][index], f"bytes a parameter, {part} ({recipe})", ""

    return find


def adapter_params(inputs):
    if not inputs.has_model:
        return None
    form = families.lora_form(inputs)
    value = form(**{name: inputs.take(name) for name in inspect.signature(form).parameters})
    return value, "adapter parameters", f"lora.{form.__name__}"


def quantized_params(inputs):
    """Matrices of the layers: what QLoRA stores in 4 bits. Embedding, LM head, norms and biases stay in 16."""
    if not inputs.has_model:
        return None
    shape = inputs.shape
    if "moe" in shape or shape["form"] != "heads":
        raise ValueError(f"{inputs.model_name}: counted for dense multi-head and grouped-query models only")
    plain = counter.count({**shape, "qkv_bias": False, "o_bias": False, "mlp_bias": False, "qk_norm": None}).parts
    return plain["attention"] + plain["ffn"], "parameters of the layers' matrices", inputs.model_source


def other_params(inputs):
    if not inputs.has_model:
        return None
    return inputs.count.total - quantized_params(inputs)[0], "parameters that stay in 16 bits", inputs.model_source


# ---- shape -------------------------------------------------------------------------------------------------


def _of_shape(pick):
    def find(inputs):
        return (pick(inputs.shape, counter.split(inputs.shape)), None, inputs.model_source) if inputs.has_model else None

    return find


def vocab_matrices(inputs):
    tied = inputs.given.get("tied_embeddings", inputs.record.get("tied_embeddings"))
    inputs.taken.add("tied_embeddings")
    return None if tied is None else (1 if tied else 2, "vocabulary matrices", "")


DERIVED = {
    "params": params,
    "active_params": active_params,
    "bits_per_param": bits_per_param,
    "bytes_per_element": bytes_per_element,
    "weights_bytes": weights_bytes,
    "needed_bytes": weights_bytes,
    "weight_bytes_read": weight_bytes_read,
    "peak_flops_per_second": peak_flops_per_second,
    "bytes_per_second": bytes_per_second,
    "link_bytes_per_second": link_bytes_per_second,
    "memory_bytes": memory_bytes,
    "kv_cache_bytes": kv_cache_bytes,
    "kv_cache_bytes_per_sequence": kv_cache_bytes_per_sequence,
    "kv_cache_bytes_per_token": kv_cache_bytes_per_token,
    "kv_bytes_per_token": kv_cache_bytes_per_token,
    "attention_flops": attention_flops,
    "flops": training_flops,
    "seconds_per_step": seconds_per_step,
    "weight_bytes": _recipe(0, "weights"),
    "gradient_bytes": _recipe(1, "gradients"),
    "optimizer_bytes": _recipe(2, "optimizer"),
    "adapter_params": adapter_params,
    "quantized_params": quantized_params,
    "other_params": other_params,
    "full_layers": _of_shape(lambda shape, layers: layers.full),
    "windowed_layers": _of_shape(lambda shape, layers: layers.local),
    "full_elements": _of_shape(lambda shape, layers: counter.elements(shape)[0]),
    "windowed_elements": _of_shape(lambda shape, layers: counter.elements(shape)[1]),
    "full_width": _of_shape(lambda shape, layers: counter.widths(shape)[0]),
    "windowed_width": _of_shape(lambda shape, layers: counter.widths(shape)[1]),
    "vocab_matrices": vocab_matrices,
}
