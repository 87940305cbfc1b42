"""Drill: blocks in use over four days, when the load is the same each day.

Planted: a request that samples two answers forks its block table. When the client goes away, the abort releases the
first answer's table and forgets the second's: the prompt's blocks keep one owner for ever, and so do the second
answer's. Run on the real allocator and tables: 8,000 blocks of 16 tokens, a day of 480 ticks with a quiet night,
2 % of the requests aborted.

Writes leaked_references-blocks.svg, leaked_references-owners.svg (for the solution: blocks by whether a running request
owns them) and leaked_references.txt, the state at each night's lowest point.
"""

import math
from pathlib import Path

import numpy

from hooks.draw import Chart
from snippets.kv_cache.paged import BlockAllocator, BlockTable, OutOfBlocks

N_BLOCKS, BLOCK, DAY, DAYS, ABORTED = 8_000, 16, 480, 4, 0.02

chance = numpy.random.default_rng(5)
allocator = BlockAllocator(N_BLOCKS)
running, refused, aborted = [], 0, 0  # (tables, tokens left)
ticks, in_use, owned, lines = [], [], [], []


def release(tables, complete):
    for table in tables if complete else tables[:1]:  # the fault: an abort releases the first answer only
        table.release()


for tick in range(DAY * DAYS):
    busy = 0.5 - 0.5 * math.cos(2 * math.pi * tick / DAY)  # 0 at midnight, 1 at noon
    for _ in range(chance.poisson(4.5 * busy**2)):
        first = BlockTable(allocator, BLOCK)
        try:
            first.grow(int(chance.integers(100, 1500)))
        except OutOfBlocks:
            refused += 1
            continue
        running.append([[first, first.fork()], int(chance.integers(5, 30))])
    still = []
    for request in running:
        tables, left = request
        request[1] = left - 1
        if chance.random() < ABORTED / 17:  # answers last 17 ticks on average
            aborted += 1
            release(tables, complete=False)
        elif left == 0:
            release(tables, complete=True)
        else:
            try:
                for table in tables:
                    table.grow(10)
                still.append(request)
            except OutOfBlocks:
                refused += 1
                release(tables, complete=True)
    running = still
    ticks.append(tick / DAY)
    in_use.append(N_BLOCKS - allocator.n_free)
    owned.append(len({block for tables, _ in running for table in tables for block in table.blocks}))
    if (tick + 1) % DAY == 0:
        lines.append((len(lines) + 1, len(running), in_use[-1], aborted, refused))

table = ["night  running requests  blocks in use  free blocks  aborted so far  refused so far"]
table += [f"{day:5} {n:17} {used:14,} {N_BLOCKS - used:12,} {gone:15,} {no:15,}" for day, n, used, gone, no in lines]
Path(__file__).with_suffix(".txt").write_text("\n".join(table) + "\n", encoding="utf-8", newline="\n")
print("\n".join(table))

every = slice(None, None, 8)
for panel in ("blocks", "owners"):
    lowest = [used for _, _, used, _, _ in lines]
    chart = Chart(
        "Blocks in use over four days",
        f"A wave with a peak each noon. Its lowest point, at midnight, rises from 0 to {lowest[-1]:,} of "
        f"{N_BLOCKS:,} blocks, and its peak reaches the top on the last days."
        + (" A second wave, the blocks that running requests own, has the same height each day and falls to zero each "
           "night." if panel == "owners" else ""),
        x=(0, DAYS), y=(0, N_BLOCKS), left=52)
    chart.y_axis("blocks in use", [0, 2000, 4000, 6000, 8000])
    chart.x_axis("days", range(DAYS + 1))
    chart.limit(N_BLOCKS)
    if panel == "owners":
        chart.curve(ticks[every], in_use[every])
        chart.curve(ticks[every], owned[every], look="main")
        chart.label(2.05, 800, "owned", "accent b")
        chart.label(2.05, 2_800, "in use")
    else:
        chart.curve(ticks[every], in_use[every], look="main")
    chart.save(__file__, panel=panel)
