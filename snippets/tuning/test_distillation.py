"""Values equal PyTorch's KL divergence, gradients their closed forms, in
float64. Tokens outside the mask change no bit and get no gradient; the teacher
gets none. At a high temperature the gradient is that of matching logits.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Categorical
from torch.distributions.kl import kl_divergence

from snippets.tuning.distillation import (
    forward_kl,
    generalized_jsd,
    reverse_kl,
)

TEMPERATURES = st.sampled_from([0.5, 1.0, 4.0])
BETAS = st.sampled_from([0.1, 0.5, 0.8])


def _jsd(student, teacher, mask, temperature=1.0):
    return generalized_jsd(student, teacher, mask, 0.3, temperature)


LOSSES = pytest.mark.parametrize("loss", [forward_kl, reverse_kl, _jsd])


def _inputs(device, size=2.0):
    student, teacher = size * torch.randn(
        2, 2, 4, 5, dtype=torch.float64, device=device
    )
    mask = torch.rand(2, 4, device=device) > 0.4
    mask[0, 0], mask[1, 1] = True, False
    return student, teacher, mask


def _both(student, teacher, mask, temperature):
    return (
        Categorical(logits=logits[mask] / temperature)
        for logits in (student, teacher)
    )


@given(temperature=TEMPERATURES)
def test_forward_and_reverse_equal_pytorch(device, temperature):
    inputs = _inputs(device)
    student, teacher = _both(*inputs, temperature)
    for ours, expected in (
        (forward_kl, kl_divergence(teacher, student)),
        (reverse_kl, kl_divergence(student, teacher)),
    ):
        torch.testing.assert_close(
            ours(*inputs, temperature),
            temperature**2 * expected.mean(),
            rtol=1e-12,
            atol=0,
        )


@given(temperature=TEMPERATURES, beta=BETAS)
def test_jsd_equals_its_definition(device, temperature, beta):
    inputs = _inputs(device)
    student, teacher = _both(*inputs, temperature)
    middle = Categorical(
        probs=beta * teacher.probs + (1 - beta) * student.probs
    )
    expected = beta * kl_divergence(teacher, middle)
    expected += (1 - beta) * kl_divergence(student, middle)
    torch.testing.assert_close(
        generalized_jsd(*inputs, beta, temperature),
        temperature**2 * expected.mean(),
        rtol=1e-12,
        atol=0,
    )


def _gradient(loss, student, *rest):
    student = student.clone().requires_grad_()
    loss(student, *rest).backward()
    return student.grad


@given(temperature=TEMPERATURES)
def test_gradients_equal_their_closed_forms(device, temperature):
    student, teacher, mask = _inputs(device)
    q = (student[mask] / temperature).softmax(dim=-1)
    p = (teacher[mask] / temperature).softmax(dim=-1)
    surplus = q.log() - p.log()
    surplus -= (q * surplus).sum(dim=-1, keepdim=True)
    for loss, expected in ((forward_kl, q - p), (reverse_kl, q * surplus)):
        gradient = _gradient(loss, student, teacher, mask, temperature)
        torch.testing.assert_close(
            gradient[mask],
            temperature * expected / mask.sum(),
            rtol=1e-10,
            atol=1e-14,
        )


@LOSSES
def test_gradients_pass_gradcheck(device, loss):
    student, teacher, mask = _inputs(device)
    assert torch.autograd.gradcheck(
        lambda x: loss(x, teacher, mask, 2.0), student.requires_grad_()
    )


@LOSSES
def test_zero_for_equals_and_positive_otherwise(device, loss):
    student, teacher, mask = _inputs(device)
    shifted = teacher + torch.randn_like(teacher[..., :1])
    assert loss(shifted, teacher, mask).abs() < 1e-14
    assert not _gradient(loss, teacher, teacher, mask).abs().max() > 1e-15
    assert loss(student, teacher, mask) > 0


@LOSSES
def test_tokens_outside_the_mask_change_no_bit(device, loss):
    student, teacher, mask = _inputs(device)
    before = loss(student, teacher, mask)
    student[~mask], teacher[~mask] = torch.nan, torch.inf
    assert torch.equal(loss(student, teacher, mask), before)
    gradient = _gradient(loss, student, teacher, mask)
    assert torch.equal(gradient.any(dim=-1), mask)
    assert gradient.isfinite().all()


@LOSSES
def test_the_teacher_learns_nothing(device, loss):
    student, teacher, mask = _inputs(device)
    teacher.requires_grad_()
    loss(student.requires_grad_(), teacher, mask).backward()
    assert teacher.grad is None
    assert student.grad.any()


def test_at_high_temperature_logits_are_matched(device):
    # Hinton et al. 2015, equation 4: (z - v) / N for logits of mean zero.
    student, teacher, mask = _inputs(device)
    student = student - student.mean(dim=-1, keepdim=True)
    teacher = teacher - teacher.mean(dim=-1, keepdim=True)
    gradient = _gradient(forward_kl, student, teacher, mask, 1e4)
    expected = (student - teacher)[mask] / 5 / mask.sum()
    torch.testing.assert_close(gradient[mask], expected, rtol=0, atol=1e-3)


def test_near_its_ends_jsd_is_one_of_the_kls(device):
    inputs = _inputs(device)
    near = 1e-6
    assert generalized_jsd(*inputs, near).item() / near == pytest.approx(
        forward_kl(*inputs).item(), rel=1e-3
    )
    assert generalized_jsd(*inputs, 1 - near).item() / near == pytest.approx(
        reverse_kl(*inputs).item(), rel=1e-3
    )


@pytest.mark.parametrize("beta", [0.1, 0.5, 0.8])
def test_jsd_is_bounded_where_the_kls_are_not(device, beta):
    # Teacher and student are sure of different tokens.
    student = 1e4 * torch.eye(3, dtype=torch.float64, device=device)
    teacher = student.roll(1, dims=0)[None]
    mask = torch.ones(1, 3, dtype=torch.bool, device=device)
    student = student[None]
    bound = -beta * math.log(beta) - (1 - beta) * math.log1p(-beta)
    assert generalized_jsd(student, teacher, mask, beta).item() == (
        pytest.approx(bound, rel=1e-12)
    )
    assert forward_kl(student, teacher, mask) == 1e4
    assert reverse_kl(student, teacher, mask) == 1e4


def test_forward_covers_both_answers_and_reverse_keeps_one(device):
    # The teacher likes tokens 0 and 4 of five; the student has one bump.
    place = torch.arange(5, dtype=torch.float64, device=device)
    teacher = torch.tensor([0.49, 0.01, 0.0001, 0.01, 0.4899], device=device)
    teacher = teacher.double().log()[None, None]
    mask = torch.ones(1, 1, dtype=torch.bool, device=device)

    def best(loss):
        """Centre and width by search over a grid."""
        return min(
            (
                loss(-(((place - c) / w) ** 2)[None, None], teacher, mask),
                c,
                w,
            )
            for c in (0.0, 1.0, 2.0, 3.0, 4.0)
            for w in (0.3, 0.5, 1.0, 3.0, 30.0)
        )[1:]

    assert best(forward_kl) == (2.0, 30.0)
    centre, width = best(reverse_kl)
    assert centre in (0.0, 4.0)
    assert width <= 1.0


@pytest.mark.parametrize("beta", [0.0, 1.0, -0.5])
def test_refuses_a_beta_at_which_nothing_is_learnt(device, beta):
    with pytest.raises(ValueError, match=f"beta {beta} is not between"):
        generalized_jsd(*_inputs(device), beta)


@LOSSES
def test_refuses_an_empty_mask(device, loss):
    student, teacher, mask = _inputs(device)
    with pytest.raises(ValueError, match="none of 8 tokens"):
        loss(student, teacher, torch.zeros_like(mask))
