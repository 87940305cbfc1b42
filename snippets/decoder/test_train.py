"""Training a small decoder on a pattern that repeats brings its loss from
ln(vocab) to almost nothing. Three steps equal AdamW, clipping and schedule
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


def test_the_seed_is_0_by_default_and_another_draws_others():
    text = torch.arange(50)
    default, zero, one = (
        next(windows(text, 6, 5, **seed))[0]
        for seed in ({}, {"seed": 0}, {"seed": 1})
    )
    assert torch.equal(default, zero)
    assert not torch.equal(default, one)


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


@torch.no_grad()
def adamw_by_hand(model, pairs, peak, decay, max_norm):
    """The same training, every formula written out."""
    weights = list(model.parameters())
    means = [torch.zeros_like(w) for w in weights]
    squares = [torch.zeros_like(w) for w in weights]
    losses = []
    for step, (inputs, targets) in enumerate(pairs):
        rate = peak * (0.1 + 0.9 * (1 + math.cos(math.pi * step / 3)) / 2)
        with torch.enable_grad():
            logits = model(inputs).flatten(0, 1)
            loss = cross_entropy(logits, targets.flatten())
            slopes = torch.autograd.grad(loss, weights)
        losses.append(loss.item())
        norm = math.sqrt(sum(s.square().sum().item() for s in slopes))
        assert norm > max_norm  # so that clipping is put to the test
        for w, slope, mean, square in zip(
            weights, slopes, means, squares, strict=True
        ):
            slope = slope * max_norm / (norm + 1e-6)
            mean += 0.1 * (slope - mean)
            square += 0.05 * (slope**2 - square)
            unbiased = mean / (1 - 0.9 ** (step + 1))
            spread = (square / (1 - 0.95 ** (step + 1))).sqrt() + 1e-8
            if w.dim() > 1:
                w *= 1 - rate * decay
            w -= rate * unbiased / spread
    return losses


def test_three_steps_equal_adamw_by_hand():
    batches = windows(PATTERN, 3, 6)
    pairs = [next(batches) for _ in range(3)]  # too few for a warm-up
    settings = {"decay": 0.3, "max_norm": 1e-3}
    mine, reference = decoder().double(), decoder().double()
    losses = train(mine, iter(pairs), 3, 0.05, *settings.values())
    expected = adamw_by_hand(reference, pairs, 0.05, **settings)
    assert losses == pytest.approx(expected, rel=1e-10)
    for p, q in zip(mine.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(p, q, rtol=0, atol=1e-9)


def test_the_first_tenth_of_the_steps_warms_up():
    model, before = decoder(), []

    def batches():
        for pair in windows(PATTERN, 3, 6):
            before.append(model.embed.weight.detach().clone())
            yield pair

    train(model, batches(), 30, learning_rate=1e-3, weight_decay=0.0)
    # Adam's first step moves a weight by the learning rate, up or down.
    first_step = (before[1] - before[0]).abs().max().item()
    assert first_step == pytest.approx(1e-3 / 3, rel=1e-3)


def test_the_defaults_written_out_change_nothing():
    pairs = [next(windows(PATTERN, 3, 6)) for _ in range(2)]
    trained = []
    for settings in ({}, {"max_norm": 1.0}, {"max_norm": 2.0}):
        model = decoder()
        for parameter in model.parameters():  # steep enough to be clipped
            torch.nn.init.normal_(parameter)
        if settings:
            settings |= {"learning_rate": 3e-3, "weight_decay": 0.1}
        train(model, iter(pairs), 2, **settings)
        trained.append(model.embed.weight)
    assert torch.equal(trained[0], trained[1])
    assert not torch.equal(trained[0], trained[2])


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
