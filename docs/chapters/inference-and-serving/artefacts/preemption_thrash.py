"""Drill: throughput against the limit on running requests, and a server's log beyond the peak.

Planted: the limit on running requests lies far above what the cache can hold to the end, and requests are admitted as
soon as their first chunk fits. Beyond the peak, requests are preempted before they finish, and what they had computed
is computed again. Simulated: Llama 3.1 8B on an H100 with room for 131,072 tokens, 2,048 tokens a step, prompts of
about 3,000 tokens, answers of about 1,000, 200 requests that wait from the start.

Writes preemption_thrash-throughput.svg and preemption_thrash.txt, which the drill shows, and for its solution
preemption_thrash-recomputed.svg and -sweep.txt.
"""

from pathlib import Path

import numpy

from hooks.draw import Chart
from snippets.serving.scheduler import Request, Scheduler
from snippets.serving.simulator import simulate
from snippets.sizing.quantities import compute
from snippets.sizing.roofline import step_seconds

POOL, BLOCK, BUDGET, REQUESTS = 131_072, 16, 2_048, 200
LIMITS = (8, 16, 24, 28, 32, 36, 40, 48, 64, 96, 128)
LOGGED, EVERY = 128, 10.0

MODEL = "llama-3.1-8b"
active = compute("params", model=MODEL, part="active_matmul").value
weights = compute("weights_bytes", model=MODEL, dtype="bf16").value
kv_bytes = compute("kv_cache_bytes", model=MODEL, tokens=1).value


def seconds(n_tokens, n_cached):
    return 0.001 + step_seconds(2 * active * n_tokens, weights + kv_bytes * n_cached, 1, 989e12, 3.35e12, 0.5)


def run(limit):
    """Tokens a second, share computed again, preemptions, and the log."""
    chance = numpy.random.default_rng(0)
    prompts = numpy.clip(chance.lognormal(numpy.log(3000), 0.3, REQUESTS), 500, 8000).astype(int).tolist()
    outputs = numpy.clip(chance.lognormal(numpy.log(1000), 0.4, REQUESTS), 100, 4000).astype(int).tolist()
    requests = [Request([0] * p, o) for p, o in zip(prompts, outputs, strict=True)]
    scheduler = Scheduler(POOL // BLOCK, BLOCK, BUDGET, limit)
    log, computed, generated, since = [], 0, 0, {"prompt": 0, "generated": 0, "start": 0.0}
    for step in simulate(scheduler, requests, seconds):
        n_tokens = sum(n for _, n in step.ran)
        computed += n_tokens
        generated, before = sum(len(r.output) for r in requests), generated
        since["generated"] += generated - before
        since["prompt"] += n_tokens - (generated - before)
        if step.end >= since["start"] + EVERY:
            took = step.end - since["start"]
            log.append((step.end, len(scheduler.running), len(scheduler.waiting), step.n_blocks_used * BLOCK / POOL,
                        since["prompt"] / took, since["generated"] / took, sum(r.n_preempted for r in requests),
                        sum(r.max_new_tokens == len(r.output) for r in requests)))
            since = {"prompt": 0, "generated": 0, "start": step.end}
    needed = sum(prompts) + sum(outputs) - REQUESTS
    return sum(outputs) / step.end, computed / needed - 1, sum(r.n_preempted for r in requests), log


def write(log):
    lines = ["   time  running  waiting  KV used  prompt/s  generated/s  preempted  finished"]
    lines += [f"{t:5.0f} s {running:8} {waiting:8} {used:8.1%} {prompt:9,.0f} {made:12,.0f} {preempted:10,} {done:9}"
              for t, running, waiting, used, prompt, made, preempted, done in log]
    Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


rows = {limit: run(limit) for limit in LIMITS}
rates, again, preempted, logs = (dict(zip(LIMITS, column, strict=True)) for column in zip(*rows.values(), strict=True))
peak = max(rates, key=rates.get)
write(logs[LOGGED][:12])

chart = Chart(
    "Throughput by limit on running requests",
    f"Generated tokens a second rise to about {rates[peak]:,.0f} at a limit of {peak}, then fall steeply to "
    f"{rates[LIMITS[-1]]:,.0f} and stay there.",
    x=(0, LIMITS[-1]), y=(0, 3000), left=52)
chart.y_axis("generated tokens a second", [0, 1000, 2000, 3000])
chart.x_axis("max running requests", [0, 32, 64, 96, 128])
chart.curve(LIMITS, rates.values(), look="main", dots="round")
chart.save(__file__, panel="throughput")

chart = Chart(
    "Tokens computed again by limit on running requests",
    f"Zero up to a limit of {max(limit for limit in LIMITS if again[limit] == 0)}, {again[peak]:.2f} at the peak of throughput; at the end "
    f"the model computes {again[LIMITS[-1]]:.1f} tokens again for each token that it needed to compute.",
    x=(0, LIMITS[-1]), y=(0, 4), left=52)
chart.y_axis("tokens computed again, for each needed", [0, 1, 2, 3, 4])
chart.x_axis("max running requests", [0, 32, 64, 96, 128])
chart.curve(LIMITS, again.values(), look="main", dots="round")
chart.save(__file__, panel="recomputed")

lines = ["limit  generated tok/s  computed again, for each token needed  preemptions"]
lines += [f"{limit:5} {rates[limit]:16,.0f} {again[limit]:38.2f} {preempted[limit]:12,}" for limit in LIMITS]
Path(__file__).with_name("preemption_thrash-sweep.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
print("\n".join(lines))
