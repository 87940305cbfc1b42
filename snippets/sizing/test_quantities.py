"""Each public quantity is asked for once with everyday inputs and compared
with a figure worked out here; unknown names, missing inputs and impossible
values are refused with the nearest right one.
"""

import copy
import importlib
import math
import re

import pytest

from snippets.sizing import (
    derived,
    families,
    model_file,
    names,
    quantities,
    records,
    render,
)
from snippets.sizing.inputs import Inputs
from snippets.sizing.quantities import compute

L70, H100 = "llama-3.1-70b", "h100-sxm5-80gb"
ACTIVE_70B, TOTAL_70B = 69_503_033_344, 70_553_706_496


def case(name, expected, **given):
    return name, given, expected


LLAMA_SHAPE = {
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 8,
    "head_dim": 128,
    "d_ff": 14336,
    "vocab_size": 128256,
}
CASES = [
    case("params", 8_030_261_248, tied_embeddings=False, **LLAMA_SHAPE),
    case(
        "attention_flops_share",
        0.5,
        active_params=128,
        n_layers=2,
        n_heads=2,
        head_dim=4,
        context=4,
    ),
    case("params", 8030261248, model="llama-3.1-8b"),
    case("params", 12879925248, model="mixtral-8x7b", part="active"),
    case("params", 36625618432, model="deepseek-v3", part="active_matmul"),
    case("params", 218112000, model="llama-3.1-8b", part="layer"),
    case("params", 2614341888, model="gemma-2-2b", part="active_matmul"),
    case("params", 85056000, model="gpt-2-small", part="non_embedding"),
    case(
        "params",
        46_702_792_704 - 2 * 32000 * 4096,
        model="mixtral-8x7b",
        part="non_embedding",
    ),
    # the encoder has no norm after its last layer
    case("params", 7_087_872, model="bert-base-uncased", part="layer"),
    case("params", 0, model="llama-3.1-8b", part="router"),
    case(
        "params", 35698939392, model="deepseek-v3", part="active_non_embedding"
    ),
    case("params", 525336576, model="llama-3.1-8b", part="embedding"),
    case("params", 41943040, model="llama-3.1-8b", part="attention_layer"),
    case("params", 1409318912, model="mixtral-8x7b", part="ffn_layer"),
    case("params", 2779000000000, model="kimi-k3"),
    case("params", 41250511104, model="glm-5.2", part="active"),
    case(
        "params",
        8030261248 + 32 * 2 * 4096 * 24 * 128,
        model="llama-3.1-8b",
        n_kv_heads=32,
    ),
    case(
        "params",
        348,
        n_layers=2,
        d_model=4,
        n_heads=2,
        n_kv_heads=1,
        head_dim=2,
        d_ff=8,
        vocab_size=10,
        tied_embeddings=True,
    ),
    case(
        "params",
        152,
        d_model=4,
        n_heads=2,
        n_kv_heads=1,
        head_dim=2,
        d_ff=8,
        part="layer",
    ),
    case(
        "params",
        46_702_792_704,
        n_layers=32,
        d_model=4096,
        n_heads=32,
        n_kv_heads=8,
        head_dim=128,
        n_experts=8,
        d_ff_expert=14336,
        vocab_size=32000,
        tied_embeddings=False,
    ),
    case("params", 0, model="llama-3.2-1b", part="lm_head"),
    case(
        "training_memory_bytes",
        14,
        params=7,
        recipe="mixed-adamw-fp32-gradients",
        part="weights",
    ),
    case(
        "training_memory_bytes",
        28,
        params=7,
        recipe="mixed-adamw-fp32-gradients",
        part="gradients",
    ),
    case("rule_of_thumb_params", 173946175488, model="gpt-3-175b"),
    case("weights_bytes", 2 * TOTAL_70B, model=L70),
    case("weights_bytes", TOTAL_70B * 4.5 / 8, model=L70, dtype="nvfp4"),
    case("weights_bytes", 8, params=8, dtype="fp8"),
    case("kv_cache_bytes", 40 * 2**30, model=L70, tokens=131072),
    case(
        "kv_cache_bytes", 320 * 2**30, model=L70, tokens=131072, n_kv_heads=64
    ),
    case("kv_cache_bytes", 20 * 2**30, model=L70, tokens=131072, dtype="fp8"),
    case("kv_cache_bytes", 70272, model="deepseek-v3"),
    case("kv_cache_bytes", 73728, model="gpt-oss-120b"),
    case("kv_cache_bytes", 30720, model="qwen3.5-397b-a17b"),
    case("kv_cache_bytes", 2 * 12 * 768 * 2, model="t5-base"),
    case("kv_cache_bytes", 1248460800, model="gemma-4-31b", tokens=5000),
    case(
        "kv_cache_bytes", 4 * 4988928, model="gemma-4-e2b", tokens=600, batch=2
    ),
    case(
        "kv_cache_bytes",
        2880,
        n_layers=2,
        n_kv_heads=3,
        head_dim=4,
        tokens=5,
        batch=6,
    ),
    case("kv_cache_bytes", 28, n_layers=2, kv_lora_rank=3, qk_rope_head_dim=4),
    case(
        "linear_state_bytes",
        2 * 36 * (32 * 128 * 128 + 3 * (4096 + 4096)),
        model="qwen3-next-80b-a3b",
    ),
    case(
        "paged_kv_cache_bytes",
        1008 * 327680,
        model=L70,
        tokens=1000,
        block_size=16,
    ),
    case("paged_waste_share", 8 / 1008, tokens=1000, block_size=16),
    case("reserved_waste_share", 0.75, tokens=512, reserved_tokens=2048),
    case(
        "quantized_bytes_per_element",
        0.5625,
        bits=4,
        scale_bits=16,
        group_size=32,
    ),
    case(
        "kv_transfer_seconds",
        0.0536870912,
        model=L70,
        tokens=8192,
        bytes_per_second=50000000000.0,
    ),
    case("flops_per_token", 2 * ACTIVE_70B, model=L70),
    case(
        "flops_per_token",
        2 * ACTIVE_70B + 4 * 80 * 8192 * 8192,
        model=L70,
        context=8192,
    ),
    case("flops_per_token", 2 * ACTIVE_70B, model=L70, context=0),
    case("flops_per_token", 14, params=7),
    case("training_flops_per_token", 6 * ACTIVE_70B, model=L70),
    case(
        "training_flops_per_token",
        6 * ACTIVE_70B + 3 * 4 * 80 * 8192 * 2,
        model=L70,
        context=2,
    ),
    case(
        "attention_flops_per_token",
        4 * 80 * 8192 * 8192,
        model=L70,
        context=8192,
    ),
    case(
        "attention_flops_per_token",
        2 * 61 * 128 * 320 * 3,
        model="deepseek-v3",
        context=3,
    ),
    case(
        "attention_flops_per_token",
        4 * 64 * 64 * 18 * 1128,
        model="gpt-oss-120b",
        context=1000,
    ),
    case(
        "attention_flops_per_token",
        2 * 8 * (7 * 1024 * 1000 + 28 * 512 * 512),
        model="gemma-4-e2b",
        context=1000,
    ),
    case(
        "attention_flops_per_token",
        480,
        n_layers=2,
        n_heads=3,
        head_dim=4,
        context=5,
    ),
    case(
        "attention_flops_per_token",
        4 * 12 * 4096 * 10,
        model="qwen3-next-80b-a3b",
        context=10,
    ),
    case(
        "attention_flops_share",
        4294967296 / (4294967296 + 2 * 7504924672),
        model="llama-3.1-8b",
        context=8192,
    ),
    case("attention_flops_share", 0.5, active_params=1, attention_flops=2),
    case(
        "attention_overtakes_tokens",
        7504924672 / (2 * 32 * 4096),
        model="llama-3.1-8b",
    ),
    case(
        "attention_overtakes_tokens",
        2 * 36625618432 / (2 * 61 * 128 * 320),
        model="deepseek-v3",
    ),
    case(
        "attention_overtakes_tokens",
        (2 * 5132849472 - 4 * 64 * 64 * 18 * 128) / (4 * 64 * 64 * 18),
        model="gpt-oss-120b",
    ),
    case(
        "attention_overtakes_tokens",
        2,
        active_params=24,
        n_layers=1,
        n_heads=2,
        head_dim=3,
    ),
    case(
        "training_flops", 3.15e23, params=175000000000.0, tokens=300000000000.0
    ),
    case("training_flops", 60 * 37552297472, model="deepseek-v3", tokens=10),
    case("recomputed_training_flops", 120, params=3, tokens=5),
    case("lora_training_flops", 60, params=3, tokens=5),
    case("training_memory_bytes", 112000000000.0, params=7000000000.0),
    case(
        "training_memory_bytes",
        70000000000.0,
        params=7000000000.0,
        recipe="mixed-adamw-8bit",
    ),
    case(
        "training_memory_bytes",
        14000000000.0,
        params=7000000000.0,
        part="weights",
    ),
    case(
        "training_memory_bytes",
        14000000000.0,
        params=7000000000.0,
        part="gradients",
    ),
    case(
        "training_memory_bytes",
        84000000000.0,
        params=7000000000.0,
        part="optimizer",
    ),
    case("training_memory_bytes", 16 * TOTAL_70B, model=L70),
    case(
        "zero_memory_bytes", 31406250000, params=7500000000.0, gpus=64, stage=1
    ),
    case(
        "zero_memory_bytes", 16640625000, params=7500000000.0, gpus=64, stage=2
    ),
    case("zero_memory_bytes", 1875000000, params=7500000000.0, gpus=64),
    case(
        "activation_bytes",
        96 * 2048 * 12288 * 114 / 8,
        model="gpt-3-175b",
        tokens=2048,
        tensor_parallel=8,
        method="full",
    ),
    case(
        "activation_bytes",
        96 * 2048 * 12288 * 34,
        model="gpt-3-175b",
        tokens=2048,
    ),
    case(
        "activation_bytes",
        96 * 2048 * 12288 * 2,
        model="gpt-3-175b",
        tokens=2048,
        method="checkpointed",
    ),
    case("logits_bytes", 4202692608, model=L70, tokens=8192, dtype="fp32"),
    case("scaled_bits", 4.5, bits=4, scale_bits=8, group_size=16),
    case("double_quantized_bits", 4.126953125),
    case("lora_params", 41943040, model="llama-3.1-8b", rank=16),
    case(
        "lora_params",
        4194304,
        model="llama-2-7b",
        rank=8,
        targets="query-value",
    ),
    case(
        "lora_params",
        13631488,
        model="llama-3.1-8b",
        rank=16,
        targets="attention",
    ),
    case("lora_matrix_params", 16, d_in=3, d_out=5, rank=2),
    case(
        "lora_memory_bytes",
        2 * 8030261248 + 16 * 41943040,
        model="llama-3.1-8b",
        rank=16,
    ),
    case(
        "lora_memory_bytes",
        44,
        params=8,
        adapter_params=2,
        dtype="int8",
        adapter_bytes_per_param=18,
    ),
    case(
        "qlora_base_bytes",
        68451041280 * 4.126953125 / 8 + 2 * 2102665216,
        model=L70,
    ),
    case("adapter_bytes", 83886080, model="llama-3.1-8b", rank=16),
    case(
        "chinchilla_params",
        70000000000.0,
        flops=6 * 70000000000.0 * 1400000000000.0,
    ),
    case(
        "chinchilla_tokens",
        1400000000000.0,
        flops=6 * 70000000000.0 * 1400000000000.0,
    ),
    case(
        "expected_loss",
        1.69 + 406.4 / 70000000000.0**0.34 + 410.7 / 1400000000000.0**0.28,
        params=70000000000.0,
        tokens=1400000000000.0,
    ),
    case(
        "optimal_params_by_fit",
        (0.34 * 406.4 / (0.28 * 410.7)) ** (1 / 0.62) * 1e20 ** (0.28 / 0.62),
        flops=6e20,
    ),
    case(
        "lifetime_flops",
        8.8e23,
        params=8000000000.0,
        training_tokens=15000000000000.0,
        inference_tokens=10000000000000.0,
    ),
    case(
        "training_seconds",
        4.8e22 / (2 * 989000000000000.0 * 0.4),
        params=8000000000.0,
        tokens=1000000000000.0,
        gpus=2,
        gpu=H100,
        mfu=0.4,
    ),
    case(
        "training_days",
        6000000000000.0
        * 8030261248
        / (1024 * 989000000000000.0 * 0.4 * 86400),
        model="llama-3.1-8b",
        tokens=1000000000000.0,
        gpus=1024,
        gpu=H100,
        mfu=0.4,
    ),
    case(
        "gpu_hours",
        4.8e22 / (989000000000000.0 * 0.4 * 3600),
        flops=4.8e22,
        gpu=H100,
        mfu=0.4,
    ),
    case(
        "training_cost",
        2.5 * 4.8e22 / (989000000000000.0 * 0.4 * 3600),
        params=8000000000.0,
        tokens=1000000000000.0,
        gpu=H100,
        mfu=0.4,
        price_per_gpu_hour=2.5,
    ),
    case(
        "model_flops_utilization",
        60000000000000.0 / (2 * 989000000000000.0),
        params=1000000000.0,
        tokens_per_second=10000.0,
        gpus=2,
        gpu=H100,
    ),
    case("tokens_per_step", 32768, batch=4, sequence_tokens=8192),
    case(
        "hardware_seconds",
        2.4e18 / (989000000000000.0 * 0.4),
        flops=2.4e18,
        gpu=H100,
        utilization=0.4,
    ),
    case(
        "all_reduce_seconds",
        1.75 / 450,
        payload_bytes=1000000000.0,
        gpus=8,
        gpu=H100,
    ),
    case(
        "all_gather_seconds",
        0.875,
        payload_bytes=1000000000.0,
        gpus=8,
        bytes_per_second=1000000000.0,
    ),
    case(
        "all_to_all_seconds",
        0.875,
        payload_bytes=1000000000.0,
        gpus=8,
        bytes_per_second=1000000000.0,
    ),
    case("ring_latency_seconds", 2.8e-05, gpus=8, seconds_per_hop=2e-06),
    case("tensor_parallel_bytes", 80 * 2 * 8192 * 2 * 1.75, model=L70, gpus=8),
    case("pipeline_bubble", 7 / 39, stages=8, microbatches=32),
    case("interleaved_bubble", 7 / 135, stages=8, microbatches=32, chunks=4),
    case("bubble_overhead", 7 / 32, stages=8, microbatches=32),
    case(
        "checkpoint_interval_seconds",
        math.sqrt(2 * 60 * 10800),
        save_seconds=60,
        mtbf_seconds=10800,
    ),
    case(
        "checkpoint_overhead",
        0.1,
        interval_seconds=100,
        save_seconds=5,
        mtbf_seconds=1000,
    ),
    case(
        "cluster_mtbf_seconds", 225, component_mtbf_seconds=3600, components=16
    ),
    case("ridge_point", 989 / 3.35, gpu=H100),
    case("ridge_point", 1979 / 3.35, gpu=H100, dtype="fp8"),
    case("ridge_point", 9000 / 7.7, gpu="b200-sxm", dtype="nvfp4"),
    case("arithmetic_intensity", 8, batch=8),
    case(
        "arithmetic_intensity",
        60 / (2 * 31),
        of="matmul",
        rows=2,
        inner=3,
        columns=5,
    ),
    case("arithmetic_intensity", 32, batch=8, dtype="int4"),
    case(
        "attainable_flops_per_second",
        335000000000000.0,
        intensity=100,
        gpu=H100,
    ),
    case(
        "decode_floor_seconds",
        (2 * 7504924672 + 131072) / 3350000000000.0,
        model="llama-3.1-8b",
        gpu=H100,
    ),
    case(
        "decode_floor_seconds",
        (2 * ACTIVE_70B + 10 * 40 * 2**30) / 26800000000000.0,
        model=L70,
        gpu=H100,
        gpus=8,
        batch=10,
        tokens=131072,
    ),
    case(
        "decode_floor_seconds",
        (ACTIVE_70B + 16384000) / 6700000000000.0,
        model=L70,
        gpu=H100,
        gpus=2,
        tokens=100,
        dtype="fp8",
        kv_dtype="fp8",
    ),
    case(
        "decode_floor_seconds",
        (2 * 12748853248 + 131072) / 3350000000000.0,
        model="mixtral-8x7b",
        gpu=H100,
        batch=1,
    ),
    case(
        "decode_floor_seconds",
        (2 * (12748853248 + 32 * 176160768 * 1.5) + 2 * 131072)
        / 3350000000000.0,
        model="mixtral-8x7b",
        gpu=H100,
        batch=2,
    ),
    case(
        "prefill_seconds",
        2 * ACTIVE_70B * 8192 / (4 * 989000000000000.0 * 0.5),
        model=L70,
        gpu=H100,
        tokens=8192,
        mfu=0.5,
        gpus=4,
    ),
    case(
        "touched_experts",
        256 * (1 - (31 / 32) ** 32),
        model="deepseek-v3",
        tokens=32,
    ),
    case("max_batch", 10, model=L70, gpu=H100, gpus=8, tokens=131072),
    case(
        "max_batch",
        1,
        model=L70,
        gpu=H100,
        gpus=8,
        tokens=131072,
        n_kv_heads=64,
    ),
    case(
        "max_batch",
        20,
        model=L70,
        gpu=H100,
        gpus=8,
        tokens=131072,
        kv_dtype="fp8",
    ),
    case(
        "max_context",
        math.floor((576000000000.0 - 2 * TOTAL_70B) / 3276800),
        model=L70,
        gpu=H100,
        gpus=8,
        batch=10,
    ),
    case("min_gpus", 2, model=L70, gpu=H100),
    case("min_gpus", 4, needed_bytes=10, memory_bytes=3, reserve=0),
    case(
        "throughput_tokens_per_second",
        10 * 26800000000000.0 / (2 * ACTIVE_70B + 10 * 40 * 2**30),
        model=L70,
        gpu=H100,
        gpus=8,
        batch=10,
        tokens=131072,
    ),
    case(
        "cost_per_million_tokens",
        2.5 / 9,
        price_per_hour=2.5,
        tokens_per_second=2500,
    ),
    case(
        "request_seconds",
        1.5,
        time_to_first_token=0.5,
        output_tokens=100,
        seconds_per_token=0.01,
    ),
    case("requests_per_second", 100, requests_per_day=8640000),
    case(
        "concurrent_requests",
        1400,
        requests_per_second=350,
        seconds_per_request=4,
    ),
    case(
        "gpus_needed", 42, tokens_per_second=105000, gpu_tokens_per_second=2500
    ),
    case(
        "cascade_cost",
        0.525,
        small_cost=0.025,
        large_cost=1,
        escalation_rate=0.5,
    ),
    case("break_even_escalation", 0.975, small_cost=0.025, large_cost=1),
    case("speculative_expected_tokens", 1.75, acceptance=0.5, draft_tokens=2),
    case(
        "speculative_speedup",
        1.75 / 1.5,
        acceptance=0.5,
        draft_tokens=2,
        draft_cost=0.25,
    ),
    case(
        "speculative_extra_operations",
        3.5 / 1.75,
        acceptance=0.5,
        draft_tokens=2,
        draft_operations=0.25,
    ),
    case("flat_index_bytes", 40960000000.0, vectors=10**7, dimensions=1024),
    case(
        "hnsw_index_bytes",
        43520000000.0,
        vectors=10**7,
        dimensions=1024,
        links=32,
    ),
    case(
        "ivfpq_index_bytes",
        7200000000.0 + 4 * 1024 * (65536 + 256),
        vectors=10**8,
        dimensions=1024,
        lists=65536,
        subquantizers=64,
    ),
    case(
        "chunk_count",
        23,
        document_tokens=10000,
        chunk_tokens=512,
        overlap_tokens=64,
    ),
    case("chunk_count", 2, document_tokens=1024, chunk_tokens=512),
    case(
        "embedding_seconds",
        2 * 568000000.0 * 20000.0 / (989000000000000.0 * 0.4),
        params=568000000.0,
        tokens=20000.0,
        gpu=H100,
        mfu=0.4,
    ),
    case(
        "rag_query_tokens", 4396, chunks=8, chunk_tokens=512, prompt_tokens=300
    ),
    case(
        "rag_query_cost",
        0.015,
        input_tokens=5000,
        output_tokens=500,
        input_price=2,
        output_price=10,
    ),
    case(
        "cached_query_cost",
        0.2,
        cached_tokens=500000.0,
        fresh_tokens=0,
        output_tokens=0,
        cached_price=0.4,
        input_price=4,
        output_price=18,
    ),
    case("agent_input_tokens", 2550000, steps=50, tokens_per_step=2000),
    case("standard_error", 0.02, rate=0.8, samples=400),
    case("interval_half_width", 0.0392, rate=0.8, samples=400),
    case(
        "wilson_interval",
        (0.5 + 3.8416 / 200 - 1.96 * math.sqrt(0.0025 + 3.8416 / 40000))
        / 1.038416,
        rate=0.5,
        samples=100,
        part="lower",
    ),
    case("sample_size", 6036, rate_a=0.8, rate_b=0.82),
    case("sample_size", 385, design="mean", rate=0.5, half_width=0.05),
    case(
        "sample_size", 1955, design="paired", disagreement=0.1, difference=0.02
    ),
    case(
        "clustered_standard_error",
        0.02,
        standard_error=0.01,
        cluster_size=10,
        intraclass_correlation=1 / 3,
    ),
    case("all_succeed", 0.9**8, rate=0.9, trials=8),
    case("any_succeeds", 0.875, rate=0.5, trials=3),
    case(
        "positive_predictive_value",
        0.0095 / 0.059,
        base_rate=0.01,
        sensitivity=0.95,
        specificity=0.95,
    ),
    ("cohen_kappa", {"observed": 0.85, "expected": 0.5}, 0.7),
    case("zero_failures_bound", 1 - 0.05 ** (1 / 300), samples=300),
    case("best_of_n_kl", math.log(16) - 15 / 16, n=16),
    case(
        "alignment_memory_bytes",
        252000000000.0,
        trained_models=2,
        frozen_models=2,
        params=7000000000.0,
    ),
    case("pipeline_speedup_limit", 4 / 3, fixed_share=0.5, speedup=2),
]


