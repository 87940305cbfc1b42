"""Each public quantity is asked for once with everyday inputs and compared with a figure worked out here; unknown
names, missing inputs and impossible values are refused with the nearest right one.
"""

import math

import pytest

from snippets.sizing import derived, quantities, records, render
from snippets.sizing.quantities import compute

L70, H100 = "llama-3.1-70b", "h100-sxm5-80gb"
ACTIVE_70B, TOTAL_70B = 69_503_033_344, 70_553_706_496
CASES = {
    "params": [(dict(model="llama-3.1-8b"), 8_030_261_248), (dict(model="mixtral-8x7b", part="active"), 12_879_925_248),
               (dict(model="deepseek-v3", part="active_matmul"), 36_625_618_432), (dict(model="llama-3.1-8b", part="layer"), 218_112_000),
               (dict(model="gemma-2-2b", part="active_matmul"), 2_614_341_888), (dict(model="gpt-2-small", part="non_embedding"), 85_056_000),
               (dict(model="deepseek-v3", part="active_non_embedding"), 35_698_939_392), (dict(model="llama-3.1-8b", part="embedding"), 525_336_576),
               (dict(model="llama-3.1-8b", part="attention_layer"), 41_943_040), (dict(model="mixtral-8x7b", part="ffn_layer"), 1_409_318_912),
               (dict(model="kimi-k3"), 2_779_000_000_000), (dict(model="glm-5.2", part="active"), 41_250_511_104),
               (dict(model="llama-3.1-8b", n_kv_heads=32), 8_030_261_248 + 32 * 2 * 4096 * 24 * 128),
               (dict(n_layers=2, d_model=4, n_heads=2, n_kv_heads=1, head_dim=2, d_ff=8, vocab_size=10, tied_embeddings=True), 348),
               (dict(d_model=4, n_heads=2, n_kv_heads=1, head_dim=2, d_ff=8, part="layer"), 152)],
    "rule_of_thumb_params": [(dict(model="gpt-3-175b"), 173_946_175_488)],
    "weights_bytes": [(dict(model=L70), 2 * TOTAL_70B), (dict(model=L70, dtype="nvfp4"), TOTAL_70B * 4.5 / 8), (dict(params=8, dtype="fp8"), 8)],
    "kv_cache_bytes": [(dict(model=L70, tokens=131072), 40 * 2**30), (dict(model=L70, tokens=131072, n_kv_heads=64), 320 * 2**30),
                       (dict(model=L70, tokens=131072, dtype="fp8"), 20 * 2**30), (dict(model="deepseek-v3"), 70_272),
                       (dict(model="gpt-oss-120b"), 73_728), (dict(model="qwen3.5-397b-a17b"), 30_720), (dict(model="t5-base"), 2 * 12 * 768 * 2),
                       (dict(model="gemma-4-31b", tokens=5000), 1_248_460_800), (dict(model="gemma-4-e2b", tokens=600, batch=2), 4 * 4_988_928),
                       (dict(n_layers=2, n_kv_heads=3, head_dim=4, tokens=5, batch=6), 2880), (dict(n_layers=2, kv_lora_rank=3, qk_rope_head_dim=4), 28)],
    "linear_state_bytes": [(dict(model="qwen3-next-80b-a3b"), 2 * 36 * (32 * 128 * 128 + 3 * (4096 + 4096)))],
    "paged_kv_cache_bytes": [(dict(model=L70, tokens=1000, block_size=16), 1008 * 327_680)],
    "paged_waste_share": [(dict(tokens=1000, block_size=16), 8 / 1008)],
    "reserved_waste_share": [(dict(tokens=512, reserved_tokens=2048), 0.75)],
    "quantized_bytes_per_element": [(dict(bits=4, scale_bits=16, group_size=32), 0.5625)],
    "kv_transfer_seconds": [(dict(model=L70, tokens=8192, bytes_per_second=50e9), 0.0536870912)],
    "flops_per_token": [(dict(model=L70), 2 * ACTIVE_70B), (dict(model=L70, context=8192), 2 * ACTIVE_70B + 4 * 80 * 8192 * 8192),
                        (dict(model=L70, context=0), 2 * ACTIVE_70B), (dict(params=7), 14)],
    "training_flops_per_token": [(dict(model=L70), 6 * ACTIVE_70B), (dict(model=L70, context=2), 6 * ACTIVE_70B + 3 * 4 * 80 * 8192 * 2)],
    "attention_flops_per_token": [(dict(model=L70, context=8192), 4 * 80 * 8192 * 8192), (dict(model="deepseek-v3", context=3), 2 * 61 * 128 * 320 * 3),
                                  (dict(model="gpt-oss-120b", context=1000), 4 * 64 * 64 * 18 * 1128),
                                  (dict(model="gemma-4-e2b", context=1000), 2 * 8 * (7 * 1024 * 1000 + 28 * 512 * 512)),
                                  (dict(n_layers=2, n_heads=3, head_dim=4, context=5), 480), (dict(model="qwen3-next-80b-a3b", context=10), 4 * 12 * 4096 * 10)],
    "attention_flops_share": [(dict(model="llama-3.1-8b", context=8192), 4_294_967_296 / (4_294_967_296 + 2 * 7_504_924_672)),
                              (dict(active_params=1, attention_flops=2), 0.5)],
    "attention_overtakes_tokens": [(dict(model="llama-3.1-8b"), 7_504_924_672 / (2 * 32 * 4096)),
                                   (dict(model="deepseek-v3"), 2 * 36_625_618_432 / (2 * 61 * 128 * 320)),
                                   (dict(model="gpt-oss-120b"), (2 * 5_132_849_472 - 4 * 64 * 64 * 18 * 128) / (4 * 64 * 64 * 18)),
                                   (dict(active_params=24, n_layers=1, n_heads=2, head_dim=3), 2)],
    "training_flops": [(dict(params=175e9, tokens=300e9), 3.15e23), (dict(model="deepseek-v3", tokens=10), 60 * 37_552_297_472)],
    "recomputed_training_flops": [(dict(params=3, tokens=5), 120)],
    "lora_training_flops": [(dict(params=3, tokens=5), 60)],
    "training_memory_bytes": [(dict(params=7e9), 112e9), (dict(params=7e9, recipe="mixed-adamw-8bit"), 70e9), (dict(params=7e9, part="weights"), 14e9),
                              (dict(params=7e9, part="gradients"), 14e9), (dict(params=7e9, part="optimizer"), 84e9), (dict(model=L70), 16 * TOTAL_70B)],
    "zero_memory_bytes": [(dict(params=7.5e9, gpus=64, stage=1), 31_406_250_000), (dict(params=7.5e9, gpus=64, stage=2), 16_640_625_000),
                          (dict(params=7.5e9, gpus=64), 1_875_000_000)],
    "activation_bytes": [(dict(model="gpt-3-175b", tokens=2048, tensor_parallel=8, method="full"), 96 * 2048 * 12288 * 114 / 8),
                         (dict(model="gpt-3-175b", tokens=2048), 96 * 2048 * 12288 * 34),
                         (dict(model="gpt-3-175b", tokens=2048, method="checkpointed"), 96 * 2048 * 12288 * 2)],
    "logits_bytes": [(dict(model=L70, tokens=8192, dtype="fp32"), 4_202_692_608)],
    "scaled_bits": [(dict(bits=4, scale_bits=8, group_size=16), 4.5)],
    "double_quantized_bits": [({}, 4.126953125)],
    "lora_params": [(dict(model="llama-3.1-8b", rank=16), 41_943_040), (dict(model="llama-2-7b", rank=8, targets="query-value"), 4_194_304),
                    (dict(model="llama-3.1-8b", rank=16, targets="attention"), 13_631_488)],
    "lora_matrix_params": [(dict(d_in=3, d_out=5, rank=2), 16)],
    "lora_memory_bytes": [(dict(model="llama-3.1-8b", rank=16), 2 * 8_030_261_248 + 16 * 41_943_040),
                          (dict(params=8, adapter_params=2, dtype="int8", adapter_bytes_per_param=18), 44)],
    "qlora_base_bytes": [(dict(model=L70), 68_451_041_280 * 4.126953125 / 8 + 2 * 2_102_665_216)],
    "adapter_bytes": [(dict(model="llama-3.1-8b", rank=16), 83_886_080)],
    "chinchilla_params": [(dict(flops=6 * 70e9 * 1.4e12), 70e9)],
    "chinchilla_tokens": [(dict(flops=6 * 70e9 * 1.4e12), 1.4e12)],
    "expected_loss": [(dict(params=70e9, tokens=1.4e12), 1.69 + 406.4 / 70e9**0.34 + 410.7 / 1.4e12**0.28)],
    "optimal_params_by_fit": [(dict(flops=6e20), (0.34 * 406.4 / (0.28 * 410.7)) ** (1 / 0.62) * 1e20 ** (0.28 / 0.62))],
    "lifetime_flops": [(dict(params=8e9, training_tokens=15e12, inference_tokens=10e12), 8.8e23)],
    "training_seconds": [(dict(params=8e9, tokens=1e12, gpus=2, gpu=H100, mfu=0.4), 4.8e22 / (2 * 989e12 * 0.4))],
    "training_days": [(dict(model="llama-3.1-8b", tokens=1e12, gpus=1024, gpu=H100, mfu=0.4), 6e12 * 8_030_261_248 / (1024 * 989e12 * 0.4 * 86400))],
    "gpu_hours": [(dict(flops=4.8e22, gpu=H100, mfu=0.4), 4.8e22 / (989e12 * 0.4 * 3600))],
    "training_cost": [(dict(params=8e9, tokens=1e12, gpu=H100, mfu=0.4, price_per_gpu_hour=2.5), 2.5 * 4.8e22 / (989e12 * 0.4 * 3600))],
    "model_flops_utilization": [(dict(params=1e9, tokens_per_second=1e4, gpus=2, gpu=H100), 6e13 / (2 * 989e12))],
    "tokens_per_step": [(dict(batch=4, sequence_tokens=8192), 32768)],
    "hardware_seconds": [(dict(flops=2.4e18, gpu=H100, utilization=0.4), 2.4e18 / (989e12 * 0.4))],
    "all_reduce_seconds": [(dict(payload_bytes=1e9, gpus=8, gpu=H100), 1.75 / 450)],
    "all_gather_seconds": [(dict(payload_bytes=1e9, gpus=8, bytes_per_second=1e9), 0.875)],
    "all_to_all_seconds": [(dict(payload_bytes=1e9, gpus=8, bytes_per_second=1e9), 0.875)],
    "ring_latency_seconds": [(dict(gpus=8, seconds_per_hop=2e-6), 2.8e-5)],
    "tensor_parallel_bytes": [(dict(model=L70, gpus=8), 80 * 2 * 8192 * 2 * 1.75)],
    "pipeline_bubble": [(dict(stages=8, microbatches=32), 7 / 39)],
    "interleaved_bubble": [(dict(stages=8, microbatches=32, chunks=4), 7 / 135)],
    "bubble_overhead": [(dict(stages=8, microbatches=32), 7 / 32)],
    "checkpoint_interval_seconds": [(dict(save_seconds=60, mtbf_seconds=10800), math.sqrt(2 * 60 * 10800))],
    "checkpoint_overhead": [(dict(interval_seconds=100, save_seconds=5, mtbf_seconds=1000), 0.1)],
    "cluster_mtbf_seconds": [(dict(component_mtbf_seconds=3600, components=16), 225)],
    "ridge_point": [(dict(gpu=H100), 989 / 3.35), (dict(gpu=H100, dtype="fp8"), 1979 / 3.35), (dict(gpu="b200-sxm", dtype="nvfp4"), 9000 / 7.7)],
    "arithmetic_intensity": [(dict(batch=8), 8), (dict(of="matmul", rows=2, inner=3, columns=5), 60 / (2 * 31)), (dict(batch=8, dtype="int4"), 32)],
    "attainable_flops_per_second": [(dict(intensity=100, gpu=H100), 335e12)],
    "decode_floor_seconds": [(dict(model="llama-3.1-8b", gpu=H100), (2 * 7_504_924_672 + 131_072) / 3.35e12),
                             (dict(model=L70, gpu=H100, gpus=8, batch=10, tokens=131072), (2 * ACTIVE_70B + 10 * 40 * 2**30) / 26.8e12),
                             (dict(model=L70, gpu=H100, gpus=2, tokens=100, dtype="fp8", kv_dtype="fp8"), (ACTIVE_70B + 16_384_000) / 6.7e12),
                             (dict(model="mixtral-8x7b", gpu=H100, batch=1), (2 * 12_748_853_248 + 131_072) / 3.35e12),
                             (dict(model="mixtral-8x7b", gpu=H100, batch=2),
                              (2 * (12_748_853_248 + 32 * 176_160_768 * 1.5) + 2 * 131_072) / 3.35e12)],
    "prefill_seconds": [(dict(model=L70, gpu=H100, tokens=8192, mfu=0.5, gpus=4), 2 * ACTIVE_70B * 8192 / (4 * 989e12 * 0.5))],
    "touched_experts": [(dict(model="deepseek-v3", tokens=32), 256 * (1 - (31 / 32) ** 32))],
    "max_batch": [(dict(model=L70, gpu=H100, gpus=8, tokens=131072), 10), (dict(model=L70, gpu=H100, gpus=8, tokens=131072, n_kv_heads=64), 1),
                  (dict(model=L70, gpu=H100, gpus=8, tokens=131072, kv_dtype="fp8"), 20)],
    "max_context": [(dict(model=L70, gpu=H100, gpus=8, batch=10), math.floor((576e9 - 2 * TOTAL_70B) / 3_276_800))],
    "min_gpus": [(dict(model=L70, gpu=H100), 2), (dict(needed_bytes=10, memory_bytes=3, reserve=0), 4)],
    "throughput_tokens_per_second": [(dict(model=L70, gpu=H100, gpus=8, batch=10, tokens=131072), 10 * 26.8e12 / (2 * ACTIVE_70B + 10 * 40 * 2**30))],
    "cost_per_million_tokens": [(dict(price_per_hour=2.5, tokens_per_second=2500), 2.5 / 9)],
    "request_seconds": [(dict(time_to_first_token=0.5, output_tokens=100, seconds_per_token=0.01), 1.5)],
    "requests_per_second": [(dict(requests_per_day=8_640_000), 100)],
    "concurrent_requests": [(dict(requests_per_second=350, seconds_per_request=4), 1400)],
    "gpus_needed": [(dict(tokens_per_second=105_000, gpu_tokens_per_second=2500), 42)],
    "cascade_cost": [(dict(small_cost=0.025, large_cost=1, escalation_rate=0.5), 0.525)],
    "break_even_escalation": [(dict(small_cost=0.025, large_cost=1), 0.975)],
    "speculative_expected_tokens": [(dict(acceptance=0.5, draft_tokens=2), 1.75)],
    "speculative_speedup": [(dict(acceptance=0.5, draft_tokens=2, draft_cost=0.25), 1.75 / 1.5)],
    "speculative_extra_operations": [(dict(acceptance=0.5, draft_tokens=2, draft_operations=0.25), 3.5 / 1.75)],
    "flat_index_bytes": [(dict(vectors=10**7, dimensions=1024), 40.96e9)],
    "hnsw_index_bytes": [(dict(vectors=10**7, dimensions=1024, links=32), 43.52e9)],
    "ivfpq_index_bytes": [(dict(vectors=10**8, dimensions=1024, lists=65536, subquantizers=64), 72e8 + 4 * 1024 * (65536 + 256))],
    "chunk_count": [(dict(document_tokens=10_000, chunk_tokens=512, overlap_tokens=64), 23), (dict(document_tokens=1024, chunk_tokens=512), 2)],
    "embedding_seconds": [(dict(params=568e6, tokens=2e4, gpu=H100, mfu=0.4), 2 * 568e6 * 2e4 / (989e12 * 0.4))],
    "rag_query_tokens": [(dict(chunks=8, chunk_tokens=512, prompt_tokens=300), 4396)],
    "rag_query_cost": [(dict(input_tokens=5000, output_tokens=500, input_price=2, output_price=10), 0.015)],
    "cached_query_cost": [(dict(cached_tokens=5e5, fresh_tokens=0, output_tokens=0, cached_price=0.4, input_price=4, output_price=18), 0.2)],
    "agent_input_tokens": [(dict(steps=50, tokens_per_step=2000), 2_550_000)],
    "standard_error": [(dict(rate=0.8, samples=400), 0.02)],
    "interval_half_width": [(dict(rate=0.8, samples=400), 0.0392)],
    "wilson_interval": [(dict(rate=0.5, samples=100, part="lower"), (0.5 + 3.8416 / 200 - 1.96 * math.sqrt(0.0025 + 3.8416 / 40000)) / 1.038416)],
    "sample_size": [(dict(rate_a=0.8, rate_b=0.82), 6036), (dict(design="mean", rate=0.5, half_width=0.05), 385),
                    (dict(design="paired", disagreement=0.1, difference=0.02), 1955)],
    "clustered_standard_error": [(dict(standard_error=0.01, cluster_size=10, intraclass_correlation=1 / 3), 0.02)],
    "all_succeed": [(dict(rate=0.9, trials=8), 0.9**8)],
    "any_succeeds": [(dict(rate=0.5, trials=3), 0.875)],
    "positive_predictive_value": [(dict(base_rate=0.01, sensitivity=0.95, specificity=0.95), 0.0095 / 0.059)],
    "cohen_kappa": [(dict(observed=0.85, expected=0.5), 0.7)],
    "zero_failures_bound": [(dict(samples=300), 1 - 0.05 ** (1 / 300))],
    "best_of_n_kl": [(dict(n=16), math.log(16) - 15 / 16)],
    "alignment_memory_bytes": [(dict(trained_models=2, frozen_models=2, params=7e9), 252e9)],
    "pipeline_speedup_limit": [(dict(fixed_share=0.5, speedup=2), 4 / 3)],
}  # fmt: skip


