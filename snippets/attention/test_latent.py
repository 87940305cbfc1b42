"""With the same weights, outputs equal a DeepSeek-V3 attention layer of the
transformers library. The absorbed form gives the same outputs without keys
or values; decoding in chunks cut at random equals one full pass; and what is
cached has exactly kv_lora_rank + qk_rope_head_dim numbers a token.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import (
    DeepseekV3Attention,
)

from snippets.attention.latent import LatentAttention, absorbed
from snippets.positions.rope import rope_frequencies

SHAPE = {
    "kv_lora_rank": 6,
    "qk_nope_head_dim": 5,
    "qk_rope_head_dim": 4,
    "v_head_dim": 7,
}
D_MODEL, N_HEADS, LATENT = 10, 3, 6 + 4
FREQUENCIES = rope_frequencies(SHAPE["qk_rope_head_dim"])
FORMS = {"naive": LatentAttention.__call__, "absorbed": absorbed}


@pytest.fixture(params=FORMS.values(), ids=FORMS, scope="session")
def form(request):
    return request.param


def _layer(device):
    layer = LatentAttention(D_MODEL, N_HEADS, **SHAPE)
    nn.init.normal_(layer.kv_norm.weight)  # at 1, dropping it would not show
    return layer.to(device, torch.float64)


def _x(device, length=5):
    x = torch.randn(2, length, D_MODEL, dtype=torch.float64)
    return x.to(device)


def _deepseek(layer):
    """DeepseekV3Attention with the weights of `layer`."""
    config = DeepseekV3Config(
        hidden_size=D_MODEL,
        num_attention_heads=N_HEADS,
        num_key_value_heads=N_HEADS,
        q_lora_rank=None,
        rope_interleave=False,
        attn_implementation="sdpa",
        **SHAPE,
    )
    reference = DeepseekV3Attention(config, layer_idx=0)
    # Theirs rounds to float32; ours is PyTorch's own.
    reference.kv_a_layernorm = layer.kv_norm
    reference.to(layer.q_proj.weight)
    k_up = layer.k_up.weight.unflatten(0, (N_HEADS, -1))
    v_up = layer.v_up.weight.unflatten(0, (N_HEADS, -1))
    with torch.no_grad():
        reference.q_proj.weight.copy_(layer.q_proj.weight)
        reference.kv_a_proj_with_mqa.weight.copy_(layer.kv_down.weight)
        reference.kv_b_proj.weight.copy_(
            torch.cat([k_up, v_up], dim=1).flatten(0, 1)
        )
        reference.o_proj.weight.copy_(layer.o_proj.weight)
    return reference


def test_equals_deepseek_attention(device, form):
    layer, x = _layer(device), _x(device)
    angles = torch.outer(torch.arange(5), FREQUENCIES).repeat(1, 2).to(device)
    expected, _ = _deepseek(layer)(
        x,
        position_embeddings=(angles.cos()[None], angles.sin()[None]),
        attention_mask=None,  # causal, then
    )
    output, _ = form(layer, x, FREQUENCIES)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-14)


def test_the_norm_equals_deepseeks(device):
    layer = _layer(device).float()
    theirs = DeepseekV3Attention(DeepseekV3Config(**SHAPE), layer_idx=0)
    assert theirs.kv_a_layernorm.variance_epsilon == layer.kv_norm.eps


@given(lengths=st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_chunks_equal_the_full_pass(device, form, lengths):
    layer, x = _layer(device), _x(device, sum(lengths))
    full, all_latents = form(layer, x, FREQUENCIES)
    outputs, latents = [], None
    for chunk in x.split(lengths, dim=1):
        output, latents = form(layer, chunk, FREQUENCIES, latents)
        outputs.append(output)
    torch.testing.assert_close(
        torch.cat(outputs, dim=1), full, rtol=0, atol=1e-14
    )
    torch.testing.assert_close(latents, all_latents, rtol=0, atol=1e-14)


def test_absorbed_decode_continues_a_naive_prefill(device):
    layer, x = _layer(device), _x(device)
    full, _ = layer(x, FREQUENCIES)
    _, latents = layer(x[:, :4], FREQUENCIES)
    last, _ = absorbed(layer, x[:, 4:], FREQUENCIES, latents)
    torch.testing.assert_close(last, full[:, 4:], rtol=0, atol=1e-14)


def test_a_token_leaves_one_latent_for_all_heads(device, form):
    _, latents = form(_layer(device), _x(device), FREQUENCIES)
    assert latents.shape == (2, 5, LATENT)


def test_parameters_equal_the_closed_form():
    layer = LatentAttention(D_MODEL, N_HEADS, **SHAPE)
    rank, nope, rope, v = SHAPE.values()
    down = D_MODEL * (N_HEADS * (nope + rope) + rank + rope) + rank
    up = rank * N_HEADS * (nope + v) + N_HEADS * v * D_MODEL
    assert sum(p.numel() for p in layer.parameters()) == down + up


def test_absorbed_never_calls_the_up_projections(device):
    layer, x = _layer(device), _x(device)

    def refuse(*_):
        raise AssertionError("keys or values were rebuilt")

    layer.k_up.register_forward_pre_hook(refuse)
    layer.v_up.register_forward_pre_hook(refuse)
    absorbed(layer, x, FREQUENCIES)
    with pytest.raises(AssertionError, match="rebuilt"):
        layer(x, FREQUENCIES)


def test_the_future_changes_no_bit(device, form):
    layer, x = _layer(device), _x(device)
    before, _ = form(layer, x, FREQUENCIES)
    x[:, 3:] = 1e30
    after, _ = form(layer, x, FREQUENCIES)
    assert torch.equal(after[:, :3], before[:, :3])
    assert not torch.equal(after[:, 3:], before[:, 3:])


def test_the_position_is_only_in_the_last_part_of_a_latent(device, form):
    layer, x = _layer(device), _x(device, length=1)
    _, first = form(layer, x, FREQUENCIES)
    past = torch.zeros(2, 3, LATENT, dtype=torch.float64, device=device)
    _, latents = form(layer, x, FREQUENCIES, past)
    moved = latents[:, 3:] != first
    assert not moved[..., :6].any()
    assert moved[..., 6:].all()


def test_works_on_the_device_of_its_inputs(form):
    # The meta device has shapes but no memory, and refuses to mix.
    output, latents = form(_layer("meta"), _x("meta"), FREQUENCIES)
    assert output.device.type == latents.device.type == "meta"
