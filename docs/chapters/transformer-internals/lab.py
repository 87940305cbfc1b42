# %% [markdown]
# # Lab: what attention heads learn
#
# **What you will see.** A decoder with two layers, trained for under a minute on licence texts and on strings that
# repeat, learns to copy. It does so all at once: for hundreds of steps the second copy of a string is nearly as
# surprising as the first, and within a few dozen more it is almost free. Two kinds of head, working together, explain
# it:
#
# 1. in the first layer, a **previous-token head** writes into each position which token stood before it;
# 2. in the second layer, **induction heads** look for a position whose *previous* token is the *current* token, and
#    copy what stands there (Olsson et al. 2022, "In-context Learning and Induction Heads").
#
# Silence the first head and the copying is gone, although that head copies nothing itself. And while an induction head
# has nothing to copy, it parks its weight on the first token: an **attention sink** (Xiao et al. 2023).
#
# Every sentence here is asserted below. To run it yourself, open this folder in Jupyter or say `make labs`; it needs
# one processor core and no download.

# %%
import math
import sys
from pathlib import Path

import torch
from IPython.display import display
from torch.nn.functional import cross_entropy

sys.path.insert(0, "../../..")  # the root of the repository

from images import attention_heads, induction_onset, score_growth, sink_mass

from snippets.attention.scaled_dot_product import causal_mask
from snippets.decoder.tiny import TinyDecoder, generate
from snippets.decoder.train import train, windows
from snippets.positions.rope import apply_rope

torch.set_num_threads(1)
torch.manual_seed(1)
results = {}

# %% [markdown]
# ## Before training: why scores are divided
#
# Queries and keys are random here, as they are in a model that has learnt nothing. Undivided, the largest of 32
# weights is near one for wide heads: softmax has made up its mind, and its gradient is all but gone. Divided by the
# root of the head size, no width does that.

# %%
results["largest_weight"] = {
    name: {str(size): score_growth.largest_weight(size, scale) for size in score_growth.SIZES}
    for name, scale in {"undivided": 1.0, "divided": None}.items()
}
score_growth.draw()

# %% [markdown]
# ## Data: prose, and strings that repeat
#
# One token is one character of the handbook's two licences. A quarter of each batch is their prose. The rest is
# noise that repeats: a random string of 8 to 16 characters, over and over. Noise has no grammar to learn; the only way
# to predict it is to look back. Every sequence begins with a start token.

# %%
LENGTH, HALF = 32, 16
licences = [Path("../../..", name).read_text() for name in ("LICENSE", "LICENSE-CONTENT")]
text = " ".join(" ".join(licences).split())
characters = sorted(set(text))
START = len(characters)
text_ids = torch.tensor([characters.index(c) for c in text])


def repeated(batch, shortest, longest, chance):
    """Random strings, each repeated to fill the length."""
    period = torch.randint(shortest, longest + 1, (batch, 1), generator=chance)
    string = torch.randint(START, (batch, longest), generator=chance)
    return string.gather(1, torch.arange(LENGTH) % period)


def with_start(sequences):
    return torch.cat([torch.full((len(sequences), 1), START), sequences], dim=1)


def batches():
    chance = torch.Generator().manual_seed(2)
    prose = windows(text_ids, batch=8, length=LENGTH, seed=1)
    while True:
        sequences = with_start(torch.cat([next(prose)[0], repeated(24, 8, 16, chance)]))
        yield sequences[:, :-1], sequences[:, 1:]


held_out = with_start(repeated(128, HALF, HALF, torch.Generator().manual_seed(99)))  # start, copy, the same copy
prose, _ = next(windows(text_ids, batch=128, length=LENGTH, seed=98))
print(f"{len(text):,} characters, {START} of them different")
print("noise:", "".join(characters[i] for i in held_out[0, 1:]))
print("prose:", "".join(characters[i] for i in prose[0]))

# %% [markdown]
# ## What to measure
#
# A head is judged by where its weight goes. **Previous**: to the token before. **Induction**: in the second copy, to
# the token after the same token's last appearance. **First**: to the start token. All are means over held-out strings.


# %%
def split(x):
    """batch token width -> batch head token head_dim"""
    return x.unflatten(-1, (4, -1)).transpose(1, 2)


@torch.no_grad()
def attention_weights(model, ids):
    """The weights of all heads: batch, layer, head, query, key."""
    mask = causal_mask(ids.shape[1], ids.shape[1])
    positions = torch.arange(ids.shape[1])
    x, weights = model.embed(ids), []
    for block in model.blocks:
        normal = block.attention_norm(x)
        query, key = (
            apply_rope(split(projection(normal)), positions, model.frequencies)
            for projection in (block.attention.q_proj, block.attention.k_proj)
        )
        scores = query @ key.transpose(-2, -1) / math.sqrt(model.head_dim)
        weights.append(scores.masked_fill(~mask, -torch.inf).softmax(dim=-1))
        x = block(x, model.frequencies)
    return torch.stack(weights, dim=1)


