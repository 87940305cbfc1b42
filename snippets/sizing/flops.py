"""Floating-point operations of one pass. A multiply-add counts as two.

`active_params` are the parameters that one token multiplies by: without the
input embedding, which is only looked up, with the LM head, and of the experts
only those that are chosen.
"""

from snippets.sizing.symbolic import smallest


def forward_flops_per_token(active_params):
    """Weights only: one multiply-add a parameter (arXiv:2001.08361, section
    2.1).

    70 billion parameters: 1.4e11.
    """
    return 2 * active_params


def attention_flops_per_token(n_layers, n_heads, head_dim, context):
    """Scores (2 · context · head_dim a head) and the weighted sum of values
    (the same again).

    All query heads count: grouped queries save memory, not multiplications.
    Llama 3.1 8B over 8,192 tokens: 4.29e9, beside 1.5e10 for the weights. A
    causal prompt of T tokens has context T/2 on average.
    """
    return 4 * n_layers * n_heads * head_dim * context


def latent_attention_flops_per_token(
    n_layers, n_heads, qk_nope_head_dim, qk_rope_head_dim, v_head_dim, context
):
    """Multi-head latent attention with keys and values expanded, as in
    training and prefill (arXiv:2405.04434).

    DeepSeek-V3: 61 layers, 128 heads, 192 + 128: 5.0e6 a token of context.
    """
    return (
        2
        * n_layers
        * n_heads
        * (qk_nope_head_dim + qk_rope_head_dim + v_head_dim)
        * context
    )


def absorbed_attention_flops_per_token(
    n_layers, n_heads, kv_lora_rank, qk_rope_head_dim, context
):
    """The same in decode with the up-projections absorbed: every head works on
    the latent itself.

    DeepSeek-V3: 3.4 times the operations of the expanded form a cached token,
    for 1/71 of the bytes that expanded keys and values would take.
    """
    return (
        2
        * n_layers
        * n_heads
        * (2 * kv_lora_rank + qk_rope_head_dim)
        * context
    )


def linear_attention_flops_per_token(
    linear_layers, value_heads, key_dim, value_dim
):
    """State update and read of a gated delta rule: decay, read, rank-one
    write, query (arXiv:2412.06464, eq. 10).

    Counted from the recurrence: 1 + 2 + 2 + 2 operations an entry of the
    state. Independent of the context.
    """
    return 7 * linear_layers * value_heads * key_dim * value_dim


def training_flops_per_token(active_params):
    """Forward 2, backward 4 a parameter: gradients of inputs and of weights
    (arXiv:2001.08361, section 2.1).
    """
    return 6 * active_params


def training_flops(params, tokens):
    """C = 6ND (arXiv:2001.08361). GPT-3, 174.6 billion on 300 billion tokens:
    3.14e23.
    """
    return 6 * params * tokens


def recomputed_training_flops(params, tokens):
    """With every activation recomputed, one more forward pass: 8ND, a third
    more (arXiv:2205.05198, section 5).
    """
    return 8 * params * tokens


def lora_training_flops(params, tokens):
    """With frozen weights the backward pass skips their gradients: about 4ND,
    two thirds of full fine-tuning.

    The adapters' own operations are left out; they are a few per mille.
    """
    return 4 * params * tokens


def windowed_attention_flops_per_token(
    n_heads,
    full_layers,
    full_width,
    windowed_layers,
    windowed_width,
    window,
    context,
):
    """Layers with a window see at most `window` tokens. A width is key size
    plus value size of one head.

    gpt-oss-120b: 18 layers see all, 18 the last 128; both widths are 64 + 64.
    """
    return (
        2
        * n_heads
        * (
            full_layers * full_width * context
            + windowed_layers * windowed_width * smallest(context, window)
        )
    )


def token_flops(active_params, attention_flops):
    """One token forward: weights, and attention over what it sees. Llama 3.1
    8B over 8,192 tokens: 1.93e10.
    """
    return 2 * active_params + attention_flops


def token_training_flops(active_params, attention_flops):
    """Forward and backward: three times the forward pass, in the weights and
    in attention (arXiv:2204.02311, app. B).
    """
    return 6 * active_params + 3 * attention_flops


def attention_flops_share(active_params, attention_flops):
    """Attention's share of a token's forward operations. Llama 3.1 8B over
    8,192 tokens: 22.2 %.
    """
    return attention_flops / (2 * active_params + attention_flops)


def attention_overtakes_tokens(active_params, n_layers, n_heads, head_dim):
    """Context at which attention costs one token as much as the weights do: 2N
    = 4 · L · heads · head size · T.

    For multi-head attention and N = 12Ld² this is 6 · d_model. The average
    token of a causal prompt sees half of it, so whole prompts reach the point
    at twice that length. Llama 3.1 8B: 28,629 tokens.
    """
    return active_params / (2 * n_layers * n_heads * head_dim)


def attention_overtakes_tokens_by_slope(
    active_params, fixed_attention_flops, flops_per_context_token
):
    """The same where part of attention does not grow: windowed layers that are
    full, linear layers.
    """
    return (
        2 * active_params - fixed_attention_flops
    ) / flops_per_context_token


def hardware_seconds(flops, peak_flops_per_second, utilization):
    """Time of a compute-bound job. 2.4e18 operations on an H100 (989e12) at 40
    %: 6,067 s, 1.7 hours.
    """
    return flops / (peak_flops_per_second * utilization)
