"""Figure: latencies against load for three policies, in the lab's simulation: TTFT, TPOT, and the gaps of streams."""

import json
from pathlib import Path

from hooks.draw import Chart

PANELS = ("ttft", "tpot", "gaps")


def draw(results: dict) -> list[Chart]:
    load = results["load"]
    rates = load["rates"]

    def series(policy: str, name: str, factor: float = 1) -> list[float]:
        return [factor * load[policy][str(rate)][name] for rate in rates]

    ends = {policy: load[policy][str(rates[-1])] for policy in ("static", "whole", "chunked")}
    ttft = Chart(
        "Time to first token by load",
        f"Three curves against requests a second, logarithmic. Static batching starts above a second and ends at "
        f"{ends['static']['ttft_p95']:.0f} seconds. The two continuous curves lie together, at a tenth of a second, "
        "and turn up at the highest rates.",
        x=(0, rates[-1]), y=(0.05, 50), y_log=True, width=336)
    ttft.y_axis("TTFT p95, seconds", {0.1: "0.1", 1: "1", 10: "10"})
    ttft.curve(rates, series("static", "ttft_p95"))
    ttft.curve(rates, series("whole", "ttft_p95"))
    ttft.curve(rates, series("chunked", "ttft_p95"), look="main")
    ttft.label(16, 15, "static", anchor="end")
    ttft.label(17, 0.1, "whole and chunked", "accent b", "start")
    tpot = Chart(
        "Time per output token by load",
        f"Three curves against requests a second. Whole prompts rise to {1e3 * ends['whole']['tpot_p95']:.0f} "
        f"milliseconds, chunks to {1e3 * ends['chunked']['tpot_p95']:.0f}. Static batching stays lowest.",
        x=(0, rates[-1]), y=(0, 50), width=336)
    tpot.y_axis("TPOT p95, ms", [0, 10, 20, 30, 40, 50])
    tpot.curve(rates, series("static", "tpot_p95", 1e3))
    tpot.curve(rates, series("whole", "tpot_p95", 1e3))
    tpot.curve(rates, series("chunked", "tpot_p95", 1e3), look="main")
    tpot.label(22.5, 37, "whole prompts", anchor="end")
    tpot.label(31, 19, "chunked", "accent b", "end")
    tpot.label(31, 9.5, "static", anchor="end")
    gaps = Chart(
        "Gaps between tokens by load",
        f"Three curves against requests a second, logarithmic. With whole prompts one gap in a hundred grows to "
        f"{1e3 * ends['whole']['gap_p99']:.0f} milliseconds. With chunks it stays at "
        f"{1e3 * ends['chunked']['gap_p99']:.0f}, the time of a full budget.",
        x=(0, rates[-1]), y=(5, 500), y_log=True, width=336)
    gaps.y_axis("gap between tokens, p99, ms", {10: "10", 100: "100"})
    gaps.curve(rates, series("static", "gap_p99", 1e3))
    gaps.curve(rates, series("whole", "gap_p99", 1e3))
    gaps.curve(rates, series("chunked", "gap_p99", 1e3), look="main")
    gaps.label(14, 120, "whole prompts", anchor="end")
    gaps.label(31, 19, "chunked", "accent b", "end")
    gaps.label(31, 7.3, "static", anchor="end")
    for chart in (ttft, tpot, gaps):
        chart.x_axis("requests a second", [0, 8, 16, 24, 32])
    return [ttft, tpot, gaps]


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    for panel, drawn in zip(PANELS, draw(recorded), strict=True):
        drawn.save(__file__, panel=panel)
