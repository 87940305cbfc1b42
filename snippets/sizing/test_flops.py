"""Operation counts against published ones: GPT-3 takes 3.14e23, Llama 3.1 405B
3.8e25; attention overtakes the weights at six widths. Grouping heads changes
no count.
"""

import pytest

from snippets.sizing import flops as f


def test_gpt3_and_llama_405b_training():
    assert f.training_flops(174_604_259_328, 300e9) == pytest.approx(
        3.14e23, rel=0.002
    )
    assert f.training_flops(405_853_388_800, 15.6e12) == pytest.approx(
        3.8e25, rel=0.002
    )
    assert f.training_flops(3, 5) == 90
    assert f.recomputed_training_flops(3, 5) == 120
    assert f.lora_training_flops(3, 5) == 60


def test_one_token_forward_and_backward():
    assert f.forward_flops_per_token(70_000_000_000) == 140_000_000_000
    assert (
        f.training_flops_per_token(7) == 42 == 3 * f.forward_flops_per_token(7)
    )
    assert f.token_flops(7, 5) == 19
    assert f.token_training_flops(7, 5) == 57 == 3 * f.token_flops(7, 5)


def test_attention_is_scores_and_weighted_sum_of_every_query_head():
    assert f.attention_flops_per_token(3, 5, 7, 11) == 3 * 5 * 11 * (
        2 * 7 + 2 * 7
    )
    assert f.attention_flops_per_token(32, 32, 128, 8192) == 4_294_967_296


def test_latent_attention_expanded_and_absorbed():
    assert (
        f.latent_attention_flops_per_token(61, 128, 128, 64, 128, 3)
        == 2 * 61 * 128 * 320 * 3
    )
    assert (
        f.absorbed_attention_flops_per_token(61, 128, 512, 64, 3)
        == 2 * 61 * 128 * 1088 * 3
    )
    ratio = f.absorbed_attention_flops_per_token(
        1, 1, 512, 64, 1
    ) / f.latent_attention_flops_per_token(1, 1, 128, 64, 128, 1)
    assert ratio == 3.4


def test_a_window_caps_the_context_of_its_layers():
    def at(context):
        return f.windowed_attention_flops_per_token(
            64, 18, 128, 18, 128, 128, context
        )

    assert at(128) == 2 * 64 * 36 * 128 * 128
    assert at(129) - at(128) == 2 * 64 * 18 * 128
    assert at(100) == 2 * 64 * 36 * 128 * 100
    assert f.windowed_attention_flops_per_token(
        3, 2, 5, 7, 11, 13, 17
    ) == 2 * 3 * (2 * 5 * 17 + 7 * 11 * 13)


def test_linear_attention_does_not_grow():
    assert (
        f.linear_attention_flops_per_token(36, 32, 128, 128)
        == 7 * 36 * 32 * 128 * 128
    )


def test_share_and_crossing_agree():
    active, context = 7_504_924_672, 8192
    attention = f.attention_flops_per_token(32, 32, 128, context)
    assert f.attention_flops_share(active, attention) == pytest.approx(
        0.22248, rel=1e-4
    )
    crossing = f.attention_overtakes_tokens(active, 32, 32, 128)
    assert crossing == pytest.approx(28_629, abs=0.5)
    assert (
        f.attention_flops_share(
            active, f.attention_flops_per_token(32, 32, 128, crossing)
        )
        == 0.5
    )


def test_attention_overtakes_at_six_widths_in_the_textbook_model():
    layers, width = 96, 12288
    assert (
        f.attention_overtakes_tokens(12 * layers * width**2, layers, 96, 128)
        == 6 * width
    )


def test_crossing_with_a_part_that_does_not_grow():
    assert f.attention_overtakes_tokens_by_slope(100, 20, 6) == 30


def test_time_of_a_compute_bound_job():
    assert f.hardware_seconds(2.4e18, 989e12, 0.4) == pytest.approx(
        6066.7, rel=1e-5
    )
