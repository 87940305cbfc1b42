"""One small model of each form: its parts added up by hand, and every fault
that its fields can have, each with its line and its whole message, since the
message is all that a reader of it has.
"""

import pytest

from snippets.sizing import counter, model_file

SIZES = {
    "name": "Test",
    "n_layers": 6,
    "d_model": 20,
    "vocab_size": 100,
    "tied_embeddings": False,
    "norm": "rmsnorm",
    "norm_placement": "pre",
    "ffn": "swiglu",
    "n_heads": 4,
}
HEADS = SIZES | {
    "n_kv_heads": 2,
    "head_dim": 7,
    "d_ff": 30,
    "attention.kind": "gqa",
}
EXPERTS = {
    "moe.n_experts": 8,
    "moe.n_active": 3,
    "moe.d_ff_expert": 11,
    "moe.n_shared": 2,
    "moe.d_ff_shared": 13,
    "moe.first_dense_layers": 0,
}
LATENT = SIZES | {
    "d_ff": 30,
    "attention.kind": "mla",
    "mla.kv_lora_rank": 9,
    "mla.q_lora_rank": None,
    "mla.qk_nope_head_dim": 6,
    "mla.qk_rope_head_dim": 4,
    "mla.v_head_dim": 5,
}
HYBRID = SIZES | {
    "n_kv_heads": 2,
    "head_dim": 7,
    "d_ff": 30,
    "attention.kind": "hybrid-linear",
    "attention.full_attention_layers": 2,
    "attention.linear_layers": 4,
    "attention.linear.key_heads": 3,
    "attention.linear.value_heads": 5,
    "attention.linear.key_dim": 7,
    "attention.linear.value_dim": 11,
    "attention.linear.conv": 4,
    "attention.output_gate": True,
}
T5 = SIZES | {
    "architecture": "encoder-decoder",
    "n_decoder_layers": 5,
    "n_kv_heads": 4,
    "head_dim": 7,
    "d_ff": 30,
    "position.type": "relative_bucket_bias",
    "position.num_buckets": 32,
    "attention.kind": "mha",
}
GEMMA = SIZES | {
    "n_kv_heads": 2,
    "head_dim": 7,
    "global_head_dim": 10,
    "d_ff": 30,
    "attention.kind": "gqa",
    "attention.pattern": "2 local : 1 global",
    "attention.window": 3,
}
FORMS = {
    "heads": HEADS,
    "latent": LATENT,
    "hybrid": HYBRID,
    "encoder-decoder": T5,
    "gemma": GEMMA,
}
ROUTED = EXPERTS | {"d_ff": ...}  # every layer
LEARNED = {"position.type": "learned_absolute", "learned_positions": 50}


def changed(form, changes):
    """Fields of a form with changes; `...` leaves a field out."""
    fields = FORMS[form] | changes
    return {name: value for name, value in fields.items() if value is not ...}


def read(form, changes):
    """As from a file that has its first field on line 2."""
    fields = changed(form, changes)
    lines = {name: line for line, name in enumerate(fields, 2)}
    kept = model_file.flatten(model_file.nested(fields))
    return model_file.check(kept, "x.yml", lines)


def faults(form, changes):
    with pytest.raises(model_file.BadModelFile) as error:
        read(form, changes)
    return str(error.value).splitlines()


# ---- faults -----------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_changes_has_no_fault(form):
    assert read(form, {})


@pytest.mark.parametrize(
    "form, changes",
    [
        ("heads", EXPERTS | {"moe.layer_step": 2}),
        ("heads", ROUTED | {"moe.n_shared": 0, "moe.d_ff_shared": ...}),
        ("heads", {"norms_per_layer": 3, "norm_placement": ...}),
        ("heads", {"attention.kind": "mqa", "n_kv_heads": 1}),
        ("heads", {"attention.window": None}),
        ("heads", {"attention.window": 5, "attention.full_layers": 2}),
        (
            "heads",
            {"attention.window": 5, "attention.full_attention_layers": 2},
        ),
        (
            "heads",
            {
                "attention.window": 5,
                "attention.pattern": "sliding window every layer",
            },
        ),
        ("heads", {"attention.kv_shared_layers": 0}),
        ("latent", {"n_kv_heads": 4, "head_dim": 10}),
        (
            "hybrid",
            ROUTED | {"moe.n_shared": 1, "moe.first_dense_layers": ...},
        ),
        ("hybrid", {"attention.window": 5}),
        ("encoder-decoder", {"norm_placement": ...}),
        ("encoder-decoder", {"attention.window": 5}),
        (
            "gemma",
            {"attention.kv_shared_layers": 1, "d_ff_kv_shared": 60},
        ),
    ],
)
def test_what_may_be_left_out_or_added(form, changes):
    assert read(form, changes)