def test_every_quantity_has_a_case():
    assert {name for name, _, _ in CASES} == set(quantities.QUANTITIES)


@pytest.mark.parametrize("name, given, expected", CASES)
def test_value(name, given, expected):
    computed = compute(name, **given)
    if isinstance(expected, int):
        assert computed.value == expected and type(computed.value) is int
    else:
        assert computed.value == pytest.approx(expected, rel=1e-12)
    assert (
        computed.title
        and computed.formula_tex
        and computed.substituted_tex
        and computed.result
    )
    assert (
        computed.module.startswith("snippets/sizing/")
        and (records.DATA.parents[1] / computed.module).exists()
    )
    for label, value, source in computed.inputs:
        assert (
            label
            and isinstance(value, int | float)
            and isinstance(source, str | tuple)
        )


def test_what_stands_behind_a_number():
    computed = compute("kv_cache_bytes", model=L70, tokens=131072)
    assert computed.unit == "bytes" and computed.title == "Key-value cache"
    assert computed.result == "42,949,672,960 bytes"
    assert (
        computed.function == "kv_cache_bytes"
        and computed.module == "snippets/sizing/kv_cache.py"
    )
    assert computed.steps == ["= " + computed.substituted_tex]
    assert (
        computed.substituted_tex
        == r"2 \times 80 \times 8 \times 128 \times 131{,}072 \times 1 \times 2"
    )
    rows = {label: (value, source) for label, value, source in computed.inputs}
    assert rows["layers"] == (
        80,
        ("Llama-3.1 70B", records.source_url(records.model(L70))),
    )
    assert rows["tokens"] == (131072, "") and rows["batch"] == (1, "default")
    assert rows["bytes per number (bf16)"] == (2, "")


