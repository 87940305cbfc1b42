"""Napkin-mathematics drills: an estimation question, the inputs it draws from, and the steps that answer it.

The steps are those of calculators (calculator_specs.py): closed forms of snippets/sizing. `draws` lists plausible values;
a model's variables come with its name. `factor` is how far off an answer may be. Levels: 1 one product, 2 two or three,
3 a chain. To add a drill, add an entry; every combination of its draws must give a number, which a test checks.
"""

from __future__ import annotations

from dataclasses import dataclass

from hooks.calculator_specs import DECODE_STEPS, MIXED, PLAIN, Step

DENSE = ("llama-3.2-1b", "llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b", "qwen3-8b", "mistral-7b-v0.1", "llama-2-7b", "llama-2-13b")
ANY = (*DENSE, "mixtral-8x7b", "deepseek-v3", "gpt-oss-120b", "gemma-3-27b", "qwen3-235b-a22b")
GPU_NAMES = ("a100-sxm4-80gb", "h100-sxm5-80gb", "h200-sxm-141gb", "mi300x", "l4")
CONTEXTS = (2_048, 4_096, 8_192, 32_768, 131_072)


@dataclass(frozen=True)
class Drill:
    id: str
    level: int
    roles: tuple[str, ...]
    text: str  # {name} is a drawn value
    draws: dict[str, tuple]
    steps: tuple[Step, ...]
    result: str
    factor: float = 1.25
    fixed: dict[str, float] | None = None


