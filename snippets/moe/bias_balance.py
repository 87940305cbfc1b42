"""Balance experts by a bias on their selection, without a loss."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


# --8<-- [start:BiasBalancedRouter]
class BiasBalancedRouter(nn.Module):
    """Choose by score plus bias, weigh by score alone.

    Wang et al. 2024, "Auxiliary-Loss-Free Load Balancing Strategy for
    Mixture-of-Experts", section 3; DeepSeek-V3 (2024, section 2.1.2).

    The bias moves tokens between experts and never distorts the mix
    of those chosen. It has no gradient; update_bias moves it. Keep it
    in float32: from 0.5 on, bfloat16 rounds a step of 0.001 away.
    Raises ValueError if there are no top_k experts to choose.
    Leaves out: groups of experts, a factor on the weights.
    """

    def __init__(self, d_model: int, n_experts: int, top_k: int) -> None:
        super().__init__()
        if not 1 <= top_k <= n_experts:
            raise ValueError(f"cannot choose {top_k} of {n_experts} experts")
        self.n_experts, self.top_k = n_experts, top_k
        self.score = nn.Linear(d_model, n_experts, bias=False)
        self.bias: Tensor
        self.register_buffer("bias", torch.zeros(n_experts))

    def forward(
        self, x: Float[Tensor, "token d_model"]
    ) -> tuple[
        Float[Tensor, "token choice"],
        Int[Tensor, "token choice"],
        Float[Tensor, "token expert"],
    ]:
        scores = self.score(x).sigmoid()
        chosen = (scores + self.bias).topk(self.top_k).indices
        weights = scores.gather(1, chosen)
        weights = weights / weights.sum(dim=1, keepdim=True)
        return weights, chosen, scores
# --8<-- [end:BiasBalancedRouter]


# --8<-- [start:update_bias]
def update_bias(
    bias: Float[Tensor, "expert"],
    chosen: Int[Tensor, "token choice"],
    speed: float = 0.001,
) -> Float[Tensor, "expert"]:
    """bias + speed * sign(mean load - load), after each training step.

    Wang et al. 2024, algorithm 1. An idle expert's bias rises, a busy
    one's falls; only the sign counts, so speed bounds how fast the
    routing can change.
    chosen: of the whole global batch, since balance in each small
    batch would forbid specialists.
    """
    counts = torch.bincount(chosen.flatten(), minlength=len(bias))
    load = counts.to(bias.dtype)
    return bias + speed * torch.sign(load.mean() - load)
# --8<-- [end:update_bias]
