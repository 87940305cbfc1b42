"""The loss equals transformers' loss for causal models, also when one step is
made of several batches. Logits are asked for the next token and for answers
alone: what a model says elsewhere changes no bit of the loss and gets no
gradient.
"""

import math
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.loss.loss_utils import ForCausalLMLoss

from snippets.tuning.answer_loss import answer_loss
from snippets.tuning.chat_template import IGNORED

VOCAB = 7


def _inputs(device, batch=2, token=6, dtype=torch.float64, share=0.5):
    logits = torch.randn(batch, token, VOCAB).to(device, dtype)
    labels = torch.randint(VOCAB, (batch, token), device=device)
    hidden = torch.rand(batch, token, device=device) > share
    labels = labels.masked_fill(hidden, IGNORED)
    labels[0, -1] = 3  # at least one is to be learnt
    return logits, labels


@given(batch=st.integers(1, 3), token=st.integers(2, 7))
def test_equals_transformers(device, batch, token):
    logits, labels = _inputs(device, batch, token, torch.float32)
    torch.testing.assert_close(
        answer_loss(logits, labels),
        ForCausalLMLoss(logits, labels, VOCAB),
        rtol=1e-6,
        atol=0,
    )


def test_equals_transformers_over_several_batches(device):
    logits, labels = _inputs(device, dtype=torch.float32)
    torch.testing.assert_close(
        answer_loss(logits, labels, n_answer=20),
        ForCausalLMLoss(logits, labels, VOCAB, num_items_in_batch=20),
        rtol=1e-6,
        atol=0,
    )


def test_logits_are_asked_for_the_next_token(device):
    ids = torch.tensor([[2, 5, 1, 4]], device=device)
    sure = 100.0 * torch.eye(VOCAB, dtype=torch.float64, device=device)
    # The last position has no next token: whatever it says is right.
    knows_next = sure[ids.roll(-1, dims=1)]
    assert answer_loss(knows_next, ids).item() < 1e-12
    repeats = sure[ids]
    assert answer_loss(repeats, ids).item() == pytest.approx(100)


def test_a_model_that_knows_nothing_loses_ln_vocab(device):
    logits, labels = _inputs(device)
    loss = answer_loss(torch.zeros_like(logits), labels)
    assert loss.item() == pytest.approx(math.log(VOCAB), rel=1e-14)


def test_what_is_said_elsewhere_changes_no_bit(device):
    logits, labels = _inputs(device)
    before = answer_loss(logits, labels)
    asked = labels.roll(-1, dims=1) != IGNORED
    asked[:, -1] = False
    logits[~asked] = torch.nan
    assert torch.equal(answer_loss(logits, labels), before)
    logits[~asked] = 1e300  # NaN would pass backwards: 0 * NaN is NaN
    answer_loss(logits.requires_grad_(), labels).backward()
    assert torch.equal(logits.grad.any(dim=-1), asked)


def test_batches_of_one_step_add_up_to_the_whole(device):
    logits, labels = _inputs(device, batch=6)
    labels[:3, 2:] = IGNORED  # short answers beside long ones
    n = int((labels[:, 1:] != IGNORED).sum())
    parts = [
        answer_loss(logits[i : i + 2], labels[i : i + 2], n_answer=n)
        for i in (0, 2, 4)
    ]
    torch.testing.assert_close(
        sum(parts), answer_loss(logits, labels), rtol=1e-14, atol=0
    )


def test_another_label_can_mean_ignored(device, monkeypatch):
    logits, labels = _inputs(device)
    expected = answer_loss(logits, labels)
    # cross_entropy skips -100 without being told.
    monkeypatch.setattr(sys.modules[answer_loss.__module__], "IGNORED", -7)
    other = labels.masked_fill(labels == IGNORED, -7)
    assert torch.equal(answer_loss(logits, other), expected)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_16_bit_logits_are_summed_up_in_float32(device, dtype):
    logits, labels = _inputs(device, 4, 64, dtype)
    exact = answer_loss(logits.double(), labels)
    loss = answer_loss(logits, labels)
    assert loss.dtype == torch.float32
    assert (loss - exact).abs() < 1e-6


@pytest.mark.parametrize("first", [None, 4])
def test_refuses_a_batch_without_answers(device, first):
    logits, labels = _inputs(device)
    labels[:] = IGNORED
    if first is not None:
        labels[:, 0] = first  # nothing comes before it to be asked
    with pytest.raises(
        ValueError, match="none of 10 targets is an answer's"
    ):
        answer_loss(logits, labels)