def test_a_step_of_one_is_every_layer():
    changes = EXPERTS | {"moe.n_shared": 1, "moe.layer_step": 1}
    assert read("hybrid", changes)
    assert read("heads", ROUTED | {"moe.layer_step": 1})


SUPPORTED = (
    "supported: mha, mqa, gqa, mla, hybrid-linear (Gated DeltaNet, as in "
    "Qwen3-Next), encoder-decoder (as in T5)"
)
WHICH = (
    "attention.window is set, but attention.pattern does not say which layers "
    "have it: write `pattern: 3 sliding : 1 full` or `pattern: sliding window "
    "every layer`, or give attention.full_layers"
)
NORMS = "norms_per_layer is missing, and norm_placement does not say how many"
PERIODS = (
    "the Gemma 4 form needs whole periods of a pattern such as "
    "`5 local : 1 global`"
)
LOCAL = "attention.window is missing, and some layers are local"


# The field on whose line a fault stands: "" for the first line, where what is
# missing stands, None for the whole file.
@pytest.mark.parametrize(
    "form, changes, where, text",
    [
        # missing
        ("heads", {"d_ff": ...}, "", "d_ff is missing"),
        (
            "heads",
            ROUTED | {"moe.layer_step": 2},
            "",
            "d_ff is missing",
        ),
        (
            "heads",
            ROUTED | {"moe.first_dense_layers": 1},
            "",
            "d_ff is missing",
        ),
        (
            "heads",
            EXPERTS | {"moe.n_shared": ..., "moe.d_ff_shared": ...},
            "",
            "moe.n_shared is missing",
        ),
        (
            "heads",
            EXPERTS | {"moe.d_ff_shared": ...},
            "",
            "moe.d_ff_shared is missing: the width of a shared expert",
        ),
        (
            "heads",
            EXPERTS | {"moe.first_dense_layers": ..., "moe.layer_step": 2},
            "",
            "moe.first_dense_layers is missing",
        ),
        (
            "heads",
            LEARNED | {"learned_positions": ...},
            "",
            "learned_positions is missing, and position.type is "
            "learned_absolute",
        ),
        (
            "gemma",
            {"attention.kv_shared_layers": 1},
            "",
            "d_ff_kv_shared is missing: the feed-forward width of the layers "
            "that reuse keys and values",
        ),
        ("gemma", {"n_layers": ...}, "", "n_layers is missing"),
        ("latent", {"n_heads": ...}, "", "n_heads is missing"),
        (
            "latent",
            {"mla.qk_nope_head_dim": ..., "head_dim": 8},
            "",
            "mla.qk_nope_head_dim is missing",
        ),
        (
            "latent",
            {"mla.qk_rope_head_dim": ..., "head_dim": 8},
            "",
            "mla.qk_rope_head_dim is missing",
        ),
        (
            "hybrid",
            {"attention.linear_layers": ...},
            "",
            "attention.linear_layers is missing",
        ),
        (
            "encoder-decoder",
            {"position.type": ...},
            "",
            "position.type is missing",
        ),
        ("heads", {"norm_placement": ...}, "", NORMS),
        ("heads", {"norm_placement": "pre, parallel"}, "", NORMS),
        (
            "heads",
            {"norm_placement": ..., "norms_per_layer": None},
            "norms_per_layer",
            NORMS,
        ),
        # of the wrong type: no second fault because of the first
        (
            "heads",
            {"norm_placement": ..., "norms_per_layer": -1},
            "norms_per_layer",
            "norms_per_layer must be a whole number from 0, not -1",
        ),
        (
            "gemma",
            {"attention.window": 0},
            "attention.window",
            "attention.window must be a whole number from 1, or null, not 0",
        ),
        (
            "heads",
            {"n_layers": 10**9 + 1},
            "n_layers",
            "n_layers must be a whole number from 1, not 1000000001",
        ),
        # impossible
        (
            "heads",
            {"qk_norm": "both"},
            "qk_norm",
            "qk_norm both is not counted; known: per_head, full",
        ),
        (
            "heads",
            EXPERTS | {"moe.n_active": 9},
            "moe.n_active",
            "moe.n_active is 9, more than moe.n_experts, 8",
        ),
        (
            "heads",
            EXPERTS | {"moe.first_dense_layers": 1, "moe.layer_step": 2},
            "moe.layer_step",
            "moe.layer_step above 1 beside moe.first_dense_layers is not "
            "counted",
        ),
        (
            "heads",
            LEARNED | {"learned_positions": 0},
            "learned_positions",
            "learned_positions is 0, but position.type is learned_absolute",
        ),
        (
            "heads",
            {"attention.kind": "mqa"},
            "n_kv_heads",
            "attention.kind mqa has one KV head, not 2",
        ),
        (
            "heads",
            {"n_kv_heads": 3},
            "n_kv_heads",
            "n_heads 4 is not a multiple of n_kv_heads 3",
        ),
        (
            "heads",
            {"attention.kind": "mha"},
            "n_kv_heads",
            "attention.kind mha has as many KV heads as heads, not 2 and 4",
        ),
        (
            "latent",
            {"n_kv_heads": 2},
            "n_kv_heads",
            "attention.kind mla has as many KV heads as heads, not 2 and 4",
        ),
        (
            "latent",
            {"head_dim": 8},
            "head_dim",
            "head_dim is 8, but its two parts in mla are 6 + 4",
        ),
        (
            "heads",
            {"norm": "layernorm", "qk_norm": "full"},
            "qk_norm",
            "qk_norm beside layernorm is not counted: models differ in its "
            "shape and bias",
        ),
        # windows
        ("heads", {"attention.pattern": "1 local : 1 global"}, "", LOCAL),
        (
            "heads",
            {"attention.pattern": "sliding window every layer"},
            "",
            LOCAL,
        ),
        (
            "heads",
            {
                "attention.pattern": "1 local : 1 global",
                "attention.window": None,
            },
            "attention.window",
            LOCAL,
        ),
        ("heads", {"n_kv_heads_swa": 1}, "", LOCAL),
        ("heads", {"attention.window": 5}, "attention.window", WHICH),
        ("latent", {"attention.window": 5}, "attention.window", WHICH),
        (
            "heads",
            {"attention.window": 5, "attention.pattern": "full causal"},
            "attention.window",
            WHICH,
        ),
        # forms
        (
            "heads",
            {"mla.v_head_dim": 3},
            "mla.v_head_dim",
            "mla.v_head_dim would change the count, and a model of this form "
            "(heads) has no such field",
        ),
        (
            "hybrid",
            {"n_layers": 7},
            "n_layers",
            "n_layers is 7, but full and linear layers are 2 + 4",
        ),
        (
            "hybrid",
            {"attention.output_gate": False},
            "attention.output_gate",
            "attention.output_gate must be true: the Qwen3-Next form has one",
        ),
        (
            "hybrid",
            EXPERTS,
            "moe.n_shared",
            "moe.n_shared is 2, but the Qwen3-Next form has one, with a gate",
        ),
        (
            "hybrid",
            EXPERTS | {"moe.n_shared": 1, "moe.layer_step": 2},
            "moe.layer_step",
            "moe.layer_step is not counted in the Qwen3-Next form",
        ),
        (
            "hybrid",
            {"mlp_bias": True},
            "mlp_bias",
            "mlp_bias is not counted in the Qwen3-Next form",
        ),
        (
            "hybrid",
            {"mla.v_head_dim": 3},
            None,
            f"attention.kind hybrid-linear is not counted; {SUPPORTED}",
        ),
        (
            "hybrid",
            {"attention.linear.heads": 3},
            None,
            f"attention.kind hybrid-linear is not counted; {SUPPORTED}",
        ),
        (
            "hybrid",
            {"attention.linear.head_dim": 3},
            None,
            f"attention.kind hybrid-linear is not counted; {SUPPORTED}",
        ),
        (
            "encoder-decoder",
            {"norm": "layernorm"},
            "norm",
            "an encoder-decoder is counted in the form of T5: norm rmsnorm",
        ),
        *(
            (
                "encoder-decoder",
                {"position.type": kind},
                "position.type",
                "an encoder-decoder is counted in the form of T5: "
                "position.type relative_bucket_bias",
            )
            for kind in ("", "rope", "learned_absolute")
        ),
        *(
            (
                "encoder-decoder",
                {"attention.kind": kind, "n_kv_heads": heads},
                "attention.kind",
                "an encoder-decoder is counted in the form of T5: "
                "attention.kind mha",
            )
            for kind, heads in (("mqa", 1), ("gqa", 2))
        ),
        (
            "encoder-decoder",
            {"attention.kind": "mla"},
            None,
            f"attention.kind mla is not counted; {SUPPORTED}",
        ),
        (
            "encoder-decoder",
            {"moe.n_experts": 4},
            "moe.n_experts",
            "moe.n_experts would change the count, and a model of this form "
            "(encoder-decoder) has no such field",
        ),
        (
            "gemma",
            {"qkv_bias": True},
            "qkv_bias",
            "qkv_bias is not counted in the Gemma 4 form, the one with "
            "global_head_dim",
        ),
        (
            "heads",
            {"per_layer_input_dim": 3},
            "per_layer_input_dim",
            "per_layer_input_dim is counted only in the Gemma 4 form, the one "
            "with global_head_dim",
        ),
        (
            "gemma",
            {"attention.pattern": ..., "attention.full_attention_layers": 2},
            "",
            PERIODS,
        ),
        ("gemma", {"n_layers": 7}, "attention.pattern", PERIODS),
        (
            "gemma",
            EXPERTS
            | {
                "moe.first_dense_layers": ...,
                "attention.kv_shared_layers": 1,
                "d_ff_kv_shared": 60,
            },
            "attention.kv_shared_layers",
            "experts beside attention.kv_shared_layers are not counted",
        ),
    ],
)
def test_one_fault(form, changes, where, text):
    numbers = {
        name: f":{line}" for line, name in enumerate(changed(form, changes), 2)
    }
    line = {"": ":1", None: ""} | numbers
    assert faults(form, changes) == [f"x.yml{line[where]}: {text}"]


