"""The fields that a model file may hold: their types, and which of them each
form of model uses.

A form is what `counter.py` has a rule for: "heads" (multi-head, multi-query,
grouped-query), "latent" (multi-head latent attention), "hybrid" (Gated
DeltaNet beside gated attention) and "encoder-decoder" (T5).
"""

import re

SUPPORTED = (
    "mha, mqa, gqa, mla, hybrid-linear (Gated DeltaNet, as in Qwen3-Next), "
    "encoder-decoder (as in T5)"
)
LIMIT = 10**9  # no dimension of a model comes near it

SIZE = "a whole number from 1"
OPTIONAL_SIZE = "a whole number from 1, or null"
COUNT = "a whole number from 0"
FLAG, TEXT, ANY = "true or false", "text", "anything"
TYPES = {
    SIZE: """n_layers d_model vocab_size d_ff n_heads n_kv_heads head_dim
        v_head_dim global_head_dim n_kv_heads_global n_kv_heads_swa
        per_layer_input_dim d_ff_kv_shared n_decoder_layers
        attention.linear.key_heads attention.linear.value_heads
        attention.linear.key_dim attention.linear.value_dim
        attention.linear.conv attention.linear.heads
        attention.linear.head_dim mla.kv_lora_rank mla.qk_nope_head_dim
        mla.qk_rope_head_dim mla.v_head_dim mla.o_groups mla.o_lora_rank
        moe.n_experts moe.n_active moe.d_ff_expert moe.d_ff_shared
        moe.layer_step moe.latent_size position.num_buckets""",
    OPTIONAL_SIZE: "attention.window mla.q_lora_rank",
    COUNT: """norms_per_layer learned_positions extra_params
        attention.full_layers attention.full_attention_layers
        attention.linear_layers attention.mamba_layers
        attention.kv_shared_layers moe.n_shared moe.first_dense_layers
        moe.hash_layers""",
    FLAG: """tied_embeddings final_norm mlp_bias qkv_bias o_bias attn_sinks
        attention.output_gate attention.qk_l2norm mla.output_gate
        moe.router_bias""",
    TEXT: """name architecture norm norm_placement ffn qk_norm attention.kind
        attention.pattern moe.router position.type""",
    ANY: """attention.logit_softcap attention.final_softcap mla.indexer
        moe.routed_scaling""",
}
FIELDS = {
    field: kind for kind, fields in TYPES.items() for field in fields.split()
}
SECTIONS = ("attention", "attention.linear", "mla", "moe", "position")

# Description, evidence and other people's figures: no count depends on them.
SILENT = re.compile(
    r"(hf_id|year|max_context|source(_\w+)?|published_\w+|computed|check"
    r"|checkpoint_format|confidence|as_of|also|position\.\w+"
    r"|(\w+\.)*(\w+_)?note)"
)
HARMLESS = """name architecture norm_placement attention.kind attention.pattern
    attention.window attention.qk_l2norm attention.logit_softcap
    attention.final_softcap moe.router moe.routed_scaling position.type
    position.num_buckets"""

_EVERY = "n_layers d_model vocab_size tied_embeddings norm ffn "
_HEADS = "n_heads n_kv_heads head_dim "
NEEDS = {
    "heads": _EVERY + _HEADS,
    "latent": _EVERY
    + """n_heads mla.kv_lora_rank mla.q_lora_rank mla.qk_nope_head_dim
        mla.qk_rope_head_dim mla.v_head_dim""",
    "hybrid": _EVERY
    + _HEADS
    + """attention.full_attention_layers attention.linear_layers
        attention.linear.key_heads attention.linear.value_heads
        attention.linear.key_dim attention.linear.value_dim
        attention.linear.conv attention.output_gate""",
    "encoder-decoder": _EVERY
    + _HEADS
    + "n_decoder_layers d_ff position.type position.num_buckets",
    None: _EVERY,
}
_DECODER = """d_ff mlp_bias norms_per_layer final_norm learned_positions
    extra_params moe.n_experts moe.n_active moe.d_ff_expert moe.n_shared
    moe.d_ff_shared moe.first_dense_layers moe.layer_step moe.router_bias
    qkv_bias o_bias """
# What else a form may hold. Any other field that stands for parameters is
# refused.
USES = {
    "heads": _DECODER
    + """qk_norm attention.output_gate v_head_dim attn_sinks global_head_dim
        n_kv_heads_global n_kv_heads_swa per_layer_input_dim
        attention.kv_shared_layers d_ff_kv_shared attention.full_layers
        attention.full_attention_layers""",
    "latent": _DECODER
    + """n_kv_heads head_dim attention.full_layers
        attention.full_attention_layers""",
    "hybrid": _DECODER + "qk_norm",
    "encoder-decoder": "extra_params norms_per_layer",
}


def form_of(fields):
    """The form of a file's dotted fields, or None when no form fits."""
    kind = fields.get("attention.kind")
    if fields.get("architecture") == "encoder-decoder":
        known = kind in ("mha", "mqa", "gqa")
        return "encoder-decoder" if known else None
    if kind == "hybrid-linear":  # Kimi K3 calls another thing by this name
        other = ("mla.", "attention.linear.head")
        return None if any(f.startswith(other) for f in fields) else "hybrid"
    heads = {"mha": "heads", "mqa": "heads", "gqa": "heads"}
    return (heads | {"mla": "latent"}).get(kind)
