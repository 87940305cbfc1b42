"""Mixture of experts: a router sends each token to k of many experts."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from snippets.decoder.swiglu import SwiGLU


# --8<-- [start:TopKRouter]
class TopKRouter(nn.Module):
    """Score all experts, keep the k best, let their weights sum to one.

    gate "softmax": Mixtral (Jiang et al. 2024, section 2.1). Softmax
        over the k chosen logits gives the same weights.
    gate "sigmoid": DeepSeek-V3 (2024, section 2.1.2). The score of an
        expert does not depend on its rivals.

    Returns weights, chosen experts and all scores.
    Cost: 2 * d_model * n_experts FLOPs a token.
    Raises ValueError if there are no top_k experts to choose, or the
    gate is another.
    """

    def __init__(
        self, d_model: int, n_experts: int, top_k: int, gate: str = "softmax"
    ) -> None:
        super().__init__()
        if not 1 <= top_k <= n_experts:
            raise ValueError(f"cannot choose {top_k} of {n_experts} experts")
        if gate not in ("softmax", "sigmoid"):
            raise ValueError(f"gate {gate!r} is not softmax or sigmoid")
        self.n_experts, self.top_k, self.gate = n_experts, top_k, gate
        self.score = nn.Linear(d_model, n_experts, bias=False)

    def forward(
        self, x: Float[Tensor, "token d_model"]
    ) -> tuple[
        Float[Tensor, "token choice"],
        Int[Tensor, "token choice"],
        Float[Tensor, "token expert"],
    ]:
        logits = self.score(x)
        softmax = self.gate == "softmax"
        scores = logits.softmax(dim=1) if softmax else logits.sigmoid()
        weights, chosen = scores.topk(self.top_k)
        weights = weights / weights.sum(dim=1, keepdim=True)
        return weights, chosen, scores
# --8<-- [end:TopKRouter]


# --8<-- [start:TopKMoE]
class TopKMoE(nn.Module):
    """Each token's weighted sum over the experts its router chose.

    Shazeer et al. 2017, "Outrageously Large Neural Networks", section
    2, with SwiGLU experts. n_shared experts see every token: Dai et
    al. 2024, "DeepSeekMoE", section 3.2; as one wider SwiGLU here.

    A token meets 3 * d_model * d_ff * (top_k + n_shared) parameters
    besides the router's; memory holds those of all experts.
    router: a TopKRouter or a BiasBalancedRouter.
    Leaves out: expert capacity and dropped tokens, grouped kernels,
    experts on several GPUs, a factor on the routed sum.
    """

    def __init__(
        self, d_model: int, d_ff: int, router: nn.Module, n_shared: int = 0
    ) -> None:
        super().__init__()
        self.router = router
        self.experts = nn.ModuleList(
            SwiGLU(d_model, d_ff) for _ in range(router.n_experts)
        )
        self.shared = SwiGLU(d_model, n_shared * d_ff) if n_shared else None

    def forward(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        tokens = x.reshape(-1, x.shape[-1])  # token d_model
        weights, chosen, _ = self.router(tokens)
        out = torch.zeros_like(tokens)
        for index, expert in enumerate(self.experts):
            token, choice = torch.where(chosen == index)
            visit = weights[token, choice, None] * expert(tokens[token])
            out = out.index_add(0, token, visit)
        if self.shared is not None:
            out = out + self.shared(tokens)
        return out.reshape(x.shape)
# --8<-- [end:TopKMoE]


# --8<-- [start:load_balance_loss]
def load_balance_loss(
    scores: Float[Tensor, "token expert"], chosen: Int[Tensor, "token choice"]
) -> Float[Tensor, ""]:
    """n_experts * sum over experts of load * importance.

    Fedus et al. 2021, "Switch Transformers", section 2.2.

    load: an expert's share of all choices. importance: its mean share
    of the scores. One if both are uniform, n_experts / top_k if all
    tokens want the same top_k experts.
    Counts have no gradient, so load acts as a price: the gradient
    lowers the scores of experts that are busier than average.
    """
    n_experts = scores.shape[1]
    counts = torch.bincount(chosen.flatten(), minlength=n_experts)
    load = counts / chosen.numel()
    shares = scores / scores.sum(dim=1, keepdim=True)
    return n_experts * (load * shares.mean(dim=0)).sum()
# --8<-- [end:load_balance_loss]
