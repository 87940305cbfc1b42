"""What the key-value cache takes.

Bytes for `batch` sequences of `tokens` tokens each. bytes_per_element is 2 for
bf16 and fp16, 1 for fp8 and int8.
"""

from snippets.sizing.symbolic import ceil_div, smallest


def kv_cache_bytes(
    n_layers, n_kv_heads, head_dim, tokens, batch, bytes_per_element
):
    """A key and a value for each layer and KV head (multi-head, grouped-query,
    multi-query attention).

    Only KV heads count, not query heads. Llama 3.1 70B at 131,072 tokens in
    bf16: 40 GiB a sequence.
    """
    return (
        2
        * n_layers
        * n_kv_heads
        * head_dim
        * tokens
        * batch
        * bytes_per_element
    )


def latent_kv_cache_bytes(
    n_layers, kv_lora_rank, qk_rope_head_dim, tokens, batch, bytes_per_element
):
    """One latent and one rotary key a layer, whatever the number of heads
    (MLA, arXiv:2405.04434, section 2.1.4).

    DeepSeek-V3 in bf16: 61 × (512 + 64) × 2 = 70,272 bytes a token.
    """
    return (
        n_layers
        * (kv_lora_rank + qk_rope_head_dim)
        * tokens
        * batch
        * bytes_per_element
    )


def windowed_kv_cache_bytes(
    full_layers,
    windowed_layers,
    window,
    n_kv_heads,
    head_dim,
    tokens,
    batch,
    bytes_per_element,
):
    """Layers with a sliding window keep at most `window` tokens; the others
    keep all.

    gpt-oss-120b (18 full, 18 of window 128): one token takes 73,728 bytes in
    bf16, but from token 129 on only the full layers grow.
    """
    return (
        2
        * n_kv_heads
        * head_dim
        * (full_layers * tokens + windowed_layers * smallest(tokens, window))
        * batch
        * bytes_per_element
    )


def mixed_kv_cache_bytes(
    full_layers,
    full_elements,
    windowed_layers,
    windowed_elements,
    window,
    tokens,
    batch,
    bytes_per_element,
):
    """The same when full and windowed layers differ in KV heads or head size;
    elements are numbers a token and layer.

    Gemma 4 31B: 10 full layers of 4,096 (4 heads of 512) and 50 of 8,192 (16
    of 256), window 1,024.
    """
    return (
        (
            full_layers * full_elements * tokens
            + windowed_layers * windowed_elements * smallest(tokens, window)
        )
        * batch
        * bytes_per_element
    )


def linear_state_bytes(
    linear_layers,
    key_heads,
    value_heads,
    key_dim,
    value_dim,
    conv,
    batch,
    bytes_per_element,
):
    """The fixed state of Gated DeltaNet layers: a key × value matrix a value
    head, and the convolution's last inputs.

    It does not grow with tokens. Stored state may be kept in fp32: then
    bytes_per_element is 4.
    """
    return (
        linear_layers
        * (
            value_heads * key_dim * value_dim
            + (conv - 1) * (2 * key_heads * key_dim + value_heads * value_dim)
        )
        * batch
        * bytes_per_element
    )


def quantized_bytes_per_element(bits, scale_bits, group_size):
    """Bytes of one cached number with one scale for each group of numbers.

    4 bits with a 16-bit scale for 32 numbers: 0.5625 bytes.
    """
    return (bits + scale_bits / group_size) / 8


def paged_kv_cache_bytes(kv_bytes_per_token, tokens, batch, block_size):
    """What a paged cache allocates: whole blocks, so the last block of a
    sequence is partly empty (arXiv:2309.06180).

    1,000 tokens in blocks of 16 take 63 blocks, 1,008 slots.
    """
    return (
        ceil_div(tokens, block_size) * block_size * kv_bytes_per_token * batch
    )


def paged_waste_share(tokens, block_size):
    """Share of the allocated slots that stay empty for a sequence of `tokens`.

    1,000 tokens in blocks of 16: 8 of 1,008 slots, 0.8 %. Reserving a maximum
    length wastes 60 to 80 % in the systems measured in arXiv:2309.06180.
    """
    return 1 - tokens / (ceil_div(tokens, block_size) * block_size)


def reserved_waste_share(tokens, reserved_tokens):
    """Share of a contiguous reservation that stays empty. 500 tokens in a
    reservation of 2,048: 75.6 %.
    """
    return 1 - tokens / reserved_tokens


def kv_transfer_seconds(kv_bytes_per_token, tokens, bytes_per_second):
    """Time to move a prompt's cache from a prefill to a decode machine.

    8,192 tokens of Llama 3.1 70B over 50 GB/s: 54 ms.
    """
    return kv_bytes_per_token * tokens / bytes_per_second
