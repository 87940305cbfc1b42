"""Figure: error of 8-bit keys by channel, with a scale for each token and with one for each channel."""

import json
from pathlib import Path

from hooks.draw import Chart


def draw(results: dict) -> Chart:
    series, told = results["series"]["int8_keys"], results["int8_keys"]
    last = len(series["per_token"]) - 1
    chart = Chart(
        "Error of INT8 keys by channel",
        f"Two curves over {last + 1} channels, logarithmic. With a scale for each token every channel errs by about "
        f"{told['per_token']:.2f}. With one for each channel the error is about {told['per_channel']:.4f}, but at "
        f"channel {told['large_channel']}, the large one, where it rises above the first and the first falls.",
        x=(0, last), y=(0.001, 1), y_log=True, left=52)
    chart.y_axis("root mean square error", {0.001: "0.001", 0.01: "0.01", 0.1: "0.1", 1: "1"})
    chart.x_axis("channel of the key", [0, told["large_channel"], 40, last])
    channels = range(last + 1)
    chart.curve(channels, series["per_token"])
    chart.curve(channels, series["per_channel"], look="main")
    chart.label(last, 0.16, "a scale for each token", anchor="end")
    chart.label(last, 0.0125, "a scale for each channel", "accent b", "end")
    return chart


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    draw(recorded).save(__file__)
