"""Counts the parameters of a model file exactly, part by part.

`count(shape)` takes what `model_file.read` returns. It is not a closed form: it branches over attention kinds,
experts, windows, biases and norms, so that the number is the checkpoint's to the last parameter. Forms:

- heads: multi-head, multi-query and grouped-query decoders, dense or with experts; also the Gemma 4 form
  (`global_head_dim`: other head sizes on global layers, per-layer embeddings, layers that reuse keys and values);
- latent: multi-head latent attention (DeepSeek-V2, V3, Kimi K2);
- hybrid: Gated DeltaNet layers beside gated full attention (Qwen3-Next, Qwen3.5);
- encoder-decoder: T5.

Left out, as in the vendors' figures: vision towers, multi-token-prediction modules, quantization scales.
"""

from dataclasses import dataclass

from snippets.sizing import parameters as p
from snippets.sizing.layers import full_layers, is_gated, norms_per_layer
from snippets.sizing.symbolic import smallest


@dataclass(frozen=True)
class Count:
    """Parameters by part. `idle` are the experts that one token leaves out; `lookup` only ever gets rows read."""

    parts: dict
    idle: int
    lookup: int
    tied: bool

    @property
    def total(self):
        return sum(self.parts.values())

    @property
    def active(self):
        """Every parameter that one token uses, the whole embedding included."""
        return self.total - self.idle

    @property
    def active_matmul(self):
        """Without the input embedding but with the LM head: half the weights' FLOPs of one token."""
        return self.active_non_embedding + (self.parts["embedding"] if self.tied else self.parts["lm_head"])

    @property
    def active_non_embedding(self):
        return self.active - self.parts["embedding"] - self.parts["lm_head"] - self.lookup

    @property
    def non_embedding(self):
        return self.active_non_embedding + self.idle


def count(shape):
    return _encoder_decoder(shape) if shape["form"] == "encoder-decoder" else _decoder(shape)


def _decoder(shape):
    get = shape.get
    layers, width, vocabulary = shape["n_layers"], shape["d_model"], shape["vocab_size"]
    mixer = {"heads": _heads, "latent": _latent, "hybrid": _hybrid}[shape["form"]]
    ffn, router, idle = _feed_forward(shape)
    norm = width * (2 if shape["norm"] == "layernorm" else 1)
    norms = layers * norms_per_layer(shape) + get("final_norm", True)
    per_layer = get("per_layer_input_dim", 0)
    positions = get("learned_positions", 0) * width
    parts = {
        "embedding": p.embedding_params(vocabulary, width),
        "positions": positions,
        "attention": mixer(shape),
        "ffn": ffn,
        "router": router,
        "norm": norms * norm,
        "lm_head": 0 if shape["tied_embeddings"] else p.embedding_params(vocabulary, width),
        "per_layer_embedding": per_layer and _per_layer_inputs(layers, width, vocabulary, per_layer),
        "extra": get("extra_params", 0),
    }
    return Count(parts, idle, positions + layers * vocabulary * per_layer, shape["tied_embeddings"])


def _heads(shape):
    """Attention of all layers. Full and local layers may differ in head size, KV heads and sinks."""
    get, window = shape.get, split(shape)
    every = dict(
        d_model=shape["d_model"], n_heads=shape["n_heads"], bias=get("qkv_bias"), o_bias=get("o_bias"),
        qk_norm=get("qk_norm"), gate=shape["attention"].get("output_gate"),
    )  # fmt: skip
    local = dict(every, n_kv_heads=get("n_kv_heads_swa", shape["n_kv_heads"]), head_dim=shape["head_dim"])
    local["v_head_dim"] = get("v_head_dim", shape["head_dim"])
    # A pattern such as `39 sliding(128, sinks) : 9 full` puts sinks on its sliding layers only.
    local["sinks"] = get("attn_sinks", False) or "sinks" in shape["attention"].get("pattern", "").split(" : ")[0]
    full = dict(local, n_kv_heads=get("n_kv_heads_global", shape["n_kv_heads"]), sinks=get("attn_sinks", False))
    full["head_dim"] = get("global_head_dim", shape["head_dim"])
    full["v_head_dim"] = get("global_head_dim", local["v_head_dim"])
    full["values"] = "n_kv_heads_global" not in shape  # Gemma 4 takes the keys as values where it has this field
    reuse = dict(values=False, keys=False)
    return (
        window.full * _attention(**full)
        + window.local * _attention(**local)
        + window.full_reusing * _attention(**full | reuse)
        + window.local_reusing * _attention(**local | reuse)
    )


