"""Figure: share of the KV memory that holds tokens, with reservations and with blocks, in the lab's trace."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    told, paged, reserved = results["paging"], results["series"]["paged"], results["series"]["reserved"]
    end = max(reserved["seconds"])
    chart = Chart(
        "KV memory that holds tokens",
        f"Two curves over {end:.0f} seconds in which requests wait. With blocks of {told['block']} the share that "
        f"holds tokens rises at once and stays near {told['paged']['held']:.0%}, and the queue is empty after "
        f"{max(paged['seconds']):.0f} seconds. With a reservation for each request it stays near "
        f"{told['reserved']['held']:.0%}, and the queue takes {end:.0f} seconds.",
        x=(0, end), y=(0, 1))
    chart.y_axis("share of the memory that holds tokens", {0: "0", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %"})
    chart.x_axis("seconds, while requests wait", range(0, int(end) + 1, 5))
    chart.limit(1)
    chart.curve(reserved["seconds"], reserved["held"])
    chart.curve(paged["seconds"], paged["held"], look="main")
    chart.label(end, 0.31, f"{told['longest']:,} tokens reserved for each", anchor="end")
    chart.label(max(paged["seconds"]) + 0.4, 0.86, f"blocks of {told['block']}", "accent b", "start")
    return chart


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    draw(recorded).save(__file__)