def head_scores(weights):
    """Three tables, layer by head."""
    previous = weights.diagonal(offset=-1, dim1=-2, dim2=-1)[..., 1:]
    after_last = weights.diagonal(offset=1 - HALF, dim1=-2, dim2=-1)[..., 2:]  # query HALF + 1 and later
    first = weights[..., 4 : HALF + 1, 0]
    return {name: part.mean(dim=(0, 3)) for name, part in
            {"previous": previous, "induction": after_last, "first": first}.items()}


@torch.no_grad()
def copy_losses(model):
    """Mean loss in nats on the first copy and on the second, without the latter's first token."""
    losses = cross_entropy(model(held_out[:, :-1]).transpose(1, 2), held_out[:, 1:], reduction="none")
    return losses[:, :HALF].mean().item(), losses[:, HALF + 1 :].mean().item()


# %% [markdown]
# ## Training
#
# The embedding is not tied to the head here; tied, the same model needs much longer to find the trick.

# %%
STEPS, EVERY = 700, 20
model = TinyDecoder(
    vocab_size=START + 1, d_model=64, n_layers=2, n_heads=4, n_kv_heads=4, d_ff=256, tied_embeddings=False
)
history = []


def measure(step):
    table = head_scores(attention_weights(model, held_out))
    history.append((step, *copy_losses(model), table["previous"], table["induction"]))


def watched(pairs):
    """Hand on the batches, and measure the model between them."""
    for step, pair in enumerate(pairs):
        if step % EVERY == 0:
            measure(step)
        yield pair


losses = train(model, watched(batches()), STEPS, learning_rate=6e-3)
measure(STEPS)
first_copy, second_copy = copy_losses(model)
results["parameters"] = sum(p.numel() for p in model.parameters())
results["steps"] = STEPS
results["loss"] = {"uniform": math.log(START + 1), "first_step": losses[0], "last_50": sum(losses[-50:]) / 50}
results["copy"] = {"first": first_copy, "second": second_copy}
print(f"{results['parameters']:,} parameters; loss {losses[0]:.2f}, at the end {results['loss']['last_50']:.2f} nats")
print(f"held-out noise: first copy {first_copy:.2f}, second copy {second_copy:.2f} nats")
print("it writes:", "".join(characters[i] for i in generate(model, with_start(text_ids[None, :20]), 60)[0, 1:]))

# %% [markdown]
# The first copy stays unpredictable, as noise must: a model that has learnt the odds of prose is even a little worse
# than uniform there. The second copy costs almost nothing.
#
# ## It happens all at once

# %%
scores = head_scores(attention_weights(model, held_out))
previous_head = divmod(scores["previous"].argmax().item(), 4)
induction_head = divmod(scores["induction"].argmax().item(), 4)
steps, first_losses, second_losses, previous_scores, induction_scores = zip(*history, strict=True)
onset = next(step for step, loss in zip(steps, second_losses, strict=True) if loss < second_losses[0] / 2)
before = second_losses[steps.index(onset) - 5]
results["onset"] = {"step": onset, "loss_100_steps_before": before}
results["series"] = {
    "steps": steps,
    "first_copy": first_losses,
    "second_copy": second_losses,
    "previous": [table[previous_head].item() for table in previous_scores],
    "induction": [table[induction_head].item() for table in induction_scores],
}
for panel in induction_onset.draw(results):
    display(panel)

# %% [markdown]
# The two scores rise together, the previous-token head's no later: an induction head has nothing to match before it.
#
# ## Who does it

# %%
weights = attention_weights(model, held_out)
entropy = -(weights * weights.clamp_min(1e-12).log2()).sum(dim=-1)[..., HALF + 1 :].mean(dim=(0, 3))
prose_first = head_scores(attention_weights(model, with_start(prose)[:, :-1]))["first"]

with torch.no_grad():  # the weights above are those of the model: mixing values by them gives what a block computes
    block, x = model.blocks[0], model.embed(held_out)
    normal = block.attention_norm(x)
    value = split(block.attention.v_proj(normal))
    mixed = block.attention.o_proj((weights[:, 0] @ value).transpose(1, 2).flatten(2))
    torch.testing.assert_close(mixed, block.attention(normal, model.frequencies))

print("layer head  previous induction first (noise) first (prose)  entropy")
for layer in range(2):
    for head in range(4):
        row = [scores["previous"], scores["induction"], scores["first"], prose_first, entropy]
        print(f"{layer + 1:5} {head + 1:4}", "".join(f"{table[layer, head]:11.2f}" for table in row), "bits")
