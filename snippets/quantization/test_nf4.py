"""The 16 levels are the ones QLoRA publishes, and follow from its quantiles of
the normal distribution. A weight goes to its nearest level, an error never
leaves its block, quantizing twice changes nothing, and the bytes kept are the
bits a weight that the handbook counts.
"""

from statistics import NormalDist

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.quantization.nf4 import (
    LEVELS,
    dequantize,
    dequantize_scales,
    quantize,
    quantize_scales,
)
from snippets.sizing.memory import double_quantized_bits


def _weight(device, n_blocks=6, block_size=64):
    return torch.randn(n_blocks, block_size, device=device)


def _nearest(weight, block_size):
    """By exhaustive search in float64."""
    blocks = weight.double().reshape(-1, block_size)
    scales = blocks.abs().amax(dim=1, keepdim=True)
    levels = torch.tensor(LEVELS, dtype=torch.float64, device=weight.device)
    distances = (blocks[..., None] - scales[..., None] * levels).abs()
    return (scales * levels[distances.argmin(dim=-1)]).flatten()


def test_levels_follow_from_the_normal_distribution():
    # The outermost quantile lies halfway between the middles of the outer
    # bins of 16 and of 15; there is one value more above zero than below.
    last = 1 - (1 / 32 + 1 / 30) / 2
    quantile = NormalDist().inv_cdf
    above = [quantile(last - (last - 0.5) * i / 8) for i in range(8)]
    below = [-quantile(last - (last - 0.5) * i / 7) for i in range(7)]
    levels = sorted([*below, 0.0, *above])
    # The published values were computed in float32.
    for level, published in zip(levels, LEVELS, strict=True):
        assert level / levels[-1] == pytest.approx(published, abs=2e-7)


def test_levels_are_the_published_float32_values():
    assert len(set(LEVELS)) == 16
    assert list(LEVELS) == sorted(LEVELS)
    assert (LEVELS[0], LEVELS[7], LEVELS[-1]) == (-1.0, 0.0, 1.0)
    assert torch.tensor(LEVELS).tolist() == list(LEVELS)


