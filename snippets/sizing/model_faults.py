"""What can be wrong with a model file whose fields are known and have the right types.

`faults(form, fields, wrong)` yields (field, what is wrong). `wrong` are fields that already have a fault.
"""

from snippets.sizing import layers
from snippets.sizing.model_fields import HARMLESS, NEEDS, USES


def faults(form, fields, wrong):
    for name in _needed(form, fields):
        if name not in fields and name not in wrong:
            yield name, f"{name} is missing"
    if form is None:
        return
    used = {*NEEDS[form].split(), *USES[form].split(), *HARMLESS}
    for name, value in fields.items():
        if name not in used and value not in (None, False, 0):
            yield name, f"{name} would change the count, and a model of this form ({form}) has no such field"
    yield from _impossible(fields)
    yield from _unknown_words(fields)
    yield from _heads(form, fields)
    yield from _norms(form, fields)
    yield from _windows(form, fields)
    yield from {"hybrid": _hybrid, "encoder-decoder": _encoder_decoder, "heads": _gemma4}.get(form, _nothing)(fields)


def _nothing(fields):
    return ()


def _needed(form, fields):
    yield from NEEDS[form].split()
    if form in (None, "encoder-decoder"):
        return
    moe = any(name.startswith("moe.") for name in fields)
    some_dense = fields.get("moe.first_dense_layers", 0) > 0 or fields.get("moe.layer_step", 1) > 1
    if not moe or some_dense or "global_head_dim" in fields:
        yield "d_ff"
    if moe:
        yield from ("moe.n_experts", "moe.n_active", "moe.d_ff_expert", "moe.n_shared")
        if fields.get("moe.n_shared", 0) > 0:
            yield "moe.d_ff_shared"
        if form != "hybrid" and "global_head_dim" not in fields:
            yield "moe.first_dense_layers"
    if fields.get("attention.kv_shared_layers", 0) > 0:
        yield "d_ff_kv_shared"
    if fields.get("position.type") == "learned_absolute":
        yield "learned_positions"


def _impossible(fields):
    for small, large in (
        ("n_kv_heads", "n_heads"),
        ("moe.n_active", "moe.n_experts"),
        ("moe.first_dense_layers", "n_layers"),
        ("moe.layer_step", "n_layers"),
        ("attention.kv_shared_layers", "n_layers"),
        ("attention.full_layers", "n_layers"),
        ("attention.full_attention_layers", "n_layers"),
    ):
        if small in fields and large in fields and fields[small] > fields[large]:
            yield small, f"{small} is {fields[small]}, more than {large}, {fields[large]}"
    if fields.get("moe.layer_step", 1) > 1 and fields.get("moe.first_dense_layers", 0) > 0:
        yield "moe.layer_step", "moe.layer_step above 1 beside moe.first_dense_layers is not counted"
    if fields.get("position.type") == "learned_absolute" and fields.get("learned_positions") == 0:
        yield "learned_positions", "learned_positions is 0, but position.type is learned_absolute"


def _unknown_words(fields):
    known = {
        "norm": ("rmsnorm", "layernorm"),
        "qk_norm": ("per_head", "full"),
        "ffn": (*layers.GATED, *layers.PLAIN),
        "architecture": ("decoder", "decoder-only", "encoder", "encoder-only", "encoder-decoder"),
    }
    for name, words in known.items():
        if name in fields and layers.ffn_kind(fields[name]) not in words:
            yield name, f"{name} {fields[name]} is not counted; known: {', '.join(words)}"


def _heads(form, fields):
    heads, kv_heads, kind = fields.get("n_heads"), fields.get("n_kv_heads"), fields.get("attention.kind")
    if heads and kv_heads and kind in ("mha", "mla") and kv_heads != heads:
        yield "n_kv_heads", f"attention.kind {kind} has as many KV heads as heads, not {kv_heads} and {heads}"
    elif kv_heads and kind == "mqa" and kv_heads != 1:
        yield "n_kv_heads", f"attention.kind mqa has one KV head, not {kv_heads}"
    elif heads and kv_heads and heads % kv_heads:
        yield "n_kv_heads", f"n_heads {heads} is not a multiple of n_kv_heads {kv_heads}"
    sizes = [fields.get(f"mla.{name}_head_dim") for name in ("qk_nope", "qk_rope")]
    if form == "latent" and None not in sizes and fields.get("head_dim", sum(sizes)) != sum(sizes):
        yield "head_dim", f"head_dim is {fields['head_dim']}, but its two parts in mla are {sizes[0]} + {sizes[1]}"


