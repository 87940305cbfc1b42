"""Inputs that follow from a model, an accelerator or a choice of precision.

Each function takes `Inputs` and returns (value, label, source), or None when
it does not apply; then the input must be given. DERIVED lists them by the name
that the closed forms use.
"""

from snippets.sizing import (
    counter,
    families,
    flops,
    layers,
    memory,
    roofline,
)

BITS = {
    "fp32": 32,
    "bf16": 16,
    "fp16": 16,
    "fp8": 8,
    "int8": 8,
    "fp4": 4,
    "int4": 4,
    "mxfp4": 4.25,
    "nvfp4": 4.5,
    "nf4": 4.126953125,
}
# The column of a hardware record; what has fewer bits runs as fp4.
PEAK = {
    "fp32": None,
    "bf16": "bf16",
    "fp16": "bf16",
    "fp8": "fp8",
    "int8": "int8",
}


def whole(number):
    """2.0 as 2: bytes are whole numbers where they come out whole."""
    return int(number) if number == int(number) else number


def in_bytes(numbers, dtype):
    """Exact for whole numbers of any size."""
    bits = numbers * BITS[dtype]
    exact = isinstance(bits, int) and bits % 8 == 0
    return bits // 8 if exact else whole(bits / 8)


def _dtype(inputs, name="dtype"):
    return inputs.choice(name, BITS, inputs.defaults.get(name, "bf16"))


def _for_model(find):
    """Applies only when there is a model; its source is the model's."""

    def finder(inputs):
        if not inputs.has_model:
            return None
        value, label = find(inputs)
        return value, label, inputs.model_source

    return finder


# ---- parameters and bytes of weights ----------------------------------------


@_for_model
def params(inputs):
    if inputs.countable:
        return inputs.count.total, "parameters"
    return inputs.recorded("total"), "parameters (as recorded)"


@_for_model
def used_params(inputs):
    """For 6ND: of experts only what a token uses; with the embedding."""
    recorded = inputs.recorded("active_incl_embedding")
    return recorded or inputs.count.active, "parameters that a token uses"


def active_params(inputs):
    label = "parameters that a token multiplies by"
    if inputs.has_model:
        recorded = inputs.recorded("active_matmul")
        value = recorded or inputs.count.active_matmul
        return value, label, inputs.model_source
    given = "params" in inputs.given
    return (inputs.take("params"), label, "") if given else None


def bits_per_param(inputs):
    dtype = _dtype(inputs)
    return BITS[dtype], f"bits per parameter ({dtype})", ""


def bytes_per_param(inputs):
    dtype = _dtype(inputs)
    return whole(BITS[dtype] / 8), f"bytes per parameter ({dtype})", ""


def bytes_per_element(inputs):
    dtype = _dtype(inputs)
    return whole(BITS[dtype] / 8), f"bytes per number ({dtype})", ""


@_for_model
def weights_bytes(inputs):
    dtype, size = _dtype(inputs), params(inputs)[0]
    return in_bytes(size, dtype), f"weights, bytes ({size:,} in {dtype})"


@_for_model
def weight_bytes_read(inputs):
    """All that one step multiplies by: no input embedding, and of the experts
    those that some token of the batch chose.
    """
    dtype, count = _dtype(inputs), inputs.count
    read, note = count.active_matmul, "without the input embedding"
    if count.idle:
        moe = inputs.shape["moe"]
        experts, chosen = moe["n_experts"], moe["n_active"]
        batch = inputs.take("batch")
        touched = roofline.touched_experts(experts, chosen, batch)
        read += count.idle / (experts - chosen) * (touched - chosen)
        note += f", {touched:.4g} of {experts} experts a layer"
    return in_bytes(read, dtype), f"weights read, bytes ({note})"


# ---- accelerators -----------------------------------------------------------


def _of_gpu(field, factor, label):
    def find(inputs):
        value = inputs.gpu.get(field)
        if not value:
            return None
        return whole(value * factor), label, inputs.gpu_source

    return find


def peak_flops_per_second(inputs):
    if not inputs.gpu:
        return None
    column = PEAK.get(_dtype(inputs), "fp4")
    if not inputs.gpu.get(column):
        column = column or "fp32"
        raise ValueError(f"{inputs.gpu_name} has no {column} peak on record")
    label = f"dense {column} peak, FLOP/s"
    return _of_gpu(column, 1e12, label)(inputs)


# Vendors quote both directions of NVLink together.
link_bytes_per_second = _of_gpu(
    "nvlink_GBps", 1e9 / 2, "NVLink one way, bytes/s"
)

