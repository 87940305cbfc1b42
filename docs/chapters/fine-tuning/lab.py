# %% [markdown]
# # Lab: LoRA against full fine-tuning
#
# **What you will see.** A small decoder is trained on prose, then fine-tuned on two tasks that differ in one respect,
# how much there is to learn:
#
# 1. a **behaviour**, to answer in capitals, is one bit that the model can nearly do already. Rank 1 learns it about as
#    well as a full fine-tune;
# 2. **facts**, 256 random pairs, are thousands of bits that it cannot know. There the loss falls with each rank, and
#    low ranks stay far from a full fine-tune.
#
# Both ways the old prose is forgotten, by LoRA too: the frozen base is no protection, since what counts is the sum of
# base and update. Rehearsal, a few old examples in each batch, is.
#
# The last cell asserts these claims. To run the lab yourself, open this folder in Jupyter, or say `make labs`; it
# needs one processor core, about a minute, and no download.

# %%
import copy
import string
import sys
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

sys.path.insert(0, "../../..")  # the root of the repository

from images import forgetting, learning_rates, rank_loss

from snippets.decoder.tiny import TinyDecoder, generate
from snippets.decoder.train import train, windows
from snippets.lora.inject import inject, trainable_parameters
from snippets.tuning.chat_template import IGNORED

torch.set_num_threads(1)
torch.manual_seed(0)
results = {}

# %% [markdown]
# ## The base model: prose in two scripts
#
# One token is one character of the handbook's two licences, letters and a few marks only. Half of each batch is in
# small letters, half in capitals, so that the base can write both, and tells from what it reads which is wanted. The
# last tenth of the text is held out. `>` and `=` never occur: they are kept for the tasks.

# %%
LENGTH, MARKS = 32, " .,;()"
licences = ["../../../LICENSE", "../../../LICENSE-CONTENT"]
words = " ".join(Path(name).read_text() for name in licences).lower()
text = "".join(c if c in string.ascii_lowercase + MARKS else " " for c in words)
text = " ".join(text.split())

characters = sorted(MARKS + string.ascii_letters + "=>")
number = {c: i for i, c in enumerate(characters)}
capital = torch.tensor([number[c.upper()] for c in characters])


def ids_of(written):
    return torch.tensor([number[c] for c in written])


def written(ids):
    return "".join(characters[i] for i in ids)


cut = len(text) * 9 // 10
train_ids, held_out_ids = ids_of(text[:cut]), ids_of(text[cut:])


def prose(source, batch, seed):
    """Inputs and targets; the second half of each batch in capitals."""
    script = torch.arange(batch)[:, None] >= batch // 2
    for pair in windows(source, batch, LENGTH, seed):
        yield tuple(torch.where(script, capital[ids], ids) for ids in pair)


base = TinyDecoder(
    vocab_size=len(characters),
    d_model=48,
    n_layers=2,
    n_heads=4,
    n_kv_heads=4,
    d_ff=128,
    tied_embeddings=False,
)
losses = train(base, prose(train_ids, 32, seed=0), 600, learning_rate=6e-3)
results["parameters"] = sum(p.numel() for p in base.parameters())
print(f"{len(text):,} characters, {results['parameters']:,} parameters")
print(f"loss {losses[0]:.2f} at first, {losses[-1]:.2f} at last")

# %% [markdown]
# ## Two new tasks
#
# **Behaviour**: a prompt of 15 small letters, `>`, and its continuation in capitals. **Facts**: four random letters,
# `=`, three more and a full stop; nothing can be derived, all has to be stored. As in instruction tuning, only answers
# are learnt: the targets of prompts are ignored.

# %%
PROMPT, FACTS, KEY = 15, 256, 4


def answers_only(sequences, n_prompt):
    targets = sequences[:, 1:].clone()
    targets[:, : n_prompt - 1] = IGNORED
    return sequences[:, :-1], targets


def behaviour(source, batch, seed):
    arrow = ids_of(">").expand(batch, 1)
    for ids, _ in windows(source, batch, LENGTH, seed):
        parts = ids[:, :PROMPT], arrow, capital[ids[:, PROMPT:]]
        yield answers_only(torch.cat(parts, dim=1), PROMPT + 1)


chance = torch.Generator().manual_seed(5)
letters = ids_of(string.ascii_lowercase)
drawn = letters[torch.randint(26, (FACTS, KEY + 3), generator=chance)]
signs = (ids_of(sign).expand(FACTS, 1) for sign in "=.")
equals, stop = signs
all_facts = torch.cat([drawn[:, :KEY], equals, drawn[:, KEY:], stop], dim=1)


def facts(batch, seed):
    chance = torch.Generator().manual_seed(seed)
    while True:
        chosen = torch.randint(FACTS, (batch,), generator=chance)
        yield answers_only(all_facts[chosen], KEY + 1)


held_out = {
    "old": next(prose(held_out_ids, 256, seed=9)),
    "behaviour": next(behaviour(held_out_ids, 128, seed=9)),
    "facts": answers_only(all_facts, KEY + 1),
}


@torch.no_grad()
def loss(model, task):
    """Mean loss in nats on data held out; of facts, on the facts."""
    inputs, targets = held_out[task]
    logits = model(inputs).flatten(0, 1)
    return cross_entropy(logits, targets.flatten()).item()


