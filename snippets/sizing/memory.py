"""Memory of weights, gradients, optimizer state and activations in training,
and of weights in serving.

Bytes per parameter of the usual recipes stand in RECIPES. What none of them
includes: activations (below), temporary buffers, fragmentation, and the
framework itself.
"""

# Bytes a parameter: (weights, gradients, optimizer state with the fp32 master
# copy where there is one).
RECIPES = {
    # bf16 weights and gradients; master, two moments (arXiv:1910.02054, 3.1)
    "mixed-adamw": (2, 2, 12),
    # gradients accumulated in fp32, as Megatron-LM does by default
    "mixed-adamw-fp32-gradients": (2, 4, 12),
    # master copy, two 8-bit moments (arXiv:2110.02861)
    "mixed-adamw-8bit": (2, 2, 6),
    # master copy, one momentum (arXiv:2502.16982); the embedding and the LM
    # head usually stay with AdamW
    "mixed-muon": (2, 2, 8),
    # master copy, one momentum
    "mixed-sgd-momentum": (2, 2, 8),
    "fp32-adamw": (4, 4, 8),
    # everything in bf16, no master copy: small updates round away
    "bf16-adamw": (2, 2, 4),
    "bf16-sgd": (2, 2, 0),
}


def weights_bytes(params, bits_per_param):
    """Llama 3.1 70B in bf16: 141.1 GB; in 4 bits with one scale (16 bits) for
    64 weights (4.25): 37.5 GB.
    """
    return params * bits_per_param / 8


def scaled_bits(bits, scale_bits, group_size):
    """Bits a weight, its share of the group's scale included.

    INT4 with a 16-bit scale and a 16-bit zero point for 128: 4.25. MXFP4, 8
    bits for 32: 4.25. NVFP4, 8 for 16: 4.5.
    """
    return bits + scale_bits / group_size


def double_quantized_bits(
    bits, block_size, scale_bits, scale_block_size, constant_bits
):
    """Scales quantized in their turn (QLoRA, arXiv:2305.14314, section 3).

    NF4: 4 + 8/64 + 32/(64 · 256) = 4.127 bits a weight, instead of 4.5 with
    plain fp32 scales.
    """
    return (
        bits
        + scale_bits / block_size
        + constant_bits / (block_size * scale_block_size)
    )


def training_state_bytes(
    params, weight_bytes, gradient_bytes, optimizer_bytes
):
    """Weights, gradients and optimizer state. Mixed-precision Adam: 2 + 2 + 12
    = 16 bytes a parameter.

    7.5 billion parameters: 120 GB (arXiv:1910.02054, figure 1).
    """
    return params * (weight_bytes + gradient_bytes + optimizer_bytes)


def zero1_bytes(params, gpus, weight_bytes, gradient_bytes, optimizer_bytes):
    """Each GPU's share when the optimizer state is sharded. 7.5 billion on 64:
    31.4 GB (arXiv:1910.02054, figure 1).
    """
    return params * (weight_bytes + gradient_bytes + optimizer_bytes / gpus)


def zero2_bytes(params, gpus, weight_bytes, gradient_bytes, optimizer_bytes):
    """Gradients sharded too. 7.5 billion on 64: 16.6 GB (arXiv:1910.02054,
    figure 1).
    """
    return params * (weight_bytes + (gradient_bytes + optimizer_bytes) / gpus)


def zero3_bytes(params, gpus, weight_bytes, gradient_bytes, optimizer_bytes):
    """Weights sharded too, as in FSDP. 7.5 billion on 64: 1.9 GB
    (arXiv:1910.02054, figure 1).

    Plus the layer that is gathered at the moment.
    """
    return params * (weight_bytes + gradient_bytes + optimizer_bytes) / gpus


def activation_bytes(
    n_layers, d_model, n_heads, tokens, batch, tensor_parallel
):
    """All activations kept, 16-bit, plain GELU feed-forward of four widths,
    dropout (arXiv:2205.05198, section 4).

    With tensor and sequence parallelism every term is divided. The second term
    is the attention matrix: 5as/h is 80 for GPT-3, more than the 34 of
    everything else.
    """
    return (
        n_layers
        * tokens
        * batch
        * d_model
        * (34 + 5 * n_heads * tokens / d_model)
        / tensor_parallel
    )


def flash_activation_bytes(n_layers, d_model, tokens, batch, tensor_parallel):
    """Selective recomputation, or an attention kernel that never stores its
    matrix: 34 · s · b · h a layer (arXiv:2205.05198, section 5).

    GPT-3 saves 70 % of its activations this way, for 2.7 % more operations.
    """
    return 34 * n_layers * tokens * batch * d_model / tensor_parallel


def checkpointed_activation_bytes(n_layers, d_model, tokens, batch):
    """Full recomputation: only each layer's input stays, 2 bytes a number
    (arXiv:2205.05198, section 5).
    """
    return 2 * n_layers * tokens * batch * d_model


def logits_bytes(tokens, batch, vocab_size, bytes_per_element):
    """The logits of a batch. Llama 3.1 at 8,192 tokens in fp32: 4.2 GB."""
    return tokens * batch * vocab_size * bytes_per_element