def test_every_quantity_has_a_case():
    assert set(CASES) == set(quantities.QUANTITIES)


@pytest.mark.parametrize("name, given, expected", [(name, *case) for name, cases in CASES.items() for case in cases])
def test_value(name, given, expected):
    computed = compute(name, **given)
    if isinstance(expected, int):
        assert computed.value == expected
    else:
        assert computed.value == pytest.approx(expected, rel=1e-12)
    assert computed.title and computed.formula_tex and computed.substituted_tex and computed.result
    assert computed.module.startswith("snippets/sizing/") and (records.DATA.parents[1] / computed.module).exists()
    for label, value, source in computed.inputs:
        assert label and isinstance(value, int | float) and isinstance(source, str | tuple)


def test_what_stands_behind_a_number():
    computed = compute("kv_cache_bytes", model=L70, tokens=131072)
    assert computed.unit == "bytes" and computed.title == "Key-value cache"
    assert computed.result == "42,949,672,960 bytes"
    assert computed.function == "kv_cache_bytes" and computed.module == "snippets/sizing/kv_cache.py"
    assert computed.steps == ["= " + computed.substituted_tex]
    assert computed.substituted_tex == r"2 \times 80 \times 8 \times 128 \times 131{,}072 \times 1 \times 2"
    rows = {label: (value, source) for label, value, source in computed.inputs}
    assert rows["layers"] == (80, ("Llama-3.1 70B", records.source_url(records.model(L70))))
    assert rows["tokens"] == (131072, "") and rows["batch"] == (1, "default")
    assert rows["bytes per number (bf16)"] == (2, "")


