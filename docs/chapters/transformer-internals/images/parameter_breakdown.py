"""Where six models keep their parameters: vocabulary, attention, feed-forward."""

from hooks.draw import Drawing
from snippets.sizing.quantities import compute

MODELS = [("gpt-2-small", "GPT-2 small"), ("qwen3-0.6b", "Qwen3 0.6B"), ("llama-3.1-8b", "Llama 3.1 8B"),
          ("llama-3.1-70b", "Llama 3.1 70B"), ("mixtral-8x7b", "Mixtral 8x7B"), ("deepseek-v3", "DeepSeek-V3")]
LEFT, WIDE, TOP, STEP, BAR = 104, 290, 44, 40, 24
SHADES = (0.25, 0.6, 1.0)

drawn = Drawing("Shares of parameters in six models",
                "A bar for each model in three parts. The vocabulary's part is a third in GPT-2 small, a quarter in "
                "Qwen3 "
                "0.6B and hardly visible in the largest; the feed-forward part grows to nearly all of DeepSeek-V3.",
                width=400, height=TOP + len(MODELS) * STEP)
for row, (model, name) in enumerate(MODELS):
    part = {p: compute("params", model=model, part=p).value
            for p in ("total", "embedding", "lm_head", "attention", "ffn", "router")}
    shares = [(part["embedding"] + part["lm_head"]) / part["total"], part["attention"] / part["total"]]
    shares.append((part["ffn"] + part["router"]) / part["total"])
    x, y = float(LEFT), TOP + row * STEP
    drawn.text(LEFT - 8, y + 17, name, anchor="end")
    for share, shade, title in zip(shares, SHADES, ("vocabulary", "attention", "feed-forward"), strict=True):
        drawn.cell(x, y, share * WIDE, BAR, shade, darkest=0.5)
        if row == 0:
            drawn.text(x + share * WIDE / 2, TOP - 10, title, "quiet", "middle")
        if share * WIDE > 26:
            drawn.text(x + share * WIDE / 2, y + 17, f"{share:.0%}".replace("%", " %"), anchor="middle")
        x += share * WIDE
drawn.save(__file__)
