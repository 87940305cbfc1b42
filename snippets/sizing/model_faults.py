"""What can be wrong with a model file whose fields have the right types.

`faults(form, fields, wrong)` yields (field, what is wrong). `wrong` are fields
that already have a fault; they get no second one.
"""

from snippets.sizing import layers
from snippets.sizing.model_fields import HARMLESS, NEEDS, USES

WORDS = {
    "norm": ("rmsnorm", "layernorm"),
    "qk_norm": ("per_head", "full"),
    "ffn": (*layers.GATED, *layers.PLAIN),
    "architecture": (
        *("decoder", "decoder-only", "encoder", "encoder-only"),
        "encoder-decoder",
    ),
}
MEANINGS = {
    "d_ff_kv_shared": ": the feed-forward width of the layers that reuse keys "
    "and values",
    "moe.d_ff_shared": ": the width of a shared expert",
    "learned_positions": ", and position.type is learned_absolute",
}
AT_MOST = (
    ("n_kv_heads", "n_heads"),
    ("moe.n_active", "moe.n_experts"),
    ("moe.first_dense_layers", "n_layers"),
    ("moe.layer_step", "n_layers"),
    ("attention.kv_shared_layers", "n_layers"),
    ("attention.full_layers", "n_layers"),
    ("attention.full_attention_layers", "n_layers"),
)
# What only Gemma 4 has, and what its rule does not know.
GEMMA4_OWN = """n_kv_heads_global per_layer_input_dim
    attention.kv_shared_layers d_ff_kv_shared"""
GEMMA4_LACKS = """n_kv_heads_swa v_head_dim attn_sinks attention.output_gate
    qkv_bias o_bias mlp_bias moe.first_dense_layers moe.router_bias
    attention.full_layers"""
HYBRID_LACKS = """moe.first_dense_layers moe.router_bias learned_positions
    mlp_bias"""


def faults(form, fields, wrong):
    for name, text in _found(form, fields):
        if name not in wrong:
            yield name, text


def _found(form, fields):
    for name in _needed(form, fields):
        if name not in fields:
            yield name, f"{name} is missing{MEANINGS.get(name, '')}"
    if form is None:
        return
    yield from _out_of_place(form, fields)
    yield from _impossible(fields)
    yield from _heads(fields)
    yield from _norms(form, fields)
    yield from _windows(form, fields)
    if form == "latent":
        yield from _latent(fields)
    elif form == "hybrid":
        yield from _hybrid(fields)
    elif form == "encoder-decoder":
        yield from _encoder_decoder(fields)
    else:
        yield from _gemma4(fields)


def _needed(form, fields):
    yield from NEEDS[form].split()
    if form in (None, "encoder-decoder"):
        return
    moe = any(name.startswith("moe.") for name in fields)
    gemma4 = "global_head_dim" in fields
    leading = fields.get("moe.first_dense_layers", 0) > 0
    if not moe or leading or fields.get("moe.layer_step", 1) > 1 or gemma4:
        yield "d_ff"
    if moe:
        yield from ("moe.n_experts", "moe.n_active", "moe.d_ff_expert")
        yield "moe.n_shared"
        if fields.get("moe.n_shared", 0) > 0:
            yield "moe.d_ff_shared"
        if form != "hybrid" and not gemma4:
            yield "moe.first_dense_layers"
    if fields.get("attention.kv_shared_layers", 0) > 0:
        yield "d_ff_kv_shared"
    if fields.get("position.type") == "learned_absolute":
        yield "learned_positions"


def _out_of_place(form, fields):
    used = {*NEEDS[form].split(), *USES[form].split(), *HARMLESS.split()}
    for name, value in fields.items():
        if name not in used and value not in (None, False, 0):
            yield name, (
                f"{name} would change the count, and a model of this form "
                f"({form}) has no such field"
            )


def _impossible(fields):
    for name, words in WORDS.items():
        if name in fields and layers.first_word(fields[name]) not in words:
            known = ", ".join(words)
            yield name, f"{name} {fields[name]} is not counted; known: {known}"
    for small, large in AT_MOST:
        both = small in fields and large in fields
        if both and fields[small] > fields[large]:
            yield small, (
                f"{small} is {fields[small]}, "
                f"more than {large}, {fields[large]}"
            )
    steps = fields.get("moe.layer_step", 1) > 1
    if steps and fields.get("moe.first_dense_layers", 0) > 0:
        yield "moe.layer_step", (
            "moe.layer_step above 1 beside moe.first_dense_layers is not "
            "counted"
        )
    learned = fields.get("position.type") == "learned_absolute"
    if learned and fields.get("learned_positions") == 0:
        yield "learned_positions", (
            "learned_positions is 0, but position.type is learned_absolute"
        )


