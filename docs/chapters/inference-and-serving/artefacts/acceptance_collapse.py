"""Drill: a speculative decoder becomes slower overnight, and its answers are as good as before.

Planted: the target was retrained with three more tokens in the middle of its vocabulary; the draft kept the old ids.
From id 6 on it means another token by each id. Verification is lossless, so only the speed tells. Run for real: counts
over the characters of a licence as models (as in the lab), ids by frequency, four drafted tokens, 4,000 characters
before the change and 4,000 after it.

A second figure, for another drill or a follow-up: acceptance when the target samples at a temperature and the draft
does not.

Writes acceptance_collapse-timeline.svg and acceptance_collapse.txt, which the drill shows, and for its solution
acceptance_collapse-mended.txt (the draft's ids moved as well), acceptance_collapse-temperature.svg and -temperature.txt.
"""

from collections import Counter
from pathlib import Path

import torch

from hooks.draw import Chart
from snippets.speculative.sampling import sample, verify

DRAFTED, WINDOW, N_NEW, COST = 4, 250, 4_000, 0.1
ADDED, FIRST_ADDED = 3, 6

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "LICENSE").exists())
text = " ".join((ROOT / "LICENSE").read_text(encoding="utf-8").split())
characters = [c for c, _ in sorted(Counter(text).items(), key=lambda pair: (-pair[1], pair[0]))]
old_ids = [characters.index(c) for c in text]
new_ids = [i + ADDED * (i >= FIRST_ADDED) for i in old_ids]


class Counts:
    """Distribution of the next id by counts after up to `order` ids; rarer contexts lean on shorter ones."""

    def __init__(self, ids, order, vocab, possible):
        self.order, self.known, self.counts = order, {}, {}
        self.even = torch.zeros(vocab, dtype=torch.float64)
        self.even[possible] = 1 / len(possible)
        for end in range(len(ids)):
            for start in range(max(0, end - order), end + 1):
                row = self.counts.setdefault(tuple(ids[start:end]), torch.zeros(vocab, dtype=torch.float64))
                row[ids[end]] += 1

    def __call__(self, context):
        context = tuple(context[-self.order :])
        if context not in self.known:
            p = self.even
            for n in range(len(context) + 1):
                counts = self.counts.get(context[len(context) - n :])
                if counts is not None:
                    p = (counts + 0.5 * p) / (counts.sum() + 0.5)
            self.known[context] = p
        return self.known[context]


VOCAB = len(characters) + ADDED
target_before = Counts(old_ids, 3, VOCAB, sorted(set(old_ids)))
target_after = Counts(new_ids, 3, VOCAB, sorted(set(new_ids)))
draft = Counts(old_ids, 2, VOCAB, sorted(set(old_ids)))


def serve(target, start, n_new):
    """Rounds of (drafted ids, number that passed, tokens out), and the text."""
    tokens, rounds = list(start), []
    while len(tokens) < len(start) + n_new:
        drafted, offered = [], []
        for _ in range(DRAFTED):
            offered.append(draft(tokens + drafted))
            drafted.append(sample(offered[-1]))
        wanted = torch.stack([target(tokens + drafted[:n]) for n in range(DRAFTED + 1)])
        out = verify(drafted, torch.stack(offered), wanted)
        tokens += out
        rounds.append((drafted, len(out) - 1, len(out)))
    return rounds, tokens[len(start) :]


torch.manual_seed(0)
before, text_before = serve(target_before, old_ids[:3], N_NEW)
after, text_after = serve(target_after, new_ids[:3], N_NEW)
moved = Counts(new_ids, 2, VOCAB, sorted(set(new_ids)))  # the same draft, each row at the id it means
old_draft, draft = draft, moved
mended, _ = serve(target_after, new_ids[:3], N_NEW)
draft = Counts(old_ids, 0, VOCAB, sorted(set(old_ids)))
blind, _ = serve(target_after, new_ids[:3], N_NEW)
draft = old_draft


def nats(target, start, new):
    tokens = [*start, *new]
    return -sum(target(tokens[:n])[tokens[n]].log().item() for n in range(3, len(tokens))) / len(new)


def by_id(rounds, low, high):
    """Share passed of the drafted ids in a range, among those that were judged."""
    judged = [(token, place < passed) for drafted, passed, _ in rounds
              for place, token in enumerate(drafted[: passed + 1]) if low <= token < high]
    return sum(ok for _, ok in judged) / len(judged), len(judged)


def per_pass(rounds):
    return sum(out for _, _, out in rounds) / len(rounds)


