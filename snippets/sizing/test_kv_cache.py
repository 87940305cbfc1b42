"""Cache sizes against published figures: 40 GiB for Llama 3.1 70B at 128K,
70,272 bytes a token for DeepSeek-V3, 73,728 for gpt-oss. A windowed layer
stops growing exactly at its window, a page is charged from its first token.
"""

import pytest

from snippets.sizing import kv_cache as k

LLAMA_70B = {
    "n_layers": 80,
    "n_kv_heads": 8,
    "head_dim": 128,
    "batch": 1,
    "bytes_per_element": 2,
}


def test_llama_70b_at_128k_is_40_gib():
    assert k.kv_cache_bytes(tokens=1, **LLAMA_70B) == 327_680
    assert k.kv_cache_bytes(tokens=131072, **LLAMA_70B) == 40 * 2**30


def test_every_factor_counts_once():
    assert k.kv_cache_bytes(3, 5, 7, 11, 13, 2) == 2 * 3 * 5 * 7 * 11 * 13 * 2


def test_query_heads_do_not_matter_kv_heads_do():
    multi_head = k.kv_cache_bytes(
        **{**LLAMA_70B, "n_kv_heads": 64}, tokens=131072
    )
    assert multi_head == 320 * 2**30
    assert (
        k.kv_cache_bytes(**{**LLAMA_70B, "n_kv_heads": 1}, tokens=131072)
        == 5 * 2**30
    )


def test_deepseek_v3_caches_one_latent_and_one_rotary_key():
    assert k.latent_kv_cache_bytes(61, 512, 64, 1, 1, 2) == 70_272
    assert (
        k.latent_kv_cache_bytes(61, 512, 64, 131072, 3, 1)
        == 61 * 576 * 131072 * 3
    )


def gpt_oss(tokens, batch=1):
    return k.windowed_kv_cache_bytes(18, 18, 128, 8, 64, tokens, batch, 2)


def test_windowed_layers_stop_growing_at_the_window():
    assert gpt_oss(1) == 73_728
    assert gpt_oss(128) == 128 * 73_728
    assert gpt_oss(129) - gpt_oss(128) == 73_728 // 2
    assert gpt_oss(131072, batch=2) == 2 * 2 * 8 * 64 * 2 * (
        18 * 131072 + 18 * 128
    )


def test_mixed_layers_count_their_own_heads():
    # Gemma 4 31B: 10 global layers of 4 heads x 512, 50 local ones of 16 x
    # 256, window 1,024; keys and values.
    size = k.mixed_kv_cache_bytes(
        10, 2 * 4 * 512, 50, 2 * 16 * 256, 1024, 5000, 1, 2
    )
    assert size == 2 * (10 * 4096 * 5000 + 50 * 8192 * 1024)
    assert k.mixed_kv_cache_bytes(
        10, 4096, 50, 8192, 1024, 1023, 3, 1
    ) == 3 * 1023 * (10 * 4096 + 50 * 8192)


def test_linear_state_does_not_depend_on_tokens():
    # 3 layers, 2 key heads of 4, 5 value heads of 6, convolution of 4: three
    # last inputs are kept.
    assert (
        k.linear_state_bytes(3, 2, 5, 4, 6, 4, 7, 2)
        == 3 * (5 * 4 * 6 + 3 * (2 * 2 * 4 + 5 * 6)) * 7 * 2
    )


def test_scales_of_a_quantized_cache_are_counted():
    assert k.quantized_bytes_per_element(4, 16, 32) == 0.5625


def test_pages_are_whole():
    assert [
        k.paged_kv_cache_bytes(10, tokens, 1, 16) for tokens in (1, 16, 17)
    ] == [160, 160, 320]
    assert k.paged_kv_cache_bytes(327_680, 1000, 2, 16) == 1008 * 327_680 * 2
    assert k.paged_waste_share(1000, 16) == pytest.approx(8 / 1008)
    assert k.paged_waste_share(1008, 16) == 0


def test_reserving_a_maximum_wastes_the_rest():
    assert k.reserved_waste_share(500, 2048) == pytest.approx(1548 / 2048)


def test_transfer_time():
    assert k.kv_transfer_seconds(327_680, 8192, 50e9) == pytest.approx(
        0.0536870912
    )
