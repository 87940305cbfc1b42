"""Bad model files get every fault at once, each with its line: missing fields,
wrong types, unknown names, values that cannot be. Anything that would change
the count without a rule for it is refused; random damage never slips through
as a wrong number.
"""

import copy
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from snippets.sizing import counter, model_file, records
from snippets.sizing.model_fields import FIELDS

LLAMA = """\
name: Test
n_layers: 4
d_model: 64
n_heads: 8
n_kv_heads: 2
head_dim: 8
d_ff: 96
ffn: swiglu
vocab_size: 100
tied_embeddings: false
norm: rmsnorm
norms_per_layer: 2
attention:
  kind: gqa
  pattern: full causal
"""


def faults(text):
    with pytest.raises(model_file.BadModelFile) as error:
        model_file.parse(text, "x.yml")
    return str(error.value).splitlines()


def replaced(old, new):
    assert old in LLAMA
    return LLAMA.replace(old, new)


def test_a_good_file_is_read():
    shape = model_file.parse(LLAMA)
    assert shape["form"] == "heads"
    assert shape["attention"] == {"kind": "gqa", "pattern": "full causal"}
    assert (
        counter.count(shape).total
        == 2 * 100 * 64 + 4 * (2 * 64 * 8 * 10 + 3 * 64 * 96 + 128) + 64
    )


def test_all_faults_at_once_with_their_lines():
    text = (
        LLAMA.replace("n_layers: 4", "n_layers: four")
        .replace("d_ff: 96", "d_fff: 96")
        .replace("n_kv_heads: 2", "n_kv_heads: 3")
    )
    assert faults(text) == [
        "x.yml:1: d_ff is missing",
        "x.yml:2: n_layers must be a whole number from 1, not 'four'",
        "x.yml:5: n_heads 8 is not a multiple of n_kv_heads 3",
        "x.yml:7: d_fff is not a known field and might change the count; did you mean d_ff?",
    ]


@pytest.mark.parametrize(
    "field",
    [
        "n_layers",
        "d_model",
        "n_heads",
        "n_kv_heads",
        "head_dim",
        "d_ff",
        "ffn",
        "vocab_size",
        "tied_embeddings",
        "norm",
        "norms_per_layer",
    ],
)
def test_what_changes_the_count_must_be_there(field):
    without = "\n".join(
        line for line in LLAMA.splitlines() if not line.startswith(field + ":")
    )
    (fault,) = faults(without)
    assert fault.startswith(f"x.yml:1: {field} is missing")
    (fault,) = faults(without + f"\n{field}: null\n")
    assert f"{field} is missing" in fault


def test_norms_follow_from_the_placement():
    text = replaced(
        "norms_per_layer: 2", "norm_placement: pre+post (sandwich)"
    )
    assert (
        counter.count(model_file.parse(text)).parts["norm"] == (4 * 4 + 1) * 64
    )
    text = replaced(
        "norms_per_layer: 2", "norm_placement: pre, parallel attention+MLP"
    )
    assert "norms_per_layer is missing" in faults(text)[0]