def test_an_override_is_given_and_not_the_models():
    rows = {
        row[0]: row
        for row in compute("kv_cache_bytes", model=L70, n_kv_heads=64).inputs
    }
    assert rows["KV heads"] == ("KV heads", 64, "")
    nested = compute("params", model="mixtral-8x7b", n_experts=4).value
    assert nested == 46_702_792_704 - 32 * 4 * (3 * 4096 * 14336 + 4096)
    assert (
        compute("kv_cache_bytes", model="deepseek-v3", kv_lora_rank=256).value
        == 61 * 320 * 2
    )
    # a field that the model's own file does not name
    assert "o_bias" not in records.model("llama-3.1-8b")
    more = compute("params", model="llama-3.1-8b", o_bias=True)
    assert more.value == 8_030_261_248 + 32 * 4096


def test_a_latent_layer_with_a_window_caches_only_the_window(monkeypatch):
    record = copy.deepcopy(records.model("deepseek-v3"))
    record["attention"] |= {"window": 4, "pattern": "3 local : 1 global"}
    monkeypatch.setattr(records, "model", lambda name: record)
    cached = compute("kv_cache_bytes", model="deepseek-v3", tokens=100)
    assert cached.value == (15 * 100 + 46 * 4) * (512 + 64) * 2


@pytest.mark.parametrize(
    "name, model, function",
    [
        ("attention_overtakes_tokens", "llama-3.1-8b", ""),
        ("attention_overtakes_tokens", "gpt-oss-120b", "by_slope"),
        ("attention_overtakes_tokens", "qwen3.5-27b", "by_slope"),
        ("kv_cache_bytes", "llama-3.1-8b", ""),
        ("kv_cache_bytes", "t5-base", ""),
        ("kv_cache_bytes", "gpt-oss-120b", "windowed"),
        ("kv_cache_bytes", "deepseek-v3", "latent"),
        ("kv_cache_bytes", "gemma-4-31b", "mixed"),
    ],
)
def test_the_plainest_formula_that_fits_is_shown(name, model, function):
    found = compute(name, model=model).function
    assert found.replace(name, "").strip("_") == function