def test_two_faults_of_gemma():
    changes = {"attention.window": ..., "attention.pattern": "odd"}
    lines = list(changed("gemma", changes))
    at = lines.index("attention.pattern") + 2
    assert faults("gemma", changes) == [
        f"x.yml:1: {LOCAL}",
        f"x.yml:{at}: {PERIODS}",
    ]


def test_the_largest_number_is_a_number():
    assert read("heads", {"d_ff": 10**9})


# ---- parts ------------------------------------------------------------------


def parts_of(form, changes):
    return counter.count(read(form, changes))


def parts(total_norms, **others):
    """Parts of an untied model of 100 words and width 20."""
    plain = {
        "embedding": 100 * 20,
        "positions": 0,
        "router": 0,
        "lm_head": 100 * 20,
        "per_layer_embedding": 0,
        "extra": 0,
    }
    return plain | others | {"norm": total_norms * 20}


GATED = 3 * 20 * 30  # one feed-forward layer


def plain_attention(query, kv, size, value=None):
    """Matrices of one layer: heads, KV heads, sizes of key and of value."""
    value = value or size
    return 20 * (query * size + kv * size + kv * value + query * value)


def test_parts_of_a_dense_model():
    attention = 6 * plain_attention(4, 2, 7)
    assert parts_of("heads", {"extra_params": 11}) == counter.Count(
        parts(13, attention=attention, ffn=6 * GATED, extra=11), 0, 0, False
    )


