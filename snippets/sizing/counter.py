"""Counts the parameters of a model file exactly, part by part.

`count(shape)` takes what `model_file.read` returns. It is not a closed form:
it branches over attention kinds, experts, biases and norms, so that the number
is the checkpoint's to the last parameter. Forms:

- heads: multi-head, multi-query and grouped-query decoders, dense or with
  experts; also the Gemma 4 form (`global_head_dim`: other head sizes on global
  layers, per-layer embeddings, layers that reuse keys and values);
- latent: multi-head latent attention (DeepSeek-V2, V3, Kimi K2);
- hybrid: Gated DeltaNet beside gated full attention (Qwen3-Next, Qwen3.5);
- encoder-decoder: T5.

Left out, as in the vendors' figures: vision towers, multi-token-prediction
modules, scales of quantized weights.
"""

from dataclasses import dataclass

from snippets.sizing import parameters as p
from snippets.sizing.layers import (
    is_gated,
    norms_per_layer,
    split,
    words_of,
)


@dataclass(frozen=True)
class Count:
    """Parameters by part.

    `idle` are the experts that one token leaves out; of `lookup` (positions,
    per-layer embeddings) it only ever reads rows.
    """

    parts: dict
    idle: int
    lookup: int
    tied: bool

    @property
    def total(self):
        return sum(self.parts.values())

    @property
    def active(self):
        """All that one token uses, the whole embedding included."""
        return self.total - self.idle

    @property
    def active_matmul(self):
        """Without the input embedding, with the LM head: half the weights'
        FLOPs of one token.
        """
        head = self.parts["embedding" if self.tied else "lm_head"]
        return self.active_non_embedding + head

    @property
    def active_non_embedding(self):
        return self.non_embedding - self.idle

    @property
    def non_embedding(self):
        vocabulary = self.parts["embedding"] + self.parts["lm_head"]
        return self.total - vocabulary - self.lookup


def count(shape):
    if shape["form"] == "encoder-decoder":
        return _encoder_decoder(shape)
    return _decoder(shape)


def _decoder(shape):
    layers, width = shape["n_layers"], shape["d_model"]
    attention = {"heads": _heads, "latent": _latent, "hybrid": _hybrid}
    ffn, router, idle = _feed_forward(shape)
    norm = width * (2 if shape["norm"] == "layernorm" else 1)
    norms = layers * norms_per_layer(shape) + shape.get("final_norm", True)
    positions = shape.get("learned_positions", 0) * width
    per_layer, rows = _per_layer_inputs(shape)
    tied = shape["tied_embeddings"]
    embedding = p.embedding_params(shape["vocab_size"], width)
    parts = {
        "embedding": embedding,
        "positions": positions,
        "attention": attention[shape["form"]](shape),
        "ffn": ffn,
        "router": router,
        "norm": norms * norm,
        "lm_head": 0 if tied else embedding,
        "per_layer_embedding": per_layer,
        "extra": shape.get("extra_params", 0),
    }
    return Count(parts, idle, positions + rows, tied)


def _heads(shape):
    """Full and local layers may differ in head size, KV heads and sinks."""
    get, layers, attention = shape.get, split(shape), shape["attention"]
    size, heads = shape["head_dim"], shape["n_kv_heads"]
    # `39 sliding(128, sinks) : 9 full` has sinks on its sliding layers only.
    sinks = get("attn_sinks", False)
    sliding = words_of(attention).split(" : ")[0]
    local = {
        "shape": shape,
        "n_kv_heads": get("n_kv_heads_swa", heads),
        "head_dim": size,
        "v_head_dim": get("v_head_dim", size),
        "gate": attention.get("output_gate"),
        "sinks": sinks or "sinks" in sliding,
    }
    full = local | {
        "n_kv_heads": get("n_kv_heads_global", heads),
        "head_dim": get("global_head_dim", size),
        "v_head_dim": get("global_head_dim", local["v_head_dim"]),
        "sinks": sinks,
        # Gemma 4 takes the keys as values where it has that field.
        "values": "n_kv_heads_global" not in shape,
    }
    reused = {"keys": False, "values": False}
    return (
        layers.full * _attention(**full)
        + layers.local * _attention(**local)
        + layers.full_reusing * _attention(**full | reused)
        + layers.local_reusing * _attention(**local | reused)
    )


