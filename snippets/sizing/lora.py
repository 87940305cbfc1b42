"""Low-rank adapters: trainable parameters, memory, and the size of a quantized
base.
"""


def lora_matrix_params(d_in, d_out, rank):
    """B (d_out × rank) and A (rank × d_in) beside one weight matrix
    (arXiv:2106.09685, section 4.1).
    """
    return rank * (d_in + d_out)


def lora_query_value_params(
    n_layers, d_model, n_heads, n_kv_heads, head_dim, rank
):
    """Adapters on the query and value matrices, PEFT's default targets for
    Llama.

    Llama 2 7B at rank 8: 4,194,304 of 6.74 billion, 0.062 %, as PEFT prints
    it.
    """
    return n_layers * rank * (2 * d_model + (n_heads + n_kv_heads) * head_dim)


def lora_attention_params(
    n_layers, d_model, n_heads, n_kv_heads, head_dim, rank
):
    """Adapters on query, key, value and output. Llama 3.1 8B at rank 16:
    13,631,488.
    """
    return (
        n_layers * rank * (4 * d_model + 2 * (n_heads + n_kv_heads) * head_dim)
    )


def lora_all_linear_params(
    n_layers, d_model, n_heads, n_kv_heads, head_dim, d_ff, rank
):
    """Adapters on all seven matrices of a Llama layer: attention, and gate, up
    and down of the feed-forward layer.

    Llama 3.1 8B at rank 16: 41,943,040, 0.52 %; 70B: 207,093,760.
    """
    return (
        n_layers
        * rank
        * (
            4 * d_model
            + 2 * (n_heads + n_kv_heads) * head_dim
            + 3 * (d_model + d_ff)
        )
    )


def lora_training_bytes(
    params, base_bytes_per_param, adapter_params, adapter_bytes_per_param
):
    """Frozen base without gradient or optimizer state, and 16 bytes for each
    trained adapter parameter (mixed precision). Activations come on top: LoRA
    does not shrink them.

    7 billion in bf16 with 40 million adapter parameters: 14.6 GB, instead of
    112.
    """
    return (
        params * base_bytes_per_param
        + adapter_params * adapter_bytes_per_param
    )


def qlora_base_bytes(quantized_params, bits_per_param, other_params):
    """Linear layers in NF4, embedding, LM head and norms in bf16
    (arXiv:2305.14314).

    Llama 3.1 70B: 68.45 billion at 4.127 bits and 2.1 billion at 16: 39.5 GB.
    """
    return quantized_params * bits_per_param / 8 + 2 * other_params


def adapter_bytes(adapter_params, bytes_per_param):
    """One adapter on disk or in a multi-adapter server. 41.9 million in bf16:
    84 MB.
    """
    return adapter_params * bytes_per_param