def _heads(fields):
    heads, kv_heads = fields.get("n_heads"), fields.get("n_kv_heads")
    kind = fields.get("attention.kind")
    if not (heads and kv_heads):
        return
    if kind in ("mha", "mla") and kv_heads != heads:
        yield "n_kv_heads", (
            f"attention.kind {kind} has as many KV heads as heads, "
            f"not {kv_heads} and {heads}"
        )
    elif kind == "mqa" and kv_heads != 1:
        yield "n_kv_heads", (
            f"attention.kind mqa has one KV head, not {kv_heads}"
        )
    elif heads % kv_heads:
        yield "n_kv_heads", (
            f"n_heads {heads} is not a multiple of n_kv_heads {kv_heads}"
        )


def _norms(form, fields):
    if fields.get("qk_norm") and fields.get("norm") == "layernorm":
        yield "qk_norm", (
            "qk_norm beside layernorm is not counted: models differ in its "
            "shape and bias"
        )
    said = "norm_placement" in fields and layers.norms_of_placement(
        fields["norm_placement"]
    )
    needed = form != "encoder-decoder" and "norms_per_layer" not in fields
    if needed and not said:
        yield "norms_per_layer", (
            "norms_per_layer is missing, and norm_placement does not say how "
            "many"
        )


def _windows(form, fields):
    attention = _attention(fields)
    local = layers.pattern_of(attention) or layers.slides(attention)
    said = local or set(layers.GIVEN) & set(attention)
    split = {"n_kv_heads_swa", "global_head_dim"} & set(fields)
    if not attention.get("window"):
        if local or split:
            yield "attention.window", (
                "attention.window is missing, and some layers are local"
            )
    elif form in ("heads", "latent") and not said:
        yield "attention.window", (
            "attention.window is set, but attention.pattern does not say "
            "which layers have it: write `pattern: 3 sliding : 1 full` or "
            "`pattern: sliding window every layer`, or give "
            "attention.full_layers"
        )


def _attention(fields):
    """The section of that name."""
    return {
        name.removeprefix("attention."): value
        for name, value in fields.items()
        if name.startswith("attention.")
    }


def _latent(fields):
    nope = fields.get("mla.qk_nope_head_dim")
    rope = fields.get("mla.qk_rope_head_dim")
    size = fields.get("head_dim")
    if None not in (nope, rope, size) and size != nope + rope:
        yield "head_dim", (
            f"head_dim is {size}, but its two parts in mla are "
            f"{nope} + {rope}"
        )


def _hybrid(fields):
    full = fields.get("attention.full_attention_layers")
    linear = fields.get("attention.linear_layers")
    total = fields.get("n_layers")
    if None not in (full, linear, total) and full + linear != total:
        yield "n_layers", (
            f"n_layers is {total}, but full and linear layers are "
            f"{full} + {linear}"
        )
    if fields.get("attention.output_gate") is False:
        yield "attention.output_gate", (
            "attention.output_gate must be true: the Qwen3-Next form has one"
        )
    if fields.get("moe.n_shared", 1) != 1:
        yield "moe.n_shared", (
            f"moe.n_shared is {fields['moe.n_shared']}, but the Qwen3-Next "
            "form has one, with a gate"
        )
    steps = ["moe.layer_step"] if fields.get("moe.layer_step") != 1 else []
    for name in HYBRID_LACKS.split() + steps:
        if fields.get(name):
            yield name, f"{name} is not counted in the Qwen3-Next form"


def _encoder_decoder(fields):
    form = "an encoder-decoder is counted in the form of T5: "
    if fields.get("norm") == "layernorm":
        yield "norm", form + "norm rmsnorm"
    if fields.get("position.type") not in (None, "relative_bucket_bias"):
        yield "position.type", form + "position.type relative_bucket_bias"
    if fields.get("attention.kind") != "mha":
        yield "attention.kind", form + "attention.kind mha"


def _gemma4(fields):
    gemma4 = "global_head_dim" in fields
    for name in (GEMMA4_LACKS if gemma4 else GEMMA4_OWN).split():
        if fields.get(name):
            how = "not counted" if gemma4 else "counted only"
            yield name, (
                f"{name} is {how} in the Gemma 4 form, the one with "
                "global_head_dim"
            )
    if not gemma4:
        return
    period = layers.pattern_of(_attention(fields))
    if period is None or fields.get("n_layers", 0) % sum(period):
        yield "attention.pattern", (
            "the Gemma 4 form needs whole periods of a pattern such as "
            "`5 local : 1 global`"
        )
    shared = fields.get("attention.kv_shared_layers")
    if shared and fields.get("moe.n_experts"):
        yield "attention.kv_shared_layers", (
            "experts beside attention.kv_shared_layers are not counted"
        )