@pytest.mark.parametrize(
    "old, new, fault",
    [
        (
            "n_layers: 4",
            "n_layers: 0",
            "2: n_layers must be a whole number from 1, not 0",
        ),
        (
            "n_layers: 4",
            "n_layers: -4",
            "2: n_layers must be a whole number from 1, not -4",
        ),
        (
            "n_layers: 4",
            "n_layers: 4.0",
            "2: n_layers must be a whole number from 1, not 4.0",
        ),
        (
            "n_layers: 4",
            "n_layers: 1.0e+1",
            "2: n_layers must be a whole number from 1, not 10.0",
        ),
        (
            "n_layers: 4",
            "n_layers: 1.0E+1",
            "2: n_layers must be a whole number from 1, not 10.0",
        ),
        (
            "n_layers: 4",
            "n_layers: true",
            "2: n_layers must be a whole number from 1, not True",
        ),
        (
            "n_layers: 4",
            "n_layers: '4'",
            "2: n_layers must be a whole number from 1, not '4'",
        ),
        (
            "n_layers: 4",
            "n_layers: 010",
            "2: n_layers must be a whole number from 1, not '010'",
        ),
        (
            "n_layers: 4",
            "n_layers: 1:20",
            "2: n_layers must be a whole number from 1, not '1:20'",
        ),
        (
            "n_layers: 4",
            "n_layers: 0x10",
            "2: n_layers must be a whole number from 1, not '0x10'",
        ),
        (
            "n_layers: 4",
            "n_layers: .inf",
            "2: n_layers must be a whole number from 1, not '.inf'",
        ),
        (
            "n_layers: 4",
            "n_layers: [4]",
            "2: n_layers must be a whole number from 1, not []",
        ),
        (
            "n_layers: 4",
            "n_layers: {a: 4}",
            "2: n_layers must be a whole number from 1, not {}",
        ),
        (
            "n_layers: 4",
            "n_layers: 1" + 40 * "0",
            "2: n_layers must be a whole number from 1, not '1"
            + 40 * "0"
            + "'",
        ),
        (
            "n_layers: 4",
            "n_layers: 1000000001",
            "2: n_layers must be a whole number from 1, not 1000000001",
        ),
        (
            "tied_embeddings: false",
            "tied_embeddings: 0",
            "10: tied_embeddings must be true or false, not 0",
        ),
        ("norm: rmsnorm", "norm: 3", "11: norm must be text, not 3"),
        (
            "norm: rmsnorm",
            "norm: batchnorm",
            "11: norm batchnorm is not counted; known: rmsnorm, layernorm",
        ),
        (
            "ffn: swiglu",
            "ffn: kan",
            "8: ffn kan is not counted; known: swiglu, geglu, reglu, gelu, relu, relu2, silu",
        ),
        (
            "n_kv_heads: 2",
            "n_kv_heads: 16",
            "5: n_kv_heads is 16, more than n_heads, 8",
        ),
        (
            "n_kv_heads: 2",
            "n_kv_heads: 3",
            "5: n_heads 8 is not a multiple of n_kv_heads 3",
        ),
        (
            "kind: gqa",
            "kind: mha",
            "5: attention.kind mha has as many KV heads as heads, not 2 and 8",
        ),
        (
            "kind: gqa",
            "kind: mqa",
            "5: attention.kind mqa has one KV head, not 2",
        ),
        ("kind: gqa", "kind: 5", "14: attention.kind must be text, not 5"),
        ("  kind: gqa\n", "", "13: attention.kind is missing"),
        (
            "name: Test",
            "architecture: diffusion",
            "1: architecture diffusion is not counted",
        ),
        (
            "name: Test",
            "attn_sinks: windowed",
            "1: attn_sinks must be true or false, not 'windowed'",
        ),
        (
            "name: Test",
            "qk_norm: per_layer",
            "1: qk_norm per_layer is not counted; known: per_head, full",
        ),
        (
            "name: Test",
            "extra_params: -1",
            "1: extra_params must be a whole number from 0, not -1",
        ),
        ("name: Test", "n_layers: 9", "2: n_layers stands here and on line 1"),
        (
            "name: Test",
            "rope: {theta: 1}",
            "1: rope is not a known field and might change the count",
        ),
        (
            "name: Test",
            "mla: 3",
            "1: mla must be a section with fields of its own",
        ),
        (
            "name: Test",
            "mla: {kv_lora_rank: 3}",
            "1: mla.kv_lora_rank would change the count, and a model of this form (heads)",
        ),
        (
            "name: Test",
            "n_decoder_layers: 3",
            "1: n_decoder_layers would change the count",
        ),
        (
            "name: Test",
            "per_layer_input_dim: 3",
            "1: per_layer_input_dim is counted only in the Gemma 4 form",
        ),
        (
            "name: Test",
            "position: {type: learned_absolute}",
            "1: learned_positions is missing",
        ),
        (
            "  pattern: full causal",
            "  window: 7",
            "15: attention.window is set, but attention.pattern does not say",
        ),
        (
            "pattern: full causal",
            "pattern: '1 local : 1 global'",
            "attention.window is missing, and some layers are local",
        ),
        (
            "  kind: gqa",
            "  kinds: gqa",
            "14: attention.kinds is not a known field and might change the count; did you mean attention.kind?",
        ),
    ],
)
def test_each_fault(old, new, fault):
    assert any(fault in line for line in faults(replaced(old, new))), faults(
        replaced(old, new)
    )


@pytest.mark.parametrize(
    "old, new, fault",
    [
        (
            "name: Test",
            "rope: {theta: 1}",
            "1: rope is not a known field and might change the count",
        ),
        (  # head_dim is near it in letters only
            "name: Test",
            "rope_dim: 8",
            "1: rope_dim is not a known field and might change the count",
        ),
        ("kind: gqa", "kind: 5", "14: attention.kind must be text, not 5"),
        (
            "attention:\n  kind: gqa\n  pattern: full causal",
            "attention: 3",
            "13: attention must be a section with fields of its own",
        ),
        (
            "  kind: gqa",
            "  kind: gqa\n  kind: mha",
            "15: attention.kind stands here and on line 14",
        ),
    ],
)
def test_a_fault_has_no_echo(old, new, fault):
    """What follows from another fault is not said too."""
    assert faults(replaced(old, new)) == [f"x.yml:{fault}"]


