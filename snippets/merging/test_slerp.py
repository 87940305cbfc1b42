"""The arc is travelled at an even pace: angles equal share times the whole and
length is kept, where the mean would be shorter. It equals the closed form at a
right angle, ends exactly at both models, and runs into the chord without a
step where the angle vanishes.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.merging.slerp import slerp

SHARES = st.floats(0, 1)


def _unit(device, *shape):
    x = torch.randn(*shape, dtype=torch.float64, device=device)
    return x / x.norm()


def _angle(a, b):
    a, b = a / a.norm(), b / b.norm()
    return 2 * torch.atan2((a - b).norm(), (a + b).norm()).item()


@given(share=SHARES)
def test_at_a_right_angle_it_is_cosine_and_sine(device, share):
    x, y = torch.eye(2, dtype=torch.float64, device=device)
    turn = share * math.pi / 2
    expected = math.cos(turn) * x + math.sin(turn) * y
    torch.testing.assert_close(
        slerp(x, y, share), expected, rtol=0, atol=1e-14
    )


@given(share=SHARES, rows=st.integers(1, 4), columns=st.integers(2, 4))
def test_even_pace_and_constant_length(device, share, rows, columns):
    start, end = _unit(device, rows, columns), _unit(device, rows, columns)
    point = slerp(start, end, share)
    whole = _angle(start, end)
    assert point.norm().item() == pytest.approx(1, abs=1e-12)
    assert _angle(start, point) == pytest.approx(share * whole, abs=1e-7)
    assert _angle(point, end) == pytest.approx((1 - share) * whole, abs=1e-7)


def test_the_mean_is_shorter_and_points_the_same_way(device):
    start, end = _unit(device, 6), _unit(device, 6)
    mean = (start + end) / 2
    assert mean.norm() < 0.95
    torch.testing.assert_close(
        slerp(start, end, 0.5), mean / mean.norm(), rtol=0, atol=1e-14
    )


def test_both_ends_are_the_models(device):
    start, end = 3 * _unit(device, 6), 5 * _unit(device, 6)
    for share, expected in ((0.0, start), (1.0, end)):
        torch.testing.assert_close(
            slerp(start, end, share), expected, rtol=0, atol=1e-14
        )


@given(share=SHARES)
def test_the_way_back_is_the_same_way(device, share):
    start, end = 3 * _unit(device, 6), 5 * _unit(device, 6)
    torch.testing.assert_close(
        slerp(start, end, share),
        slerp(end, start, 1 - share),
        rtol=0,
        atol=1e-13,
    )


@pytest.mark.parametrize("angle", [0.0, 1e-9, 0.99e-4, 1.01e-4])
def test_runs_into_the_chord_without_a_step(device, angle):
    start, side = torch.eye(2, dtype=torch.float64, device=device)
    end = math.cos(angle) * start + math.sin(angle) * side
    point = slerp(start, end, 0.3)
    expected = math.cos(0.3 * angle) * start + math.sin(0.3 * angle) * side
    torch.testing.assert_close(point, expected, rtol=0, atol=2e-9)


def test_from_the_least_angle_on_it_is_the_arc(device):
    start, end = torch.eye(2, dtype=torch.float64, device=device)
    point = slerp(start, end, 0.5, least_angle=math.pi / 2)
    assert point.norm().item() == pytest.approx(1, abs=1e-14)


def test_zeros_point_nowhere(device):
    zeros, end = torch.zeros(3, device=device), torch.ones(3, device=device)
    assert torch.equal(slerp(zeros, zeros, 0.3), zeros)
    torch.testing.assert_close(slerp(zeros, end, 0.25), end / 4)
    torch.testing.assert_close(slerp(end, zeros, 0.25), end * 0.75)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_keeps_the_type(device, dtype):
    start, end = _unit(device, 6).to(dtype), _unit(device, 6).to(dtype)
    assert slerp(start, end, 0.5).dtype == dtype


def test_refuses_opposite_weights(device):
    start = _unit(device, 6)
    with pytest.raises(ValueError, match=r"weights, 3\.14159\d radians"):
        slerp(start, -2 * start, 0.5)
