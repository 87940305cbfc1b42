"""Every count on a whiteboard is compared with a published or checkpoint
figure: Llama 3.1, Mixtral, DeepSeek-V3 and GPT-2 to the last parameter.
"""

import pytest

from snippets.sizing import parameters as p

LLAMA_8B = {
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 8,
    "head_dim": 128,
    "d_ff": 14336,
    "vocab_size": 128256,
}
DEEPSEEK_V3 = {
    "n_layers": 61,
    "d_model": 7168,
    "n_heads": 128,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "first_dense_layers": 3,
    "d_ff": 18432,
    "n_experts": 256,
    "d_ff_expert": 2048,
    "n_shared": 1,
    "d_ff_shared": 2048,
    "vocab_size": 129280,
    "vocab_matrices": 2,
}
MIXTRAL = {
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 8,
    "head_dim": 128,
    "n_experts": 8,
    "d_ff_expert": 14336,
    "vocab_size": 32000,
    "vocab_matrices": 2,
}


def pick(shape, *names):
    return {name: shape[name] for name in names}


def test_llama_8b_layer_is_attention_plus_feed_forward_plus_norms():
    attention = p.attention_params(
        **pick(LLAMA_8B, "d_model", "n_heads", "n_kv_heads", "head_dim")
    )
    assert attention == 41_943_040
    assert p.gated_ffn_params(4096, 14336) == 176_160_768
    layer = p.layer_params(
        **{
            name: size
            for name, size in LLAMA_8B.items()
            if name not in ("n_layers", "vocab_size")
        }
    )
    assert layer == 41_943_040 + 176_160_768 + 2 * 4096 == 218_112_000


def test_llama_8b_total_is_the_checkpoint():
    assert p.embedding_params(128256, 4096) == 525_336_576
    assert p.decoder_params(**LLAMA_8B, vocab_matrices=2) == 8_030_261_248


def test_tying_saves_one_vocabulary_matrix():
    shape = {
        "n_layers": 16,
        "d_model": 2048,
        "n_heads": 32,
        "n_kv_heads": 8,
        "head_dim": 64,
        "d_ff": 8192,
        "vocab_size": 128256,
    }
    assert (
        p.decoder_params(**shape, vocab_matrices=1) == 1_235_814_400
    )  # Llama 3.2 1B
    assert (
        p.decoder_params(**shape, vocab_matrices=2)
        == 1_235_814_400 + 128256 * 2048
    )


def test_splitting_into_more_heads_changes_nothing():
    assert (
        p.attention_params(4096, 32, 32, 128)
        == p.attention_params(4096, 64, 64, 64)
        == 4 * 4096**2
    )


def test_mixtral_to_the_last_parameter():
    assert p.router_params(4096, 8) == 32_768
    assert p.moe_params(4096, 8, 14336, 0, 1) == 1_409_318_912
    assert p.moe_active_params(4096, 8, 2, 14336, 0, 1) == 352_354_304
    assert p.moe_decoder_params(**MIXTRAL) == 46_702_792_704


def test_shared_experts_are_always_active():
    shape = {
        "d_model": 7,
        "n_experts": 5,
        "d_ff_expert": 11,
        "n_shared": 2,
        "d_ff_shared": 13,
    }
    assert p.moe_params(**shape) == 7 * 5 + 3 * 7 * (5 * 11 + 2 * 13)
    assert p.moe_active_params(**shape, n_active=3) == 7 * 5 + 3 * 7 * (
        3 * 11 + 2 * 13
    )


def test_deepseek_v3_to_the_last_parameter():
    latent = pick(
        DEEPSEEK_V3,
        "d_model",
        "n_heads",
        "q_lora_rank",
        "kv_lora_rank",
        "qk_nope_head_dim",
        "qk_rope_head_dim",
        "v_head_dim",
    )
    assert p.latent_attention_params(**latent) == 187_107_328
    assert p.latent_moe_decoder_params(**DEEPSEEK_V3) == 671_026_419_200


def test_gpt2_small_to_the_last_parameter():
    assert p.ffn_params(768, 3072) == 4_718_592
    assert p.gpt2_params(12, 768, 3072, 50257, 1024) == 124_439_808


def test_gated_delta_layer_term_by_term():
    # 2 key heads of 3, 5 value heads of 7, width 11, convolution 4: query+key
    # 12, value 35, gate 35, two gates a head.
    projections = 11 * (6 + 6 + 35 + 35) + 11 * 10
    convolution, per_head, norm, output = 4 * (6 + 6 + 35), 2 * 5, 7, 35 * 11
    assert (
        p.gated_delta_params(11, 2, 5, 3, 7, 4)
        == projections + convolution + per_head + norm + output
    )


def test_rule_of_thumb_is_close_for_gpt3_and_only_there():
    assert p.rule_of_thumb_params(96, 12288) == 173_946_175_488
    assert p.rule_of_thumb_params(96, 12288) == pytest.approx(
        174.6e9, rel=0.005
    )
    assert p.rule_of_thumb_params(32, 4096) < 0.81 * 8_030_261_248