results["base"] = {task: loss(base, task) for task in held_out}
for task, (inputs, targets) in held_out.items():
    learnt = written(targets[0][targets[0] != IGNORED])
    print(f"{task}: loss {results['base'][task]:.2f}; {written(inputs[0])!r}")
    print(f"  learnt of it: {learnt!r}")

# %% [markdown]
# ## One fine-tune
#
# LoRA wraps all linear layers of attention and feed-forward network, with alpha at 16 for all ranks; a full fine-tune
# trains everything. **Gain** is how far the loss on the new task falls, **forgetting** how far the loss on the old prose
# rises. All methods get the same batches: 150 of the behaviour, 250 of the facts.

# %%
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj"]
TARGETS += ["gate_proj", "up_proj", "down_proj"]
ALPHA, STEPS = 16.0, {"behaviour": 150, "facts": 250}


def with_old(new, rehearsed):
    """The batches of `new`, each with some rows of old prose below."""
    old = prose(train_ids, rehearsed, seed=8)
    for batch in new:
        yield tuple(torch.cat(rows) for rows in zip(batch, next(old)))


def fine_tune(task, rank, learning_rate, rehearsed=0):
    """A tuned copy of the base, and what came of it. Rank 0: all of it."""
    new = facts(56, seed=7) if task == "facts" else behaviour(train_ids, 16, 4)
    batches = with_old(new, rehearsed) if rehearsed else new
    torch.manual_seed(1)
    model = copy.deepcopy(base)
    if rank:
        inject(model, TARGETS, rank, ALPHA)
    train(model, batches, STEPS[task], learning_rate, weight_decay=0.0)
    new_loss, old_loss = loss(model, task), loss(model, "old")
    return model, {
        "learning_rate": learning_rate,
        "trained": sum(trainable_parameters(model).values()),
        "new_loss": new_loss,
        "old_loss": old_loss,
        "gain": results["base"][task] - new_loss,
        "forgetting": old_loss - results["base"]["old"],
    }


# %% [markdown]
# ## Learning rates first
#
# A comparison at one learning rate would compare learning rates. So each method gets its own: the best of five on the
# behaviour. LoRA's is higher, and at low rates it trails: B starts at zero, and A learns only as B grows.

# %%
RATES = {
    "full": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    "lora": [3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
}
sweep = {
    "full": [fine_tune("behaviour", 0, rate)[1] for rate in RATES["full"]],
    "lora": [fine_tune("behaviour", 8, rate)[1] for rate in RATES["lora"]],
}
best = {
    method: min(runs, key=lambda run: run["new_loss"])["learning_rate"]
    for method, runs in sweep.items()
}
results["best_rate"] = best
results["series"] = {"sweep": sweep}
print("best learning rates:", best)
learning_rates.draw(results)

# %% [markdown]
# ## Rank against loss
#
# Each rank trains 1,824 parameters more. For the behaviour the first of them are enough. The facts ask for storage, and
# the loss falls rank by rank, until steps rather than ranks are what is short.

# %%
RANKS = [1, 2, 4, 8, 16]
models = {}
for task in ("behaviour", "facts"):
    results[task] = {}
    for rank in [0, *RANKS]:
        name = f"r{rank}" if rank else "full"
        rate = best["lora"] if rank else best["full"]
        models[task, name], result = fine_tune(task, rank, rate)
        results[task][name] = result
        print(f"{task:9} {name:4} {result['trained']:6,} parameters: ", end="")
        print(f"new {result['new_loss']:.2f}, old {result['old_loss']:.2f}")
results["series"]["ranks"] = RANKS
rank_loss.draw(results)

# %% [markdown]
# ## What is forgotten, and why
#
# The old prose is worse for everyone. After the behaviour the reason is easy to see: no example said when *not* to
# write capitals, so the habit spills over into prose without `>`. **Leak** is the share of small letters after which
# the model expects a capital.


# %%
@torch.no_grad()
def leak(model):
    """Of what comes after a small letter, the share guessed a capital."""
    inputs = held_out["old"][0]
    small = torch.isin(inputs, letters)
    guessed = model(inputs).argmax(dim=-1)[small]
    return torch.isin(guessed, capital[letters]).double().mean().item()


results["leak"] = {"base": leak(base)}
for name in ("full", "r1", "r8"):
    results["leak"][name] = leak(models["behaviour", name])
prompt = ids_of("the licensor may")[None]
for name, model in (("base", base), ("r8", models["behaviour", "r8"])):
    print(f"{name:4}", written(generate(model, prompt, 32)[0]))
print({name: round(share, 2) for name, share in results["leak"].items()})

# %% [markdown]
# ## Rehearsal
#
# Four rows of old prose beside sixteen of the new task, and both methods keep the old and learn the new. Compare the
# points with the curves, which are the learning rates from above: along them more is forgotten the more is learnt, and
# LoRA's curve is not below the other.

# %%
results["rehearsal"] = {}
for name, rank in {"full": 0, "r8": 8}.items():
    rate = best["lora"] if rank else best["full"]
    model, result = fine_tune("behaviour", rank, rate, rehearsed=4)
    results["rehearsal"][name] = {**result, "leak": leak(model)}
    print(f"{name:4} new {result['new_loss']:.2f}, old {result['old_loss']:.2f}")
forgetting.draw(results)

# %% [markdown]
# ## What this shows, and what it does not
