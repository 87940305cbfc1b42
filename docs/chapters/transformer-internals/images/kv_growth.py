"""Cache of one sequence against its length: six models, the recurrent state of the last one included."""

from hooks.draw import Chart
from snippets.sizing.quantities import compute

GIB = 2**30
MODELS = [("llama-3.1-70b", "Llama 3.1 70B", 40), ("llama-3.1-8b", "Llama 3.1 8B", 16.2),
          ("gemma-3-27b", "Gemma 3 27B", 12.1), ("deepseek-v3", "DeepSeek-V3", 8.4),
          ("gpt-oss-120b", "gpt-oss-120b", 5), ("qwen3.5-397b-a17b", "Qwen3.5 397B", 1.8)]
lengths = [0, *(2**n for n in range(6, 17)), 98304, 131072]

chart = Chart("Cache of one sequence against its length",
              "Six straight lines from zero to 128 thousand tokens. Llama 3.1 70B is steepest and reaches 40 GiB, "
              "Llama 3.1 8B 16, Gemma 3 27B and DeepSeek-V3 about 10 and 9, gpt-oss-120b and Qwen3.5 about 4.",
              x=(0, 131072), y=(0, 42), width=400, height=300, right=110)
chart.y_axis("GiB, bf16", [0, 10, 20, 30, 40])
chart.x_axis("tokens", {0: "0", 65536: "64K", 131072: "128K"})
for model, name, at in MODELS:
    fixed = compute("linear_state_bytes", model=model).value if model.startswith("qwen3.5") else 0
    cache = [compute("kv_cache_bytes", model=model, tokens=length).value if length else 0 for length in lengths]
    sizes = [fixed + grown for grown in cache]
    chart.curve(lengths, [size / GIB for size in sizes], "main" if model == "deepseek-v3" else "data")
    x, y = chart.at(131072, at)
    chart.text(x + 6, y + 4.5, name, "accent b" if model == "deepseek-v3" else "")
chart.save(__file__)
