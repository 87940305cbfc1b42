"""Drill: the gaps between the tokens of one long answer, on a server that is far from full.

Planted: the token budget of a step is 16,384, so that a prompt of any length is computed in one step, and every stream
waits for it. Simulated: Llama 3.1 8B on an H100. Chats of about 300 prompt tokens arrive at 6 a second, documents of
4,000 to 8,000 tokens at one in three seconds; the stream watched is an answer of 1,600 tokens.

Writes tpot_spikes-gaps.svg and tpot_spikes-steps.txt, which the drill shows, and for its solution
tpot_spikes-chunked.svg (the same load with a budget of 512) and tpot_spikes.txt, a table of both.
"""

from pathlib import Path

import numpy

from hooks.draw import Chart
from snippets.serving.metrics import inter_token_latencies, time_per_output_token, time_to_first_token
from snippets.serving.scheduler import Request, Scheduler
from snippets.serving.simulator import simulate
from snippets.sizing.quantities import compute
from snippets.sizing.roofline import step_seconds

SHOWN = 12.0

MODEL = "llama-3.1-8b"
active = compute("params", model=MODEL, part="active_matmul").value
weights = compute("weights_bytes", model=MODEL, dtype="bf16").value
kv_bytes = compute("kv_cache_bytes", model=MODEL, tokens=1).value


def seconds(n_tokens, n_cached):
    return 0.001 + step_seconds(2 * active * n_tokens, weights + kv_bytes * n_cached, 1, 989e12, 3.35e12, 0.5)


def load():
    chance = numpy.random.default_rng(3)
    watched = Request([0] * 200, 1600, 0.0)
    chats = [Request([0] * int(chance.integers(150, 450)), int(chance.integers(50, 300)), float(at))
             for at in chance.exponential(1 / 6, 90).cumsum()]
    documents = [Request([0] * int(chance.integers(4000, 8000)), int(chance.integers(100, 200)), float(at))
                 for at in (1 + chance.exponential(3, 5).cumsum())]
    return watched, chats, documents


def run(budget):
    watched, chats, documents = load()
    steps = list(simulate(Scheduler(25_000, 16, budget, 256), [watched, *chats, *documents], seconds))
    assert all(r.n_preempted == 0 for r in (watched, *chats, *documents))
    used = max(step.n_blocks_used for step in steps) / 25_000
    return watched, chats, documents, used, steps


def quantile(numbers, share):
    return float(numpy.quantile(numbers, share, method="inverted_cdf"))


planted, chunked = run(16_384), run(512)
lines = ["token budget of a step                    16,384       512"]
for name, number in {
    "gap between tokens, median":   lambda run: 1e3 * quantile(inter_token_latencies(run[0]), 0.5),
    "gap between tokens, p99":      lambda run: 1e3 * quantile(inter_token_latencies(run[0]), 0.99),
    "gap between tokens, p99.9":    lambda run: 1e3 * quantile(inter_token_latencies(run[0]), 0.999),
    "gap between tokens, largest":  lambda run: 1e3 * max(inter_token_latencies(run[0])),
    "TPOT of the watched answer":   lambda run: 1e3 * time_per_output_token(run[0]),
    "TTFT of chats, p95":           lambda run: 1e3 * quantile([time_to_first_token(r) for r in run[1]], 0.95),
    "TTFT of documents, median":    lambda run: 1e3 * quantile([time_to_first_token(r) for r in run[2]], 0.5),
}.items():
    lines.append(f"{name:32} {number(planted):12.1f} ms {number(chunked):6.1f} ms")
lines.append(f"{'KV cache used, at most':32} {planted[3]:13.1%} {chunked[3]:9.1%}")
Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
print("\n".join(lines))

ranked = sorted(planted[4], key=lambda step: step.end - step.start)
lines = [f"{len(ranked):,} steps; the six longest, and a median one",
         " started    took  tokens in it  requests in it  most tokens of one request"]
for step in [*ranked[:-7:-1], ranked[len(ranked) // 2]]:
    shares = [n for _, n in step.ran]
    lines.append(f"{step.start:6.2f} s {1e3 * (step.end - step.start):4.0f} ms {sum(shares):13,} {len(shares):15} {max(shares):26,}")
Path(__file__).with_name("tpot_spikes-steps.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
print("\n".join(lines))

for panel, (watched, _, documents, *_), title in (
    ("gaps", planted, "Gaps between tokens of one answer"),
    ("chunked", chunked, "Gaps between tokens, in chunks of 512"),
):
    times, gaps = watched.token_times[1:], inter_token_latencies(watched)
    shown = [(t, 1e3 * gap) for t, gap in zip(times, gaps, strict=True) if t <= SHOWN]
    high = sum(gap > 100 for _, gap in shown)
    chart = Chart(
        title,
        f"Gaps over {SHOWN:.0f} seconds: most lie near {1e3 * quantile(gaps, 0.5):.0f} milliseconds, "
        + (f"{high} stand far above 100, up to {max(gap for _, gap in shown):.0f}." if high else
           f"none is above {max(gap for _, gap in shown):.0f}."),
        x=(0, SHOWN), y=(0, 350), left=52)
    chart.y_axis("gap to the token before, ms", [0, 100, 200, 300])
    chart.x_axis("seconds", [0, 3, 6, 9, 12])
    largest: dict[int, tuple[float, float]] = {}  # of each thirtieth of a second: finer cannot be seen
    for t, gap in shown:
        if gap > largest.get(int(30 * t), (0, 0))[1]:
            largest[int(30 * t)] = t, gap
    low = [(t, gap) for t, gap in largest.values() if gap <= 100]
    chart.line([chart.at(t, y) for t, gap in low for y in (0, gap, 0)])
    for t, gap in largest.values():
        if gap > 100:
            chart.line([chart.at(t, 0), chart.at(t, gap)], "main")
    if panel == "chunked":
        for document in documents:
            if document.arrival <= SHOWN:
                chart.label(document.arrival, 60, "↓", "accent b")
        chart.label(SHOWN, 90, "↓ a document arrives", "accent", "end")
    chart.save(__file__, panel=panel)