def test_what_is_missing_stands_at_the_head_of_its_section():
    text = (
        LLAMA.replace("kind: gqa", "kind: hybrid-linear")
        + "  output_gate: true\n  full_attention_layers: 1\n"
        + "  linear_layers: 3\n  linear:\n    key_heads: 2\n    key_dim: 3\n"
        + "    value_heads: 2\n    value_dim: 3\n"
    )
    head = text.splitlines().index("  linear:") + 1
    assert faults(text) == [
        f"x.yml:{head}: attention.linear.conv is missing"
    ]


def test_null_is_a_value_where_none_is_an_answer():
    record = {"d_ff": None, "mla": {"q_lora_rank": None, "v_head_dim": None}}
    assert model_file.flatten(record) == {"mla.q_lora_rank": None}


MOE = "moe: {n_experts: 4, n_active: 2, d_ff_expert: 8, n_shared: 1, d_ff_shared: 8, first_dense_layers: 1}\n"


@pytest.mark.parametrize(
    "old, new, fault",
    [
        (
            "n_active: 2",
            "n_active: 5",
            "moe.n_active is 5, more than moe.n_experts, 4",
        ),
        (
            "first_dense_layers: 1",
            "first_dense_layers: 5",
            "moe.first_dense_layers is 5, more than n_layers, 4",
        ),
        ("n_shared: 1, ", "", "moe.n_shared is missing"),
        (", d_ff_shared: 8", "", "moe.d_ff_shared is missing"),
        (", first_dense_layers: 1", "", "moe.first_dense_layers is missing"),
        (
            "first_dense_layers: 1",
            "first_dense_layers: 1, layer_step: 2",
            "beside moe.first_dense_layers is not counted",
        ),
        (
            "first_dense_layers: 1",
            "first_dense_layers: 0, layer_step: 5",
            "moe.layer_step is 5, more than n_layers, 4",
        ),
        (
            "n_experts: 4",
            "n_experts: 4, latent_size: 9",
            "moe.latent_size would change the count",
        ),
        ("n_experts: 4", "n_expert: 4", "did you mean moe.n_experts?"),
        (MOE, "moe: [1]\n", "moe must be a section"),
    ],
)
def test_faults_of_experts(old, new, fault):
    lines = faults(LLAMA + MOE.replace(old, new))
    assert any(
        fault in line and line.startswith("x.yml:16:") for line in lines
    ), lines


QWEN, T5, GEMMA = "qwen3-next-80b-a3b", "t5-base", "gemma-4-e2b"
GEMMA_MOE = "gemma-4-26b-a4b"
CHANGES = [
    (QWEN, "n_layers", 49, "n_layers is 49, but full and linear layers"),
    (QWEN, "attention.output_gate", False, "output_gate must be true"),
    (QWEN, "moe.n_shared", 2, "moe.n_shared is 2, but the Qwen3-Next form"),
    (QWEN, "moe.router_bias", True, "moe.router_bias is not counted"),
    (QWEN, "moe.layer_step", 2, "moe.layer_step is not counted"),
    (QWEN, "mlp_bias", True, "mlp_bias is not counted in the Qwen3-Next"),
    (T5, "norm", "layernorm", "counted in the form of T5: norm rmsnorm"),
    (T5, "position.type", "rope", "T5: position.type relative_bucket_bias"),
    (T5, "attention.kind", "gqa", "form of T5: attention.kind mha"),
    (T5, "attention.kind", "mla", "attention.kind mla is not counted"),
    (GEMMA, "n_layers", 36, "needs whole periods of a pattern"),
    (GEMMA, "attention.pattern", "odd", "needs whole periods of a pattern"),
    (GEMMA, "qkv_bias", True, "qkv_bias is not counted in the Gemma 4 form"),
    (GEMMA_MOE, "attention.kv_shared_layers", 3, "experts beside"),
    (GEMMA_MOE, "attention.window", None, "attention.window is missing"),
    ("mimo-v2-flash", "attention.window", None, "window is missing"),
    ("gpt-2-small", "qk_norm", "full", "qk_norm beside layernorm"),
    ("gpt-2-small", "learned_positions", 0, "learned_positions is 0, but"),
    ("kimi-k3", "n_layers", 93, "attention.kind hybrid-linear is not"),
    ("deepseek-v3", "mla.output_gate", True, "mla.output_gate would change"),
    ("deepseek-v3", "attn_sinks", True, "attn_sinks would change the count"),
]


