"""Which closed form fits a model: by the kind of its attention, its windows,
its experts.

Each function takes `Inputs` and returns a closed form. Where an input of that
form is not a field of the model, it is noted here.
"""

from snippets.sizing import flops, kv_cache, layers, lora

LORA_TARGETS = {
    "all-linear": lora.lora_all_linear_params,
    "attention": lora.lora_attention_params,
    "query-value": lora.lora_query_value_params,
}


def kv_cache_form(inputs):
    if not inputs.has_model:
        latent = "kv_lora_rank" in inputs.given
        return _latent_cache if latent else kv_cache.kv_cache_bytes
    shape, split = inputs.shape, layers.split(inputs.shape)
    if is_mixed(shape):
        return kv_cache.mixed_kv_cache_bytes
    if shape["form"] == "latent":
        return _latent_cache
    if split.local:
        return kv_cache.windowed_kv_cache_bytes
    _note_attending(inputs, split.full)
    return kv_cache.kv_cache_bytes


_latent_cache = kv_cache.latent_kv_cache_bytes


def attention_form(inputs):
    if not inputs.has_model:
        return flops.attention_flops_per_token
    shape, split = inputs.shape, layers.split(inputs.shape)
    if shape["form"] == "encoder-decoder":
        raise ValueError(
            f"{inputs.model_name}: operations of an encoder-decoder depend on "
            "both lengths; they are not counted"
        )
    if split.local or is_mixed(shape):
        # Layers that reuse another layer's cache attend all the same.
        full = split.full + split.full_reusing
        local = split.local + split.local_reusing
        source = inputs.model_source
        inputs.note("full_layers", full, "layers that see all", source)
        inputs.note("windowed_layers", local, "layers with a window", source)
        return flops.windowed_attention_flops_per_token
    if shape["form"] == "latent":
        return flops.latent_attention_flops_per_token
    _note_attending(inputs, split.full)
    return flops.attention_flops_per_token


def overtakes_form(inputs):
    """For the context at which attention costs as much as the weights."""
    if not inputs.has_model:
        return flops.attention_overtakes_tokens
    shape = inputs.shape
    plain = attention_form(inputs) is flops.attention_flops_per_token
    if plain and shape["form"] == "heads":
        return flops.attention_overtakes_tokens
    window = shape["attention"].get("window") or 1
    at_window = attention_flops(shape, window)
    slope = attention_flops(shape, window + 1) - at_window
    if not slope:
        raise ValueError(
            f"{inputs.model_name}: every layer has a window, so attention "
            "stops growing"
        )
    source, fixed = inputs.model_source, at_window - slope * window
    label = "attention FLOPs that do not grow"
    inputs.note("fixed_attention_flops", fixed, label, source)
    label = "attention FLOPs per token of context"
    inputs.note("flops_per_context_token", slope, label, source)
    return flops.attention_overtakes_tokens_by_slope


def attention_flops(shape, context):
    """Attention of one token over `context` tokens, for any counted model."""
    split, (full, local) = layers.split(shape), layers.widths(shape)
    growing = flops.windowed_attention_flops_per_token(
        n_heads=shape["n_heads"],
        full_layers=split.full + split.full_reusing,
        full_width=full,
        windowed_layers=split.local + split.local_reusing,
        windowed_width=local,
        window=shape["attention"].get("window") or context,
        context=context,
    )
    return growing + linear_flops(shape)


def linear_flops(shape):
    """One token in the Gated DeltaNet layers; 0 where there are none."""
    if shape["form"] != "hybrid":
        return 0
    attention = shape["attention"]
    names = ("value_heads", "key_dim", "value_dim")
    return flops.linear_attention_flops_per_token(
        attention["linear_layers"],
        *(attention["linear"][name] for name in names),
    )


def lora_form(inputs):
    targets = inputs.choice("targets", LORA_TARGETS, "all-linear")
    if inputs.has_model:
        shape = inputs.shape
        plain = shape["form"] == "heads" and not is_mixed(shape)
        gated = "moe" not in shape and layers.is_gated(shape["ffn"])
        if not plain or (targets == "all-linear" and not gated):
            raise ValueError(
                f"{inputs.model_name}: adapters on {targets} are counted for "
                "dense models with plain heads and a gated feed-forward layer"
            )
    return LORA_TARGETS[targets]


def is_mixed(shape):
    """Whether layers differ in more than their window, or reuse a cache."""
    split = layers.split(shape)
    uneven = {"v_head_dim", "global_head_dim", "n_kv_heads_swa"} & set(shape)
    windowed_latent = shape["form"] == "latent" and split.local
    return bool(uneven or windowed_latent or split.local_reusing)


def _note_attending(inputs, number):
    """Hybrids and encoder-decoders attend in some of their layers only."""
    form = inputs.shape["form"]
    labels = {
        "hybrid": "layers with full attention",
        "encoder-decoder": "decoder layers",
    }
    if form in labels:
        inputs.note("n_layers", number, labels[form], inputs.model_source)
