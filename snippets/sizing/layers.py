"""What a model's layers are: gated or not, how many norms, which see
everything, what each caches.

`shape` is what `model_file.read` returns, `attention` its section of that
name.
"""

import re
from dataclasses import dataclass

from snippets.sizing.symbolic import smallest

GATED = ("swiglu", "geglu", "reglu")
PLAIN = ("gelu", "relu", "relu2", "silu")
LOCAL_GLOBAL = re.compile(
    r"^(\d{1,6}) (?:local|sliding|chunked)\b.* : (\d{1,6}) (?:global|full)\b"
)


# Where a model says how many of its layers see everything.
GIVEN = ("full_layers", "full_attention_layers")


@dataclass(frozen=True)
class Layers:
    """How many layers cache all tokens and how many a window; and how many of
    each cache nothing, because they reuse what another layer cached.
    """

    full: int
    local: int
    full_reusing: int = 0
    local_reusing: int = 0


def split(shape):
    """The layers that attend, by what they cache."""
    n_layers, attention = shape["n_layers"], shape["attention"]
    if shape["form"] == "encoder-decoder":
        return Layers(shape["n_decoder_layers"], 0)
    if shape["form"] == "hybrid":
        return Layers(attention["full_attention_layers"], 0)
    if not attention.get("window"):
        return Layers(n_layers, 0)
    full = full_layers(n_layers, attention)
    reusing = attention.get("kv_shared_layers", 0)  # always the last ones
    own = full_layers(n_layers - reusing, attention)
    local = n_layers - reusing - own
    return Layers(own, local, full - own, n_layers - full - local)


def full_layers(n_layers, attention):
    """How many of the first n_layers see everything, or None if unsaid.

    As given; else by the pattern, in which local layers come first.
    """
    for name in GIVEN:
        if attention.get(name) is not None:
            return attention[name]
    if slides(attention):
        return 0
    period = pattern_of(attention)
    if period is None:
        return None
    local, wide = period
    rest = n_layers % (local + wide)
    return n_layers // (local + wide) * wide + max(0, rest - local)


def words_of(attention):
    """The pattern in words; none are no words."""
    return attention.get("pattern", "")


def slides(attention):
    """Whether every layer has the window."""
    return words_of(attention).startswith("sliding window")


def pattern_of(attention):
    """(local, global) layers in a period such as `5 local : 1 global`."""
    match = LOCAL_GLOBAL.search(words_of(attention))
    period = (int(match[1]), int(match[2])) if match else (0, 0)
    return period if sum(period) else None


def cache_elements(shape, tokens):
    """Numbers that one sequence of `tokens` leaves in the cache."""
    layers, (full, local) = split(shape), elements(shape)
    window = smallest(tokens, shape["attention"].get("window") or tokens)
    return full * layers.full * tokens + local * layers.local * window


def elements(shape):
    """Numbers cached a token, in a full and in a windowed layer."""
    if shape["form"] == "latent":
        mla = shape["mla"]
        size = mla["kv_lora_rank"] + mla["qk_rope_head_dim"]
        return size, size
    full, local = widths(shape)
    heads = shape["n_kv_heads"]
    return (
        shape.get("n_kv_heads_global", heads) * full,
        shape.get("n_kv_heads_swa", heads) * local,
    )


def widths(shape):
    """Key size plus value size of one head, in a full and a windowed layer."""
    if shape["form"] == "latent":
        parts = ("qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
        width = sum(shape["mla"][part] for part in parts)
        return width, width
    local = shape["head_dim"] + shape.get("v_head_dim", shape["head_dim"])
    return 2 * shape.get("global_head_dim", 0) or local, local


def first_word(text):
    """`swiglu (clamped 10)` is swiglu."""
    return text.split(" ")[0]


def is_gated(ffn):
    return first_word(ffn) in GATED


def norms_of_placement(placement):
    """Norms a layer that a placement in words stands for, or None."""
    if placement.startswith("pre+post"):
        return 4
    plain = placement == "pre" or placement.startswith("post")
    return 2 if plain else None


def norms_per_layer(shape):
    """As given, else by placement.

    Gemma 4 has three more beside experts and one more for per-layer inputs.
    """
    if shape.get("norms_per_layer") is not None:
        return shape["norms_per_layer"]
    more = 3 * ("moe" in shape) + ("per_layer_input_dim" in shape)
    gemma4 = "global_head_dim" in shape
    return norms_of_placement(shape["norm_placement"]) + more * gemma4