@pytest.mark.parametrize("name, field, value, fault", CHANGES)
def test_what_a_form_does_not_know_is_refused(name, field, value, fault):
    fields = model_file.flatten(records.model(name)) | {field: value}
    with pytest.raises(model_file.BadModelFile, match=fault):
        model_file.check(fields)


def test_an_empty_section_is_no_section():
    text = LLAMA + "moe:\nmla: null\nposition: ~\n"
    assert model_file.parse(text) == model_file.parse(LLAMA)


def test_dense_layers_beside_experts_need_their_width():
    moe_only = LLAMA.replace("d_ff: 96\n", "") + MOE.replace(
        "first_dense_layers: 1", "first_dense_layers: 0"
    )
    assert counter.count(model_file.parse(moe_only)).total > 0
    assert (
        "d_ff is missing" in faults(LLAMA.replace("d_ff: 96\n", "") + MOE)[0]
    )


@pytest.mark.parametrize(
    "kind",
    ["csa/hca", "see source", "mla+sparse(DSA)", "hybrid-mamba2", "MHA", ""],
)
def test_other_kinds_are_refused_by_name(kind):
    (fault,) = faults(replaced("kind: gqa", f"kind: '{kind}'"))
    assert fault.startswith(
        f"x.yml: attention.kind {kind} is not counted; supported: mha, mqa, gqa, mla"
    )


def test_latent_heads_must_add_up():
    text = LLAMA.replace("kind: gqa", "kind: mla").replace(
        "n_kv_heads: 2", "n_kv_heads: 8"
    )
    text += "mla: {kv_lora_rank: 4, q_lora_rank: null, qk_nope_head_dim: 3, qk_rope_head_dim: 2, v_head_dim: 3}\n"
    assert (
        "head_dim is 8, but its two parts in mla are 3 + 2" in faults(text)[0]
    )
    assert (
        model_file.parse(
            text.replace("qk_nope_head_dim: 3", "qk_nope_head_dim: 6")
        )["mla"]["q_lora_rank"]
        is None
    )
    assert any(
        "mla.q_lora_rank is missing" in line
        for line in faults(text.replace("q_lora_rank: null, ", ""))
    )


@pytest.mark.parametrize(
    "text, fault",
    [
        ("", "x.yml:1: must hold one model"),
        ("- n_layers: 4\n", "x.yml:1: must hold one model"),
        ("n_layers: [4\n", "is not YAML"),
        (
            "a: &a 4\nn_layers: *a\n",
            "n_layers refers to an anchor; write its value",
        ),
        ("n_layers: 4\n---\nn_layers: 5\n", "is not YAML"),
    ],
)
def test_files_that_are_no_model(text, fault):
    assert any(fault in line for line in faults(text))


def test_deep_nesting_and_loops_end(tmp_path):
    assert faults("moe: " + "{a: " * 5000 + "}" * 5000)
    assert any(
        "anchor" in line
        for line in faults("moe: &m\n  moe: *m\nattention: *m\n")
    )


def test_a_file_is_read_and_named(tmp_path):
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text(LLAMA, encoding="utf-8")
    assert model_file.read(good) == model_file.parse(LLAMA)
    bad.write_text(replaced("d_ff: 96", "d_ff: 0"), encoding="utf-8")
    with pytest.raises(model_file.BadModelFile) as error:
        model_file.read(bad)
    fault = "d_ff must be a whole number from 1, not 0"
    assert str(error.value) == f"{bad}:7: {fault}"


def test_unreadable_files(tmp_path):
    missing = tmp_path / "none.yml"
    with pytest.raises(
        model_file.BadModelFile,
        match=f"^{re.escape(str(missing))}: cannot be read: No such file",
    ):
        model_file.read(missing)
    (tmp_path / "bytes.yml").write_bytes(b"name: \xff\n")
    with pytest.raises(model_file.BadModelFile) as error:
        model_file.read(tmp_path / "bytes.yml")
    assert str(error.value) == f"{tmp_path / 'bytes.yml'}: is not UTF-8 text"
    with pytest.raises(model_file.BadModelFile, match="cannot be read"):
        model_file.read(tmp_path)