lines = ["                                     before      after"]
lines.append(f"{'tokens a pass of the target':32} {per_pass(before):10.2f} {per_pass(after):10.2f}")
speeds = [per_pass(rounds) / (DRAFTED * COST + 1) for rounds in (before, after)]
lines.append(f"{'speed, without speculation = 1':32} {speeds[0]:10.2f} {speeds[1]:10.2f}")
surprise = nats(target_before, old_ids[:3], text_before), nats(target_after, new_ids[:3], text_after)
lines.append(f"{'nats a token under the target':32} {surprise[0]:10.3f} {surprise[1]:10.3f}")
for low, high in ((0, 6), (6, 12), (12, 18), (18, 30), (30, VOCAB)):
    (was, _), (now, n) = by_id(before, low, high), by_id(after, low, high)
    name = f"drafted ids {low} to {high - 1}: passed"
    lines.append(f"{name:32} {was:10.0%} {now:10.0%}   ({n:,} judged)")
Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
print("\n".join(lines))
fixed = [f"{'tokens a pass of the target':32} {per_pass(mended):10.2f}", f"{'speed, without speculation = 1':32} {per_pass(mended) / (DRAFTED * COST + 1):10.2f}"]
for low, high in ((0, 6), (6, 12), (12, 18), (18, 30), (30, VOCAB)):
    fixed.append(f"{f'drafted ids {low} to {high - 1}: passed':32} {by_id(mended, low, high)[0]:10.0%}")
fixed += ["", "a draft with the old ids that reads no context", f"{'drafted ids 0 to 5: passed':32} {by_id(blind, 0, 6)[0]:10.0%}"]
Path(__file__).with_name("acceptance_collapse-mended.txt").write_text("\n".join(fixed) + "\n", encoding="utf-8", newline="\n")
print("\n".join(fixed))

shares, at, judged, passed, written = [], [], 0, 0, 0
for _, ok, out in [*before, *after]:
    judged, passed, written = judged + min(ok + 1, DRAFTED), passed + ok, written + out
    if written >= WINDOW * (len(shares) + 1):
        shares.append(passed / judged)
        at.append(written)
        judged = passed = 0
chart = Chart(
    "Share of drafted tokens that pass",
    f"A curve over {2 * N_NEW:,} tokens, level near {sum(shares[:14]) / 14:.0%} at first. At token {N_NEW:,} it drops "
    f"within one point to about {sum(shares[-14:]) / 14:.0%} and stays there.",
    x=(0, 2 * N_NEW), y=(0, 1))
chart.y_axis("share of judged drafts that pass", {0: "0", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %"})
chart.x_axis("tokens written", [0, 2000, 4000, 6000, 8000])
chart.curve(at, shares, look="main")
chart.line([chart.at(N_NEW, 0), chart.at(N_NEW, 1)], "limit")
chart.label(N_NEW + 120, 0.9, "new target deployed", "quiet", "start")
chart.save(__file__, panel="timeline")


def at_temperature(p, temperature):
    return torch.softmax(p.clamp_min(1e-300).log() / temperature, dim=-1)


TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5)
contexts = [old_ids[:n] for n in range(3, len(old_ids), 7)]
overlaps = {name: [] for name in ("both", "target only")}
for temperature in TEMPERATURES:
    for name in overlaps:
        total = 0.0
        for context in contexts:
            p = at_temperature(target_before(context), temperature)
            q = draft(context) if name == "target only" else at_temperature(draft(context), temperature)
            total += torch.minimum(p, q).sum().item()
        overlaps[name].append(total / len(contexts))
chart = Chart(
    "Acceptance by the target's temperature",
    "Two curves against the temperature. Where the draft samples at the same temperature, acceptance changes little. "
    f"Where it stays at 1, acceptance falls to {overlaps['target only'][0]:.0%} at the lowest. They meet at 1.",
    x=(0, 1.5), y=(0, 1))
chart.y_axis("acceptance", {0: "0", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %"})
chart.x_axis("temperature of the target", [0, 0.5, 1, 1.5])
chart.curve(TEMPERATURES, overlaps["both"], dots="round")
chart.curve(TEMPERATURES, overlaps["target only"], look="main", dots="square")
chart.label(0.12, 0.85, "draft at the same temperature", anchor="start")
chart.label(0.45, 0.32, "draft at 1", "accent b", "start")
chart.save(__file__, panel="temperature")
rows = ["temperature of the target    draft at the same    draft at 1"]
rows += [f"{t:25} {both:20.0%} {alone:13.0%}" for t, both, alone in zip(TEMPERATURES, *overlaps.values(), strict=True)]
Path(__file__).with_name("acceptance_collapse-temperature.txt").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")
print("\n".join(rows))