def test_an_override_is_given_and_not_the_models():
    rows = {row[0]: row for row in compute("kv_cache_bytes", model=L70, n_kv_heads=64).inputs}
    assert rows["KV heads"] == ("KV heads", 64, "")
    nested = compute("params", model="mixtral-8x7b", n_experts=4).value
    assert nested == 46_702_792_704 - 32 * 4 * (3 * 4096 * 14336 + 4096)
    assert compute("kv_cache_bytes", model="deepseek-v3", kv_lora_rank=256).value == 61 * 320 * 2


def test_parts_add_up_in_the_formula():
    computed = compute("params", model="mixtral-8x7b", part="active")
    assert computed.formula_tex.endswith(r"- N_{\text{experts left out}}")
    assert sum(value for _, value, _ in computed.inputs) == computed.value
    assert render.tex_number(-min(value for _, value, _ in computed.inputs)) in computed.substituted_tex


def test_wilson_interval_has_two_ends():
    low, high = compute("wilson_interval", rate=0.9, samples=10).value
    assert low == compute("wilson_interval", rate=0.9, samples=10, part="lower").value == pytest.approx(0.5958, abs=5e-5)
    assert high == compute("wilson_interval", rate=0.9, samples=10, part="upper").value == pytest.approx(0.9821, abs=5e-5)


