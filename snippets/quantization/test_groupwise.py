"""Rounding equals PyTorch's fake quantization group by group. No weight is
off by more than half its group's scale, a group holds at most 16 values, zero
stays zero, and a large weight coarsens its own group only.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.quantization.groupwise import (
    group_grid,
    round_to_grid,
    round_to_nearest,
)


def _weight(device, d_out=5, d_in=12):
    return torch.randn(d_out, d_in, dtype=torch.float64, device=device)


@given(
    bits=st.sampled_from([2, 3, 4, 8]),
    group=st.sampled_from([1, 3, 4, 12]),
    shift=st.sampled_from([-3.0, 0.0, 3.0]),
)
def test_no_weight_is_off_by_more_than_half_its_scale(
    device, bits, group, shift
):
    weight = _weight(device) + shift
    scale, _ = group_grid(weight, bits, group)
    error = (round_to_nearest(weight, bits, group) - weight).abs()
    # The ends may lie half a step outside: the zero point is rounded too.
    bound = scale.repeat_interleave(group, dim=1)
    assert (error <= bound * (1 + 1e-9)).all()
    inner = error.unflatten(1, (-1, group)).sort(dim=-1).values[..., :-2]
    assert (inner <= scale[..., None] * (0.5 + 1e-9)).all()


def test_equals_pytorchs_fake_quantization(device):
    weight, group = _weight(device).float(), 4
    scale, zero = group_grid(weight, 4, group)
    expected = torch.fake_quantize_per_channel_affine(
        weight.reshape(-1, group),
        scale.flatten(),
        zero.flatten().int(),
        0,  # the axis that has scales
        0,
        15,
    )
    result = round_to_nearest(weight, 4, group)
    torch.testing.assert_close(
        result, expected.reshape(5, 12), rtol=1e-6, atol=0
    )


def test_grids_by_hand(device):
    weight = torch.tensor(
        [[-1.0, 0, 0.4, 2], [0.25, 0.5, 0, 0.125], [0, 0, 0, 0]],
        device=device,
    ).double()
    scale, zero = group_grid(weight, 2, 4)
    assert scale.flatten().tolist() == [1, pytest.approx(0.5 / 3), 1]
    assert zero.flatten().tolist() == [1, 0, 0]
    assert round_to_nearest(weight, 2, 4)[0].tolist() == [-1, 0, 0, 2]
    scale, zero = group_grid(weight[:1], 3, 4)
    assert (scale.item(), zero.item()) == (pytest.approx(3 / 7), 2)


def test_codes_stay_on_the_grid(device):
    # The zero point is 1.5, rounded to 2: the largest code would be 4.
    weight = torch.tensor([[-1.5, 0, 1.5]], device=device)
    assert round_to_nearest(weight, 2, 3).tolist() == [[-2, 0, 1]]
    scale, zero = torch.ones(2, 1, 1, device=device)
    beyond = torch.tensor([[[-9.0, 0, 9]]], device=device)
    assert round_to_grid(beyond, scale, zero, 2).tolist() == [[[-1, 0, 2]]]


def test_int4_in_groups_of_128_unless_told_otherwise(device):
    weight = _weight(device, 2, 256)
    expected = round_to_nearest(weight, 4, 128)
    assert torch.equal(round_to_nearest(weight), expected)


@pytest.mark.parametrize("bits", [2, 4])
def test_a_group_holds_at_most_two_to_the_bits_values(device, bits):
    weight = _weight(device, 3, 300)
    rows = round_to_nearest(weight, bits, 100).unflatten(1, (-1, 100))
    for values in rows.flatten(0, 1):
        assert len(values.unique()) <= 2**bits


def test_zeros_stay_zeros(device):
    weight = _weight(device)
    weight[0] = 0
    weight[:, 3] = 0
    result = round_to_nearest(weight + 0, 4, 12)
    assert (result[0] == 0).all()
    assert (result[:, 3] == 0).all()
    positive = weight.abs() + 1
    positive[:, 3] = 0
    assert (round_to_nearest(positive, 4, 12)[:, 3] == 0).all()


def test_a_large_weight_coarsens_its_own_group_only(device):
    weight = _weight(device)
    before = round_to_nearest(weight, 4, 4)
    weight[2, 5] = 1000.0
    after = round_to_nearest(weight, 4, 4)
    elsewhere = torch.ones_like(weight, dtype=torch.bool)
    elsewhere[2, 4:8] = False
    assert torch.equal(after[elsewhere], before[elsewhere])
    assert after[2, 4] == 0  # lost beside the large one


def test_groups_must_divide_the_row(device):
    with pytest.raises(ValueError, match="12 inputs in groups of 5"):
        round_to_nearest(_weight(device), 4, 5)