def test_parts_of_a_dense_model_with_every_bias():
    changes = LEARNED | {
        "tied_embeddings": True,
        "norm": "layernorm",
        "final_norm": False,
        "ffn": "gelu",
        "qkv_bias": True,
        "o_bias": True,
        "mlp_bias": True,
        "attn_sinks": True,
    }
    biases = (4 + 2 + 2) * 7 + 20 + 4  # query, key, value; output; sinks
    assert parts_of("heads", changes) == counter.Count(
        parts(
            2 * 12,
            positions=50 * 20,
            attention=6 * (plain_attention(4, 2, 7) + biases),
            ffn=6 * (2 * 20 * 30 + 30 + 20),
            lm_head=0,
        ),
        0,
        50 * 20,
        True,
    )


def test_a_gate_doubles_the_queries():
    plain = parts_of("heads", {}).parts["attention"]
    gated = parts_of("heads", {"attention.output_gate": True})
    assert gated.parts["attention"] - plain == 6 * 20 * 4 * 7


@pytest.mark.parametrize(
    "qk_norm, size", [("per_head", 7 + 7), ("full", (4 + 2) * 7)]
)
def test_norms_of_queries_and_keys(qk_norm, size):
    plain = parts_of("heads", {}).parts["attention"]
    normed = parts_of("heads", {"qk_norm": qk_norm})
    assert normed.parts["attention"] - plain == 6 * size


@pytest.mark.parametrize(
    "pattern, sinks",
    [
        ("1 local : 1 global", 0),
        ("1 local, sinks : 1 global", 3 * 4),
        ("1 local : 1 global, no sinks", 0),
    ],
)
def test_parts_of_local_and_full_layers(pattern, sinks):
    changes = {
        "attention.window": 5,
        "attention.pattern": pattern,
        "n_kv_heads_swa": 1,
        "v_head_dim": 5,
    }
    attention = 3 * plain_attention(4, 1, 7, 5)
    attention += 3 * plain_attention(4, 2, 7, 5)
    assert parts_of("heads", changes) == counter.Count(
        parts(13, attention=attention + sinks, ffn=6 * GATED), 0, 0, False
    )