@pytest.mark.parametrize(
    "name, given, fault",
    [
        ("kv_cache_byte", {}, "no quantity 'kv_cache_byte'; did you mean kv_cache_bytes"),
        ("kv_cache_bytes", dict(model="llama-3.1-70"), "no file docs/data/models/llama-3.1-70.yml; did you mean llama-3.1-70b"),
        ("ridge_point", dict(gpu="h100"), "no file docs/data/hardware/h100.yml; "),
        ("kv_cache_bytes", dict(model=L70, token=3), "kv_cache_bytes does not use 'token': did you mean tokens"),
        ("kv_cache_bytes", dict(n_layers=3), "n_kv_heads is missing: give n_kv_heads=… or model=…"),
        ("ridge_point", {}, "peak_flops_per_second is missing: give peak_flops_per_second=… or gpu=…"),
        ("training_days", dict(model=L70, tokens=1, gpus=1, gpu=H100), "mfu is missing: give mfu=…"),
        ("ridge_point", dict(gpu=H100, dtype="fp4"), "h100-sxm5-80gb has no fp4 peak on record"),
        ("kv_cache_bytes", dict(model=L70, dtype="b16"), "dtype is 'b16'; did you mean bf16"),
        ("kv_cache_bytes", dict(model=L70, n_kv_heads=7), "n_heads 64 is not a multiple of n_kv_heads 7"),
        ("kv_cache_bytes", dict(model="glm-5.2"), r"glm-5.2: attention.kind mla\+sparse\(DSA\) is not counted"),
        ("kv_cache_bytes", dict(model=L70, tokens=-1), "tokens must be above 0, not -1"),
        ("kv_cache_bytes", dict(model=L70, tokens=0), "tokens must be above 0, not 0"),
        ("kv_cache_bytes", dict(model=L70, tokens="8"), "tokens must be a number, not '8'"),
        ("kv_cache_bytes", dict(model=L70, tokens=True), "tokens must be a number, not True"),
        ("kv_cache_bytes", dict(model=L70, tokens=math.nan), "tokens must be a number, not nan"),
        ("training_days", dict(params=1, tokens=1, gpus=1, gpu=H100, mfu=40), "mfu is a share between 0 and 1, not 40"),
        ("speculative_speedup", dict(acceptance=1, draft_tokens=4, draft_cost=0.1), "speculative_speedup: .*division by zero"),
        ("lora_params", dict(model="mixtral-8x7b", rank=8), "mixtral-8x7b: adapters on all-linear are counted for dense"),
        ("lora_params", dict(model="gpt-2-small", rank=8), "gpt-2-small: adapters on all-linear"),
        ("qlora_base_bytes", dict(model="deepseek-v3"), "deepseek-v3: counted for dense"),
        ("params", dict(model=L70, part="head"), "part is 'head'"),
        ("params", dict(model="deepseek-v3", part="layer"), "some layers are dense and some routed"),
        ("params", dict(model="qwen3.5-27b", part="layer"), "its layers differ"),
        ("params", dict(n_layers=2, part="active"), "part='active' needs model"),
        ("params", dict(model="kimi-k3", part="attention"), "attention.kind hybrid-linear is not counted"),
        ("attention_flops_per_token", dict(model="t5-base", context=5), "operations of an encoder-decoder"),
        ("attention_overtakes_tokens", dict(model="mistral-7b-v0.1"), "every layer has a window"),
        ("zero_memory_bytes", dict(params=1, gpus=2, stage=4), "stage is 4"),
        ("flops_per_token", {}, "active_params is missing"),
    ],
)  # fmt: skip
def test_faults(name, given, fault):
    with pytest.raises(ValueError, match=fault):
        compute(name, **given)


def test_every_model_answers_or_says_why_not():
    for name in records.names("models"):
        for quantity in ("params", "kv_cache_bytes", "flops_per_token", "weights_bytes"):
            try:
                assert compute(quantity, model=name).value > 0
            except ValueError as error:
                assert "is not counted" in str(error)


def test_every_accelerator_has_a_ridge_point():
    for name in records.names("hardware"):
        record = records.accelerator(name)
        assert compute("ridge_point", gpu=name).value == pytest.approx(record["bf16"] / record["bw_GBps"] * 1000)
        assert records.source(record)


def test_bits_of_formats():
    assert derived.BITS == {
        "fp32": 32, "bf16": 16, "fp16": 16, "fp8": 8, "int8": 8, "fp4": 4, "int4": 4, "mxfp4": 4.25, "nvfp4": 4.5, "nf4": 4.126953125,
    }  # fmt: skip
    assert derived.BITS["nf4"] == compute("double_quantized_bits").value
    assert derived.BITS["mxfp4"] == compute("scaled_bits", bits=4, scale_bits=8, group_size=32).value