RESEARCH, FULL, APPLIED, PLATFORM = "research", "full-stack", "applied", "platform"
EVERYONE = (RESEARCH, FULL, APPLIED, PLATFORM)
DRILLS = (
    Drill("weights", 1, EVERYONE, "How much memory do the weights of {model} take in {precision}?",
          {"model": ANY, "precision": ({"bf16": {"bits_per_param": 16}}, {"8 bits": {"bits_per_param": 8}}, {"4 bits": {"bits_per_param": 4}})},
          (Step("answer", "Weights", "memory.weights_bytes", "GB"),), "answer"),
    Drill("cache-token", 2, (RESEARCH, FULL, PLATFORM), "How many bytes does one token leave in the KV cache of {model}, in bf16?", {"model": DENSE},
          (Step("answer", "One token", "kv_cache.kv_cache_bytes", "bytes", {"tokens": 1, "batch": 1}),), "answer", fixed={"bytes_per_element": 2}),
    Drill("cache", 2, EVERYONE, "{batch} sequences of {tokens} tokens on {model}: how large is the KV cache in bf16?", {"model": DENSE, "batch": (1, 8, 32, 64), "tokens": CONTEXTS},
          (Step("answer", "Cache", "kv_cache.kv_cache_bytes", "bytes"),), "answer", fixed={"bytes_per_element": 2}),
    Drill("cache-mla", 3, (RESEARCH, PLATFORM), "DeepSeek-V3 caches a latent of 512 and a rotary key of 64 in 61 layers. How much for one sequence of {tokens} tokens in bf16?", {"tokens": CONTEXTS},
          (Step("answer", "Cache", "kv_cache.latent_kv_cache_bytes", "bytes"),), "answer",
          fixed={"n_layers": 61, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "batch": 1, "bytes_per_element": 2}),
    Drill("layer-params", 2, (RESEARCH, FULL), "A Llama-style layer: width {d_model}, {n_heads} query heads and {n_kv_heads} KV heads of size 128, feed-forward {d_ff}. How many parameters?",
          {"d_model": (2_048, 4_096, 5_120, 8_192), "n_heads": (32, 40, 64), "n_kv_heads": (4, 8), "d_ff": (8_192, 14_336, 28_672)},
          (Step("answer", "One layer", "parameters.layer_params", "params"),), "answer", fixed={"head_dim": 128}),
    Drill("vocabulary", 1, EVERYONE, "A vocabulary of {vocab_size} at width {d_model}: how many parameters in one embedding matrix?",
          {"vocab_size": (32_000, 50_257, 128_256, 151_936, 262_144), "d_model": (1_024, 2_048, 4_096, 8_192)}, (Step("answer", "Embedding", "parameters.embedding_params", "params"),), "answer"),
    Drill("rule-of-thumb", 1, EVERYONE, "By the rule of thumb 12·L·d²: a plain decoder of {n_layers} layers and width {d_model} has how many parameters?",
          {"n_layers": (12, 24, 32, 48, 80, 96), "d_model": (768, 1_600, 4_096, 8_192, 12_288)}, (Step("answer", "Parameters", "parameters.rule_of_thumb_params", "params"),), "answer"),
    Drill("train-state", 1, EVERYONE, "Full fine-tuning of {model} with AdamW in mixed precision: how much memory for weights, gradients and optimizer?", {"model": DENSE},
          (Step("answer", "State", "memory.training_state_bytes", "GB"),), "answer", fixed={"weight_bytes": 2, "gradient_bytes": 2, "optimizer_bytes": 12}),
    Drill("zero-3", 2, (RESEARCH, FULL, PLATFORM), "Full fine-tuning of {model}, AdamW in mixed precision, everything sharded over {gpus} GPUs: how much state on each?", {"model": DENSE, "gpus": (8, 16, 64, 512)},
          (Step("answer", "Each GPU", "memory.zero3_bytes", "GB"),), "answer", fixed={"weight_bytes": 2, "gradient_bytes": 2, "optimizer_bytes": 12}),
    Drill("lora", 3, (RESEARCH, FULL, APPLIED), "LoRA of rank {rank} on all linear layers of {model}: how many trainable parameters?",
          {"model": ("llama-3.2-1b", "llama-3.1-8b", "llama-3.1-70b", "llama-2-7b", "mistral-7b-v0.1"), "rank": (4, 8, 16, 32, 64)}, (Step("answer", "Adapters", "lora.lora_all_linear_params", "params"),), "answer", 1.5),
    Drill("train-flops", 1, (RESEARCH, FULL, PLATFORM), "How many FLOPs does it take to train {model} on {billions} billion tokens?", {"model": ANY, "billions": (100, 300, 1_000, 15_000)},
          (Step("tokens", "Tokens", "*", "tokens", of=("billions", "billion")), Step("answer", "Operations", "flops.training_flops", "FLOPs", {"params": "used_params"})), "answer"),
    Drill("train-days", 3, (RESEARCH, PLATFORM), "{model} on {billions} billion tokens, {gpus} × {gpu} at an MFU of 0.4: how many days?",
          {"model": DENSE, "billions": (300, 1_000, 2_000), "gpus": (256, 1_024, 4_096), "gpu": ("a100-sxm4-80gb", "h100-sxm5-80gb")},
          (Step("tokens", "Tokens", "*", "tokens", of=("billions", "billion")), Step("answer", "Days", "training.training_days", "days", {"params": "used_params"})), "answer", 1.4, {"mfu": 0.4}),
    Drill("chinchilla", 2, (RESEARCH, FULL), "A budget of 10^{exponent} FLOPs, twenty tokens a parameter: how many parameters are compute-optimal?", {"exponent": (20, 21, 22, 23, 24, 25)},
          (Step("flops", "Budget", "^", "FLOPs", of=("ten", "exponent")), Step("answer", "Parameters", "training.chinchilla_params", "params", {"tokens_per_param": 20})), "answer", 1.4, {"ten": 10}),
    Drill("decode", 3, (FULL, PLATFORM), "{model} in bf16 on {gpus} × {gpu}, batch {batch}, {tokens} tokens each: the least time of a decode step?",
          {"model": ("llama-3.1-8b", "llama-3.1-70b", "qwen3-8b"), "gpus": (4, 8), "gpu": ("a100-sxm4-80gb", "h100-sxm5-80gb", "h200-sxm-141gb"), "batch": (1, 8, 32), "tokens": (2_048, 8_192)},
          (*tuple(step for step in DECODE_STEPS[:-2] if step.when is None or {PLAIN, MIXED} & set(step.when[1])), Step("answer", "Decode step", "roofline.decode_floor_seconds", "s")), "answer", 1.4, {"bits_per_param": 16, "bytes_per_element": 2}),
    Drill("one-token", 1, EVERYONE, "{model} in bf16 on one {gpu}, if it fits: the least time to read its weights once?", {"model": ("llama-3.2-1b", "llama-3.1-8b", "qwen3-8b", "mistral-7b-v0.1"), "gpu": GPU_NAMES},
          (Step("bytes_read", "Weights read", "memory.weights_bytes", "bytes", {"params": "active_params"}),
           Step("answer", "Time", "roofline.decode_floor_seconds", "s", {"weight_bytes_read": "bytes_read"})), "answer", 1.3, {"bits_per_param": 16, "kv_cache_bytes": 0, "gpus": 1}),
    Drill("ridge", 1, (RESEARCH, PLATFORM), "How many FLOPs a byte does {gpu} need to leave the memory-bound side in bf16?", {"gpu": GPU_NAMES},
          (Step("answer", "Ridge", "roofline.ridge_point", "FLOPs per byte"),), "answer", 1.4),
    Drill("prefill", 2, (FULL, PLATFORM), "Prefill of {tokens} tokens on {model} with {gpus} × H100 at half of the bf16 peak: how long, attention left out?",
          {"model": ("llama-3.1-8b", "llama-3.1-70b"), "tokens": (2_048, 8_192, 32_768), "gpus": (1, 4, 8)},
          (Step("answer", "Prefill", "roofline.prefill_seconds", "s"),), "answer", 1.4, {"peak_flops_per_second": 989e12, "mfu": 0.5}),
    Drill("requests", 1, EVERYONE, "{millions} million requests a day: how many a second on average?", {"millions": (1, 5, 10, 50, 100)},
          (Step("day", "Requests a day", "*", "", of=("millions", "million")), Step("answer", "A second", "serving.requests_per_second", "a second", {"requests_per_day": "day"})), "answer", 1.25, {"million": 1e6}),
    Drill("in-flight", 2, EVERYONE, "{rate} requests a second, {seconds} s each: how many are in flight?", {"rate": (10, 100, 350, 1_000), "seconds": (2, 4, 15, 30)},
          (Step("answer", "In flight", "serving.concurrent_requests", "", {"requests_per_second": "rate", "seconds_per_request": "seconds"}),), "answer"),
    Drill("speculation", 2, (RESEARCH, PLATFORM), "{draft_tokens} draft tokens, each accepted with probability {acceptance}: how many tokens does a target pass yield on average?",
          {"draft_tokens": (2, 3, 4, 5, 8), "acceptance": (0.5, 0.6, 0.7, 0.8, 0.9)}, (Step("answer", "Tokens", "speculative.expected_tokens", "tokens"),), "answer", 1.15),
    Drill("flat-index", 1, (FULL, APPLIED), "{millions} million vectors of {dimensions} dimensions in fp32: how large is the flat index?", {"millions": (1, 10, 100, 1_000), "dimensions": (384, 768, 1_024, 3_072)},
          (Step("vectors", "Vectors", "*", "", of=("millions", "million")), Step("answer", "Index", "retrieval.flat_index_bytes", "GB")), "answer", 1.25, {"million": 1e6, "bytes_per_component": 4}),
    Drill("touched", 3, (RESEARCH, PLATFORM), "{n_experts} experts, {n_active} a token, chosen evenly. How many does a batch of {tokens} tokens touch in a layer?",
          {"n_experts": (64, 128, 256), "n_active": (4, 8), "tokens": (8, 16, 32, 64)}, (Step("answer", "Experts touched", "roofline.touched_experts", ""),), "answer", 1.2),
    Drill("bubble", 2, (RESEARCH, PLATFORM), "A pipeline of {stages} stages and {microbatches} microbatches: what share of the time is idle?", {"stages": (4, 8, 16), "microbatches": (8, 16, 32, 64)},
          (Step("answer", "Bubble", "parallelism.pipeline_bubble", "%"),), "answer", 1.2),
    Drill("all-reduce", 3, (RESEARCH, PLATFORM), "A ring all-reduce of {payload} GB among {gpus} GPUs, 450 GB/s each way: the least time?", {"payload": (0.1, 1, 4, 16), "gpus": (4, 8)},
          (Step("payload_bytes", "Payload", "*", "GB", of=("payload", "giga")), Step("answer", "All-reduce", "parallelism.all_reduce_seconds", "s")), "answer", 1.4, {"giga": 1e9, "bytes_per_second": 450e9}),
)  # fmt: skip