EXPERT, SHARED = 3 * 20 * 11, 3 * 20 * 13


@pytest.mark.parametrize(
    "changes, dense, routed, bias",
    [
        (ROUTED, 0, 6, 0),
        (EXPERTS | {"moe.first_dense_layers": 2}, 2, 4, 0),
        (EXPERTS | {"moe.layer_step": 4}, 5, 1, 0),
        (ROUTED | {"moe.router_bias": True}, 0, 6, 8),
    ],
)
def test_parts_of_experts(changes, dense, routed, bias):
    assert parts_of("heads", changes) == counter.Count(
        parts(
            13,
            attention=6 * plain_attention(4, 2, 7),
            ffn=dense * GATED + routed * (8 * EXPERT + 2 * SHARED),
            router=routed * (20 * 8 + bias),
        ),
        routed * (8 - 3) * EXPERT,
        0,
        False,
    )


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rank", [None, 8])
def test_parts_of_latent_attention(rank, bias):
    changes = {"mla.q_lora_rank": rank, "qkv_bias": bias, "o_bias": bias}
    heads = 4 * (6 + 4)
    queries = 20 * 8 + 8 + 8 * heads if rank else 20 * heads
    cached = 20 * (9 + 4) + 9 + 9 * 4 * (6 + 5)
    biases = ((rank or 0) + 9 + 4 + 20) * bias
    attention = 6 * (queries + cached + 4 * 5 * 20 + biases)
    assert parts_of("latent", changes) == counter.Count(
        parts(13, attention=attention, ffn=6 * GATED), 0, 0, False
    )


def test_parts_of_linear_and_gated_attention():
    keys, values = 3 * 7, 5 * 11
    linear = 20 * (2 * keys + 2 * values + 2 * 5)  # in, with gates
    linear += 4 * (2 * keys + values) + 2 * 5 + 11 + values * 20
    full = plain_attention(4, 2, 7) + 20 * 4 * 7  # with a gate
    experts = EXPERTS | {"d_ff": ..., "moe.n_shared": 1}
    assert parts_of("hybrid", experts) == counter.Count(
        parts(
            13,
            attention=2 * full + 4 * linear,
            ffn=6 * (8 * EXPERT + SHARED),
            router=6 * (20 * 8 + 20),
        ),
        6 * (8 - 3) * EXPERT,
        0,
        False,
    )


@pytest.mark.parametrize("tied", [False, True])
def test_parts_of_an_encoder_and_a_decoder(tied):
    changes = {"tied_embeddings": tied, "extra_params": 11}
    assert parts_of("encoder-decoder", changes) == counter.Count(
        parts(
            2 * 6 + 3 * 5 + 2,
            positions=2 * 32 * 4,
            attention=(6 + 5 + 5) * 4 * 20 * 4 * 7,
            ffn=11 * GATED,
            lm_head=0 if tied else 100 * 20,
            extra=11,
        ),
        0,
        2 * 32 * 4,
        tied,
    )


def test_parts_of_gemma_with_inputs_for_each_layer():
    changes = {
        "norm_placement": "pre+post (sandwich)",
        "per_layer_input_dim": 3,
        "attention.kv_shared_layers": 3,  # two local and one full
        "d_ff_kv_shared": 60,
    }
    rows = 6 * 100 * 3
    assert parts_of("gemma", changes) == counter.Count(
        parts(
            6 * 5 + 1,
            attention=2 * plain_attention(4, 2, 7)
            + plain_attention(4, 2, 10)
            + 2 * plain_attention(4, 0, 7)
            + plain_attention(4, 0, 10),
            ffn=3 * GATED + 3 * 2 * GATED,
            per_layer_embedding=rows + 6 * 20 * 3 + 3 + 6 * 2 * 20 * 3,
        ),
        0,
        rows,
        False,
    )


def test_parts_of_gemma_whose_values_are_keys():
    changes = EXPERTS | {
        "moe.first_dense_layers": ...,
        "n_kv_heads_global": 1,
        "moe.n_shared": 1,
        "moe.d_ff_shared": 13,
    }
    local = 4 * plain_attention(4, 2, 7)
    wide = 2 * 20 * (4 * 10 + 1 * 10 + 4 * 10)  # no values
    assert parts_of("gemma", changes) == counter.Count(
        parts(
            6 * 5 + 1,
            attention=local + wide,
            ffn=6 * (8 * EXPERT + SHARED),
            router=6 * (20 * 8 + 20 + 8),
        ),
        6 * (8 - 3) * EXPERT,
        0,
        False,
    )
