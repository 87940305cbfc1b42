"""The layer equals a plain loop over tokens that runs every expert, to
1e-12 in fp64; with weights copied it equals the Mixtral block of
transformers, choices and all. The balance loss is one at uniform routing
and n_experts / top_k at collapse, and its gradient pushes the overloaded
expert down.
"""

import pytest
import torch
from transformers import MixtralConfig
from transformers.models.mixtral.modeling_mixtral import (
    MixtralSparseMoeBlock,
    load_balancing_loss_func,
)

from snippets.moe.top_k import TopKMoE, TopKRouter, load_balance_loss

DIM, HIDDEN, EXPERTS, K = 6, 10, 5, 2


def layer(device, gate="softmax", n_shared=0, top_k=K):
    router = TopKRouter(DIM, EXPERTS, top_k, gate)
    return TopKMoE(DIM, HIDDEN, router, n_shared).to(device).double()


def tokens(device, *batch):
    return torch.randn(*batch, DIM, dtype=torch.float64, device=device)


def dense(moe, token):
    """One token through all experts; the k best are kept and weighed."""
    logits = moe.router.score.weight @ token
    scores = torch.exp(logits) / torch.exp(logits).sum()
    if moe.router.gate == "sigmoid":
        scores = 1 / (1 + torch.exp(-logits))
    best = sorted(range(EXPERTS), key=lambda e: -scores[e])[: moe.router.top_k]
    total = sum(scores[e] for e in best)
    out = sum(scores[e] / total * moe.experts[e](token) for e in best)
    return out + moe.shared(token) if moe.shared else out


@pytest.mark.parametrize("gate", ["softmax", "sigmoid"])
@pytest.mark.parametrize("n_shared", [0, 2])
@pytest.mark.parametrize("top_k", [1, 2, EXPERTS])
def test_equals_a_dense_loop(gate, n_shared, top_k, device):
    moe = layer(device, gate, n_shared, top_k)
    x = tokens(device, 3, 4)
    expected = torch.stack([dense(moe, t) for t in x.reshape(-1, DIM)])
    torch.testing.assert_close(
        moe(x), expected.reshape(x.shape), rtol=0, atol=1e-12
    )


def mixtral(ours, device):
    config = MixtralConfig(
        hidden_size=DIM, intermediate_size=HIDDEN,
        num_local_experts=EXPERTS, num_experts_per_tok=K,
    )
    theirs = MixtralSparseMoeBlock(config).to(device).eval()
    with torch.no_grad():
        theirs.gate.weight.copy_(ours.router.score.weight)
        for e, expert in enumerate(ours.experts):
            both = torch.cat([
                expert.gate_proj.weight,
                expert.up_proj.weight,
            ])
            theirs.experts.gate_up_proj[e] = both
            theirs.experts.down_proj[e] = expert.down_proj.weight
    return theirs


def test_equals_mixtral_of_transformers(device):
    ours = layer(device).float()
    theirs = mixtral(ours, device)
    x = tokens(device, 3, 40).float()
    _, our_choice, _ = ours.router(x.reshape(-1, DIM))
    _, _, their_choice = theirs.gate(x)
    assert torch.equal(our_choice, their_choice)
    our_result, their_result = ours(x), theirs(x)
    exact = ours.double()(x.double())
    our_error = (our_result - exact).abs().max()
    their_error = (their_result - exact).abs().max()
    assert our_error <= 2 * their_error
    assert their_error < 1e-6


def test_poison_reaches_only_the_tokens_of_its_expert(device):
    moe = layer(device)
    x = tokens(device, 40)
    before = moe(x)
    _, chosen, _ = moe.router(x)
    with torch.no_grad():
        moe.experts[1].down_proj.weight.fill_(torch.nan)
    visited = (chosen == 1).any(dim=-1)
    after = moe(x)
    assert 0 < visited.sum() < len(x)
    assert after[visited].isnan().all()
    assert torch.equal(after[~visited], before[~visited])


def test_an_expert_without_tokens_is_no_trouble(device):
    moe = layer(device, top_k=1)
    x = tokens(device, 1)
    moe(x).sum().backward()
    _, chosen, _ = moe.router(x)
    for index, expert in enumerate(moe.experts):
        slope = expert.up_proj.weight.grad
        assert slope.isfinite().all()
        assert (slope.abs().sum() > 0) == (index == chosen.item())


def test_every_parameter_gets_a_gradient(device):
    moe = layer(device, n_shared=1)
    moe(tokens(device, 60)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in moe.parameters())


def test_multiplied_parameters_are_as_stated(device):
    moe = layer(device, n_shared=2)
    one = sum(p.numel() for p in moe.experts[0].parameters())
    shared = sum(p.numel() for p in moe.shared.parameters())
    assert one == 3 * DIM * HIDDEN
    assert K * one + shared == 3 * DIM * HIDDEN * (K + 2)
    assert layer(device).shared is None


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_balance_loss_is_one_at_uniform(top_k, device):
    scores = torch.full((EXPERTS, EXPERTS), 1 / EXPERTS, device=device)
    first = torch.arange(EXPERTS, device=device)[:, None]
    chosen = (first + torch.arange(top_k, device=device)) % EXPERTS
    loss = load_balance_loss(scores, chosen)
    torch.testing.assert_close(loss, torch.ones_like(loss))


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_balance_loss_at_collapse(top_k, device):
    chosen = torch.arange(top_k, device=device).expand(9, top_k)
    scores = torch.zeros(9, EXPERTS, device=device)
    scores[:, :top_k] = 1 / top_k
    loss = load_balance_loss(scores, chosen)
    assert loss.item() == pytest.approx(EXPERTS / top_k)


def test_balance_loss_is_that_of_transformers_over_k(device):
    router = TopKRouter(DIM, EXPERTS, K).to(device)
    x = tokens(device, 50).float()
    _, chosen, scores = router(x)
    theirs = load_balancing_loss_func((router.score(x),), EXPERTS, K)
    torch.testing.assert_close(load_balance_loss(scores, chosen), theirs / K)


def test_balance_loss_takes_sigmoid_scores(device):
    scores = 0.9 * torch.rand(20, EXPERTS, device=device) + 0.05
    chosen = scores.topk(K).indices
    expected = load_balance_loss(scores / scores.sum(-1, True), chosen)
    torch.testing.assert_close(load_balance_loss(scores, chosen), expected)


def test_balance_loss_pushes_the_overloaded_expert_down(device):
    logits = torch.zeros(10, EXPERTS, device=device, requires_grad=True)
    chosen = torch.zeros(10, 1, dtype=torch.long, device=device)
    load_balance_loss(logits.softmax(dim=-1), chosen).backward()
    assert (logits.grad[:, 0] > 0).all()
    assert (logits.grad[:, 1:] < 0).all()


@pytest.mark.parametrize("top_k", [0, EXPERTS + 1])
def test_a_top_k_that_cannot_be_had(top_k):
    with pytest.raises(ValueError, match=f"{top_k} of {EXPERTS} experts"):
        TopKRouter(DIM, EXPERTS, top_k)


def test_an_unknown_gate():
    with pytest.raises(ValueError, match="'tanh'"):
        TopKRouter(DIM, EXPERTS, K, gate="tanh")