@pytest.mark.parametrize(
    "field", ["v_head_dim", "global_head_dim", "n_kv_heads_swa"]
)
def test_one_uneven_field_makes_the_layers_differ(field):
    even = model_file.check(
        model_file.flatten(records.model("llama-3.1-8b")), "llama"
    )
    assert families.is_mixed(even) is False
    assert families.is_mixed(even | {field: 64}) is True
    windowed = even["attention"] | {"window": 8, "full_layers": 16}
    reusing = windowed | {"kv_shared_layers": 20, "full_layers": 2}
    assert families.is_mixed(even | {"attention": windowed}) is False
    assert families.is_mixed(even | {"attention": reusing}) is True


def test_layers_that_reuse_a_cache_attend_all_the_same():
    shape = model_file.check(
        model_file.flatten(records.model("gemma-4-e2b")), "gemma"
    )
    expected = 2 * 8 * (7 * 1024 * 600 + 28 * 512 * 512)
    assert families.attention_flops(shape, 600) == expected
    asked = compute("attention_flops_per_token", model="gemma-4-e2b", context=600)
    assert asked.value == expected


def test_linear_layers_add_what_does_not_grow():
    def at(context):
        name, model = "attention_flops_share", "qwen3.5-27b"
        rows = compute(name, model=model, context=context).inputs
        return {label: value for label, value, _ in rows}[
            "attention FLOPs of one token"
        ]

    linear = 7 * 48 * 48 * 128 * 128
    assert at(1000) == 4 * 16 * 24 * 256 * 1000 + linear


