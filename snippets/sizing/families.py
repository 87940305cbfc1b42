"""Which closed form fits a model: by the kind of its attention, its windows, its experts."""

from dataclasses import dataclass

from snippets.sizing import counter, flops, kv_cache, lora, parameters, render
from snippets.sizing.layers import is_gated, norms_per_layer


@dataclass(frozen=True)
class Sum:
    """A count that is no closed form: parts of a model, added up."""

    value: int
    tex: str
    substituted: str
    module: str = "snippets/sizing/counter.py"
    function: str = "count"


def kv_cache_form(inputs):
    if not inputs.has_model:
        return kv_cache.kv_cache_bytes if "kv_lora_rank" not in inputs.given else kv_cache.latent_kv_cache_bytes
    shape, layers = inputs.shape, counter.split(inputs.shape)
    if shape["form"] == "latent" and not layers.local:
        return kv_cache.latent_kv_cache_bytes
    if _mixed(shape, layers):
        return kv_cache.mixed_kv_cache_bytes
    if layers.local:
        return kv_cache.windowed_kv_cache_bytes
    _attending_layers(inputs, layers)
    return kv_cache.kv_cache_bytes


def attention_form(inputs):
    if not inputs.has_model:
        return flops.attention_flops_per_token
    shape = inputs.shape
    layers = counter.split(shape)
    if shape["form"] == "encoder-decoder":
        raise ValueError(f"{inputs.model_name}: operations of an encoder-decoder depend on both lengths; not counted")
    if shape["form"] == "latent" and not layers.local:
        return flops.latent_attention_flops_per_token
    if layers.local or _mixed(shape, layers):
        # Layers that reuse another layer's cache attend all the same.
        full, local = layers.full + layers.full_reusing, layers.local + layers.local_reusing
        inputs.note("full_layers", full, "layers that see all", inputs.model_source)
        inputs.note("windowed_layers", local, "layers with a window", inputs.model_source)
        if not local:
            inputs.note("window", 1, "window (no layer has one)", "")
        return flops.windowed_attention_flops_per_token
    _attending_layers(inputs, layers)
    return flops.attention_flops_per_token


def overtakes_form(inputs):
    """Closed form of the context at which attention costs as much as the weights."""
    if not inputs.has_model:
        return flops.attention_overtakes_tokens
    shape = inputs.shape
    form, layers = attention_form(inputs), counter.split(shape)
    if form is flops.attention_flops_per_token and shape["form"] == "heads":
        return flops.attention_overtakes_tokens
    full, local = counter.widths(shape)
    growing = 2 * shape["n_heads"] * full * (layers.full + layers.full_reusing)
    window = shape["attention"].get("window") or 0
    fixed = 2 * shape["n_heads"] * local * (layers.local + layers.local_reusing) * window + linear_flops(shape)
    if not growing:
        raise ValueError(f"{inputs.model_name}: every layer has a window, so attention stops growing")
    inputs.note("fixed_attention_flops", fixed, "attention FLOPs that do not grow", inputs.model_source)
    inputs.note("flops_per_context_token", growing, "attention FLOPs per token of context", inputs.model_source)
    return flops.attention_overtakes_tokens_by_slope


def attention_flops(shape, context):
    """Attention of one token over `context` tokens, for any model that is counted."""
    layers, (full, local) = counter.split(shape), counter.widths(shape)
    growing = flops.windowed_attention_flops_per_token(
        n_heads=shape["n_heads"],
        full_layers=layers.full + layers.full_reusing,
        full_width=full,
        windowed_layers=layers.local + layers.local_reusing,
        windowed_width=local,
        window=shape["attention"].get("window") or context,
        context=context,
    )
    return growing + linear_flops(shape)


def linear_flops(shape):
    """Operations of one token in Gated DeltaNet layers; 0 where there are none."""
    if shape["form"] != "hybrid":
        return 0
    linear = shape["attention"]["linear"]
    sizes = {name: linear[name] for name in ("value_heads", "key_dim", "value_dim")}
    return flops.linear_attention_flops_per_token(shape["attention"]["linear_layers"], **sizes)


LORA_TARGETS = {
    "all-linear": lora.lora_all_linear_params,
    "attention": lora.lora_attention_params,
    "query-value": lora.lora_query_value_params,
}


def lora_form(inputs):
    targets = inputs.choice("targets", LORA_TARGETS, "all-linear")
    if inputs.has_model:
        shape = inputs.shape
        plain = shape["form"] == "heads" and "global_head_dim" not in shape and "v_head_dim" not in shape
        gated = "moe" not in shape and is_gated(shape["ffn"])
        if not plain or (targets == "all-linear" and not gated):
            raise ValueError(
                f"{inputs.model_name}: adapters on {targets} are counted for dense models with plain heads and a "
                "gated feed-forward layer"
            )
    return LORA_TARGETS[targets]


