"""With its weights copied it equals one layer of transformers' Llama, and
with QK-norm one of Qwen3, to 1e-12 in fp64. Poisoned tokens reach no token
before them. With both branches silenced the input passes unchanged: the
residual stream is not normalised.
"""

import re

import pytest
import torch
from torch import nn
from transformers import LlamaConfig, Qwen3Config
from transformers.models.llama.modeling_llama import LlamaDecoderLayer
from transformers.models.qwen3.modeling_qwen3 import Qwen3DecoderLayer

from snippets.decoder.block import DecoderBlock, HeadNorm
from snippets.kv_cache.contiguous import KVCache
from snippets.moe.top_k import TopKMoE, TopKRouter
from snippets.positions.rope import rope_frequencies

FREQUENCIES = rope_frequencies(6)


def in_float64(model):
    """A transformers model in fp64, its norms replaced by PyTorch's.

    The library rounds norms and rotary angles to float32 even in a
    float64 model; the tests widen both and change nothing else.
    """
    for name, module in list(model.named_modules()):
        if type(module).__name__.endswith("RMSNorm"):
            parent, _, own = name.rpartition(".")
            norm = nn.RMSNorm(len(module.weight), module.variance_epsilon)
            setattr(model.get_submodule(parent), own, norm)
    return model.double().eval()


class Rotary64(nn.Module):
    """LlamaRotaryEmbedding without its rounding."""

    def __init__(self, frequencies):
        super().__init__()
        self.frequencies = frequencies

    def forward(self, x, position_ids):
        angles = position_ids[..., None] * self.frequencies.to(x.device)
        angles = torch.cat([angles, angles], dim=-1)
        return angles.cos(), angles.sin()


def llama_names(state):
    """Our parameters under the names that transformers gives them."""
    spelled = {
        r"^embed\.": "model.embed_tokens.",
        r"^blocks\.": "model.layers.",
        r"^norm\.": "model.norm.",
        r"^head\.": "lm_head.",
        r"attention_norm": "input_layernorm",
        r"ffn_norm": "post_attention_layernorm",
        r"(.)_proj\.norm": r"\1_norm",
        r"(.)_proj\.projection": r"\1_proj",
        r"\battention\.": "self_attn.",
        r"\bffn\.": "mlp.",
    }
    renamed = {}
    for name, value in state.items():
        for ours, theirs in spelled.items():
            name = re.sub(ours, theirs, name)
        renamed[name] = value
    return renamed


def block(device, **options):
    layer = DecoderBlock(12, 4, 2, 6, 20, **options).to(device).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def stream(device, n_tokens=7):
    return torch.randn(2, n_tokens, 12, dtype=torch.float64, device=device)


@pytest.mark.parametrize(
    "layer, config, options",
    [
        (LlamaDecoderLayer, LlamaConfig, {}),
        (Qwen3DecoderLayer, Qwen3Config, {"qk_norm": True}),
    ],
)
def test_equals_a_layer_of_transformers(layer, config, options, device):
    shape = config(
        hidden_size=12,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=6,
        intermediate_size=20,
        attn_implementation="sdpa",
    )
    theirs = in_float64(layer(shape, layer_idx=0)).to(device)
    ours = block(device, **options)
    theirs.load_state_dict(llama_names(ours.state_dict()))
    x = stream(device)
    positions = torch.arange(7, device=device)[None]
    rotation = Rotary64(FREQUENCIES)(x, positions)
    expected = theirs(x, position_embeddings=rotation)
    torch.testing.assert_close(
        ours(x, FREQUENCIES), expected, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("qk_norm", [False, True])
def test_poisoned_tokens_reach_none_before_them(qk_norm, device):
    layer = block(device, qk_norm=qk_norm)
    x = stream(device)
    before = layer(x, FREQUENCIES)
    x[:, 4:] = 1e6
    after = layer(x, FREQUENCIES)
    assert torch.equal(after[:, :4], before[:, :4])
    assert (after[:, 4:] != before[:, 4:]).all()


def test_the_residual_stream_is_not_normalised(device):
    layer = block(device)
    with torch.no_grad():
        layer.attention.o_proj.weight.zero_()
        layer.ffn.down_proj.weight.zero_()
    x = 100 * stream(device)
    assert torch.equal(layer(x, FREQUENCIES), x)


def test_qk_norm_bounds_the_scores_whatever_the_weights(device):
    layer = block(device, qk_norm=True)
    x = stream(device)
    q_proj = layer.attention.q_proj
    torch.nn.init.ones_(q_proj.norm.weight)
    before = q_proj(x)
    with torch.no_grad():
        q_proj.projection.weight.mul_(1000)
    torch.testing.assert_close(q_proj(x), before, rtol=1e-4, atol=0)
    lengths = before.unflatten(-1, (4, 6)).norm(dim=-1)
    assert (lengths <= 6**0.5 + 1e-12).all()


@pytest.mark.parametrize("batch", [(), (2, 3), (2, 3, 5)])
def test_heads_are_normalised_in_a_batch_of_any_axes(batch, device):
    projection = HeadNorm(nn.Linear(12, 24, bias=False), 6)
    projection = projection.to(device).double()
    x = torch.randn(*batch, 12, dtype=torch.float64, device=device)
    alone = torch.stack([projection(token) for token in x.reshape(-1, 12)])
    torch.testing.assert_close(
        projection(x), alone.reshape(*batch, 24), rtol=0, atol=1e-12
    )


def test_cached_equals_uncached(device):
    layer = block(device, qk_norm=True)
    x = stream(device)
    cache = KVCache(2, 2, 7, 6, torch.float64, device)
    parts = [layer(part, FREQUENCIES, cache) for part in x.split([4, 1, 2], 1)]
    torch.testing.assert_close(
        torch.cat(parts, dim=1), layer(x, FREQUENCIES), rtol=1e-12, atol=1e-12
    )


def test_experts_may_stand_in_for_the_ffn(device):
    layer = block(device)
    layer.ffn = TopKMoE(12, 8, TopKRouter(12, 4, 2)).to(device).double()
    x = stream(device)
    y = layer(x, FREQUENCIES)
    middle = x + layer.attention(layer.attention_norm(x), FREQUENCIES)
    expected = middle + layer.ffn(layer.ffn_norm(middle))
    assert torch.equal(y, expected)


@pytest.mark.parametrize("qk_norm", [False, True])
def test_every_parameter_gets_a_gradient(qk_norm, device):
    layer = block(device, qk_norm=qk_norm)
    layer(stream(device), FREQUENCIES).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in layer.parameters())