@pytest.mark.parametrize(
    "model, matrices",
    [
        # biases of queries, keys and values
        ("qwen2.5-7b", 28 * 3584 * (2 * 3584 + 2 * 512 + 3 * 18944)),
        # norms of queries and keys
        ("qwen3-8b", 36 * 4096 * (2 * 4096 + 2 * 1024 + 3 * 12288)),
        # biases everywhere
        ("gpt-2-small", 12 * 768 * (4 * 768 + 2 * 3072)),
    ],
)
def test_only_matrices_are_quantized(model, matrices):
    rows = compute("qlora_base_bytes", model=model).inputs
    sizes = {label: value for label, value, _ in rows}
    total = compute("params", model=model).value
    assert sizes["parameters of the layers' matrices"] == matrices
    assert sizes["parameters that stay in 16 bits"] == total - matrices


def test_an_override_replaces_what_the_record_says():
    wide = {"model": "llama-3.1-8b", "n_kv_heads": 32}
    grown = compute("params", **wide).value
    assert compute("training_flops", tokens=1, **wide).value == 6 * grown
    thin = {"model": "mixtral-8x7b", "d_ff_expert": 7168}
    active = compute("params", part="active_matmul", **thin).value
    assert compute("flops_per_token", **thin).value == 2 * active


def test_no_context_may_be_said():
    said = compute("training_flops_per_token", model="llama-3.1-8b", context=0)
    assert said.value == 6 * 7_504_924_672


