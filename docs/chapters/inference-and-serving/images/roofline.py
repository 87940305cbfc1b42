"""Roofline in bf16: three GPUs, and Llama 3.1 70B on H100s at several batches and contexts."""

from hooks.draw import Chart
from snippets.sizing.quantities import compute

MODEL, H100 = "llama-3.1-70b", "h100-sxm5-80gb"
weights = compute("params", model=MODEL, part="active_matmul").value
cached = compute("kv_cache_bytes", model=MODEL, tokens=1).value


def peak(gpu: str) -> float:
    return compute("attainable_flops_per_second", gpu=gpu, intensity=1e6).value / 1e12


def roof(gpu: str, intensity: float) -> float:
    return compute("attainable_flops_per_second", gpu=gpu, intensity=intensity).value / 1e12


def decode(batch: int, context: int) -> float:
    """FLOPs per byte of a whole step: weights once, a cache for each sequence."""
    flops = 2 * weights + compute("attention_flops_per_token", model=MODEL, context=context).value
    return batch * flops / (2 * weights + batch * context * cached)


chart = Chart("Roofline of decode and prefill",
              "Three roofs on logarithmic axes: a slope, then a ceiling, highest for B200, then H100, then L40S. On "
              "the slope of H100, decode at batch 1, 8, 32 and 128 climbs; with 4,096 tokens of context batch 128 "
              "stops well below the ceiling, with 512 tokens it gets near. Prefill stands on the ceiling.",
              x=(0.7, 4000), y=(0.5, 4000), x_log=True, y_log=True, width=400, height=330)
chart.y_axis("TFLOP/s, at most", [1, 10, 100, 1000])
chart.x_axis("FLOPs per byte", [1, 10, 100, 1000])
for gpu, name, look in (("b200-sxm", "B200", "data"), ("l40s", "L40S", "data"), (H100, "H100", "main")):
    ridge = compute("ridge_point", gpu=gpu).value
    xs = [0.7, ridge, 4000]
    chart.curve(xs, [roof(gpu, x) for x in xs], look)
    chart.label(3900, peak(gpu) * 1.3, name, "accent b" if look == "main" else "", "end")
for context, shape, look in ((4096, "square", "main"), (512, "round", "data")):
    spots = [(decode(b, context), roof(H100, decode(b, context))) for b in (1, 8, 32, 128)]
    chart.dots([chart.at(*spot) for spot in spots], look, shape, 10)
for batch in (1, 8, 32):
    x = decode(batch, 4096)
    left, top = chart.at(x, roof(H100, x))
    chart.text(left + 12, top + 16, "batch 1" if batch == 1 else str(batch), "accent b lab")
x = decode(128, 4096)
left, top = chart.at(x, roof(H100, x))
chart.text(left + 12, top + 15, "128, at 4,096", "accent b lab")
x = decode(128, 512)
left, top = chart.at(x, roof(H100, x))
chart.text(left - 12, top - 5, "128, at 512", "lab", "end")
prefill = (2 * weights + compute("attention_flops_per_token", model=MODEL, context=1024).value) * 2048 / (2 * weights)
chart.dots([chart.at(prefill, roof(H100, prefill))], "main", "square", 10)
chart.label(1300, 590, "prefill", "accent b", "end")
chart.save(__file__)