@given(
    n_blocks=st.integers(1, 5),
    block_size=st.sampled_from([2, 4, 64]),
    size=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_every_weight_goes_to_its_nearest_level(
    device, n_blocks, block_size, size
):
    weight = size * _weight(device, n_blocks, block_size)
    torch.testing.assert_close(
        dequantize(*quantize(weight, block_size)).double(),
        _nearest(weight, block_size),
        rtol=1e-6,
        atol=0,
    )


def test_codes_equal_those_of_bitsandbytes(device):
    # quantize_4bit of bitsandbytes 0.50.2, recorded.
    n = torch.arange(1, 65, dtype=torch.float64, device=device)
    packed, scales = quantize((n * n % 61 / 61 - 0.5).float())
    assert bytes(packed.tolist()).hex() == (
        "001259d03af4d2b2c3e82fb621fedddd"
        "ef126bf28e3c2b2d4fa30d9521000001"
    )
    assert scales.tolist() == [0.5]


def test_the_largest_of_each_block_and_zeros_are_exact(device):
    weight = _weight(device)
    weight[:, 10:20] = 0
    again = dequantize(*quantize(weight)).reshape(weight.shape)
    largest = weight.abs().argmax(dim=1, keepdim=True)
    positive = weight.gather(1, largest) > 0
    assert positive.any() and not positive.all()
    assert torch.equal(again.gather(1, largest), weight.gather(1, largest))
    assert not again[:, 10:20].any()


def test_quantizing_twice_changes_nothing(device):
    packed, scales = quantize(_weight(device))
    again, same = quantize(dequantize(packed, scales))
    assert torch.equal(again, packed)
    assert torch.equal(same, scales)


def test_the_first_of_two_codes_has_the_high_bits(device):
    weight = torch.tensor([-1.0, 1.0, 0.0, 0.5626], device=device)
    packed, scales = quantize(weight, 4)
    assert packed.tolist() == [0x0F, 0x7D]
    assert scales.tolist() == [1.0]


def test_an_outlier_costs_its_own_block_and_no_other(device):
    weight = _weight(device)
    before = dequantize(*quantize(weight)).reshape(weight.shape)
    poisoned = weight.clone()
    poisoned[2, 5] = 1e30
    after = dequantize(*quantize(poisoned)).reshape(weight.shape)
    others = [0, 1, 3, 4, 5]
    assert torch.equal(after[others], before[others])
    assert after[2].count_nonzero() == 1  # all but the outlier are lost


def test_a_block_of_zeros_stays_zero(device):
    weight = _weight(device)
    weight[1] = 0
    packed, scales = quantize(weight)
    again = dequantize(packed, scales).reshape(weight.shape)
    assert again.isfinite().all()
    assert not again[1].any()
    assert (packed.reshape(6, 32)[1] == 0x77).all()  # level 7 is zero


def test_normal_weights_lose_less_than_on_16_even_levels(device):
    weight = _weight(device, 500)
    error = (dequantize(*quantize(weight)).reshape(500, 64) - weight).norm()
    step = weight.abs().amax(dim=1, keepdim=True) / 7.5
    even = ((weight / step - 0.5).round() + 0.5) * step  # 16 levels
    assert error < 0.95 * (even - weight).norm()


def test_sixteen_bits_are_read_as_they_are(device):
    weight = _weight(device).bfloat16()
    expected = quantize(weight.float())
    assert all(
        torch.equal(*pair)
        for pair in zip(quantize(weight), expected, strict=True)
    )


@given(
    n=st.integers(1, 70),
    group_size=st.sampled_from([1, 4, 64]),
    size=st.sampled_from([1e-3, 1.0, 1e3]),
)
def test_scales_are_off_by_half_a_step_at_most(device, n, group_size, size):
    scales = size * (1 + torch.rand(n, device=device))
    coded = quantize_scales(scales, group_size)
    error = (dequantize_scales(coded, group_size) - scales).abs()
    steps = coded.steps.repeat_interleave(group_size)[:n]
    assert (error <= steps * 0.5 + size * 1e-6).all()


def test_taking_the_mean_out_pays(device):
    scales = quantize(_weight(device, 512))[1]
    error = (dequantize_scales(quantize_scales(scales)) - scales).norm()
    step = scales.max() / 127
    plain = ((scales / step).round() * step - scales).norm()
    assert error < plain / 1.5


def test_equal_scales_are_exact(device):
    scales = torch.full((300,), 0.75, device=device)
    assert torch.equal(dequantize_scales(quantize_scales(scales)), scales)


def test_a_group_is_256_scales(device):
    scales = 1 + torch.rand(257, device=device)
    assert len(quantize_scales(scales).steps) == 2
    assert len(quantize_scales(scales[1:]).steps) == 1


def test_a_groups_outlier_costs_no_other_group(device):
    scales = 1 + torch.rand(512, device=device)
    scales[:256] *= 1e4
    coded = quantize_scales(scales)
    # The mean moves all deviations, but each group has its own step.
    assert coded.steps[1] < coded.steps[0]


def test_bytes_kept_are_the_bits_counted(device):
    packed, scales = quantize(_weight(device, 512))
    kept = packed.nbytes + scales.nbytes
    n = 512 * 64
    assert 8 * kept == n * (4 + 32 / 64)
    coded = quantize_scales(scales)
    kept = packed.nbytes + coded.codes.nbytes + coded.steps.nbytes
    assert 8 * kept == n * double_quantized_bits(4, 64, 8, 256, 32)


def test_levels_are_made_on_the_device_of_the_weight():
    packed, scales = quantize(_weight("meta"))
    assert packed.device.type == scales.device.type == "meta"
    assert dequantize(packed, scales).device.type == "meta"
    weight = torch.ones(1, 64)
    with torch.device("meta"):  # where tensors are made unless told otherwise
        packed, scales = quantize(weight)
        assert dequantize(packed, scales).tolist() == weight[0].tolist()


@pytest.mark.parametrize(("n", "block_size"), [(65, 64), (9, 3), (2, 4)])
def test_refuses_weights_that_do_not_fill_even_blocks(n, block_size):
    with pytest.raises(
        ValueError, match=f"{n} weights in blocks of {block_size}"
    ):
        quantize(torch.ones(n), block_size)