def test_a_model_that_is_not_counted_answers_from_its_record():
    recorded = records.model("glm-5.2")["computed"]["active_matmul"]
    assert compute("flops_per_token", model="glm-5.2").value == 2 * recorded


def test_labels_of_inputs():
    def labels(name, **given):
        return [row[0] for row in compute(name, **given).inputs]

    assert labels("chinchilla_params", flops=5) == ["FLOPs", "tokens per param"]
    timed = {"params": 5, "tokens": 6, "gpus": 1, "mfu": 0.4}
    assert labels("training_seconds", gpu="l4", **timed) == [
        "params",
        "tokens",
        "training FLOPs, 6ND",
        "GPUs",
        "dense bf16 peak, FLOP/s",
        "MFU",
    ]


def test_a_source_in_words_stands_behind_the_name():
    book = {"name": "A", "source": "a book"}
    assert Inputs._source(book) == "A, a book"


def test_two_stacks_cache_in_their_decoder():
    rows = compute("kv_cache_bytes", model="t5-base").inputs
    assert rows[0][:2] == ("decoder layers", 12)


def test_parts_of_no_size_are_not_listed():
    computed = compute("params", model="llama-3.1-8b")
    assert "router" not in computed.formula_tex
    assert [value for _, value, _ in computed.inputs] == [
        525_336_576,
        1_342_177_280,
        5_637_144_576,
        266_240,
        525_336_576,
    ]


def test_an_accelerators_figures_become_base_units():
    rows = compute("max_batch", model=L70, gpu=H100, gpus=8, tokens=9).inputs
    values = {label: value for label, value, _ in rows}
    assert values["memory, bytes"] == 80_000_000_000
    assert values["cache of one sequence, bytes (bf16)"] == 9 * 327_680
    rows = compute("flops_per_token", params=5).inputs
    assert rows[-1] == ("parameters that a token multiplies by", 5, "")
    rows = compute("decode_floor_seconds", model=L70, gpu=H100).inputs
    values = {label: value for label, value, _ in rows}
    assert values["memory bandwidth, bytes/s"] == 3_350_000_000_000


def test_parts_add_up_in_the_formula():
    computed = compute("params", model="mixtral-8x7b", part="active")
    assert computed.formula_tex.endswith(r"- N_{\text{experts left out}}")
    assert sum(value for _, value, _ in computed.inputs) == computed.value
    assert (
        render.tex_number(-min(value for _, value, _ in computed.inputs))
        in computed.substituted_tex
    )


def test_a_sum_names_its_terms_in_the_order_of_its_numbers():
    computed = compute("params", model="llama-3.1-8b")
    rows = [(label, value) for label, value, _ in computed.inputs]
    assert computed.formula_tex == " + ".join(
        rf"N_{{\text{{{label.removeprefix('parameters: ')}}}}}"
        for label, _ in rows
    )
    assert computed.substituted_tex == " + ".join(
        render.tex_number(value) for _, value in rows
    )


def test_a_part_of_no_size_is_a_sum_of_one_term():
    none = compute("params", model="llama-3.1-8b", part="router")
    assert none.formula_tex == r"N_{\text{router}}"
    assert none.substituted_tex == "0"
    head = compute("params", model="llama-3.1-8b", part="lm_head")
    assert head.formula_tex == r"N_{\text{lm head}}"


