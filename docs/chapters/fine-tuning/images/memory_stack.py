"""Training memory of Llama 3.1 8B by method and part, one sequence of 4,096 tokens, computed by snippets/sizing."""

from hooks.draw import Drawing
from snippets.sizing.quantities import compute

MODEL, TOKENS, GB = "llama-3.1-8b", 4096, 1e9


def one(name: str, **inputs: object) -> float:
    return compute(name, **inputs).value / GB


adapter = compute("lora_params", model=MODEL, rank=16, targets="all-linear").value
total = compute("params", model=MODEL).value
linear = compute("params", model=MODEL, part="attention").value + compute("params", model=MODEL, part="ffn").value
nf4 = one("qlora_base_bytes", quantized_params=linear, bits_per_param=compute("double_quantized_bits").value,
          other_params=total - linear)
kept = (one("activation_bytes", model=MODEL, tokens=TOKENS, method="checkpointed")
        + 2 * one("logits_bytes", tokens=TOKENS, vocab_size=128256, bytes_per_element=4))
state = [one("training_memory_bytes", params=adapter, part=part) for part in ("weights", "gradients", "optimizer")]


def full(recipe: str) -> list[float]:
    return [one("training_memory_bytes", model=MODEL, recipe=recipe, part=part)
            for part in ("weights", "gradients", "optimizer")]


METHODS = [("full, AdamW", full("mixed-adamw")), ("full, 8-bit Adam", full("mixed-adamw-8bit")),
           ("LoRA, r = 16", [one("weights_bytes", model=MODEL) + state[0], *state[1:]]),
           ("QLoRA, r = 16", [nf4 + state[0], *state[1:]])]
LEFT, WIDE, TOP, STEP, BAR = 118, 180, 44, 46, 26
most = sum(METHODS[0][1]) + kept
drawn = Drawing("Training memory by method", "Four bars. Full fine-tuning with AdamW is longest by far and mostly "
                "optimizer state; 8-bit Adam is two thirds of it; LoRA is nearly all frozen weights; QLoRA is short, "
                "and activations and logits are a large part of it.", width=346, height=TOP + len(METHODS) * STEP)
NAMES = ("weights", "gradients", "optimizer", "activations")
for row, (name, parts) in enumerate(METHODS):
    x, y = float(LEFT), TOP + row * STEP
    drawn.text(LEFT - 8, y + 18, name, anchor="end")
    for size, shade in zip([*parts, kept], (0.95, 0.35, 0.65, 0.05), strict=True):
        width = size / most * WIDE
        if width > 0.4:
            drawn.cell(x, y, width, BAR, shade, darkest=0.6)
            drawn.box(x, y, width, BAR, "grid")
        x += width
    drawn.text(x + 5, y + 18, f"{sum(parts) + kept:.0f} GB", "b")
x = float(LEFT)
for size, name in zip([*METHODS[0][1], kept], ("W", "G", "optimizer state", "A"), strict=True):
    width = size / most * WIDE
    drawn.text(x + width / 2, TOP - 10, name, "quiet", "middle")
    x += width
drawn.save(__file__)
