"""Training a small decoder on a pattern that repeats brings its loss from
ln(vocab) to almost nothing. One step equals AdamW, clipping and schedule
written out by hand, and the targets are the inputs moved on by one.
"""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from snippets.decoder.tiny import TinyDecoder, generate
from snippets.decoder.train import train, warmup_cosine, windows

PATTERN = torch.tensor([0, 1, 2, 0, 3, 1, 4]).repeat(20)


def decoder(device="cpu"):
    torch.manual_seed(0)
    model = TinyDecoder(
        vocab_size=5, d_model=16, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=32
    )
    return model.to(device)


def test_a_repeating_pattern_is_learnt(device):
    model = decoder(device)
    text = PATTERN.to(device)
    losses = train(model, windows(text, 8, 14), 100, learning_rate=1e-2)
    assert losses[0] == pytest.approx(math.log(5), abs=0.1)
    # Only a window's first tokens are uncertain: 0 and 1 come twice.
    assert sum(losses[-10:]) / 10 < 0.1
    assert torch.equal(generate(model, text[None, :7], 21)[0], text[:28])


def test_targets_are_the_inputs_moved_on_by_one():
    text = torch.arange(50)
    inputs, targets = next(windows(text, 6, 5))
    assert inputs.shape == targets.shape == (6, 5)
    assert torch.equal(targets, inputs + 1)


def test_windows_reach_both_ends_and_no_further():
    batches = windows(torch.arange(6), 64, 4)
    inputs, targets = next(batches)
    assert inputs.min() == 0 and targets.max() == 5
    assert not torch.equal(next(batches)[0], inputs)
    assert torch.equal(next(windows(torch.arange(6), 64, 4))[0], inputs)


def test_the_schedule_rises_and_falls_to_a_tenth():
    shares = [warmup_cosine(step, 100, 10) for step in range(101)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[9] == shares[10] == 1
    assert shares[55] == pytest.approx(0.55)
    assert shares[100] == pytest.approx(0.1)
    assert shares[:11] == sorted(shares[:11])
    assert shares[10:] == sorted(shares[10:], reverse=True)
    assert warmup_cosine(0, 5, 0) == 1


def by_hand(model, inputs, targets, rate, decay, max_norm):
    """One step of AdamW from fresh moments, written out."""
    loss = cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    parameters = list(model.parameters())
    slopes = torch.autograd.grad(loss, parameters)
    norm = math.sqrt(sum(s.square().sum().item() for s in slopes))
    assert norm > max_norm  # so that clipping is put to the test
    moved = []
    for p, slope in zip(parameters, slopes, strict=True):
        slope = slope * max_norm / (norm + 1e-6)
        # Bias correction makes the first moments slope and slope^2.
        step = slope / (slope.abs() + 1e-8)
        shrunk = p * (1 - rate * decay) if p.dim() > 1 else p
        moved.append(shrunk - rate * step)
    return loss.item(), moved


def test_one_step_equals_adamw_by_hand():
    model = decoder().double()
    pair = next(windows(PATTERN, 3, 6))
    loss, moved = by_hand(model, *pair, rate=0.05, decay=0.3, max_norm=1e-3)
    # One step has no warm-up: the schedule starts at its peak.
    losses = train(model, iter([pair]), 1, 0.05, 0.3, 1e-3)
    assert losses == [pytest.approx(loss, rel=1e-12)]
    for p, expected in zip(model.parameters(), moved, strict=True):
        torch.testing.assert_close(p.data, expected.data, rtol=0, atol=1e-9)


def test_gradients_do_not_pile_up():
    pair = next(windows(PATTERN, 3, 6))
    once, again = decoder(), decoder()
    train(once, iter([pair] * 2), 2)
    again(pair[0]).sum().backward()  # what an earlier use may leave behind
    train(again, iter([pair] * 2), 2)
    for p, q in zip(once.parameters(), again.parameters(), strict=True):
        assert torch.equal(p, q)


def test_a_text_shorter_than_a_window():
    with pytest.raises(ValueError, match="5 tokens, but windows of 5"):
        next(windows(torch.arange(5), 1, 5))