def test_bytes_of_four_bit_numbers_are_exact():
    assert derived.in_bytes(3, "int4") == 1.5
    large = 10**18 + 1
    assert derived.in_bytes(2 * large, "int4") == large
    assert derived.in_bytes(large, "bf16") == 2 * large
    assert type(derived.in_bytes(32, "mxfp4")) is int


def test_wilson_interval_has_two_ends():
    low, high = compute("wilson_interval", rate=0.9, samples=10).value
    assert (
        low
        == compute("wilson_interval", rate=0.9, samples=10, part="lower").value
        == pytest.approx(0.5958, abs=5e-5)
    )
    assert (
        high
        == compute("wilson_interval", rate=0.9, samples=10, part="upper").value
        == pytest.approx(0.9821, abs=5e-5)
    )


def test_both_ends_are_worded_together():
    both = compute("wilson_interval", rate=0.9, samples=10)
    low = compute("wilson_interval", rate=0.9, samples=10, part="lower")
    assert both.result == "0.595844 to 0.982124"
    assert both.function == "wilson_lower, wilson_upper"
    assert both.substituted_tex == low.substituted_tex


def test_a_sum_is_the_counters():
    assert compute("params", model="llama-3.1-8b").function == "count"


def test_only_exact_floats_become_whole_numbers():
    def kind(value):
        index = {"dimensions": 1, "bytes_per_component": 1}
        return type(compute("flat_index_bytes", vectors=value, **index).value)

    assert kind(6e12) is kind(2.0**53 - 1) is int
    assert kind(2.5) is kind(2.0**53) is kind(1.5e16) is kind(1e24) is float


def test_a_fraction_is_written_with_six_digits():
    cost = {"price_per_hour": 2.5, "tokens_per_second": 2500}
    assert compute("cost_per_million_tokens", **cost).result == "0.277778 $"


FAULTS = [
    case(
        "kv_cache_bytes",
        "does not use 'bach': .*; kv_cache_bytes does not use 'token': ",
        model=L70,
        token=3,
        bach=1,
    ),
    case(
        "qlora_base_bytes",
        "qwen3.5-27b: counted for dense multi-head and grouped-query models "
        "only$",
        model="qwen3.5-27b",
    ),
    case("qlora_base_bytes", "counted for dense", model="mixtral-8x7b"),
    case(
        "params",
        "attention.kind see source is not counted",
        model="mistral-small-4-119b",
        part="active_matmul",
    ),
    case("gpu_hours", "flops is missing: give flops=", gpu=H100, mfu=0.4),
    case("throughput_tokens_per_second", "seconds_per_step is miss", gpu=H100),
    case("adapter_bytes", "adapter_params is missing"),
    case("params", "vocab_matrices is missing", **LLAMA_SHAPE),
    case(
        "all_reduce_seconds",
        "bytes_per_second is missing",
        payload_bytes=1,
        gpus=2,
        gpu="l4",
    ),
    case("weights_bytes", "params is missing: give params=… or model=…"),
    case(
        "touched_experts",
        "touched_experts is no real number",
        n_experts=2,
        n_active=4,
        tokens=2.5,
    ),
    case("ridge_point", "no fp32 peak on record", gpu=H100, dtype="fp32"),
    case("arithmetic_intensity", "rows is missing", of="matmul"),
    case("lora_params", "n_layers is missing", rank=8),
    case(
        "kv_cache_byte",
        "no quantity 'kv_cache_byte'; did you mean kv_cache_bytes",
    ),
    case(
        "kv_cache_bytes",
        "no file docs/data/models/llama-3.1-70.yml; did you mean llama-3.1-70b",
        model="llama-3.1-70",
    ),
    case("ridge_point", "no file docs/data/hardware/h100.yml; ", gpu="h100"),
    case(
        "kv_cache_bytes",
        "kv_cache_bytes does not use 'token': did you mean tokens",
        model=L70,
        token=3,
    ),
    case(
        "kv_cache_bytes",
        "n_kv_heads is missing: give n_kv_heads=… or model=…",
        n_layers=3,
    ),
    case(
        "ridge_point",
        "peak_flops_per_second is missing: give peak_flops_per_second=… or gpu=…",
    ),
    case(
        "training_days",
        "mfu is missing: give mfu=…",
        model=L70,
        tokens=1,
        gpus=1,
        gpu=H100,
    ),
    case(
        "ridge_point",
        "h100-sxm5-80gb has no fp4 peak on record",
        gpu=H100,
        dtype="fp4",
    ),
    case(
        "kv_cache_bytes",
        "dtype is 'b16'; did you mean bf16",
        model=L70,
        dtype="b16",
    ),
    case(
        "kv_cache_bytes",
        "n_heads 64 is not a multiple of n_kv_heads 7",
        model=L70,
        n_kv_heads=7,
    ),
    case(
        "kv_cache_bytes",
        "glm-5.2: attention.kind mla\\+sparse\\(DSA\\) is not counted",
        model="glm-5.2",
    ),
    case(
        "kv_cache_bytes",
        "tokens must be above 0, not -1",
        model=L70,
        tokens=-1,
    ),
    case(
        "kv_cache_bytes", "tokens must be above 0, not 0", model=L70, tokens=0
    ),
    case(
        "kv_cache_bytes",
        "tokens must be a number, not '8'",
        model=L70,
        tokens="8",
    ),
    case(
        "kv_cache_bytes",
        "tokens must be a number, not True",
        model=L70,
        tokens=True,
    ),
    case(
        "kv_cache_bytes",
        "tokens must be a number, not nan",
        model=L70,
        tokens=math.nan,
    ),
    case(
        "training_days",
        "mfu is a share between 0 and 1, not 40",
        params=1,
        tokens=1,
        gpus=1,
        gpu=H100,
        mfu=40,
    ),
    case(
        "speculative_speedup",
        "speculative_speedup: .*division by zero",
        acceptance=1,
        draft_tokens=4,
        draft_cost=0.1,
    ),
    case(
        "lora_params",
        "mixtral-8x7b: adapters on all-linear are counted for dense",
        model="mixtral-8x7b",
        rank=8,
    ),
    case(
        "lora_params",
        "gpt-2-small: adapters on all-linear",
        model="gpt-2-small",
        rank=8,
    ),
    case(
        "qlora_base_bytes",
        "deepseek-v3: counted for dense",
        model="deepseek-v3",
    ),
    case("params", "part is 'head'", model=L70, part="head"),
    case(
        "params",
        "deepseek-v3: some layers are dense and some routed, so one layer "
        "has no single size$",
        model="deepseek-v3",
        part="layer",
    ),
    case(
        "params",
        "some layers are dense and some routed",
        model="llama-4-scout",
        part="layer",
        layer_step=2,
    ),
    case(
        "params",
        "qwen3.5-27b: its layers differ, so one layer has no single size$",
        model="qwen3.5-27b",
        part="layer",
    ),
    case("all_succeed", "rate is a share", rate=1.01, trials=8),
    case("params", "part='active' needs model", n_layers=2, part="active"),
    case(
        "params",
        "attention.kind hybrid-linear is not counted",
        model="kimi-k3",
        part="attention",
    ),
    case(
        "attention_flops_per_token",
        "t5-base: operations of an encoder-decoder depend on both lengths; "
        "they are not counted$",
        model="t5-base",
        context=5,
    ),
    case(
        "attention_overtakes_tokens",
        "mistral-7b-v0.1: every layer has a window, so attention stops "
        "growing$",
        model="mistral-7b-v0.1",
    ),
    case("zero_memory_bytes", "stage is 4", params=1, gpus=2, stage=4),
    case(
        "lora_params",
        "adapters on attention are counted for .* plain heads",
        model="deepseek-v3",
        targets="attention",
        rank=8,
    ),
    case(
        "lora_params",
        "adapters on query-value are counted for .* plain heads",
        model="gemma-4-31b",
        targets="query-value",
        rank=8,
    ),
    case(
        "max_batch",
        "memory_bytes is missing: give memory_bytes=… or gpu=…",
        model=L70,
        tokens=8,
    ),
    case(
        "all_reduce_seconds",
        "bytes_per_second is missing: give bytes_per_second=… or gpu=…$",
        payload_bytes=1,
        gpus=2,
    ),
    case("attention_flops_share", "context is missing: give context=…$", model=L70),
    case("wilson_interval", "no file .*h99.yml", rate=0.5, samples=9, gpu="h99"),
    case("wilson_interval", "no file .*l99.yml", rate=0.5, samples=9, model="l99"),
    case("flops_per_token", "active_params is missing"),
]


