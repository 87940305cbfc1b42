"""SwiGLU: the gated feed-forward layer of today's decoders."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu


# --8<-- [start:SwiGLU]
class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)), for each token on its own.

    Shazeer 2020, "GLU Variants Improve Transformer", section 2.
    silu(z) = z * sigmoid(z), also called Swish.

    Three matrices where a plain layer has two, so d_ff = 8/3 * d_model
    costs what 4 * d_model did: 3 * d_model * d_ff parameters and twice
    as many FLOPs a token.
    Leaves out: biases, as the paper does, and the choice of d_ff.
    """

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        return self.down_proj(silu(self.gate_proj(x)) * self.up_proj(x))
# --8<-- [end:SwiGLU]
