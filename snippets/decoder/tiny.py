"""A whole decoder, small enough to train while you wait."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from snippets.decoder.block import DecoderBlock
from snippets.decoder.rms_norm import RMSNorm
from snippets.kv_cache.contiguous import KVCache
from snippets.positions.rope import rope_frequencies


# --8<-- [start:TinyDecoder]
class TinyDecoder(nn.Module):
    """Token ids in, a score for every possible next token out.

    Touvron et al. 2023, "LLaMA", section 2.2: embedding, blocks, a
    last norm and the head that reads the residual stream out.

    tied_embeddings: the head is the embedding matrix; it saves
        vocab_size * d_model parameters, a quarter of some small models.
    Raises ValueError if d_model does not split into n_heads.
    Leaves out: dropout, padding, scaled residual initialisation.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        n_layers: int,
        n_heads: int,
        n_kv_heads: int,
        d_ff: int,
        theta: float = 10_000.0,
        tied_embeddings: bool = True,
        qk_norm: bool = False,
    ) -> None:
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"d_model {d_model}, but {n_heads} heads")
        self.n_kv_heads, self.head_dim = n_kv_heads, d_model // n_heads
        # Not a buffer: model.half() would round the frequencies.
        self.frequencies = rope_frequencies(self.head_dim, theta)
        self.embed = nn.Embedding(vocab_size, d_model)
        self.blocks = nn.ModuleList(
            DecoderBlock(
                d_model, n_heads, n_kv_heads, self.head_dim, d_ff, qk_norm
            )
            for _ in range(n_layers)
        )
        self.norm = RMSNorm(d_model)
        self.head = nn.Linear(d_model, vocab_size, bias=False)
        if tied_embeddings:
            self.head.weight = self.embed.weight
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(
        self,
        ids: Int[Tensor, "batch query"],
        caches: list[KVCache] | None = None,
    ) -> Float[Tensor, "batch query vocab"]:
        """caches: one a layer; they hold the tokens before ids."""
        x = self.embed(ids)
        for index, block in enumerate(self.blocks):
            x = block(x, self.frequencies, caches and caches[index])
        return self.head(self.norm(x))

    def new_caches(self, batch: int, capacity: int) -> list[KVCache]:
        """Empty caches for `capacity` tokens, prompt included."""
        like = self.embed.weight
        shape = (batch, self.n_kv_heads, capacity, self.head_dim)
        return [KVCache(*shape, like.dtype, like.device) for _ in self.blocks]
# --8<-- [end:TinyDecoder]


# --8<-- [start:generate]
@torch.no_grad()
def generate(
    model: TinyDecoder,
    prompt: Int[Tensor, "batch prompt"],
    n_new: int,
    temperature: float = 0.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Int[Tensor, "batch all"]:
    """The prompt and n_new tokens after it, one forward pass each.

    temperature 0 takes the best token; more flattens the choice among
    the top_k best, or among all. The first pass reads the prompt, each
    later one a single token, since the cache keeps the rest.
    Leaves out: stopping early, top-p, prompts of different lengths.
    """
    caches = model.new_caches(len(prompt), prompt.shape[1] + n_new)
    ids = new = prompt
    for _ in range(n_new):
        logits = model(new, caches)[:, -1]  # batch vocab
        new = choose(logits, temperature, top_k, generator)
        ids = torch.cat([ids, new], dim=1)
    return ids
# --8<-- [end:generate]


# --8<-- [start:choose]
def choose(
    logits: Float[Tensor, "batch vocab"],
    temperature: float = 0.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Int[Tensor, "batch 1"]:
    """One token a row: the best, or drawn from softmax(logits / T).

    Raises ValueError if temperature < 0 or top_k is not in 1..vocab.
    """
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if top_k is not None and not 1 <= top_k <= logits.shape[1]:
        raise ValueError(f"top_k {top_k} of {logits.shape[1]} tokens")
    if temperature == 0:
        return logits.argmax(dim=1, keepdim=True)
    if top_k is not None:
        least = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    shares = torch.softmax(logits / temperature, dim=1)
    return torch.multinomial(shares, 1, generator=generator)
# --8<-- [end:choose]
