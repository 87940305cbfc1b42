"""Equals peft's TIES for random tasks, and a worked example by hand. A single
task passes untouched but for the trim; what the losing side and small changes
would have added changes no bit; the order of tasks does not count.
"""

import peft.utils.merge_utils as peft
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.merging.ties import ties


def _vectors(device, n_tasks=3, n=40):
    return torch.randn(n_tasks, n, dtype=torch.float64, device=device)


@given(
    n_tasks=st.integers(1, 5),
    n=st.integers(5, 40),
    density=st.sampled_from([0.2, 0.5, 0.99]),
)
def test_equals_peft(device, n_tasks, n, density):
    vectors = _vectors(device, n_tasks, n)
    weights = torch.ones(n_tasks, dtype=torch.float64, device=device)
    expected = peft.ties(list(vectors), weights, density)
    torch.testing.assert_close(
        ties(vectors, density), expected, rtol=1e-14, atol=1e-15
    )


def test_a_worked_example(device):
    vectors = torch.tensor(
        [
            [3.0, -4.0, 0.1, 2.0, 0.3],
            [1.0, 5.0, 0.2, 4.0, 0.1],
            [2.0, -2.0, 0.3, -1.0, 0.2],
        ],
        dtype=torch.float64,
        device=device,
    )
    # Trimmed to three each, the small third and fifth columns are gone.
    # Second: -4 and -2 outweigh 5. Fourth: 2 and 4 outweigh -1.
    assert ties(vectors, 0.6).tolist() == [2.0, -3.0, 0.0, 3.0, 0.0]


def test_the_larger_sum_wins_not_the_larger_number(device):
    vectors = torch.tensor([[1.0], [1.0], [-3.0]], device=device)
    assert ties(vectors, 1.0).tolist() == [-3.0]


def test_a_parameter_of_one_task_is_not_thinned_by_the_others(device):
    vectors = torch.zeros(4, 8, dtype=torch.float64, device=device)
    vectors[1, 2], vectors[3, 5] = 7.0, -2.0
    merged = ties(vectors, 0.25)
    assert merged[2] == 7 and merged[5] == -2
    assert merged.count_nonzero() == 2


def test_a_single_task_is_only_trimmed(device):
    vectors = _vectors(device, 1)
    merged = ties(vectors, 0.25)
    kept = merged != 0
    assert kept.sum() == 10
    assert torch.equal(merged[kept], vectors[0, kept])
    assert vectors[0, kept].abs().min() > vectors[0, ~kept].abs().max()
    assert torch.equal(ties(vectors, 1.0), vectors[0])


def test_the_losing_side_changes_no_bit(device):
    vectors = _vectors(device)
    before = ties(vectors, 1.0)
    loses = vectors.sign() != before.sign()
    assert loses.any()
    after = ties(vectors.where(~loses, vectors / 2), 1.0)
    assert torch.equal(after, before)


def test_equal_and_opposite_changes_cancel(device):
    vectors = torch.tensor([[2.0, 1.0], [-2.0, 1.0]], device=device)
    assert ties(vectors, 1.0).tolist() == [0.0, 1.0]


@given(turn=st.integers(0, 3), sign=st.sampled_from([1.0, -1.0]))
def test_order_of_tasks_and_overall_sign_do_not_count(device, turn, sign):
    vectors = _vectors(device, 4)
    torch.testing.assert_close(
        sign * ties(sign * vectors.roll(turn, dims=0), 0.5),
        ties(vectors, 0.5),
        rtol=0,
        atol=1e-15,
    )


def test_at_least_one_change_a_task_is_kept(device):
    assert ties(_vectors(device, 1, 4), 0.01).count_nonzero() == 1


@pytest.mark.parametrize("density", [0.0, -0.1, 1.5])
def test_refuses_a_share_that_is_none(device, density):
    with pytest.raises(ValueError, match=rf"density {density} is not in"):
        ties(_vectors(device), density)
