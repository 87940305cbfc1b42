"""The counter equals the recorded count of every model file that it accepts,
and the number of parameters that Transformers allocates for hundreds of random
small shapes: Llama, Mistral, Qwen, Gemma, Mixtral, DeepSeek, gpt-oss, Llama 4,
Qwen3-Next, OLMo, GPT-2, T5 and others. Caches are compared with what each
layer would store.
"""

import functools

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from snippets.sizing import counter, layers, model_file, records

RECORDED = {
    "total": lambda count, shape: count.total,
    "non_embedding": lambda count, shape: count.non_embedding,
    "embedding": lambda count, shape: count.parts["embedding"],
    "lm_head": lambda count, shape: count.parts["lm_head"],
    "active_incl_embedding": lambda count, shape: count.active,
    "active_matmul": lambda count, shape: count.active_matmul,
    "active_non_embedding": lambda count, shape: count.active_non_embedding,
    "kv_cache_elements_per_token_full": lambda count, shape: (
        layers.cache_elements(shape, 1)
    ),
    "effective": lambda count, shape: (
        count.total
        - shape["n_layers"]
        * shape["vocab_size"]
        * shape["per_layer_input_dim"]
    ),
}
REFUSED = {
    "deepseek-v3.2",
    "deepseek-v4-flash",
    "deepseek-v4-pro",
    "glm-5.2",
    "kimi-k3",
    "minimax-m3",
    "ministral-3-8b",
    "mistral-large-4-1t-a52b",
    "mistral-small-4-119b",
    "muse-glimmer-30b",
    "muse-spark-open-816b-a42b",
    "nemotron-3-nano-30b-a3b",
    "nemotron-3-super-120b-a12b",
    "nemotron-3-ultra-550b-a55b",
}


@pytest.mark.parametrize("name", records.names("models"))
def test_equals_the_recorded_count_or_refuses(name):
    path = records.DATA / "models" / f"{name}.yml"
    if name in REFUSED:
        with pytest.raises(
            model_file.BadModelFile,
            match="is not counted; supported: mha, mqa, gqa, mla",
        ):
            model_file.read(path)
        return
    shape, computed = model_file.read(path), records.model(name)["computed"]
    count = counter.count(shape)
    wrong = {
        field: (value, RECORDED[field](count, shape))
        for field, value in computed.items()
        if field in RECORDED and RECORDED[field](count, shape) != value
    }
    assert not wrong


# ---- against Transformers ---------------------------------------------------


