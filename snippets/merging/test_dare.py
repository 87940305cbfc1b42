"""What is kept is kept times 1 / density and the rest is zero; the mean over
many draws is the vector itself, and so is that of a linear layer's output. The
same generator gives the same draw.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.merging.dare import drop_and_rescale


def _vector(device, *shape):
    return torch.randn(*shape, dtype=torch.float64, device=device)


@given(density=st.sampled_from([0.1, 0.5, 0.9]), n=st.integers(1, 30))
def test_each_change_is_kept_and_scaled_or_gone(device, density, n):
    vector = _vector(device, n)
    merged = drop_and_rescale(vector, density)
    kept = merged != 0
    torch.testing.assert_close(
        merged, (vector / density).where(kept, 0.0), rtol=1e-14, atol=0
    )


def test_the_share_kept_is_the_density(device):
    kept = drop_and_rescale(_vector(device, 40_000), 0.1).count_nonzero()
    # Six standard deviations of a binomial: sqrt(40,000 * 0.09) = 60.
    assert abs(kept.item() - 4000) < 6 * 60


def test_a_layers_output_is_kept_on_average(device):
    weight, x = _vector(device, 3, 5), _vector(device, 5)
    n = 20_000
    outputs = drop_and_rescale(weight.expand(n, -1, -1), 0.2) @ x
    # Each of the five terms has variance (1 / 0.2 - 1) times its square.
    error = (4 * (weight * x).square().sum(dim=1) / n).sqrt()
    assert ((outputs.mean(dim=0) - weight @ x).abs() < 6 * error).all()


def test_at_density_one_nothing_changes(device):
    vector = _vector(device, 30)
    assert torch.equal(drop_and_rescale(vector, 1.0), vector)


def test_chance_below_the_density_keeps(device, monkeypatch):
    # torch.rand reaches 0 and never 1, so the edge itself is out.
    chance = torch.tensor([0.0, 0.25, 0.5, 0.75], device=device)
    monkeypatch.setattr(torch, "rand", lambda *_, **__: chance)
    merged = drop_and_rescale(torch.ones_like(chance), 0.5)
    assert merged.tolist() == [2, 2, 0, 0]


def test_a_generator_makes_it_repeatable(device):
    vector = _vector(device, 30)

    def draw(seed):
        generator = torch.Generator(device).manual_seed(seed)
        return drop_and_rescale(vector, 0.5, generator)

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))


def test_draws_on_the_device_of_the_vector():
    assert drop_and_rescale(_vector("meta", 3), 0.5).device.type == "meta"


@pytest.mark.parametrize("density", [0.0, -0.5, 1.5])
def test_refuses_a_share_that_is_none(device, density):
    with pytest.raises(ValueError, match=rf"density {density} is not in"):
        drop_and_rescale(_vector(device, 3), density)