@pytest.mark.parametrize("name, given, fault", FAULTS)
def test_faults(name, given, fault):
    with pytest.raises(ValueError, match=fault):
        compute(name, **given)


def test_every_model_answers_or_says_why_not():
    for name in records.names("models"):
        for quantity in (
            "params",
            "kv_cache_bytes",
            "flops_per_token",
            "weights_bytes",
        ):
            try:
                assert compute(quantity, model=name).value > 0
            except ValueError as error:
                assert "is not counted" in str(error)


def test_every_accelerator_has_a_ridge_point():
    for name in records.names("hardware"):
        record = records.accelerator(name)
        assert compute("ridge_point", gpu=name).value == pytest.approx(
            record["bf16"] / record["bw_GBps"] * 1000
        )
        assert records.source(record)


def test_bits_of_formats():
    assert derived.BITS == {
        "fp32": 32,
        "bf16": 16,
        "fp16": 16,
        "fp8": 8,
        "int8": 8,
        "fp4": 4,
        "int4": 4,
        "mxfp4": 4.25,
        "nvfp4": 4.5,
        "nf4": 4.126953125,
    }
    assert derived.BITS["nf4"] == compute("double_quantized_bits").value
    assert (
        derived.BITS["mxfp4"]
        == compute("scaled_bits", bits=4, scale_bits=8, group_size=32).value
    )


@pytest.mark.parametrize("name, given, expected", CASES)
def test_inputs_are_named_in_plain_words_with_a_source_that_exists(
    name, given, expected
):
    """What a popover prints beside each input."""
    for label, value, source in compute(name, **given).inputs:
        assert isinstance(label, str) and value != ""
        assert not label.startswith("XX") and not label.endswith("XX")
        shouted = re.findall(r"\b[A-Z]{4,}\b", label)
        assert set(shouted) <= {"FLOP", "LoRA", "GPUS"}, label
        assert not re.search(r"\bflops?\b", label), label
        if isinstance(source, str) and source not in ("", "default", "given"):
            module, _, function = source.partition(".")
            found = importlib.import_module(f"snippets.sizing.{module}")
            assert hasattr(found, function), (label, source)


def test_the_longest_ending_says_the_unit(monkeypatch):
    units = {"tokens": "tokens", "cost_per_tokens": "$"}
    monkeypatch.setattr(names, "UNITS", units)
    assert names.unit("serving_cost_per_tokens") == "$"
    assert names.unit("serving_tokens") == "tokens"
    assert names.unit("serving_cost") == ""
