"""Interpreted on the CPU and compiled on a GPU, the kernel's error against
float64 is at most twice that of PyTorch's attention: for lengths that fill no
tile, more keys than queries, and shared heads. Later tokens, memory behind
the last key and tiles that nobody may see change no bit of the output.
"""

import pytest
import torch
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

pytest.importorskip("triton", reason="needs Triton, which Linux alone has")

from snippets.attention.flash_triton import flash_triton


@pytest.fixture(autouse=True)
def _interpreter_or_gpu(device):
    # Triton decides when it is imported, for the whole process.
    if device.type == "cpu" and torch.cuda.is_available():
        pytest.skip("needs Triton's interpreter: off where there is a GPU")


def _inputs(device, n_query, n_key, batch=1, n_kv_heads=1, width=16):
    return (
        torch.randn(batch, 2 * n_kv_heads, n_query, width, device=device),
        torch.randn(batch, n_kv_heads, n_key, width, device=device),
        torch.randn(batch, n_kv_heads, n_key, width, device=device),
    )


def _pytorch(query, key, value):
    mask = causal_lower_right(query.shape[2], key.shape[2])._materialize()
    return scaled_dot_product_attention(
        query, key, value, mask.to(query.device), enable_gqa=True
    )


def _errors(query, key, value, *blocks):
    """The largest error of the kernel, and of PyTorch."""
    exact = _pytorch(query.double(), key.double(), value.double())
    return [
        (output.double() - exact).abs().max().item()
        for output in (
            flash_triton(query, key, value, *blocks),
            _pytorch(query, key, value),
        )
    ]


@pytest.mark.parametrize("blocks", [(16, 32), (32, 16)])
@pytest.mark.parametrize(
    ("n_query", "n_key"), [(1, 1), (32, 32), (37, 37), (1, 50), (20, 41)]
)
def test_error_is_at_most_twice_pytorchs(device, n_query, n_key, blocks):
    ours, pytorchs = _errors(*_inputs(device, n_query, n_key), *blocks)
    assert ours <= 2 * pytorchs + 1e-7  # the last bit of a float32 near 1


def test_heads_share_as_in_pytorch(device):
    inputs = _inputs(device, 17, 17, batch=2, n_kv_heads=3, width=32)
    ours, pytorchs = _errors(*inputs, 16, 16)
    assert ours <= 2 * pytorchs + 1e-7


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_error_in_16_bits_is_at_most_twice_pytorchs(device, dtype):
    if device.type == "cpu" and dtype == torch.bfloat16:
        pytest.skip("needs a GPU: the interpreter cannot multiply bfloat16")
    inputs = [t.to(dtype) for t in _inputs(device, 48, 48)]
    assert flash_triton(*inputs, 16, 16).dtype == dtype
    ours, pytorchs = _errors(*inputs, 16, 16)
    assert 0 < ours <= 2 * pytorchs


def test_large_scores_neither_overflow_nor_vanish(device):
    query, key, value = _inputs(device, 33, 33)
    ours, pytorchs = _errors(30 * query, 30 * key, value, 16, 16)
    assert ours <= 2 * pytorchs + 1e-7


def test_the_future_changes_no_bit(device):
    query, key, value = _inputs(device, 40, 40)
    before = flash_triton(query, key, value, 16, 16)
    key[:, :, 21:] = torch.nan
    value[:, :, 21:] = 1e30
    after = flash_triton(query, key, value, 16, 16)
    assert torch.equal(after[:, :, :21], before[:, :, :21])
    assert after[:, :, 21:].isnan().all()


def test_tiles_that_nobody_may_see_are_not_read(device):
    query, key, value = _inputs(device, 40, 40)
    before = flash_triton(query, key, value, 16, 16)
    value[:, :, 32:] = torch.nan  # 0 * NaN would be NaN
    after = flash_triton(query, key, value, 16, 16)
    assert torch.equal(after[:, :, :32], before[:, :, :32])


def test_memory_behind_the_last_key_is_not_read(device):
    query, key, value = _inputs(device, 20, 20)
    before = flash_triton(query, key, value, 16, 16)
    longer = torch.full((2, 1, 1, 64, 16), torch.nan, device=device)
    longer[0, :, :, :20], longer[1, :, :, :20] = key, value
    key, value = longer[:, :, :, :20]
    assert key.is_contiguous()  # so the kernel runs on this memory
    assert torch.equal(flash_triton(query, key, value, 16, 16), before)


def test_inputs_may_lie_in_any_order(device):
    query, key, value = _inputs(device, 20, 20, batch=2, n_kv_heads=2)
    before = flash_triton(query, key, value, 16, 16)
    mixed = [
        t.transpose(1, 2).contiguous().transpose(1, 2)
        for t in (query, key, value)
    ]
    assert not mixed[0].is_contiguous()
    assert torch.equal(flash_triton(*mixed, 16, 16), before)


@pytest.mark.parametrize(
    ("width", "blocks", "wrong"),
    [(8, (16, 16), 8), (16, (24, 16), 24), (16, (16, 0), 0)],
)
def test_sizes_that_tiles_cannot_have_are_refused(
    device, width, blocks, wrong
):
    with pytest.raises(ValueError, match=f"{wrong} is not a power of 2"):
        flash_triton(*_inputs(device, 4, 4, width=width), *blocks)


def test_heads_that_do_not_share_evenly_are_refused(device):
    query, key, value = _inputs(device, 4, 4, n_kv_heads=3)
    with pytest.raises(ValueError, match="4 heads cannot share 3"):
        flash_triton(query[:, :4], key, value)


def test_queries_before_the_first_key_are_refused(device):
    with pytest.raises(ValueError, match="5 queries but only 4 keys"):
        flash_triton(*_inputs(device, 5, 4))