# ---- cache ------------------------------------------------------------------


def _cache(inputs, tokens, batch, label):
    dtype = _dtype(inputs, "kv_dtype")
    numbers = layers.cache_elements(inputs.shape, tokens) * batch
    return in_bytes(numbers, dtype), f"{label}, bytes ({dtype})"


@_for_model
def kv_cache_bytes(inputs):
    tokens, batch = inputs.take("tokens"), inputs.take("batch")
    return _cache(inputs, tokens, batch, "cache of the batch")


@_for_model
def kv_cache_bytes_per_sequence(inputs):
    return _cache(inputs, inputs.take("tokens"), 1, "cache of one sequence")


@_for_model
def kv_cache_bytes_per_token(inputs):
    return _cache(inputs, 1, 1, "cache of one token")


# ---- operations and time ----------------------------------------------------


def attention_flops(inputs):
    form = families.attention_form(inputs)
    value = inputs.call(form)
    if inputs.has_model:
        value += families.linear_flops(inputs.shape)
    return value, "attention FLOPs of one token", f"flops.{form.__name__}"


def training_flops(inputs):
    """A run's operations from its size and data."""
    if not (inputs.has_model or "params" in inputs.given):
        return None
    value = inputs.call(flops.training_flops)
    return value, "training FLOPs, 6ND", "flops.training_flops"


def seconds_per_step(inputs):
    if not (inputs.has_model and inputs.gpu):
        return None
    value = inputs.call(roofline.decode_floor_seconds)
    source = "roofline.decode_floor_seconds"
    return value, "least time of a decode step, s", source


# ---- training ---------------------------------------------------------------


def _recipe(index, part):
    def find(inputs):
        recipe = inputs.choice("recipe", memory.RECIPES, "mixed-adamw")
        size = memory.RECIPES[recipe][index]
        return size, f"bytes a parameter, {part} ({recipe})", ""

    return find


def adapter_params(inputs):
    if not inputs.has_model:
        return None
    form = families.lora_form(inputs)
    return inputs.call(form), "adapter parameters", f"lora.{form.__name__}"


@_for_model
def quantized_params(inputs):
    """Matrices of the layers: what QLoRA stores in 4 bits."""
    return _matrices(inputs), "parameters of the layers' matrices"


@_for_model
def other_params(inputs):
    """Embedding, LM head, norms and biases stay in 16 bits."""
    rest = inputs.count.total - _matrices(inputs)
    return rest, "parameters that stay in 16 bits"


def _matrices(inputs):
    shape = inputs.shape
    if "moe" in shape or shape["form"] != "heads":
        raise ValueError(
            f"{inputs.model_name}: counted for dense multi-head and "
            "grouped-query models only"
        )
    plain = {"qkv_bias": False, "o_bias": False, "mlp_bias": False}
    parts = counter.count(shape | plain | {"qk_norm": None}).parts
    return parts["attention"] + parts["ffn"]


# ---- shape ------------------------------------------------------------------


def _of_shape(pick):
    @_for_model
    def find(inputs):
        return pick(inputs.shape), None

    return find


def vocab_matrices(inputs):
    """Of a shape that is typed in; a model's file says which it has."""
    inputs.taken.add("tied_embeddings")
    tied = inputs.given.get("tied_embeddings")
    if tied is None:
        return None
    return (1 if tied else 2), "vocabulary matrices", ""


DERIVED = {
    "params": params,
    "active_params": active_params,
    "bits_per_param": bits_per_param,
    "bytes_per_element": bytes_per_element,
    "weights_bytes": weights_bytes,
    "needed_bytes": weights_bytes,
    "weight_bytes_read": weight_bytes_read,
    "peak_flops_per_second": peak_flops_per_second,
    "bytes_per_second": _of_gpu("bw_GBps", 1e9, "memory bandwidth, bytes/s"),
    "memory_bytes": _of_gpu("mem_GB", 1e9, "memory, bytes"),
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
    "full_layers": _of_shape(lambda shape: layers.split(shape).full),
    "windowed_layers": _of_shape(lambda shape: layers.split(shape).local),
    "full_elements": _of_shape(lambda shape: layers.elements(shape)[0]),
    "windowed_elements": _of_shape(lambda shape: layers.elements(shape)[1]),
    "full_width": _of_shape(lambda shape: layers.widths(shape)[0]),
    "windowed_width": _of_shape(lambda shape: layers.widths(shape)[1]),
    "vocab_matrices": vocab_matrices,
}
