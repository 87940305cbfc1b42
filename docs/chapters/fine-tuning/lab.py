# %% [markdown]
# # Lab: LoRA against full fine-tuning
#
# **What you will see.** A small decoder is trained on prose, then fine-tuned on two tasks that differ in one respect,
# how much there is to learn:
#
# 1. a **behaviour**, to answer in capitals: the model can write capitals already and only has to learn when. Rank 1
#    learns it about as well as a full fine-tune;
# 2. **facts**, 128 random pairs: 1,800 bits that it cannot know. Low ranks store a part of them, and the loss falls rank
#    by rank.
#
# Either way the old prose suffers, with LoRA too: a frozen base does not protect it, since the model that speaks is base
# plus update. Rehearsal does, a few old rows in each batch.
#
# The last cell asserts these claims. To run the lab yourself, open this folder in Jupyter, or say `make labs`; it
# needs one processor core, about a minute, and no download.

# %%
import copy
import math
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
PROMPT, FACTS, KEY = 15, 128, 4


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
# Who knows the form of a fact and nothing else guesses three letters.
results["form_only"] = 3 / 4 * math.log(26)
results["bits"] = FACTS * 3 * math.log2(26)
for task, (inputs, targets) in held_out.items():
    learnt = written(targets[0][targets[0] != IGNORED])
    print(f"{task}: loss {results['base'][task]:.2f}; {written(inputs[0])!r}")
    print(f"  learnt of it: {learnt!r}")

# %% [markdown]
# ## One fine-tune
#
# LoRA wraps all linear layers of attention and feed-forward network, with alpha at 16 for all ranks; a full fine-tune
# trains everything. **Gain** is how far the loss on the new task falls, **forgetting** how far the loss on the old prose
# rises. All methods get the same batches: 150 of the behaviour, 300 of the facts.

# %%
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj"]
TARGETS += ["gate_proj", "up_proj", "down_proj"]
ALPHA, STEPS = 16.0, {"behaviour": 150, "facts": 300}


def with_old(new, rehearsed):
    """The batches of `new`, each with some rows of old prose below."""
    old = prose(train_ids, rehearsed, seed=8)
    for batch in new:
        yield tuple(torch.cat(rows) for rows in zip(batch, next(old)))


def fine_tune(task, rank, learning_rate, rehearsed=0):
    """A tuned copy of the base, and what came of it. Rank 0: all of it."""
    new = facts(32, seed=7) if task == "facts" else behaviour(train_ids, 16, 4)
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
# A comparison at one learning rate would compare learning rates, so each method gets its own. Both valleys have a flat
# floor, LoRA's about three times as far to the right; left of it LoRA trails, since B starts at zero and A learns only
# as B grows. From here on: the careful end of either floor.

# %%
SWEEP = {
    "full": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    "lora": [3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
}
RATE = {"full": 1e-3, "lora": 3e-3}
sweep = {
    "full": [fine_tune("behaviour", 0, rate)[1] for rate in SWEEP["full"]],
    "lora": [fine_tune("behaviour", 8, rate)[1] for rate in SWEEP["lora"]],
}
results["rate"] = RATE
results["series"] = {"sweep": sweep}
learning_rates.draw(results)

# %% [markdown]
# ## Rank against loss
#
# Each rank trains 1,824 parameters more. For the behaviour the first of them are enough. The facts ask for storage: a
# model that knows their form and guesses the letters has a loss of 3/4 ln 26. What a model has stored is how far it gets
# from there to zero: rank 1 less than half, rank 8 nearly all.

# %%
RANKS = [1, 2, 4, 8, 16]
models = {}
for task in ("behaviour", "facts"):
    results[task] = {}
    for rank in [0, *RANKS]:
        name = f"r{rank}" if rank else "full"
        rate = RATE["lora"] if rank else RATE["full"]
        models[task, name], result = fine_tune(task, rank, rate)
        results[task][name] = result
        print(f"{task:9} {name:4} {result['trained']:6,} trained: ", end="")
        print(f"new {result['new_loss']:.2f}, old {result['old_loss']:.2f}")
for result in results["facts"].values():
    below = results["form_only"] - result["new_loss"]
    result["stored"] = below / results["form_only"]
results["series"]["ranks"] = RANKS
rank_loss.draw(results)

# %% [markdown]
# ## What is forgotten, and why
#
# The old prose is worse after each of these runs. After the behaviour the reason is easy to see: no example said when
# *not* to write capitals, so the habit spills over into prose without `>`. **Leak** is the share of small letters after
# which the model would write a capital.


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
    print(f"{name:4}", written(generate(model, prompt, 24)[0]))
print({name: round(share, 2) for name, share in results["leak"].items()})

# %% [markdown]
# ## Rehearsal
#
# Four rows of old prose beside sixteen of the new task, and both methods keep the old and learn the new. In the figure
# the dots of a path are the learning rates from above. Along both paths more is forgotten the more is learnt, and LoRA's
# is not the lower one until the rate gets too high; the two runs with rehearsal lie where no learning rate leads.

# %%
results["rehearsal"] = {}
for name, rank in {"full": 0, "r8": 8}.items():
    rate = RATE["lora"] if rank else RATE["full"]
    model, result = fine_tune("behaviour", rank, rate, rehearsed=4)
    results["rehearsal"][name] = {**result, "leak": leak(model)}
    print(f"{name:4} new {result['new_loss']:.2f}, old {result['old_loss']:.2f}")
forgetting.draw(results)

# %% [markdown]
# ## What this shows, and what it does not
#
# It shows that the rank a task needs follows from how much there is to learn; that methods must be compared at learning
# rates of their own, and forgetting at equal gain; and that old data in the batch prevents most of it.
#
# It does not settle whether LoRA forgets less. Here it does not at equal gain, and on the facts, in this run, each rank
# forgot more than the full fine-tune. But this model has 61,000 parameters and is moved far. In models of 7 billion
# [Biderman et al. 2024](https://arxiv.org/abs/2405.09673) find that LoRA learns less and forgets less;
# [Shuttleworth et al. 2024](https://arxiv.org/abs/2410.21228) find so too, and trace what LoRA does forget to a few large
# directions that are new in its weights. Nor is the ratio of the learning rates a law: it moves with alpha, and is
# smaller here than the tenfold that is common advice for large models.
#
# These are the claims of this page. A test runs the lab again whenever the code it imports changes, and fails if one no
# longer holds.

# %%
assert abs(losses[0] - math.log(len(characters))) < 0.1
assert results["base"]["behaviour"] > results["base"]["old"] + 1

for rate in (3e-4, 1e-3):  # left of both floors, LoRA trails
    full, lora = (sweep[m][SWEEP[m].index(rate)] for m in ("full", "lora"))
    assert full["new_loss"] < lora["new_loss"]

gain = {name: run["gain"] for name, run in results["behaviour"].items()}
assert abs(gain["r8"] - gain["full"]) < 0.1
assert gain["r1"] > 0.9 * gain["full"]
stored = {name: run["stored"] for name, run in results["facts"].items()}
assert stored["r1"] < 0.6 < stored["r2"] < stored["r4"] < stored["full"]
assert min(stored["r8"], stored["r16"], stored["full"]) > 0.9

for task in STEPS:
    assert all(run["forgetting"] > 1 for run in results[task].values())
assert results["leak"]["base"] < 0.01
assert min(results["leak"][name] for name in ("full", "r1", "r8")) > 0.1
for name, run in results["rehearsal"].items():
    assert run["gain"] > gain[name] - 0.1
    assert run["forgetting"] < 0.2 and run["leak"] < 0.02
