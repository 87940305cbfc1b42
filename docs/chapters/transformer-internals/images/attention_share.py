"""Attention's share of the forward FLOPs of one token, against the number of keys it reads."""

from hooks.draw import Chart
from snippets.sizing.quantities import compute

MODELS = [("llama-3.1-70b", "data"), ("llama-3.1-405b", "data"), ("llama-3.1-8b", "main")]
contexts = [1024 * 2 ** (n / 4) for n in range(41)]

chart = Chart("Share of attention in forward FLOPs, Llama 3.1",
              "Three rising curves against context from one thousand to one million tokens. The smallest model "
              "crosses one "
              "half first, at about 29 thousand tokens; the larger ones cross later.",
              x=(1024, 1024 * 1024), y=(0, 1), x_log=True)
chart.y_axis("share of forward FLOPs", {0: "0", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1: "100 %"})
chart.x_axis("keys read", {1024: "1K", 8192: "8K", 65536: "64K", 524288: "512K"})
chart.limit(0.5)
for model, look in MODELS:
    shares = [compute("attention_flops_share", model=model, context=context).value for context in contexts]
    chart.curve(contexts, shares, look)
chart.label(23_000, 0.57, "8B", "accent b", "end")
chart.label(36_500, 0.37, "70B")
chart.label(98_000, 0.4, "405B", anchor="start")
chart.save(__file__)
