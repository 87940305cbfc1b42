"""Rotations equal those of the transformers library, and multiplication by
complex numbers as in the paper and in Meta's code once pairs are permuted.
Scores depend on distance alone, to 8 digits even at position 10^6; norms and
position 0 stay as they were.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import (
    LlamaRotaryEmbedding,
    apply_rotary_pos_emb,
)

from snippets.positions.rope import apply_rope, rope_frequencies

HEAD_DIM = 6


def _x(device, length=5, dtype=torch.float64):
    return torch.randn(2, 3, length, HEAD_DIM).to(device, dtype)


def _rotate(x, start=0):
    positions = torch.arange(x.shape[2], device=x.device) + start
    return apply_rope(x, positions, rope_frequencies(HEAD_DIM))


@pytest.mark.parametrize("theta", [1e4, 5e5])
@pytest.mark.parametrize("head_dim", [2, 6, 128])
def test_frequencies_equal_transformers(theta, head_dim):
    config = LlamaConfig(
        head_dim=head_dim,
        rope_parameters={"rope_type": "default", "rope_theta": theta},
    )
    torch.testing.assert_close(
        rope_frequencies(head_dim, theta).float(),
        LlamaRotaryEmbedding(config).inv_freq,
        rtol=4e-7,  # theirs are float32 throughout
        atol=0,
    )


def test_rotation_equals_transformers(device):
    query, key = _x(device), _x(device)
    angles = torch.outer(torch.arange(5), rope_frequencies(HEAD_DIM))
    angles = angles.repeat(1, 2).to(device)
    expected = apply_rotary_pos_emb(
        query, key, angles.cos()[None], angles.sin()[None]
    )
    for x, y in zip((query, key), expected, strict=True):
        torch.testing.assert_close(_rotate(x), y, rtol=0, atol=1e-15)


def test_rotation_equals_complex_multiplication_of_permuted_pairs(device):
    x = _x(device)
    first, second = x.chunk(2, dim=-1)
    pairs = torch.stack([first, second], dim=-1)  # (2i, 2i + 1) side by side
    angles = torch.outer(torch.arange(5), rope_frequencies(HEAD_DIM))
    turn = torch.polar(torch.ones_like(angles), angles).to(device)
    turned = torch.view_as_complex(pairs) * turn
    expected = torch.cat([turned.real, turned.imag], dim=-1)
    torch.testing.assert_close(_rotate(x), expected, rtol=0, atol=1e-15)


@given(
    distance=st.integers(0, 4_000),
    start=st.integers(0, 1_000_000),
    moved=st.integers(0, 1_000_000),
)
def test_scores_depend_on_distance_alone(device, distance, start, moved):
    query, key = _x(device, length=1), _x(device, length=1)
    here = _rotate(query, start + distance) * _rotate(key, start)
    there = _rotate(query, moved + distance) * _rotate(key, moved)
    torch.testing.assert_close(here.sum(-1), there.sum(-1), rtol=0, atol=4e-9)


def test_order_matters(device):
    query, key = _x(device, length=1), _x(device, length=1)
    later = (_rotate(query, 3) * _rotate(key)).sum(-1)
    earlier = (_rotate(query) * _rotate(key, 3)).sum(-1)
    assert not torch.allclose(later, earlier)


def test_norms_and_position_zero_stay(device):
    x = _x(device)
    torch.testing.assert_close(
        _rotate(x).norm(dim=-1), x.norm(dim=-1), rtol=1e-15, atol=0
    )
    assert torch.equal(_rotate(x)[:, :, 0], x[:, :, 0])
    assert not torch.isclose(_rotate(x)[:, :, 1:], x[:, :, 1:]).any()


def test_positions_count_from_where_they_are_told(device):
    x = _x(device)
    torch.testing.assert_close(
        _rotate(x)[:, :, 3:], _rotate(x[:, :, 3:], start=3), rtol=0, atol=0
    )


def test_the_first_pair_turns_one_radian_a_token():
    frequencies = rope_frequencies(HEAD_DIM, theta=1000.0)
    expected = torch.tensor([1, 0.1, 0.01], dtype=torch.float64)
    torch.testing.assert_close(frequencies, expected, rtol=1e-15, atol=0)
    full_turn = 2 * math.pi / rope_frequencies(128)[-1].item()
    assert full_turn == pytest.approx(math.tau * 10_000 ** (126 / 128))


def test_float32_would_round_angles_near_a_million_to_steps_of_0_06():
    angle = torch.tensor(1e6)
    step = torch.nextafter(angle, 2 * angle) - angle
    assert step == 0.0625


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_error_in_16_bits_is_one_rounding(device, dtype):
    # Far out, where angles computed in 16 bits would be off by whole turns.
    x = _x(device, length=64, dtype=dtype)
    exact = _rotate(x.double(), start=30_000)
    rotated = _rotate(x, start=30_000)
    assert rotated.dtype == dtype
    torch.testing.assert_close(
        rotated.double(), exact, rtol=torch.finfo(dtype).eps / 2, atol=1e-6
    )


def test_only_angles_are_computed_in_float64(device, tensors_made):
    x = _x(device, dtype=torch.float16)
    with tensors_made() as made:
        _rotate(x)
    with_batch = {dtype for shape, dtype in made.all if len(shape) == 4}
    assert with_batch == {torch.float16, torch.float32}


def test_refuses_an_odd_head_dim():
    with pytest.raises(ValueError, match="head_dim 5"):
        rope_frequencies(5)


def test_works_on_the_device_of_its_input():
    # The meta device has shapes but no memory, and refuses to mix.
    assert _rotate(_x("meta")).device.type == "meta"