def _attention(
    d_model, n_heads, n_kv_heads, head_dim, v_head_dim, bias, o_bias, qk_norm, gate, sinks, keys=True, values=True
):
    query, key, value = n_heads * head_dim, n_kv_heads * head_dim * keys, n_kv_heads * v_head_dim * values
    matrices = d_model * (query * (2 if gate else 1) + key + value) + n_heads * v_head_dim * d_model
    biases = (query * (2 if gate else 1) + key + value) * bool(bias) + d_model * bool(o_bias)
    norms = {None: 0, "per_head": head_dim * (1 + keys), "full": query + key}[qk_norm]
    return matrices + biases + norms + n_heads * sinks


def _latent(shape):
    latent, heads, width = shape["mla"], shape["n_heads"], shape["d_model"]
    rank, kv_rank, rotary = latent["q_lora_rank"], latent["kv_lora_rank"], latent["qk_rope_head_dim"]
    sizes = dict(
        kv_lora_rank=kv_rank, qk_nope_head_dim=latent["qk_nope_head_dim"], qk_rope_head_dim=rotary,
        v_head_dim=latent["v_head_dim"],
    )  # fmt: skip
    layer = p.latent_attention_params(d_model=width, n_heads=heads, q_lora_rank=rank or 0, **sizes)
    if rank is None:  # DeepSeek-V2-Lite: queries straight from the width
        layer += width * heads * (latent["qk_nope_head_dim"] + rotary)
    # As DeepSeek's code has it: a bias on both down-projections (and none on a direct query) and on the output.
    layer += ((rank or 0) + kv_rank + rotary) * bool(shape.get("qkv_bias")) + width * bool(shape.get("o_bias"))
    return shape["n_layers"] * layer


def _hybrid(shape):
    attention = shape["attention"]
    full = _attention(
        d_model=shape["d_model"], n_heads=shape["n_heads"], n_kv_heads=shape["n_kv_heads"],
        head_dim=shape["head_dim"], v_head_dim=shape["head_dim"], bias=shape.get("qkv_bias"),
        o_bias=shape.get("o_bias"), qk_norm=shape.get("qk_norm"), gate=True, sinks=False,
    )  # fmt: skip
    linear = p.gated_delta_params(d_model=shape["d_model"], **attention["linear"])
    return attention["full_attention_layers"] * full + attention["linear_layers"] * linear


def _feed_forward(shape):
    """(feed-forward, router, experts that a token leaves out) of all layers."""
    width, moe, layers = shape["d_model"], shape.get("moe"), shape["n_layers"]
    matrices = 3 if is_gated(shape["ffn"]) else 2

    def one(d_ff):
        return matrices * width * d_ff + ((matrices - 1) * d_ff + width) * bool(shape.get("mlp_bias"))

    if not moe:
        reusing = shape["attention"].get("kv_shared_layers", 0)
        wide = one(shape["d_ff_kv_shared"]) if reusing else 0
        return (layers - reusing) * one(shape["d_ff"]) + reusing * wide, 0, 0
    first = moe.get("first_dense_layers", 0)
    routed = (layers - first) // moe.get("layer_step", 1)
    shared = moe["n_shared"] and moe["n_shared"] * one(moe["d_ff_shared"])
    router = p.router_params(width, moe["n_experts"]) + moe["n_experts"] * bool(moe.get("router_bias"))
    if shape["form"] == "hybrid":
        router += width  # the gate of the shared expert
    if "global_head_dim" in shape:
        router += width + moe["n_experts"]  # Gemma 4 scales the router's input and each expert's output
    dense = (layers - routed) and (layers - routed) * one(shape["d_ff"])
    experts = one(moe["d_ff_expert"])
    return (
        dense + routed * (shared + moe["n_experts"] * experts),
        routed * router,
        routed * (moe["n_experts"] - moe["n_active"]) * experts,
    )


