"""It equals PyTorch's RMSNorm to 1e-12 in fp64, output and gradients, and
in bf16 its error is at most twice PyTorch's own. Rescaling the input
changes nothing; squares that overflow fp16 do no harm.
"""

import pytest
import torch
from torch import nn

from snippets.decoder.rms_norm import RMSNorm


def pair(dim, eps, dtype, device):
    ours = RMSNorm(dim, eps).to(device, dtype)
    theirs = nn.RMSNorm(dim, eps, device=device, dtype=dtype)
    with torch.no_grad():
        ours.weight.copy_(torch.randn(dim))
        theirs.weight.copy_(ours.weight)
    return ours, theirs


def test_equals_pytorch_in_fp64_with_its_gradients(device):
    ours, theirs = pair(7, 1e-3, torch.float64, device)
    x = torch.randn(2, 5, 7, dtype=torch.float64, device=device)
    x.requires_grad_()
    direction = torch.randn_like(x)
    results = []
    for norm in (ours, theirs):
        y = norm(x)
        slopes = torch.autograd.grad(y, (x, norm.weight), direction)
        results.append((y, *slopes))
    for mine, reference in zip(*results, strict=True):
        torch.testing.assert_close(mine, reference, rtol=0, atol=1e-12)


def test_bf16_error_is_at_most_twice_pytorchs(device):
    ours, theirs = pair(64, 1e-6, torch.bfloat16, device)
    x = torch.randn(100, 64, dtype=torch.bfloat16, device=device)
    exact = theirs.double()(x.double())
    theirs.bfloat16()
    our_error = (ours(x).double() - exact).abs().max()
    their_error = (theirs(x).double() - exact).abs().max()
    assert ours(x).dtype == torch.bfloat16
    assert our_error <= 2 * their_error


def test_squares_that_overflow_fp16_do_no_harm(device):
    x = torch.tensor([[300.0, -400.0]], device=device).half()
    y = RMSNorm(2).to(device).half()(x)
    expected = torch.tensor([[0.6, -0.8]], device=device) * 2**0.5
    assert y.isfinite().all()
    torch.testing.assert_close(y.float(), expected, rtol=2**-10, atol=0)


def test_rescaling_the_input_changes_nothing(device):
    norm = RMSNorm(6, eps=0.0).to(device).double()
    x = torch.randn(3, 6, dtype=torch.float64, device=device)
    torch.testing.assert_close(norm(5 * x), norm(x), rtol=1e-12, atol=0)


def test_the_mean_is_not_removed(device):
    x = torch.full((1, 4), 3.0, device=device)
    torch.testing.assert_close(RMSNorm(4).to(device)(x), x / 3)


def test_zeros_stay_zeros(device):
    x = torch.zeros(2, 4, device=device)
    assert torch.equal(RMSNorm(4).to(device)(x), x)


@pytest.mark.parametrize("eps", [1e-6, 1e-1])
def test_eps_stands_under_the_root(eps, device):
    x = torch.full((4,), 0.1, dtype=torch.float64, device=device)
    y = RMSNorm(4, eps).to(device).double()(x)
    expected = 0.1 / (0.01 + eps) ** 0.5
    torch.testing.assert_close(y, torch.full_like(x, expected))
