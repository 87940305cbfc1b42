"""What a model file says about its layers in words: which see everything, how many norms, gated or not."""

import re

GATED = ("swiglu", "geglu", "reglu")
PLAIN = ("gelu", "relu", "relu2", "silu")
LOCAL_GLOBAL = re.compile(r"^(\d{1,6}) (?:local|sliding|chunked)\b.* : (\d{1,6}) (?:global|full)\b")


def ffn_kind(ffn):
    """`swiglu (clamped 10)` is swiglu."""
    return ffn.split(" ")[0]


def is_gated(ffn):
    return ffn_kind(ffn) in GATED


def pattern_of(attention):
    """(local, global) layers of one period of a pattern such as `5 local : 1 global`, or None."""
    match = LOCAL_GLOBAL.search(attention.get("pattern", ""))
    return (int(match[1]), int(match[2])) if match and match[1] + match[2] != "00" else None


def full_layers(n_layers, attention):
    """How many of the first n_layers see everything: as given, else by the pattern, local layers first; or None."""
    for name in ("full_layers", "full_attention_layers"):
        if attention.get(name) is not None:
            return attention[name]
    if attention.get("pattern", "").startswith("sliding window"):
        return 0
    period = pattern_of(attention)
    if period is None or sum(period) == 0:
        return None
    local, wide = period
    return n_layers // (local + wide) * wide + max(0, n_layers % (local + wide) - local)


def norms_of_placement(placement):
    """Norms a layer that a placement in words stands for, or None when it does not say."""
    if placement.startswith("pre+post"):
        return 4
    return 2 if placement == "pre" or placement.startswith("post") else None


def norms_per_layer(shape):
    """As given, else by placement. Gemma 4 has three more beside experts and one more for per-layer inputs."""
    if shape.get("norms_per_layer") is not None:
        return shape["norms_per_layer"]
    more = 3 * ("moe" in shape) + ("per_layer_input_dim" in shape) if "global_head_dim" in shape else 0
    return norms_of_placement(shape["norm_placement"]) + more
