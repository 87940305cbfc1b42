"""How many parameters a decoder has, part by part.

Each function is a count without biases unless its name says otherwise.
`counter.py` puts them together for any model file; here they stand alone, as
you would write them on a whiteboard.
"""


def embedding_params(vocab_size, d_model):
    """One row a token. Untied models pay twice: the LM head has the same
    shape.

    Llama 3.1 8B: 128,256 × 4,096 = 525,336,576.
    """
    return vocab_size * d_model


def attention_params(d_model, n_heads, n_kv_heads, head_dim):
    """Query, key, value and output matrices of one layer (grouped-query
    attention, arXiv:2305.13245).

    With n_kv_heads = n_heads it is multi-head attention, with 1 multi-query.
    Splitting the same width into more heads changes nothing. Llama 3.1 8B:
    41,943,040 a layer.
    """
    return 2 * d_model * head_dim * (n_heads + n_kv_heads)


def latent_attention_params(
    d_model,
    n_heads,
    q_lora_rank,
    kv_lora_rank,
    qk_nope_head_dim,
    qk_rope_head_dim,
    v_head_dim,
):
    """Multi-head latent attention of one layer, with the two norms on its
    latents (arXiv:2405.04434, section 2.1).

    Queries go down to q_lora_rank and up again; keys and values share one
    latent of kv_lora_rank beside a rotary key of qk_rope_head_dim that all
    heads use. DeepSeek-V3: 187,107,328 a layer.
    """
    return (
        d_model * q_lora_rank
        + q_lora_rank
        + q_lora_rank * n_heads * (qk_nope_head_dim + qk_rope_head_dim)
        + d_model * (kv_lora_rank + qk_rope_head_dim)
        + kv_lora_rank
        + kv_lora_rank * n_heads * (qk_nope_head_dim + v_head_dim)
        + n_heads * v_head_dim * d_model
    )


def gated_delta_params(
    d_model, key_heads, value_heads, key_dim, value_dim, conv
):
    """One Gated DeltaNet layer as Qwen3-Next builds it (arXiv:2412.06464;
    Transformers, modeling_qwen3_next.py).

    In: query, key, value and output gate; two gates a value head; a short
    convolution over query, key and value; a decay and a step size a value
    head; one norm; the output matrix.
    """
    return (
        d_model * (2 * key_heads * key_dim + 2 * value_heads * value_dim)
        + d_model * 2 * value_heads
        + conv * (2 * key_heads * key_dim + value_heads * value_dim)
        + 2 * value_heads
        + value_dim
        + value_heads * value_dim * d_model
    )


def ffn_params(d_model, d_ff):
    """Feed-forward layer of two matrices, up and down (ReLU, GELU). GPT-3: 2 ×
    12,288 × 49,152 a layer.
    """
    return 2 * d_model * d_ff


def gated_ffn_params(d_model, d_ff):
    """Gated feed-forward layer of three matrices (SwiGLU, GeGLU;
    arXiv:2002.05202).

    Llama 3.1 8B: 3 × 4,096 × 14,336 = 176,160,768 a layer.
    """
    return 3 * d_model * d_ff


def router_params(d_model, n_experts):
    """The matrix that scores experts. DeepSeek-V3 adds a bias of n_experts
    that only selects.
    """
    return d_model * n_experts


def moe_params(d_model, n_experts, d_ff_expert, n_shared, d_ff_shared):
    """Router, routed and shared experts (gated) of one layer. Mixtral 8x7B:
    1,409,318,912 a layer.
    """
    return router_params(d_model, n_experts) + 3 * d_model * (
        n_experts * d_ff_expert + n_shared * d_ff_shared
    )


def moe_active_params(
    d_model, n_experts, n_active, d_ff_expert, n_shared, d_ff_shared
):
    """What one token multiplies by in such a layer: the whole router, n_active
    routed and all shared experts.

    Mixtral 8x7B: 352,354,304 of 1,409,318,912 a layer.
    """
    return router_params(d_model, n_experts) + 3 * d_model * (
        n_active * d_ff_expert + n_shared * d_ff_shared
    )