@pytest.mark.parametrize(
    "old, new",
    [
        ("norms_per_layer: 2", "norm_placement: post"),
        ("norms_per_layer: 2", "norm_placement: post (reordered)"),
        ("ffn: swiglu", "ffn: swiglu (clamped 10)"),
    ],
)
def test_words_that_mean_the_same_count_the_same(old, new):
    plain = counter.count(model_file.parse(LLAMA))
    assert counter.count(model_file.parse(replaced(old, new))) == plain


@pytest.mark.parametrize(
    "text, line",
    [
        ("n: 1\nm: [1\n", "x.yml:3: is not YAML: expected ',' or ']', but "),
        ("\x01", "x.yml:1: is not YAML: unacceptable character #x0001: "),
        ("a: " + "[" * 3000, "x.yml: is nested too deeply to be a model"),
    ],
)
def test_what_is_no_yaml_is_one_fault_with_its_line(text, line):
    (fault,) = faults(text)
    assert fault.startswith(line)


@pytest.mark.parametrize("word", ["true", "Yes", "on"])
def test_every_yes_of_yaml_is_a_yes(word):
    tied = counter.count(model_file.parse(replaced("false", "true")))
    assert counter.count(model_file.parse(replaced("false", word))) == tied


def test_a_text_without_a_name_is_called_model():
    with pytest.raises(model_file.BadModelFile, match=r"^model:1: "):
        model_file.parse("n_layers: -1\n")
    with pytest.raises(model_file.BadModelFile, match=r"^model: "):
        model_file.check({"n_layers": -1})


def test_an_empty_word_is_a_fault():
    (line,) = faults(replaced("ffn: swiglu", 'ffn: ""'))
    assert line.startswith("x.yml:8: ffn  is not counted; known: ")


def test_descriptions_never_matter():
    plain = counter.count(model_file.parse(LLAMA))
    told = (
        LLAMA
        + "note: x\nvocab_note: y\nsource: [a]\nsource_published: b\npublished_total_params: 7B\nhf_id: null\n"
    )
    told += "computed: {total: 1}\ncheck: {status: odd}\nas_of: 2026-01-01\n"
    told += "position: {rope_theta: 3, scaling: {type: yarn}}\n"
    assert counter.count(model_file.parse(told)) == plain


COUNTABLE = [
    "llama-3.1-8b",
    "gpt-oss-120b",
    "deepseek-v3",
    "qwen3-next-80b-a3b",
    "gemma-4-e2b",
    "t5-base",
    "mimo-v2-flash",
    "llama-4-scout",
]


@given(st.sampled_from(COUNTABLE), st.data())
def test_removing_a_needed_field_never_gives_another_number(name, data):
    """Each field is either needed (its absence is a fault), or says something
    that the rest does not imply.
    """
    fields = model_file.flatten(records.model(name))
    gone = data.draw(st.sampled_from(sorted(fields)))
    optional = {
        "qkv_bias",
        "o_bias",
        "mlp_bias",
        "attn_sinks",
        "qk_norm",
        "moe.router_bias",
        "moe.layer_step",
        "per_layer_input_dim",
        "attention.kv_shared_layers",
        "attention.window",
        "attention.pattern",
        "v_head_dim",
        "n_kv_heads_swa",
        "global_head_dim",
        "architecture",
        "d_ff_kv_shared",
        "attention.output_gate",
    }
    whole = counter.count(model_file.check(copy.deepcopy(fields))).total
    try:
        left = counter.count(
            model_file.check(
                {key: value for key, value in fields.items() if key != gone}
            )
        ).total
    except model_file.BadModelFile:
        return
    assert left == whole or gone in optional


@given(
    st.sampled_from(COUNTABLE),
    st.sampled_from(sorted(FIELDS)),
    st.integers(-3, 70) | st.text(max_size=3) | st.booleans() | st.none(),
)
def test_random_damage_is_counted_or_refused(name, field, value):
    fields = model_file.flatten(records.model(name)) | {field: value}
    try:
        count = counter.count(model_file.check(fields))
    except model_file.BadModelFile as error:
        assert str(error)
        return
    assert (
        count.total > 0
        and all(part >= 0 for part in count.parts.values())
        and 0 <= count.idle < count.total
    )


def test_yaml_dump_of_a_record_reads_the_same():
    record = records.model("deepseek-v3")
    assert model_file.parse(yaml.safe_dump(record)) == model_file.check(
        model_file.flatten(record)
    )
