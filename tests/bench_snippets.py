"""What the snippets cost against each other: `python tests/bench_snippets.py [--record]`, a part of `make bench`.

Each row compares two ways to the same result in one run on one machine, taking turns; times are medians. `--record`
writes docs/data/bench.json, which docs/reference/benchmarks.md shows. On a GPU if PyTorch sees one, else on one thread
of the CPU, by its CPU time. Absolute times say something about this machine; the ratios, and how they move with size, about the method.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

from snippets.attention.flash import flash_attention
from snippets.attention.scaled_dot_product import attention, causal_mask
from snippets.decoder.tiny import TinyDecoder
from snippets.kv_cache.paged_attention import paged_attention
from snippets.lora.inject import inject

RECORD = ROOT / "docs/data/bench.json"
TURNS = 15
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
LENGTHS = (64, 128, 256, 512, 1024)
LINEAR = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def seconds(run: Callable[[], object]) -> float:
    """Of the clock on a GPU; on the CPU of the one thread, so that other work on the machine does not count."""
    if DEVICE.type == "cpu":
        start = time.thread_time()
        run()
        return time.thread_time() - start
    torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def medians(*ways: Callable[[], object]) -> list[float]:
    """Time of each way; they take turns, so that a busy moment hits all of them."""
    taken = [[seconds(way) for way in ways] for _ in range(TURNS + 1)][1:]  # the first warms up
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def peak_bytes(run: Callable[[], object]) -> int:
    """Most memory held beyond what was there before, the result included.

    On a GPU the allocator's own count; on the CPU the sum of what PyTorch's profiler saw allocated and freed.
    """
    if DEVICE.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        kept = run()
        torch.cuda.synchronize()
        del kept
        return torch.cuda.max_memory_allocated() - before
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        kept = run()
    events = [(event.start_ns(), event.nbytes()) for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for _, change in sorted(events, key=lambda event: event[0]):
        held += change
        most = max(most, held)
    del kept
    return most


@torch.no_grad()
def decode() -> list[dict]:
    """One more token after so many: the whole text again, or one token against the cache."""
    model = TinyDecoder(256, 128, 2, 4, 2, 344).to(DEVICE)
    rows = []
    for tokens in LENGTHS:
        text = torch.randint(256, (1, tokens), device=DEVICE)
        caches = model.new_caches(1, tokens + TURNS + 1)
        model(text[:, :-1], caches)
        uncached, cached = medians(lambda text=text: model(text), lambda text=text, caches=caches: model(text[:, -1:], caches))
        rows.append({"tokens": tokens, "uncached_seconds": uncached, "cached_seconds": cached, "ratio": uncached / cached})
    return rows


@torch.no_grad()
def paging() -> list[dict]:
    """Attention of one new token in each of four sequences: keys found by block table, or lying in a row."""
    batch, heads, kv_heads, head_dim, block = 4, 8, 2, 64, 16
    rows = []
    for tokens in LENGTHS:
        n_blocks = batch * tokens // block
        pools = [torch.randn(n_blocks, block, kv_heads, head_dim, device=DEVICE) for _ in range(2)]
        tables = torch.randperm(n_blocks, device=DEVICE).view(batch, -1)
        lengths = torch.full((batch,), tokens, device=DEVICE)
        query = torch.randn(batch, heads, 1, head_dim, device=DEVICE)
        key, value = (pool[tables].flatten(1, 2).transpose(1, 2).contiguous() for pool in pools)

        def in_a_row(query=query, key=key, value=value):
            return attention(query, *(each.repeat_interleave(heads // kv_heads, dim=1) for each in (key, value)))

        def paged(query=query, pools=pools, tables=tables, lengths=lengths):
            return paged_attention(query, *pools, tables, lengths)

        difference = (in_a_row() - paged()).abs().max().item()
        contiguous, scattered = medians(in_a_row, paged)
        rows.append({"tokens": tokens, "contiguous_seconds": contiguous, "paged_seconds": scattered, "ratio": scattered / contiguous, "largest_difference": difference})
    return rows


@torch.no_grad()
def flash() -> list[dict]:
    """Causal self-attention of a whole text: the score matrix in memory, or a tile of it at a time."""
    rows = []
    for tokens in (256, 512, 1024, 2048):
        query, key, value = (torch.randn(1, 2, tokens, 64, device=DEVICE) for _ in range(3))
        mask = causal_mask(tokens, tokens).to(DEVICE)
        ways = {"naive": lambda q=query, k=key, v=value, m=mask: attention(q, k, v, m), "tiled": lambda q=query, k=key, v=value: flash_attention(q, k, v)[0]}
        if DEVICE.type == "cuda":
            from snippets.attention.flash_triton import flash_triton

            ways["triton"] = lambda q=query, k=key, v=value: flash_triton(q, k, v)
        times = dict(zip(ways, medians(*ways.values()), strict=True))
        memory = {name: peak_bytes(way) for name, way in ways.items()}
        row = {"tokens": tokens, "input_bytes": 3 * query.nbytes}
        for name in ways:
            row |= {f"{name}_bytes": memory[name], f"{name}_seconds": times[name]}
        rows.append(row | {"ratio": memory["naive"] / memory["tiled"], "time_ratio": times["tiled"] / times["naive"]})
    return rows


def lora() -> list[dict]:
    """A training step of every weight, or of adapters of a rank on all linear layers of the blocks."""
    rows = []
    text = torch.randint(256, (8, 65), device=DEVICE)
    for rank in (2, 8, 32):
        ways = {}
        for name in ("full", "lora"):
            torch.manual_seed(0)
            model = TinyDecoder(256, 256, 4, 4, 4, 688).to(DEVICE)
            if name == "lora":
                inject(model, LINEAR, rank, 2.0 * rank)
                model.to(DEVICE)
            trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
            optimizer = torch.optim.AdamW(trained, lr=1e-4)

            def step(model=model, optimizer=optimizer):
                optimizer.zero_grad()
                logits = model(text[:, :-1])
                torch.nn.functional.cross_entropy(logits.flatten(0, 1), text[:, 1:].flatten()).backward()
                optimizer.step()

            ways[name] = step, sum(parameter.numel() for parameter in trained), optimizer
        full, adapters = medians(ways["full"][0], ways["lora"][0])
        state = {name: sum(t.nbytes for entry in optimizer.state.values() for t in entry.values()) for name, (_, _, optimizer) in ways.items()}
        rows.append({"rank": rank, "full_seconds": full, "lora_seconds": adapters, "ratio": adapters / full, "trained_full": ways["full"][1],
                     "trained_lora": ways["lora"][1], "full_state_bytes": state["full"], "lora_state_bytes": state["lora"]})  # fmt: skip
    return rows


def measure() -> dict:
    if DEVICE.type == "cpu":
        torch.set_num_threads(1)
    torch.manual_seed(0)
    device = torch.cuda.get_device_name() if DEVICE.type == "cuda" else f"CPU, {platform.machine()}, one thread"
    return {
        "recorded": {"device": device, "versions": {"python": platform.python_version(), "torch": torch.__version__}, "date": str(datetime.date.today()), "turns": TURNS},
        **{case.__name__: case() for case in (decode, paging, flash, lora)},
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--record", action="store_true", help="write docs/data/bench.json")
    chosen = options.parse_args()
    found = measure()
    for name in ("decode", "paging", "flash", "lora"):
        print(name)
        for row in found[name]:
            print("  " + "  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    if chosen.record:
        rounded = json.loads(json.dumps(found), parse_float=lambda text: float(f"{float(text):.4g}"))
        RECORD.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