PARTS = {
    "total": "total",
    "active": "active",
    "active_matmul": "active_matmul",
    "active_non_embedding": "active_non_embedding",
    "non_embedding": "non_embedding",
}
ONE_LAYER = ("layer", "attention_layer", "ffn_layer")


def params_sum(inputs):
    """The parameters of a model or of one of its parts (all layers together), or of one layer."""
    known = (*PARTS, "embedding", "lm_head", "attention", "ffn", "router", "norm", "positions", *ONE_LAYER)
    part = inputs.choice("part", known, "total")
    if not inputs.has_model:
        return _typed_params(inputs, part)
    if not inputs.countable and part in ("total", "active", "active_matmul"):
        recorded = inputs.record["computed"].get({"active": "active_incl_embedding"}.get(part, part))
        if recorded is not None:
            inputs.note(part, recorded, f"{part} parameters, as recorded", inputs.model_source)
            return Sum(recorded, rf"N_{{\text{{{part.replace('_', ' ')}}}}}", render.tex_number(recorded))
    count = inputs.count
    if part in ONE_LAYER:
        return _one_layer(inputs, part)
    if part not in PARTS:
        return _listed(inputs, {part: count.parts[part]})
    terms = {name: value for name, value in count.parts.items() if value}
    value = getattr(count, part)
    if part != "total":
        if part not in ("active", "active_matmul") or not count.tied:
            pass
        if part != "active":
            terms["embedding"] = count.parts["embedding"] if part == "active_matmul" and count.tied else 0
            terms["positions"] = 0
            terms["lm_head"] = count.parts["lm_head"] if part == "active_matmul" else 0
        if part != "non_embedding" and count.idle:
            terms["experts left out"] = -count.idle
        terms["rows only looked up"] = value - sum(terms.values())
    return _listed(inputs, {name: size for name, size in terms.items() if size})


def _listed(inputs, terms):
    for name, size in terms.items():
        inputs.note(name, size, f"parameters: {name.replace('_', ' ')}", inputs.model_source)
    names = [rf"N_{{\text{{{name.replace('_', ' ')}}}}}" for name in terms]
    signed = [("- " if size < 0 else "+ ") for size in terms.values()]
    numbers = [render.tex_number(abs(size)) for size in terms.values()]
    formula = " ".join(sign + name for sign, name in zip(signed, names)).removeprefix("+ ")
    substituted = " ".join(sign + number for sign, number in zip(signed, numbers)).removeprefix("+ ")
    return Sum(sum(terms.values()), formula, substituted)


def _one_layer(inputs, part):
    """One layer of a model whose layers are alike."""
    shape, count = inputs.shape, inputs.count
    layers = counter.split(shape)
    routed = shape.get("moe", {})
    if shape["form"] == "encoder-decoder" or _mixed(shape, layers) or shape["form"] == "hybrid":
        raise ValueError(f"{inputs.model_name}: its layers differ, so one layer has no single size")
    if routed.get("first_dense_layers") or routed.get("layer_step", 1) > 1:
        raise ValueError(f"{inputs.model_name}: some layers are dense and some routed, so one layer has no single size")
    n_layers, norms = shape["n_layers"], count.parts["norm"]
    norm = norms * norms_per_layer(shape) // (n_layers * norms_per_layer(shape) + shape.get("final_norm", True))
    terms = {"attention": count.parts["attention"] // n_layers, "ffn": count.parts["ffn"] // n_layers,
             "router": count.parts["router"] // n_layers, "norm": norm}  # fmt: skip
    chosen = {"attention_layer": ["attention"], "ffn_layer": ["ffn", "router"]}.get(part, terms)
    return _listed(inputs, {f"{name} of one layer": terms[name] for name in chosen if terms[name]})


def _typed_params(inputs, part):
    if part == "layer":
        return parameters.layer_params
    if part != "total":
        raise ValueError(f"part={part!r} needs model=…")
    return parameters.moe_decoder_params if "n_experts" in inputs.given else parameters.decoder_params


def _mixed(shape, layers):
    """Full and windowed layers that differ in more than the window, or layers that reuse a cache."""
    full, local = counter.elements(shape)
    uneven = "v_head_dim" in shape or "global_head_dim" in shape or (shape["form"] == "latent" and layers.local)
    return bool(uneven or full != local or layers.full_reusing or layers.local_reusing)


def _attending_layers(inputs, layers):
    if inputs.shape["form"] in ("hybrid", "encoder-decoder"):
        label = "layers with full attention" if inputs.shape["form"] == "hybrid" else "decoder layers"
        inputs.note("n_layers", layers.full, label, inputs.model_source)