def layer_params(d_model, n_heads, n_kv_heads, head_dim, d_ff):
    """One Llama-style layer: attention, gated feed-forward, two RMSNorms.
    Llama 3.1 8B: 218,112,000.
    """
    return (
        attention_params(d_model, n_heads, n_kv_heads, head_dim)
        + gated_ffn_params(d_model, d_ff)
        + 2 * d_model
    )


def decoder_params(
    n_layers,
    d_model,
    n_heads,
    n_kv_heads,
    head_dim,
    d_ff,
    vocab_size,
    vocab_matrices,
):
    """A whole Llama-style decoder; vocab_matrices is 2 when embedding and LM
    head are separate, 1 when tied.

    Llama 3.1 8B: 8,030,261,248.
    """
    return (
        n_layers * layer_params(d_model, n_heads, n_kv_heads, head_dim, d_ff)
        + d_model
        + vocab_matrices * vocab_size * d_model
    )


def moe_decoder_params(
    n_layers,
    d_model,
    n_heads,
    n_kv_heads,
    head_dim,
    n_experts,
    d_ff_expert,
    vocab_size,
    vocab_matrices,
):
    """A Mixtral-style decoder: every layer routed, no shared expert
    (arXiv:2401.04088).

    Mixtral 8x7B: 46,702,792,704.
    """
    return (
        n_layers
        * (
            attention_params(d_model, n_heads, n_kv_heads, head_dim)
            + router_params(d_model, n_experts)
            + 3 * d_model * n_experts * d_ff_expert
            + 2 * d_model
        )
        + d_model
        + vocab_matrices * vocab_size * d_model
    )


def latent_moe_decoder_params(
    n_layers,
    d_model,
    n_heads,
    q_lora_rank,
    kv_lora_rank,
    qk_nope_head_dim,
    qk_rope_head_dim,
    v_head_dim,
    first_dense_layers,
    d_ff,
    n_experts,
    d_ff_expert,
    n_shared,
    d_ff_shared,
    vocab_size,
    vocab_matrices,
):
    """A DeepSeek-style decoder: latent attention, a few leading dense layers,
    then routed ones with a selection bias.

    DeepSeek-V3 without its multi-token-prediction module: 671,026,419,200
    (arXiv:2412.19437 says 671B).
    """
    return (
        n_layers
        * (
            latent_attention_params(
                d_model,
                n_heads,
                q_lora_rank,
                kv_lora_rank,
                qk_nope_head_dim,
                qk_rope_head_dim,
                v_head_dim,
            )
            + 2 * d_model
        )
        + first_dense_layers * gated_ffn_params(d_model, d_ff)
        + (n_layers - first_dense_layers)
        * (
            moe_params(d_model, n_experts, d_ff_expert, n_shared, d_ff_shared)
            + n_experts
        )
        + d_model
        + vocab_matrices * vocab_size * d_model
    )


def gpt2_params(n_layers, d_model, d_ff, vocab_size, learned_positions):
    """A GPT-2-style decoder: full multi-head attention, biases everywhere,
    LayerNorm, learned positions, tied head.

    GPT-2 small: 124,439,808.
    """
    return (
        n_layers
        * (4 * d_model * d_model + 2 * d_model * d_ff + 9 * d_model + d_ff)
        + 2 * d_model
        + (vocab_size + learned_positions) * d_model
    )


def rule_of_thumb_params(n_layers, d_model):
    """12 · layers · width²: multi-head attention (4) and a plain feed-forward
    layer of four widths (8), nothing else.

    GPT-3: 173.9 billion of its 174.6 (arXiv:2001.08361, section 2.1). It fails
    for grouped queries, gated layers and experts.
    """
    return 12 * n_layers * d_model**2