def allocated(config):
    """Parameters of the model that Transformers builds from a configuration,
    without allocating memory.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    factory = (
        AutoModelForSeq2SeqLM
        if config.model_type == "t5"
        else AutoModelForCausalLM
    )
    with torch.device("meta"):
        return sum(
            weight.numel()
            for weight in factory.from_config(config).parameters()
        )


def counted(**fields):
    nested = {
        name: value for name, value in fields.items() if value is not None
    }
    return counter.count(model_file.parse(yaml.safe_dump(nested))).total


small = functools.partial(st.integers, 1, 5)


@st.composite
def sizes(draw, kind=None):
    kind = kind or draw(st.sampled_from(["mha", "mqa", "gqa"]))
    groups = draw(st.integers(1, 3))
    n_kv = {"mqa": 1}.get(kind) or draw(small())
    heads = n_kv * (1 if kind == "mha" else groups)
    return {
        "n_layers": draw(small()),
        "d_model": 2 * heads * draw(small()),
        "n_heads": heads,
        "n_kv_heads": n_kv,
        "head_dim": 2 * draw(small()),
        "d_ff": draw(st.integers(1, 40)),
        "vocab_size": draw(st.integers(3, 60)),
        "tied_embeddings": draw(st.booleans()),
        "norm": "rmsnorm",
        "norm_placement": "pre",
        "norms_per_layer": 2,
        "ffn": "swiglu",
        "attention": {"kind": kind, "pattern": "full causal"},
    }


def common(shape, **other):
    return dict(
        vocab_size=shape["vocab_size"],
        hidden_size=shape["d_model"],
        num_hidden_layers=shape["n_layers"],
        num_attention_heads=shape["n_heads"],
        num_key_value_heads=shape["n_kv_heads"],
        head_dim=shape["head_dim"],
        intermediate_size=shape.get("d_ff", 3),
        tie_word_embeddings=shape["tied_embeddings"],
        pad_token_id=None,
        bos_token_id=0,
        eos_token_id=0,
        **other,
    )


def experts(draw, shared=False):
    n_experts = draw(st.integers(2, 6))
    n_shared = draw(st.integers(0, 2)) if shared else 0
    return {
        "n_experts": n_experts,
        "n_active": draw(st.integers(1, n_experts)),
        "d_ff_expert": draw(st.integers(1, 12)),
        "n_shared": n_shared,
        "first_dense_layers": 0,
    }


@given(sizes(), st.booleans(), st.booleans())
def test_llama_with_and_without_biases(shape, attention_bias, mlp_bias):
    from transformers import LlamaConfig

    config = LlamaConfig(
        **common(shape, attention_bias=attention_bias, mlp_bias=mlp_bias)
    )
    assert counted(
        **shape,
        qkv_bias=attention_bias,
        o_bias=attention_bias,
        mlp_bias=mlp_bias,
    ) == allocated(config)


@given(sizes(), st.integers(1, 9))
def test_mistral_qwen2_phi3_and_smollm(shape, window):
    from transformers import (
        MistralConfig,
        Phi3Config,
        Qwen2Config,
        SmolLM3Config,
    )

    sliding = shape["attention"] | {
        "pattern": "sliding window every layer",
        "window": window,
    }
    assert counted(**shape | {"attention": sliding}) == allocated(
        MistralConfig(**common(shape, sliding_window=window))
    )
    by_width = shape | {
        "head_dim": 2 * shape["n_heads"],
        "d_model": 2 * shape["n_heads"] ** 2,
    }
    assert counted(**by_width, qkv_bias=True) == allocated(
        Qwen2Config(**common(by_width))
    )
    assert counted(**by_width) == allocated(Phi3Config(**common(by_width)))
    assert counted(**by_width) == allocated(SmolLM3Config(**common(by_width)))


@given(sizes())
def test_norms_of_queries_and_keys(shape):
    from transformers import Olmo2Config, Olmo3Config, Qwen3Config

    assert counted(**shape, qk_norm="per_head") == allocated(
        Qwen3Config(**common(shape))
    )
    by_width = shape | {
        "head_dim": 2 * shape["n_heads"],
        "d_model": 2 * shape["n_heads"] ** 2,
    }
    for family in (Olmo2Config, Olmo3Config):
        assert counted(**by_width, qk_norm="full") == allocated(
            family(**common(by_width))
        )


@given(sizes())
def test_gemma_with_two_norms_more(shape):
    from transformers import Gemma2Config, Gemma3TextConfig

    gemma = shape | {
        "norms_per_layer": None,
        "norm_placement": "pre+post (sandwich)",
        "ffn": "geglu",
        "tied_embeddings": True,
    }
    gemma["attention"] = shape["attention"] | {
        "pattern": "5 local : 1 global",
        "window": 4,
    }
    assert counted(**gemma) == allocated(Gemma2Config(**common(gemma)))
    assert counted(**gemma, qk_norm="per_head") == allocated(
        Gemma3TextConfig(**common(gemma))
    )


@given(st.data(), sizes())
def test_mixtral_qwen3_moe_and_gpt_oss(data, shape):
    from transformers import GptOssConfig, MixtralConfig, Qwen3MoeConfig

    moe = experts(data.draw)
    shape = {
        name: value for name, value in shape.items() if name != "d_ff"
    } | {"moe": moe}
    few = {"num_experts_per_tok": moe["n_active"]}
    mixtral = common(shape, num_local_experts=moe["n_experts"], **few) | {
        "intermediate_size": moe["d_ff_expert"]
    }
    assert counted(**shape) == allocated(MixtralConfig(**mixtral))
    qwen = common(
        shape,
        num_experts=moe["n_experts"],
        moe_intermediate_size=moe["d_ff_expert"],
        **few,
    )
    assert counted(**shape, qk_norm="per_head") == allocated(
        Qwen3MoeConfig(**qwen)
    )
    biased = shape | {
        "qkv_bias": True,
        "o_bias": True,
        "mlp_bias": True,
        "attn_sinks": True,
    }
    biased["moe"] = moe | {"router_bias": True}
    assert counted(**biased) == allocated(GptOssConfig(**mixtral))


@given(st.data(), sizes())
def test_llama4_with_a_shared_expert_and_interleaved_layers(data, shape):
    from transformers import Llama4TextConfig

    step = data.draw(st.integers(1, shape["n_layers"]))
    moe = experts(data.draw) | {"n_shared": 1, "layer_step": step}
    moe["d_ff_shared"] = moe["d_ff_expert"]
    config = common(
        shape,
        num_local_experts=moe["n_experts"],
        num_experts_per_tok=1,
        interleave_moe_layer_step=step,
    )
    config |= {
        "intermediate_size": moe["d_ff_expert"],
        "intermediate_size_mlp": shape["d_ff"],
    }
    assert counted(**shape, moe=moe) == allocated(Llama4TextConfig(**config))


@given(st.data(), sizes("mha"))
def test_deepseek_with_latents_and_leading_dense_layers(data, shape):
    from transformers import DeepseekV2Config, DeepseekV3Config

    draw = data.draw
    nope, rope, value = 2 * draw(small()), 2 * draw(small()), draw(small())
    mla = {
        "kv_lora_rank": draw(small()),
        "q_lora_rank": draw(st.none() | small()),
        "qk_nope_head_dim": nope,
        "qk_rope_head_dim": rope,
        "v_head_dim": value,
    }
    moe = experts(draw, shared=True) | {
        "first_dense_layers": draw(st.integers(0, shape["n_layers"]))
    }
    moe["d_ff_shared"] = moe["d_ff_expert"] if moe["n_shared"] else None
    moe = {name: size for name, size in moe.items() if size is not None}
    bias = draw(st.booleans())
    shape = shape | {
        "attention": {"kind": "mla"},
        "mla": mla,
        "moe": moe,
        "head_dim": nope + rope,
    }
    config = common(
        shape,
        **mla,
        n_routed_experts=moe["n_experts"],
        num_experts_per_tok=1,
        moe_intermediate_size=moe["d_ff_expert"],
        n_shared_experts=moe["n_shared"],
        first_k_dense_replace=moe["first_dense_layers"],
        attention_bias=bias,
        n_group=1,
        topk_group=1,
    )
    del config["head_dim"]
    assert counted(**shape, qkv_bias=bias, o_bias=bias) == allocated(
        DeepseekV3Config(**config)
    )
    assert counted(**shape, qkv_bias=bias, o_bias=bias) == allocated(
        DeepseekV2Config(**config)
    )


@given(st.data(), sizes("gqa"), st.booleans())
def test_qwen3_next_with_linear_layers(data, shape, bias):
    from transformers import Qwen3NextConfig

    draw = data.draw
    full, linear = draw(small()), draw(small())
    heads = draw(small())
    sizes_ = {
        "key_heads": heads,
        "value_heads": heads * draw(small()),
        "key_dim": draw(small()),
        "value_dim": draw(small()),
        "conv": draw(small()),
    }
    moe = experts(draw) | {"n_shared": 1, "d_ff_shared": draw(small())}
    del moe["first_dense_layers"]
    attention = {
        "kind": "hybrid-linear",
        "output_gate": True,
        "full_attention_layers": full,
        "linear_layers": linear,
        "linear": sizes_,
    }
    shape = shape | {
        "n_layers": full + linear,
        "attention": attention,
        "moe": moe,
        "qk_norm": "per_head",
        "norms_per_layer": None,
    }
    config = common(
        shape,
        num_experts=moe["n_experts"],
        num_experts_per_tok=1,
        moe_intermediate_size=moe["d_ff_expert"],
        shared_expert_intermediate_size=moe["d_ff_shared"],
        layer_types=["full_attention"] * full + ["linear_attention"] * linear,
        linear_num_key_heads=sizes_["key_heads"],
        linear_num_value_heads=sizes_["value_heads"],
        attention_bias=bias,
        linear_key_head_dim=sizes_["key_dim"],
        linear_value_head_dim=sizes_["value_dim"],
        linear_conv_kernel_dim=sizes_["conv"],
    )
    assert counted(**shape, qkv_bias=bias, o_bias=bias) == allocated(
        Qwen3NextConfig(**config)
    )


@given(sizes("mha"), st.integers(1, 30))
def test_gpt2_with_positions_and_layernorm(shape, positions):
    from transformers import GPT2Config

    width = shape["n_heads"] * shape["head_dim"]
    fields = shape | {
        "d_model": width,
        "norm": "layernorm",
        "ffn": "gelu",
        "tied_embeddings": True,
        "learned_positions": positions,
        "position": {"type": "learned_absolute"},
        "qkv_bias": True,
        "o_bias": True,
        "mlp_bias": True,
    }
    config = GPT2Config(
        vocab_size=shape["vocab_size"],
        n_positions=positions,
        n_embd=width,
        n_layer=shape["n_layers"],
        n_head=shape["n_heads"],
        n_inner=shape["d_ff"],
        bos_token_id=0,
        eos_token_id=0,
    )
    assert counted(**fields) == allocated(config)


@given(sizes("mha"), small(), st.booleans(), st.integers(2, 9))
def test_t5_with_two_stacks(shape, decoder, gated, buckets):
    from transformers import T5Config

    fields = {
        name: value
        for name, value in shape.items()
        if name != "norms_per_layer"
    } | {
        "tied_embeddings": True,
        "architecture": "encoder-decoder",
        "n_decoder_layers": decoder,
        "ffn": "geglu" if gated else "relu",
        "position": {"type": "relative_bucket_bias", "num_buckets": buckets},
    }
    config = T5Config(
        vocab_size=shape["vocab_size"],
        d_model=shape["d_model"],
        d_kv=shape["head_dim"],
        d_ff=shape["d_ff"],
        num_layers=shape["n_layers"],
        num_decoder_layers=decoder,
        num_heads=shape["n_heads"],
        feed_forward_proj="gated-gelu" if gated else "relu",
        relative_attention_num_buckets=buckets,
    )
    assert counted(**fields) == allocated(config)


# ---- windows and caches -----------------------------------------------------


@pytest.mark.parametrize(
    "pattern, n_layers, full",
    [
        ("5 local : 1 global", 26, 4),
        ("5 local : 1 global", 34, 5),
        ("1 local : 1 global", 42, 21),
        ("3 sliding : 1 full", 64, 16),
        ("1 sliding : 1 full", 37, 18),
        ("2 local : 2 global", 7, 3),
        ("2 local : 2 global", 8, 4),
        ("3 chunked(8192)+RoPE : 1 full+NoPE", 48, 12),
        ("sliding window every layer", 32, 0),
    ],
)
def test_full_layers_of_a_pattern(pattern, n_layers, full):
    assert layers.full_layers(n_layers, {"pattern": pattern}) == full
    period = [int(word) for word in pattern.split() if word.isdigit()]
    if len(period) == 2:
        local, wide = period
        assert full == sum(
            layer % (local + wide) >= local for layer in range(n_layers)
        )


def test_a_given_number_of_full_layers_wins_over_the_pattern():
    assert (
        layers.full_layers(
            48, {"pattern": "5 local : 1 global", "full_layers": 7}
        )
        == 7
    )
    assert (
        layers.full_layers(
            48, {"pattern": "5 local : 1 global", "full_attention_layers": 9}
        )
        == 9
    )
    assert (
        layers.full_layers(48, {"pattern": "every layer is different"}) is None
    )


def shape_of(name):
    return model_file.read(records.DATA / "models" / f"{name}.yml")


@pytest.mark.parametrize(
    "name, tokens, elements",
    [
        ("llama-3.1-70b", 131072, 163840 * 131072),
        ("deepseek-v3", 10, 35136 * 10),
        ("gpt-oss-120b", 1000, 2 * 8 * 64 * (18 * 1000 + 18 * 128)),
        ("mistral-7b-v0.1", 8192, 65536 * 4096),
        ("gemma-3-27b", 2048, 2 * 16 * 128 * (10 * 2048 + 52 * 1024)),
        ("llama-4-scout", 10000, 2 * 8 * 128 * (12 * 10000 + 36 * 8192)),
        ("qwen3.5-397b-a17b", 1, 15360),
        # Gemma 4 E2B: of 35 layers the last 20 keep nothing; 3 of the others
        # are global, with heads of 512.
        ("gemma-4-e2b", 600, 3 * 2 * 512 * 600 + 12 * 2 * 256 * 512),
        ("mimo-v2-flash", 1000, 9 * 4 * 320 * 1000 + 39 * 8 * 320 * 128),
        ("t5-base", 7, 12 * 2 * 12 * 64 * 7),
    ],
)
def test_cache_of_one_sequence(name, tokens, elements):
    assert layers.cache_elements(shape_of(name), tokens) == elements


def test_all_layers_are_split_into_four_kinds():
    assert layers.split(shape_of("gemma-4-e2b")) == layers.Layers(3, 12, 4, 16)
    assert layers.split(shape_of("gemma-3-1b")) == layers.Layers(4, 22)
    assert layers.split(shape_of("llama-3.1-8b")) == layers.Layers(32, 0)
    assert layers.split(shape_of("qwen3-next-80b-a3b")) == layers.Layers(12, 0)
    uneven = shape_of("t5-base") | {"n_decoder_layers": 5}  # of 12
    assert layers.split(uneven) == layers.Layers(5, 0)


def test_tied_models_multiply_by_their_embedding():
    tied, untied = (
        counter.count(shape_of(name))
        for name in ("llama-3.2-1b", "llama-3.1-8b")
    )
    assert tied.active_matmul == tied.total
    assert untied.active_matmul == untied.total - untied.parts["embedding"]
