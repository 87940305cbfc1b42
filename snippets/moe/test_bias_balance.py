"""With weights copied it routes as the DeepSeek-V3 router of transformers:
the same experts, the same weights. The bias changes who is chosen and
never a weight or a gradient, and updating it drives a badly skewed load
to within a tenth of uniform.
"""

import pytest
import torch
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import (
    DeepseekV3TopkRouter,
)

from snippets.moe.bias_balance import BiasBalancedRouter, update_bias
from snippets.moe.top_k import TopKMoE, TopKRouter

DIM, EXPERTS, K = 6, 8, 2


def biased(device, dtype=torch.float64):
    router = BiasBalancedRouter(DIM, EXPERTS, K).to(device, dtype)
    router.bias.copy_(torch.linspace(-0.4, 0.4, EXPERTS))
    return router


def test_equals_deepseek_v3_of_transformers(device):
    config = DeepseekV3Config(
        hidden_size=DIM, n_routed_experts=EXPERTS, num_experts_per_tok=K,
        n_group=1, topk_group=1, routed_scaling_factor=1.0,
    )
    ours = biased(device, torch.float32)
    theirs = DeepseekV3TopkRouter(config).to(device)
    with torch.no_grad():
        theirs.weight.copy_(ours.score.weight)
        theirs.e_score_correction_bias.copy_(ours.bias)
    x = torch.randn(50, DIM, device=device)
    weights, chosen, _ = ours(x)
    _, their_weights, their_choice = theirs(x)
    one, other = (torch.zeros(50, EXPERTS, device=device) for _ in range(2))
    one.scatter_(1, chosen, weights)
    other.scatter_(1, their_choice, their_weights)
    assert torch.equal(one > 0, other > 0)
    torch.testing.assert_close(one, other, rtol=1e-6, atol=0)


@pytest.mark.parametrize("top_k", [1, K, EXPERTS])
def test_without_a_bias_it_is_the_plain_sigmoid_router(top_k, device):
    ours = BiasBalancedRouter(DIM, EXPERTS, top_k).to(device)
    plain = TopKRouter(DIM, EXPERTS, top_k, gate="sigmoid").to(device)
    plain.score = ours.score
    x = torch.randn(30, DIM, device=device)
    for one, other in zip(ours(x), plain(x), strict=True):
        assert torch.equal(one, other)


def test_weights_come_from_scores_without_bias(device):
    router = biased(device)
    x = torch.randn(30, DIM, dtype=torch.float64, device=device)
    weights, chosen, scores = router(x)
    kept = torch.stack([s[c] for s, c in zip(scores, chosen, strict=True)])
    expected = kept / kept.sum(dim=-1, keepdim=True)
    torch.testing.assert_close(weights, expected, rtol=0, atol=1e-14)
    best = (scores + router.bias).sort(descending=True).indices[:, :K]
    assert torch.equal(chosen, best)
    assert not torch.equal(chosen, scores.topk(K).indices)


def test_the_bias_is_a_buffer_without_gradient(device):
    router = biased(device)
    assert [name for name, _ in router.named_parameters()] == ["score.weight"]
    assert "bias" in router.state_dict()
    weights, _, _ = router(torch.randn(3, DIM, device=device).double())
    weights[:, 0].sum().backward()
    assert router.bias.grad is None
    assert router.score.weight.grad.abs().sum() > 0


def test_updating_drives_a_skewed_load_to_uniform(device):
    torch.manual_seed(0)
    router = BiasBalancedRouter(DIM, EXPERTS, K).to(device)
    mean = 2 * torch.randn(DIM, device=device)

    def step():
        x = mean + torch.randn(4000, DIM, device=device)
        _, chosen, _ = router(x)
        load = torch.bincount(chosen.flatten(), minlength=EXPERTS)
        return chosen, load.max() * EXPERTS / load.sum()

    _, worst_before = step()
    for _ in range(400):
        chosen, worst_after = step()
        router.bias.copy_(update_bias(router.bias, chosen, speed=0.002))
    assert worst_before > 2
    assert worst_after < 1.1


def test_one_update_by_hand(device):
    bias = torch.tensor([0.0, 0.5, -0.5, 0.0, 0.0], device=device)
    chosen = [[0, 1], [0, 2], [0, 2], [0, 3], [0, 3]]  # never the last one
    moved = update_bias(bias, torch.tensor(chosen, device=device), speed=0.25)
    expected = torch.tensor([-0.25, 0.75, -0.5, 0.0, 0.25], device=device)
    assert torch.equal(moved, expected)


def test_bf16_loses_steps_above_one_half():
    chosen = torch.tensor([[1], [2]])
    for dtype, moves in ((torch.float32, True), (torch.bfloat16, False)):
        bias = torch.tensor([0.6, 0.0, 0.0]).to(dtype)
        assert (update_bias(bias, chosen)[0] != bias[0]) == moves


def test_it_drives_the_same_layer(device):
    moe = TopKMoE(DIM, 4, biased(device)).to(device).double()
    x = torch.randn(5, DIM, dtype=torch.float64, device=device)
    weights, chosen, _ = moe.router(x)
    expected = torch.stack([
        sum(w * moe.experts[e](t) for w, e in zip(ws, es, strict=True))
        for t, ws, es in zip(x, weights, chosen, strict=True)
    ])
    torch.testing.assert_close(moe(x), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("top_k", [0, EXPERTS + 1])
def test_a_top_k_that_cannot_be_had(top_k):
    with pytest.raises(ValueError, match=f"{top_k} of {EXPERTS} experts"):
        BiasBalancedRouter(DIM, EXPERTS, top_k)
