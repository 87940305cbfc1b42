"""With the same weights, outputs equal PyTorch's nn.MultiheadAttention in
float64. Later tokens change no bit of earlier outputs, the number of heads
changes the function but not the number of parameters, and each head uses
only its own slice of the width.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from snippets.attention.multi_head import MultiHeadAttention
from snippets.attention.scaled_dot_product import causal_mask


def _layer(device, d_model=12, n_heads=3):
    return MultiHeadAttention(d_model, n_heads).to(device, torch.float64)


def _pytorch(layer, d_model, n_heads):
    """nn.MultiheadAttention with the weights of `layer`."""
    reference = nn.MultiheadAttention(
        d_model, n_heads, bias=False, batch_first=True
    ).to(layer.q_proj.weight)
    projections = (layer.q_proj, layer.k_proj, layer.v_proj)
    with torch.no_grad():
        reference.in_proj_weight.copy_(
            torch.cat([projection.weight for projection in projections])
        )
        reference.out_proj.weight.copy_(layer.o_proj.weight)
    return reference


@given(
    batch=st.integers(1, 3),
    length=st.integers(1, 6),
    n_heads=st.integers(1, 4),
    head_dim=st.integers(1, 5),
    causal=st.booleans(),
)
def test_equals_pytorch(device, batch, length, n_heads, head_dim, causal):
    d_model = n_heads * head_dim
    layer = _layer(device, d_model, n_heads)
    x = torch.randn(batch, length, d_model).to(device, torch.float64)
    mask = causal_mask(length, length, device) if causal else None
    expected, _ = _pytorch(layer, d_model, n_heads)(
        x, x, x, attn_mask=None if mask is None else ~mask, need_weights=False
    )
    torch.testing.assert_close(layer(x, mask), expected, rtol=0, atol=1e-14)


def test_the_future_changes_no_bit(device):
    layer = _layer(device)
    x = torch.randn(2, 5, 12).to(device, torch.float64)
    mask = causal_mask(5, 5, device)
    before = layer(x, mask)
    x[:, 3:] = 1e30
    after = layer(x, mask)
    assert torch.equal(after[:, :3], before[:, :3])
    assert not torch.equal(after[:, 3:], before[:, 3:])


def test_without_mask_every_token_sees_every_other(device):
    layer = _layer(device)
    x = torch.randn(2, 5, 12).to(device, torch.float64)
    before = layer(x)
    x[:, 4] += 1
    assert (layer(x) != before).any(dim=-1).all()


def test_heads_add_no_parameters():
    sizes = {
        sum(p.numel() for p in MultiHeadAttention(12, n).parameters())
        for n in (1, 3, 12)
    }
    assert sizes == {4 * 12 * 12}


def test_heads_change_the_function(device):
    one, three = _layer(device, n_heads=1), _layer(device, n_heads=3)
    three.load_state_dict(one.state_dict())
    x = torch.randn(2, 5, 12).to(device, torch.float64)
    assert not torch.allclose(one(x), three(x))


def test_a_head_uses_its_own_slice_of_the_width(device):
    layer = _layer(device)
    with torch.no_grad():
        layer.o_proj.weight.copy_(torch.eye(12))  # show the heads as they are
    x = torch.randn(2, 5, 12).to(device, torch.float64)
    before = layer(x)
    with torch.no_grad():
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
            projection.weight[4:8] += 1  # head 1 of 0, 1, 2
    changed = (layer(x) != before).any(dim=0).any(dim=0)
    assert changed.tolist() == [False] * 4 + [True] * 4 + [False] * 4


@pytest.mark.parametrize("n_heads", [5, 0, -3])
def test_refuses_heads_that_do_not_split_the_width(n_heads):
    with pytest.raises(ValueError, match=f"d_model 12 .* {n_heads} heads"):
        MultiHeadAttention(12, n_heads)
