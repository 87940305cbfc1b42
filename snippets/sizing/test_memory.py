"""Training memory against the ZeRO paper's own table (120, 31.4, 16.6 and 1.9
GB for 7.5 billion parameters on 64 GPUs) and the activation paper's factors
(34, and 80 for GPT-3); bits per weight of each format.
"""

import pytest

from snippets.sizing import memory as m

MIXED = dict(
    zip(
        ("weight_bytes", "gradient_bytes", "optimizer_bytes"),
        m.RECIPES["mixed-adamw"],
        strict=False,
    )
)


def test_zero_stages_are_the_papers():
    assert m.training_state_bytes(7.5e9, **MIXED) == 120e9
    assert m.zero1_bytes(7.5e9, 64, **MIXED) == pytest.approx(
        31.4e9, abs=0.05e9
    )
    assert m.zero2_bytes(7.5e9, 64, **MIXED) == pytest.approx(
        16.6e9, abs=0.05e9
    )
    assert m.zero3_bytes(7.5e9, 64, **MIXED) == pytest.approx(
        1.88e9, abs=0.01e9
    )


def test_zero_shards_one_thing_more_each_stage():
    parts = {"weight_bytes": 3, "gradient_bytes": 5, "optimizer_bytes": 7}
    assert m.training_state_bytes(11, **parts) == 165
    assert m.zero1_bytes(10, 2, **parts) == 10 * (3 + 5 + 3.5)
    assert m.zero2_bytes(10, 2, **parts) == 10 * (3 + 6)
    assert m.zero3_bytes(10, 2, **parts) == 75
    assert (
        len(
            {
                stage(10, 1, **parts)
                for stage in (m.zero1_bytes, m.zero2_bytes, m.zero3_bytes)
            }
        )
        == 1
    )


def test_mixed_precision_adam_is_16_bytes_a_parameter():
    assert m.training_state_bytes(7_000_000_000, **MIXED) == 112_000_000_000
    totals = {name: sum(parts) for name, parts in m.RECIPES.items()}
    assert totals == {
        "mixed-adamw": 16,
        "mixed-adamw-fp32-gradients": 18,
        "mixed-adamw-8bit": 10,
        "mixed-muon": 12,
        "mixed-sgd-momentum": 12,
        "fp32-adamw": 16,
        "bf16-adamw": 8,
        "bf16-sgd": 4,
    }
    assert m.RECIPES["mixed-adamw"] == (2, 2, 12)
    assert all(
        parts[0] == (4 if name.startswith("fp32") else 2)
        for name, parts in m.RECIPES.items()
    )


def test_weights_of_llama_70b():
    assert m.weights_bytes(70_553_706_496, 16) == 141_107_412_992
    assert m.weights_bytes(70_553_706_496, 4.25) == pytest.approx(
        37.48e9, rel=1e-3
    )


def test_bits_with_scales():
    assert m.scaled_bits(4, 32, 128) == 4.25  # INT4 with scale and zero point
    assert m.scaled_bits(4, 8, 32) == 4.25  # MXFP4
    assert m.scaled_bits(4, 8, 16) == 4.5  # NVFP4
    assert (
        m.double_quantized_bits(4, 64, 8, 256, 32) == 4.126953125
    )  # NF4, the paper's 0.127 over 4
    assert (
        m.scaled_bits(4, 32, 64) == 4.5
    )  # NF4 with plain scales, the paper's 0.5


def test_activations_of_gpt3():
    shape = {"n_layers": 96, "d_model": 12288, "tokens": 2048, "batch": 1}
    full = m.activation_bytes(n_heads=96, tensor_parallel=1, **shape)
    flash = m.flash_activation_bytes(tensor_parallel=1, **shape)
    assert full == 96 * 2048 * 12288 * (34 + 80)
    assert flash == 96 * 2048 * 12288 * 34
    assert 1 - flash / full == pytest.approx(0.70, abs=0.005)
    assert (
        m.activation_bytes(n_heads=96, tensor_parallel=8, **shape) == full / 8
    )
    assert m.flash_activation_bytes(tensor_parallel=8, **shape) == flash / 8
    assert m.checkpointed_activation_bytes(**shape) == 2 * 96 * 2048 * 12288
    assert m.checkpointed_activation_bytes(2, 3, 5, 7) == 420
    assert m.flash_activation_bytes(2, 3, 5, 7, 2) == 34 * 105
    assert m.activation_bytes(2, 3, 4, 5, 7, 2) == 105 * (34 + 100 / 3)


def test_logits():
    assert m.logits_bytes(8192, 1, 128256, 4) == 4_202_692_608
    assert m.logits_bytes(2, 3, 5, 7) == 210
