"""Many adapters over one base, each sequence of a batch with its own."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import pad

from snippets.lora.linear import LoRALinear


# --8<-- [start:MultiLoRALinear]
class MultiLoRALinear(nn.Module):
    """y = W x + scale_i B_i A_i x, where i is chosen a sequence.

    Chen et al. 2023, "Punica", and Sheng et al. 2023, "S-LoRA": the
    product with W, nearly all of the work, is shared by the batch, and
    only the thin products differ. Merged adapters could not share it.

    Ranks may differ: the smaller are filled up with zeros. Reads
    r (d_in + d_out) numbers a sequence; a kernel as in the papers
    reads each adapter once, in place, whatever its rank.
    Raises ValueError for no adapter, one of another shape, or an index
    that is no adapter's. Leaves out: training, paging adapters in.
    """

    def __init__(
        self, base: nn.Linear, adapters: Sequence[LoRALinear]
    ) -> None:
        super().__init__()
        shapes = [tuple(each.base.weight.shape) for each in adapters]
        if set(shapes) != {tuple(base.weight.shape)}:
            raise ValueError(
                f"adapters for {shapes}, base {tuple(base.weight.shape)}"
            )
        self.base = base.requires_grad_(False)
        rank = max(len(each.lora_a) for each in adapters)
        # One more, of zeros, is the last: index -1 is the base alone.
        a = [pad(x.lora_a, (0, 0, 0, rank - len(x.lora_a))) for x in adapters]
        b = [x.scale * x.lora_b for x in adapters]
        b = [pad(x, (0, rank - x.shape[1])) for x in b]
        stacked = (torch.stack([*x, 0 * x[0]]).detach() for x in (a, b))
        for name, tensor in zip(("lora_a", "lora_b"), stacked, strict=True):
            self.register_buffer(name, tensor)

    def forward(
        self,
        x: Float[Tensor, "batch token d_in"],
        adapter: Int[Tensor, "batch"],
    ) -> Float[Tensor, "batch token d_out"]:
        """adapter: the index of each sequence's adapter; -1 for none."""
        n = len(self.lora_a) - 1
        if ((adapter < -1) | (adapter >= n)).any():
            raise ValueError(f"adapters {adapter.tolist()}, there are {n}")
        a, b = self.lora_a[adapter], self.lora_b[adapter]  # batch …
        update = x.to(a.dtype) @ a.mT @ b.mT
        y = self.base(x)
        return (y + update).to(y.dtype)
# --8<-- [end:MultiLoRALinear]
