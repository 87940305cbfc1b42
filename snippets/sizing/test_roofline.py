"""Rooflines against published peaks: an H100 turns compute-bound at 295
operations a byte; decode of an 8B is at best 209 tokens a second when all
weights are read; prefill of a 70B takes 0.58 s; 32 tokens wake 163 of 256
experts.
"""

import pytest

from snippets.sizing import roofline as r


def test_ridge_point_of_an_h100():
    assert r.ridge_point(989e12, 3.35e12) == pytest.approx(295.2, abs=0.05)


def test_intensity_of_decode_is_the_batch_in_bf16():
    assert r.decode_intensity(8, 16) == 8
    assert r.decode_intensity(8, 4) == 32
    assert r.matmul_intensity(8, 8192, 8192, 2) == pytest.approx(
        7.984, abs=1e-3
    )
    assert r.matmul_intensity(2, 3, 5, 7) == 60 / (7 * (6 + 15 + 10))


def test_the_roof():
    assert r.attainable_flops_per_second(100, 989e12, 3.35e12) == 335e12
    assert r.attainable_flops_per_second(1000, 989e12, 3.35e12) == 989e12


def test_decode_floor():
    assert 1 / r.decode_floor_seconds(
        2 * 8.03e9, 0, 1, 3.35e12
    ) == pytest.approx(209, abs=0.5)
    assert r.decode_floor_seconds(30, 10, 2, 5) == 4


def test_a_step_takes_the_slower_of_both():
    assert r.step_seconds(100, 1, 2, 10, 1, 0.5) == 10
    assert r.step_seconds(1, 100, 2, 10, 5, 0.5) == 10


def test_prefill_of_a_70b():
    assert r.prefill_seconds(70.55e9, 8192, 4, 989e12, 0.5) == pytest.approx(
        0.584, abs=5e-4
    )


def test_touched_experts():
    assert r.touched_experts(256, 8, 32) == pytest.approx(163.3, abs=0.05)
    assert r.touched_experts(256, 8, 1) == pytest.approx(8)
    assert r.touched_experts(8, 8, 3) == 8