results["heads"] = {
    "previous": {"layer": previous_head[0] + 1, "head": previous_head[1] + 1,
                 "score": scores["previous"][previous_head].item()},
    "induction": {"layer": induction_head[0] + 1, "head": induction_head[1] + 1,
                  "score": scores["induction"][induction_head].item()},
}
results["entropy_bits"] = {
    "induction": entropy[induction_head].item(), "widest": entropy.max().item(), "uniform": math.log2(HALF * 1.5)
}

# %% [markdown]
# One held-out string, row by row: each row is a position that asks, each column a position that is asked.

# %%
results["series"]["heads"] = {
    name: [[round(w, 2) for w in row[: i + 1]] for i, row in enumerate(weights[0][place].tolist())]
    for name, place in {"previous": previous_head, "induction": induction_head}.items()
}
for panel in attention_heads.draw(results):
    display(panel)

# %% [markdown]
# ## Silence one head at a time
#
# A pattern is not yet a cause. Set one head's output to zero and measure the second copy again.


# %%
def loss_without(layer, head):
    """The second copy's loss with one head's output set to zero."""
    keep = torch.ones(4, model.head_dim)
    keep[head] = 0
    projection = model.blocks[layer].attention.o_proj
    hook = projection.register_forward_pre_hook(lambda _, inputs: (inputs[0] * keep.flatten(),))
    loss = copy_losses(model)[1]
    hook.remove()
    return loss


without = torch.tensor([[loss_without(layer, head) for head in range(4)] for layer in range(2)])
others = without.clone()
others[previous_head] = 0
print("second copy, nats, with one head silenced (rows: layers)\n", without.numpy().round(2))
results["silenced"] = {
    "none": second_copy, "previous": without[previous_head].item(), "worst_other": others.max().item()
}

# %% [markdown]
# The previous-token head is the one the model can least do without. Induction heads stand in for one another: there
# are several.
#
# ## Where a head looks when it has nothing to copy
#
# The weights of a row sum to one, so a head cannot look nowhere. Early in the first copy there is nothing to copy, and
# the induction head rests on the start token. From position 8 on a copy may begin, for in training no string was
# shorter, and it starts to let go. In the second copy nothing is left there. Prose seldom repeats itself to the letter,
# and on it one head of the second layer rests on the start token most of the time.

# %%
by_position = weights[..., 0].mean(dim=0)  # layer, head, query
results["series"]["sink"] = {
    "induction": by_position[induction_head].tolist(),
    "previous": by_position[previous_head].tolist(),
}
results["sink"] = {
    "first_copy": scores["first"][induction_head].item(),
    "second_copy": by_position[induction_head][HALF + 1 :].mean().item(),
    "prose": prose_first[1].max().item(),
}
sink_mass.draw(results)

# %% [markdown]
# ## What this shows, and what it does not
#
# It shows a mechanism, in a model small enough to take apart: two layers, one head feeding another, found by
# measurement and confirmed by removal. It does not show that large models copy by this circuit alone, that every large
# model has sinks for this reason, or at which step of a real training run copying begins: here three quarters of the
# data asks for it. Another seed puts the same roles on other heads.
#
# These are the claims of this page. A test runs the lab again whenever the code it imports changes, and fails if one no
# longer holds.

# %%
widest = str(max(score_growth.SIZES))
assert results["largest_weight"]["undivided"][widest] > 0.9
assert max(results["largest_weight"]["divided"].values()) < 0.2

assert abs(losses[0] - results["loss"]["uniform"]) < 0.1
assert first_copy > results["loss"]["uniform"]  # noise stays noise
assert second_copy < 0.5 < 3 < first_copy - second_copy

assert before > 0.85 * second_losses[0]  # a hundred steps before the fall, next to nothing
half_way = {
    name: next(step for step, score in zip(steps, results["series"][name], strict=True)
               if score > results["series"][name][-1] / 2)
    for name in ("previous", "induction")
}
assert half_way["previous"] <= half_way["induction"]
assert previous_head[0] == 0 and induction_head[0] == 1  # first layer, second layer
assert scores["previous"][previous_head] > 0.4
assert scores["induction"][induction_head] > 0.5
assert scores["induction"][0].max() < 0.1  # one layer alone cannot do it

assert without[previous_head] == without.max()
assert without[previous_head] > 1.5 * others.max()

assert results["sink"]["first_copy"] > 0.25 > 10 * results["sink"]["second_copy"]
early, late = by_position[induction_head][1:8].mean(), by_position[induction_head][8 : HALF + 1].mean()
assert early > 0.5 > late
assert results["sink"]["prose"] > 0.3