def _norms(form, fields):
    if fields.get("qk_norm") and fields.get("norm") == "layernorm":
        yield "qk_norm", "qk_norm beside layernorm is not counted: models differ in its shape and bias"
    unsaid = layers.norms_of_placement(fields.get("norm_placement", "")) is None
    if form != "encoder-decoder" and "norms_per_layer" not in fields and unsaid:
        yield "norms_per_layer", "norms_per_layer is missing, and norm_placement does not say how many"


def _windows(form, fields):
    attention = {name.removeprefix("attention."): value for name, value in fields.items() if name.startswith("attention.")}
    local = layers.pattern_of(attention) or attention.get("pattern", "").startswith("sliding window")
    if not attention.get("window"):
        if local or "n_kv_heads_swa" in fields or "global_head_dim" in fields:
            yield "attention.window", "attention.window is missing, and some layers are local"
    elif form in ("heads", "latent") and layers.full_layers(fields.get("n_layers", 1), attention) is None:
        yield "attention.window", (
            "attention.window is set, but attention.pattern does not say which layers have it: write "
            "`pattern: 3 sliding : 1 full` or `pattern: sliding window every layer`, or give attention.full_layers"
        )


def _hybrid(fields):
    parts = [fields.get(name) for name in ("attention.full_attention_layers", "attention.linear_layers", "n_layers")]
    if None not in parts and parts[0] + parts[1] != parts[2]:
        yield "n_layers", f"n_layers is {parts[2]}, but full and linear layers are {parts[0]} + {parts[1]}"
    if fields.get("attention.output_gate") is False:
        yield "attention.output_gate", "attention.output_gate must be true: the Qwen3-Next form has one"
    if fields.get("moe.n_shared", 1) != 1:
        yield "moe.n_shared", f"moe.n_shared is {fields['moe.n_shared']}, but the Qwen3-Next form has one, with a gate"
    for name in ("moe.first_dense_layers", "moe.router_bias", "learned_positions", "mlp_bias"):
        if fields.get(name):
            yield name, f"{name} is not counted in the Qwen3-Next form"
    if fields.get("moe.layer_step", 1) != 1:
        yield "moe.layer_step", "moe.layer_step is not counted in the Qwen3-Next form"


def _encoder_decoder(fields):
    if fields.get("norm") == "layernorm" or fields.get("position.type", "relative_bucket_bias") != "relative_bucket_bias":
        yield "position.type", "an encoder-decoder is counted in the form of T5: rmsnorm and relative_bucket_bias"
    if fields.get("attention.kind") != "mha":
        yield "attention.kind", "an encoder-decoder is counted in the form of T5: attention.kind mha"


def _gemma4(fields):
    """Fields that only Gemma 4 has, and fields that its rule does not know."""
    gemma4 = "global_head_dim" in fields
    own = ("n_kv_heads_global", "per_layer_input_dim", "attention.kv_shared_layers", "d_ff_kv_shared")
    others = ("n_kv_heads_swa", "v_head_dim", "attn_sinks", "attention.output_gate", "qkv_bias", "o_bias", "mlp_bias",
              "moe.first_dense_layers", "moe.router_bias", "attention.full_layers")  # fmt: skip
    for name in others if gemma4 else own:
        if fields.get(name):
            form = "which has global_head_dim" if gemma4 else "and that has global_head_dim"
            yield name, f"{name} is {'not counted in' if gemma4 else 'counted only in'} the Gemma 4 form, {form}"
    period = layers.pattern_of({"pattern": fields.get("attention.pattern", "")})
    if gemma4 and (period is None or fields.get("n_layers", 0) % max(1, sum(period))):
        yield "attention.pattern", "the Gemma 4 form needs whole periods of a pattern such as `5 local : 1 global`"
    if gemma4 and fields.get("moe.n_experts") and fields.get("attention.kv_shared_layers"):
        yield "attention.kv_shared_layers", "experts beside attention.kv_shared_layers are not counted"