def _attention(
    shape,
    n_kv_heads,
    head_dim,
    v_head_dim,
    gate,
    sinks,
    keys=True,
    values=True,
):
    """One layer. A gate doubles the query matrix; `keys` and `values` say
    whether the layer has those matrices.
    """
    heads, width = shape["n_heads"], shape["d_model"]
    query = heads * head_dim * (2 if gate else 1)
    key = n_kv_heads * head_dim * keys
    value = n_kv_heads * v_head_dim * values
    inward = query + key + value
    biases = inward * shape.get("qkv_bias", False)
    biases += width * shape.get("o_bias", False)
    norms = {
        None: 0,
        "per_head": head_dim * (1 + keys),
        "full": heads * head_dim + key,
    }[shape.get("qk_norm")]
    output = heads * v_head_dim * width
    return width * inward + output + biases + norms + heads * sinks


def _latent(shape):
    mla, heads, width = shape["mla"], shape["n_heads"], shape["d_model"]
    rank = mla["q_lora_rank"] or 0
    layer = p.latent_attention_params(
        width, heads, **mla | {"q_lora_rank": rank}
    )
    if not rank:  # DeepSeek-V2-Lite: queries straight from the width
        size = mla["qk_nope_head_dim"] + mla["qk_rope_head_dim"]
        layer += width * heads * size
    # DeepSeek's code: a bias on both down-projections, none on a direct query.
    down = rank + mla["kv_lora_rank"] + mla["qk_rope_head_dim"]
    layer += down * shape.get("qkv_bias", False)
    layer += width * shape.get("o_bias", False)
    return shape["n_layers"] * layer


def _hybrid(shape):
    attention, size = shape["attention"], shape["head_dim"]
    full = _attention(shape, shape["n_kv_heads"], size, size, True, False)
    linear = p.gated_delta_params(shape["d_model"], **attention["linear"])
    return (
        attention["full_attention_layers"] * full
        + attention["linear_layers"] * linear
    )


def _feed_forward(shape):
    """(feed-forward, router, experts that a token leaves out), all layers."""
    layers, moe = shape["n_layers"], shape.get("moe")
    if not moe:
        reusing = shape["attention"].get("kv_shared_layers", 0)
        dense = _ffn(layers - reusing, shape, "d_ff")
        return dense + _ffn(reusing, shape, "d_ff_kv_shared"), 0, 0
    leading = moe.get("first_dense_layers", 0)
    routed = (layers - leading) // moe.get("layer_step", 1)
    dense = _ffn(layers - routed, shape, "d_ff")
    expert = _ffn(1, shape | moe, "d_ff_expert")
    shared = _ffn(moe["n_shared"], shape | moe, "d_ff_shared")
    experts, chosen = moe["n_experts"], moe["n_active"]
    return (
        dense + routed * (shared + experts * expert),
        routed * _router(shape, experts),
        routed * (experts - chosen) * expert,
    )


def _ffn(layers, sizes, name):
    """Feed-forward layers of the width that `name` says; no layers need not
    say one.
    """
    if not layers:
        return 0
    matrices = 3 if is_gated(sizes["ffn"]) else 2
    width, inner = sizes["d_model"], sizes[name]
    biases = (matrices - 1) * inner + width
    biased = sizes.get("mlp_bias", False)
    return layers * (matrices * width * inner + biases * biased)


def _router(shape, experts):
    width = shape["d_model"]
    size = p.router_params(width, experts)
    size += experts * shape["moe"].get("router_bias", False)
    if shape["form"] == "hybrid":
        size += width  # the gate of the shared expert
    if "global_head_dim" in shape:
        size += width + experts  # Gemma 4 scales inputs and experts
    return size


def _per_layer_inputs(shape):
    """Gemma 4's second embedding, a row a token and layer, with the matrices
    that mix it in: (all, the rows alone).
    """
    size = shape.get("per_layer_input_dim", 0)
    layers, width = shape["n_layers"], shape["d_model"]
    rows = layers * shape["vocab_size"] * size
    mixing = layers * width * size + size + layers * 2 * width * size
    return rows + mixing, rows


def _encoder_decoder(shape):
    """T5: the decoder has cross-attention and a third norm; each stack has
    one table of position biases.
    """
    width, inner = shape["d_model"], shape["n_heads"] * shape["head_dim"]
    encoder, decoder = shape["n_layers"], shape["n_decoder_layers"]
    embedding = p.embedding_params(shape["vocab_size"], width)
    tied = shape["tied_embeddings"]
    biases = 2 * shape["position"]["num_buckets"] * shape["n_heads"]
    parts = {
        "embedding": embedding,
        "positions": biases,
        "attention": (encoder + 2 * decoder) * 4 * width * inner,
        "ffn": _ffn(encoder + decoder, shape, "d_ff"),
        "router": 0,
        "norm": (2 * encoder + 3 * decoder + 2) * width,
        "lm_head": 0 if tied else embedding,
        "per_layer_embedding": 0,
        "extra": shape.get("extra_params", 0),
    }
    return Count(parts, 0, biases, tied)
