"""Frequencies and temperature equal those of the transformers library for
random shapes, and for the settings of DeepSeek-V3. Fast pairs are kept and
slow ones divided by the factor, exactly; a factor of 1 changes nothing.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from snippets.positions.rope import rope_frequencies
from snippets.positions.yarn import yarn_attention_factor, yarn_frequencies


def _transformers(head_dim, theta, factor, original_context, **betas):
    config = LlamaConfig(
        head_dim=head_dim,
        max_position_embeddings=int(factor * original_context),
        rope_parameters={
            "rope_type": "yarn",
            "rope_theta": theta,
            "factor": factor,
            "original_max_position_embeddings": original_context,
            **betas,
        },
    )
    return ROPE_INIT_FUNCTIONS["yarn"](config)


@given(
    head_dim=st.sampled_from([4, 8, 64, 128, 256]),
    theta=st.sampled_from([1e4, 5e5, 1e6]),
    factor=st.sampled_from([1.0, 2.0, 4.0, 32.0, 64.0]),
    original_context=st.sampled_from([256, 4096, 32_768]),
    beta_fast=st.sampled_from([8.0, 32.0]),
    beta_slow=st.sampled_from([0.5, 1.0]),
)
def test_equals_transformers(
    head_dim, theta, factor, original_context, beta_fast, beta_slow
):
    shape = (head_dim, theta, factor, original_context)
    frequencies, attention_factor = _transformers(
        *shape, beta_fast=beta_fast, beta_slow=beta_slow
    )
    torch.testing.assert_close(
        yarn_frequencies(*shape, beta_fast, beta_slow).float(),
        frequencies,
        rtol=2e-6,  # theirs are float32 throughout
        atol=0,
    )
    assert yarn_attention_factor(factor) == attention_factor


@pytest.mark.parametrize(
    "shape",
    [
        (64, 10_000.0, 40.0, 4096),  # DeepSeek-V3's rotary part
        (1024, 10_000.0, 4.0, 4096),  # so fine that each beta tells
        (4, 10_000.0, 2.0, 6),  # so short that the ramp is a step
        (16, 10.0, 4.0, 480),  # so fast that the ramp ends past the last pair
    ],
)
def test_equals_transformers_with_default_betas(shape):
    frequencies, attention_factor = _transformers(*shape)
    torch.testing.assert_close(
        yarn_frequencies(*shape).float(), frequencies, rtol=2e-6, atol=0
    )
    assert yarn_attention_factor(shape[2]) == attention_factor


def test_fast_pairs_are_kept_and_slow_ones_divided():
    plain = rope_frequencies(128)
    scaled = yarn_frequencies(128, 10_000.0, 16.0, 4096)
    turns = plain * 4096 / (2 * math.pi)
    step = plain[0] / plain[1]  # low and high are rounded to whole pairs
    kept, divided = turns > 32 * step, turns < 1 / step
    assert kept.any() and divided.any() and not (kept | divided).all()
    assert torch.equal(scaled[kept], plain[kept])
    assert torch.equal(scaled[divided], plain[divided] / 16)
    ratio = plain / scaled
    assert (ratio.diff() >= 0).all()  # and never back


def test_a_factor_of_one_changes_nothing():
    torch.testing.assert_close(
        yarn_frequencies(64, 10_000.0, 1.0, 4096),
        rope_frequencies(64),
        rtol=1e-15,
        atol=0,
    )
    assert yarn_attention_factor(1.0) == 1.0


def test_every_new_position_is_an_angle_seen_in_training():
    # For pairs too slow to have seen a full turn: the point of dividing.
    plain = rope_frequencies(128)
    scaled = yarn_frequencies(128, 10_000.0, 8.0, 4096)
    slow = plain * 4096 < 2 * math.pi
    assert slow.any()
    torch.testing.assert_close(
        (scaled * 8 * 4096)[slow],
        (plain * 4096)[slow],
        rtol=1e-15,
        atol=0,
    )


@pytest.mark.parametrize("factor", [0.5, 0.0, -4.0])
def test_refuses_to_shrink(factor):
    with pytest.raises(ValueError, match=f"factor {factor}"):
        yarn_frequencies(64, 10_000.0, factor, 4096)


@pytest.mark.parametrize("betas", [(1.0, 32.0), (2.0, 2.0), (32.0, 0.0)])
def test_refuses_betas_in_wrong_order(betas):
    with pytest.raises(
        ValueError, match=f"beta_fast {betas[0]}, beta_slow {betas[1]}"
    ):
        yarn_frequencies(64, 10_000.0, 4.0, 4096, *betas)
