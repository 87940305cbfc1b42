"""With its weights copied it equals the Llama MLP of transformers, exactly.
Each token is on its own: poisoning one leaves all others as they were.
It has 3 * d_model * d_ff parameters, and every one gets a gradient.
"""

import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaMLP

from snippets.decoder.swiglu import SwiGLU


def test_equals_the_llama_mlp(device):
    config = LlamaConfig(
        hidden_size=6, intermediate_size=10, num_attention_heads=1
    )
    theirs = LlamaMLP(config).to(device).double()
    ours = SwiGLU(6, 10).to(device).double()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 6, dtype=torch.float64, device=device)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-14)


def test_tokens_do_not_see_each_other(device):
    layer = SwiGLU(6, 10).to(device)
    x = torch.randn(1, 4, 6, device=device)
    before = layer(x)
    x[:, 2] = torch.nan
    after = layer(x)
    assert after[:, 2].isnan().all()
    others = [0, 1, 3]
    assert torch.equal(after[:, others], before[:, others])


def test_every_parameter_counts_and_gets_a_gradient(device):
    layer = SwiGLU(6, 10).to(device)
    layer(torch.randn(4, 6, device=device)).sum().backward()
    assert sum(p.numel() for p in layer.parameters()) == 3 * 6 * 10
    assert all(p.grad.abs().sum() > 0 for p in layer.parameters())