def _per_layer_inputs(layers, width, vocabulary, size):
    """Gemma 4's second embedding: a row of `size` a token and layer, and the matrices that mix it in."""
    return layers * vocabulary * size + width * layers * size + size + layers * (2 * width * size)


def _encoder_decoder(shape):
    """T5: the decoder has cross-attention and a third norm; each stack has one table of position biases."""
    width, inner = shape["d_model"], shape["n_heads"] * shape["head_dim"]
    encoder, decoder = shape["n_layers"], shape["n_decoder_layers"]
    matrices = 3 if is_gated(shape["ffn"]) else 2
    parts = {
        "embedding": p.embedding_params(shape["vocab_size"], width),
        "positions": 2 * shape["position"]["num_buckets"] * shape["n_heads"],
        "attention": (encoder + 2 * decoder) * 4 * width * inner,
        "ffn": (encoder + decoder) * matrices * width * shape["d_ff"],
        "router": 0,
        "norm": (2 * encoder + 3 * decoder + 2) * width,
        "lm_head": 0 if shape["tied_embeddings"] else p.embedding_params(shape["vocab_size"], width),
        "per_layer_embedding": 0,
        "extra": shape.get("extra_params", 0),
    }
    return Count(parts, 0, parts["positions"], shape["tied_embeddings"])


@dataclass(frozen=True)
class Layers:
    """How many layers cache all tokens, how many a window, and how many of each reuse another layer's cache."""

    full: int
    local: int
    full_reusing: int = 0
    local_reusing: int = 0


def split(shape):
    layers, attention = shape["n_layers"], shape["attention"]
    if shape["form"] == "encoder-decoder":
        return Layers(shape["n_decoder_layers"], 0)
    if shape["form"] == "hybrid":
        return Layers(attention["full_attention_layers"], 0)
    if not attention.get("window"):
        return Layers(layers, 0)
    full = full_layers(layers, attention)
    reusing = attention.get("kv_shared_layers", 0)
    if not reusing:
        return Layers(full, layers - full)
    own = full_layers(layers - reusing, attention)
    return Layers(own, layers - reusing - own, full - own, reusing - full + own)


def elements(shape):
    """Numbers cached a token: in a layer that sees all, in a layer with a window."""
    if shape["form"] == "latent":
        size = shape["mla"]["kv_lora_rank"] + shape["mla"]["qk_rope_head_dim"]
        return size, size
    full, local = widths(shape)
    return (
        shape.get("n_kv_heads_global", shape["n_kv_heads"]) * full,
        shape.get("n_kv_heads_swa", shape["n_kv_heads"]) * local,
    )


def widths(shape):
    """Key size plus value size of one head: in a layer that sees all, in a layer with a window."""
    if shape["form"] == "latent":
        width = sum(shape["mla"][name] for name in ("qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"))
        return width, width
    local = shape["head_dim"] + shape.get("v_head_dim", shape["head_dim"])
    return 2 * shape["global_head_dim"] if "global_head_dim" in shape else local, local


def cache_elements(shape, tokens):
    """Numbers that one sequence of `tokens` leaves in the key-value cache."""
    layers, (full, local) = split(shape), elements(shape)
    window = smallest(tokens, shape["attention"].get("window") or tokens)
    return full * layers.full * tokens + local * layers.local * window
