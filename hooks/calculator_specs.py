"""What each calculator asks for and how it gets its answer: inputs, then steps that are closed forms of snippets/sizing.

The page's fallback (hooks/calculators.py), the widget (widgets/calculator) and the tests read these tables; none has a
formula of its own. To add a calculator, add an entry to CALCULATORS and a page under docs/calculators/.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OWN = "own"  # the choice "your own" instead of a model or a GPU of the table


@dataclass(frozen=True)
class Number:
    """A number the reader types; `whole` refuses fractions.

    sets: the variable that it gives, `size` times as large, where what people type is not the base unit.
    """

    name: str
    label: str
    default: float
    low: float
    high: float
    whole: bool = True
    sets: str = ""
    size: float = 1

    def variable(self, typed: float) -> tuple[str, float]:
        return self.sets or self.name, typed * self.size


@dataclass(frozen=True)
class Choice:
    """One of a few: each option sets variables, and steps can ask which is chosen."""

    name: str
    label: str
    options: dict[str, dict[str, float]]
    default: str


@dataclass(frozen=True)
class Model:
    """A model of the table, or an own shape. `needs` leaves out models that lack a variable."""

    default: str
    own: tuple[Number, ...]
    needs: tuple[str, ...] = ("params",)


@dataclass(frozen=True)
class Gpu:
    """A GPU of the table, or an own one, of which just what the calculator needs is asked."""

    default: str
    needs: tuple[str, ...] = ("bytes_per_second",)

    @property
    def own(self) -> tuple[Number, ...]:
        return tuple(OWN_GPU[need] for need in self.needs)


@dataclass(frozen=True)
class Step:
    """`name` = the closed form `form` of earlier values; "+" adds and "*" multiplies its arguments.

    takes: parameter -> other variable or number, where the names differ. when: (input, choices) for which it is done.
    """

    name: str
    title: str
    form: str
    unit: str = ""
    takes: dict[str, str | float] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Calculator:
    """`result` is the step in large type, `terms` what it is made of, `curve` the input along which it is drawn."""

    id: str
    title: str
    inputs: tuple[Number | Choice | Model | Gpu, ...]
    steps: tuple[Step, ...]
    result: str
    phrase: str  # after the result: "for one sequence"
    terms: tuple[str, ...] = ()
    curve: str = ""
    compare: tuple[str, ...] = ()  # models drawn beside
    fits: tuple[str, str, str] | None = None  # (variable, largest, what it means when it is more)


def _own(*names: str) -> tuple[Number, ...]:
    return tuple(OWN_SHAPE[name] for name in names)


OWN_SHAPE = {
    number.name: number
    for number in (
        Number("params_billion", "Parameters, billions", 7, 0.001, 100_000, whole=False),
        Number("n_layers", "Layers", 32, 1, 1_000),
        Number("d_model", "Model width", 4_096, 8, 1_000_000),
        Number("n_heads", "Query heads", 32, 1, 4_096),
        Number("n_kv_heads", "KV heads", 8, 1, 4_096),
        Number("head_dim", "Head size", 128, 1, 8_192),
        Number("d_ff", "Feed-forward width", 14_336, 8, 10_000_000),
        Number("vocab_size", "Vocabulary", 128_256, 2, 10_000_000),
        Number("vocab_matrices", "Vocabulary matrices (1 if tied)", 2, 1, 2),
    )
}
OWN_GPU = {
    number.sets: number
    for number in (
        Number("memory_gb", "Memory of a GPU, GB", 80, 0.1, 100_000, whole=False, sets="memory_bytes", size=1e9),
        Number("bandwidth_gb_per_s", "Memory bandwidth, GB/s", 3_350, 0.1, 1_000_000, whole=False, sets="bytes_per_second", size=1e9),
        Number("dense_tflops", "Dense peak in your precision, TFLOP/s", 989, 0.1, 1_000_000, whole=False, sets="peak_flops_per_second", size=1e12),
    )
}
# What the reader chose as model: the own shape, one whose layers are all alike and cache keys and values, or any other.
PLAIN, MIXED = "plain", "mixed"
TABLE_ONLY, OWN_ONLY = ("model", (PLAIN, MIXED)), ("model", (OWN,))
HEADS_ONLY, MIXED_ONLY = ("model", (OWN, PLAIN)), ("model", (MIXED,))
TOKENS = Number("tokens", "Tokens a sequence", 131_072, 1, 10_000_000)
CACHE_TYPE = Choice("cache_type", "Cache precision", {"bf16": {"bytes_per_element": 2}, "fp8": {"bytes_per_element": 1}, "int4": {"bytes_per_element": 0.5}}, "bf16")
WEIGHT_TYPE = Choice("weight_type", "Weight precision", {"bf16": {"bits_per_param": 16}, "fp8": {"bits_per_param": 8}, "int4": {"bits_per_param": 4}}, "bf16")
RECIPE = Choice("recipe", "Precision and optimizer", {
    "AdamW, mixed precision": {"weight_bytes": 2, "gradient_bytes": 2, "optimizer_bytes": 12},
    "AdamW, fp32 gradients": {"weight_bytes": 2, "gradient_bytes": 4, "optimizer_bytes": 12},
    "AdamW, 8-bit moments": {"weight_bytes": 2, "gradient_bytes": 2, "optimizer_bytes": 6},
    "AdamW, all fp32": {"weight_bytes": 4, "gradient_bytes": 4, "optimizer_bytes": 8},
}, "AdamW, mixed precision")  # fmt: skip
GPUS = Number("gpus", "GPUs", 8, 1, 1_000_000)
PRICE = Number("price_per_gpu_hour", "Price of a GPU-hour, $", 2.5, 0.01, 1_000, whole=False)

CACHE_STEPS = (
    Step("kv_cache_bytes", "Cache", "kv_cache.mixed_kv_cache_bytes", "bytes", when=MIXED_ONLY),
    Step("kv_cache_bytes", "Cache", "kv_cache.kv_cache_bytes", "bytes", when=HEADS_ONLY),
)
DECODE_STEPS = (
    Step("touched", "Experts that a batch reads in a layer", "roofline.touched_experts", "", {"tokens": "batch"}, when=TABLE_ONLY),
    Step("params_read", "Parameters that a step reads", "roofline.params_read", "params", {"touched_experts": "touched"}, when=TABLE_ONLY),
    Step("params_read", "Parameters that a step reads", "*", "params", of=("params_billion", "billion"), when=OWN_ONLY),
    Step("weight_bytes_read", "Weights read", "memory.weights_bytes", "bytes", {"params": "params_read"}),
    *CACHE_STEPS,
    Step("decode_seconds", "Least time of a decode step", "roofline.decode_floor_seconds", "s"),
    Step("tokens_per_second", "Tokens a second, at most", "serving.throughput_tokens_per_second", "tokens/s", {"seconds_per_step": "decode_seconds"}),
)
OWN_DECODER = _own("params_billion", "n_layers", "n_kv_heads", "head_dim")
OWN_PARAMS = Step("params", "Parameters", "*", "params", of=("params_billion", "billion"), when=OWN_ONLY)

CALCULATORS = {
    calculator.id: calculator
    for calculator in (
        Calculator(
            "kv-cache", "KV cache",
            (Model("llama-3.1-70b", _own("n_layers", "n_kv_heads", "head_dim"), ("full_layers",)), TOKENS,
             Number("batch", "Sequences", 1, 1, 100_000), CACHE_TYPE),
            (Step("one_token", "One token", "kv_cache.mixed_kv_cache_bytes", "bytes", {"tokens": 1, "batch": 1}, when=MIXED_ONLY),
             Step("one_token", "One token", "kv_cache.kv_cache_bytes", "bytes", {"tokens": 1, "batch": 1}, when=HEADS_ONLY), *CACHE_STEPS),
            "kv_cache_bytes", "of keys and values", curve="tokens", compare=("llama-3.1-8b", "llama-3.1-405b", "deepseek-v3"),
        ),
        Calculator(
            "parameters", "Parameters",
            (Model("llama-3.1-8b", _own("n_layers", "d_model", "n_heads", "n_kv_heads", "head_dim", "d_ff", "vocab_size", "vocab_matrices"), ("embedding",)),),
            (Step("one_vocabulary_matrix", "One vocabulary matrix", "parameters.embedding_params", "params", when=OWN_ONLY),
             Step("embedding", "Embedding and LM head", "*", "params", of=("one_vocabulary_matrix", "vocab_matrices"), when=OWN_ONLY),
             Step("attention_layer", "Attention of one layer", "parameters.attention_params", "params", when=OWN_ONLY),
             Step("attention", "Attention", "*", "params", of=("attention_layer", "n_layers"), when=OWN_ONLY),
             Step("ffn_layer", "Feed-forward of one layer", "parameters.gated_ffn_params", "params", when=OWN_ONLY),
             Step("ffn", "Feed-forward", "*", "params", of=("ffn_layer", "n_layers"), when=OWN_ONLY),
             Step("params", "Parameters", "parameters.decoder_params", "params", when=OWN_ONLY),
             Step("total_params", "Parameters", "+", "params", of=("params",))),
            "total_params", "in all", terms=("embedding", "attention", "ffn"),
        ),
        Calculator(
            "training-memory", "Training memory",
            (Model("llama-3.1-8b", _own("params_billion", "n_layers", "d_model", "n_heads", "vocab_size"), ("params", "n_heads")), RECIPE, GPUS,
             Choice("sharding", "Sharded over the GPUs", {"nothing": {}, "optimizer (ZeRO-1)": {}, "+ gradients (ZeRO-2)": {}, "+ weights (ZeRO-3, FSDP)": {}}, "+ weights (ZeRO-3, FSDP)"),
             Number("tokens", "Tokens a sequence", 4_096, 1, 10_000_000), Number("batch", "Sequences a GPU", 1, 1, 10_000),
             Choice("kept", "Activations kept", {"each layer's input": {}, "all but attention scores": {}, "all": {}}, "each layer's input")),
            (OWN_PARAMS,
             Step("state_bytes", "Weights, gradients, optimizer", "memory.training_state_bytes", "GB", when=("sharding", ("nothing",))),
             Step("state_bytes", "Weights, gradients, optimizer", "memory.zero1_bytes", "GB", when=("sharding", ("optimizer (ZeRO-1)",))),
             Step("state_bytes", "Weights, gradients, optimizer", "memory.zero2_bytes", "GB", when=("sharding", ("+ gradients (ZeRO-2)",))),
             Step("state_bytes", "Weights, gradients, optimizer", "memory.zero3_bytes", "GB", when=("sharding", ("+ weights (ZeRO-3, FSDP)",))),
             Step("activation_bytes", "Activations", "memory.checkpointed_activation_bytes", "GB", when=("kept", ("each layer's input",))),
             Step("activation_bytes", "Activations", "memory.flash_activation_bytes", "GB", {"tensor_parallel": 1}, when=("kept", ("all but attention scores",))),
             Step("activation_bytes", "Activations", "memory.activation_bytes", "GB", {"tensor_parallel": 1}, when=("kept", ("all",))),
             Step("logits_bytes", "Logits in fp32", "memory.logits_bytes", "GB", {"bytes_per_element": 4}),
             Step("bytes_on_a_gpu", "On each GPU", "+", "GB", of=("state_bytes", "activation_bytes", "logits_bytes"))),
            "bytes_on_a_gpu", "on each GPU", terms=("state_bytes", "activation_bytes", "logits_bytes"),
        ),
        Calculator(
            "lora", "LoRA and QLoRA",
            (Model("llama-3.1-8b", _own("n_layers", "d_model", "n_heads", "n_kv_heads", "head_dim", "d_ff", "vocab_size", "vocab_matrices"), ("quantized_params",)),
             Number("rank", "Rank", 16, 1, 4_096), Choice("targets", "Adapters on", {"all linear layers": {}, "attention": {}, "query and value": {}}, "all linear layers"),
             Choice("base", "Base model in", {"bf16 (LoRA)": {}, "NF4 (QLoRA)": {}}, "NF4 (QLoRA)")),
            (Step("one_vocabulary_matrix", "One vocabulary matrix", "parameters.embedding_params", "params", when=OWN_ONLY),
             Step("other_params", "Stay in bf16", "*", "params", of=("one_vocabulary_matrix", "vocab_matrices"), when=OWN_ONLY),
             Step("attention_layer", "Attention of one layer", "parameters.attention_params", "params", when=OWN_ONLY),
             Step("ffn_layer", "Feed-forward of one layer", "parameters.gated_ffn_params", "params", when=OWN_ONLY),
             Step("one_layer", "Matrices of one layer", "+", "params", of=("attention_layer", "ffn_layer"), when=OWN_ONLY),
             Step("quantized_params", "Matrices of all layers", "*", "params", of=("one_layer", "n_layers"), when=OWN_ONLY),
             Step("params", "Parameters", "+", "params", of=("quantized_params", "other_params"), when=OWN_ONLY),
             Step("adapter_params", "Adapter parameters", "lora.lora_all_linear_params", "params", when=("targets", ("all linear layers",))),
             Step("adapter_params", "Adapter parameters", "lora.lora_attention_params", "params", when=("targets", ("attention",))),
             Step("adapter_params", "Adapter parameters", "lora.lora_query_value_params", "params", when=("targets", ("query and value",))),
             Step("adapter_training_bytes", "Adapters with gradients and optimizer", "lora.adapter_bytes", "GB", {"bytes_per_param": 16}),
             Step("base_bytes", "Base model", "memory.weights_bytes", "GB", {"bits_per_param": 16}, when=("base", ("bf16 (LoRA)",))),
             Step("nf4_bits", "Bits a weight in NF4", "memory.double_quantized_bits", "bits", {"bits": 4, "block_size": 64, "scale_bits": 8, "scale_block_size": 256, "constant_bits": 32}, when=("base", ("NF4 (QLoRA)",))),
             Step("base_bytes", "Base model", "lora.qlora_base_bytes", "GB", {"bits_per_param": "nf4_bits"}, when=("base", ("NF4 (QLoRA)",))),
             Step("training_bytes", "Together", "+", "GB", of=("base_bytes", "adapter_training_bytes"))),
            "training_bytes", "before activations", terms=("base_bytes", "adapter_training_bytes"), curve="rank",
        ),
        Calculator(
            "training-compute", "Training compute",
            (Model("llama-3.1-8b", _own("params_billion"), ("used_params",)), Number("tokens_billion", "Training tokens, billions", 1_000, 0.001, 1_000_000, whole=False),
             Gpu("h100-sxm5-80gb", ("peak_flops_per_second",)), Number("gpus", "GPUs", 1_024, 1, 1_000_000),
             Number("mfu", "Model FLOPs utilization, 0 to 1", 0.4, 0.01, 1, whole=False), PRICE),
            (Step("used_params", "Parameters", "*", "params", of=("params_billion", "billion"), when=OWN_ONLY),
             Step("training_tokens", "Tokens", "*", "tokens", of=("tokens_billion", "billion")),
             Step("flops", "Operations", "flops.training_flops", "FLOPs", {"params": "used_params", "tokens": "training_tokens"}),
             Step("hours", "GPU-hours", "training.gpu_hours", "GPU-hours"),
             Step("cost", "Price of the run", "training.training_cost", "$"),
             Step("optimal_tokens", "Compute-optimal tokens for this budget", "training.chinchilla_tokens", "tokens", {"tokens_per_param": 20}),
             Step("days", "Days", "training.training_days", "days", {"params": "used_params", "tokens": "training_tokens"})),
            "days", "for the run", curve="gpus",
        ),
        Calculator(
            "decode", "Roofline and decode speed",
            (Model("llama-3.1-70b", OWN_DECODER, ("full_layers", "active_params")), Gpu("h100-sxm5-80gb", ("bytes_per_second", "peak_flops_per_second")), GPUS,
             Number("tokens", "Tokens a sequence", 8_192, 1, 10_000_000), Number("batch", "Sequences", 1, 1, 100_000), WEIGHT_TYPE, CACHE_TYPE),
            (*DECODE_STEPS,
             Step("intensity", "Operations a weight byte", "roofline.decode_intensity", "FLOPs per byte"),
             Step("ridge", "Where the GPU turns to compute-bound", "roofline.ridge_point", "FLOPs per byte")),
            "decode_seconds", "a token at least", terms=("weight_bytes_read", "kv_cache_bytes"), curve="batch",
        ),
        Calculator(
            "serving-cost", "Serving cost",
            (Model("llama-3.1-70b", OWN_DECODER, ("full_layers", "active_params")), Gpu("h100-sxm5-80gb", ("bytes_per_second", "memory_bytes")), GPUS,
             Number("tokens", "Tokens a sequence", 4_096, 1, 10_000_000), Number("batch", "Sequences", 64, 1, 100_000), WEIGHT_TYPE, CACHE_TYPE,
             Number("achieved", "Share of the bound that you reach, 0 to 1", 0.5, 0.01, 1, whole=False), PRICE),
            (OWN_PARAMS, *DECODE_STEPS,
             Step("weights_bytes", "Weights", "memory.weights_bytes", "bytes"),
             Step("one_sequence", "Cache of one sequence", "kv_cache.mixed_kv_cache_bytes", "bytes", {"batch": 1}, when=MIXED_ONLY),
             Step("one_sequence", "Cache of one sequence", "kv_cache.kv_cache_bytes", "bytes", {"batch": 1}, when=HEADS_ONLY),
             Step("most_sequences", "Sequences that fit", "serving.max_batch", "", {"reserve": 0.1, "kv_cache_bytes_per_sequence": "one_sequence"}),
             Step("real_tokens_per_second", "Tokens a second, reached", "*", "tokens/s", of=("tokens_per_second", "achieved")),
             Step("price_per_hour", "Price of the GPUs, an hour", "*", "$", of=("gpus", "price_per_gpu_hour")),
             Step("cost", "A million output tokens", "serving.cost_per_million_tokens", "$", {"tokens_per_second": "real_tokens_per_second"})),
            "cost", "a million output tokens", curve="batch", fits=("batch", "most_sequences", "so many sequences do not fit: weights and caches take more than nine tenths of the memory"),
        ),
        Calculator(
            "rag-index", "RAG index",
            (Number("vectors", "Vectors", 10_000_000, 1, 100_000_000_000), Number("dimensions", "Dimensions", 1_024, 2, 65_536),
             Choice("component", "A component in", {"fp32": {"bytes_per_component": 4}, "fp16": {"bytes_per_component": 2}, "int8": {"bytes_per_component": 1}}, "fp32"),
             Choice("index", "Index", {"flat": {}, "HNSW": {}, "IVF-PQ": {}}, "HNSW"),
             Number("links", "HNSW links a vector (M)", 32, 2, 256), Number("lists", "IVF lists", 4_096, 1, 10_000_000), Number("subquantizers", "PQ codes a vector", 64, 1, 4_096)),
            (Step("flat_bytes", "Flat", "retrieval.flat_index_bytes", "GB"),
             Step("hnsw_bytes", "HNSW", "retrieval.hnsw_index_bytes", "GB"),
             Step("ivfpq_bytes", "IVF-PQ", "retrieval.ivfpq_index_bytes", "GB", {"bits": 8}),
             Step("index_bytes", "Chosen index", "+", "GB", of=("flat_bytes",), when=("index", ("flat",))),
             Step("index_bytes", "Chosen index", "+", "GB", of=("hnsw_bytes",), when=("index", ("HNSW",))),
             Step("index_bytes", "Chosen index", "+", "GB", of=("ivfpq_bytes",), when=("index", ("IVF-PQ",)))),
            "index_bytes", "of memory", curve="vectors",
        ),
        Calculator(
            "speculation", "Speculative decoding",
            (Number("acceptance", "Share of draft tokens accepted, 0 to 0.99", 0.8, 0, 0.99, whole=False), Number("draft_tokens", "Draft tokens a pass", 4, 1, 32),
             Number("draft_cost", "One draft pass, in target passes", 0.05, 0, 1, whole=False)),
            (Step("yield", "Tokens a target pass", "speculative.expected_tokens", "tokens"),
             Step("speedup", "Speed-up", "speculative.speedup", "×")),
            "speedup", "as fast as plain decoding", curve="draft_tokens",
        ),
    )
}  # fmt: skip
CONSTANTS = {"billion": 1e9}
