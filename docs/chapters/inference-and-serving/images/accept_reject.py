"""Speculative sampling at one position: what is accepted, and what a rejection draws from."""

from hooks.draw import Chart

TOKENS = ["a", "b", "c", "d", "e"]
TARGET = [0.40, 0.25, 0.15, 0.12, 0.08]
DRAFT = [0.20, 0.15, 0.30, 0.20, 0.15]
accepted = [min(p, q) for p, q in zip(TARGET, DRAFT, strict=True)]
residual = [max(0.0, p - q) for p, q in zip(TARGET, DRAFT, strict=True)]


def bars(title: str, told: str) -> Chart:
    chart = Chart(title, told, x=(0, 5), y=(0, 0.45), width=310, height=240)
    chart.y_axis("probability", [0, 0.1, 0.2, 0.3, 0.4])
    chart.x_axis("token", {i + 0.5: token for i, token in enumerate(TOKENS)})
    return chart


chart = bars("What is accepted", "Bars of target and draft for five tokens. The filled part is the smaller of the "
             "two. The draft exceeds the target for c, d and e, and falls short for a and b.")
for i, (p, q, low) in enumerate(zip(TARGET, DRAFT, accepted, strict=True)):
    chart.bar(i + 0.5, low, 30, 0.5)
    for height, look in ((q, "limit"), (p, "main")):
        (x, y) = chart.at(i + 0.5, height)
        chart.line([(x - 17, y), (x + 17, y)], look)
chart.label(1.1, 0.41, "target p", "accent b", "start")
chart.label(2.95, 0.32, "draft q, dashed", "", "start")
chart.label(3.0, 0.27, f"filled: {sum(accepted):.2f}".rstrip("0"), "quiet", "start")
chart.save(__file__, panel="overlap")

chart = bars("Accepted and residual", "Stacked bars that reach the target: the accepted part below, and above it for a "
             "and b the residual, darker.")
for i, (p, low, more) in enumerate(zip(TARGET, accepted, residual, strict=True)):
    chart.bar(i + 0.5, low, 30, 0.35)
    if more:
        x, top = chart.at(i + 0.5, p)
        chart.cell(x - 15, top, 30, chart.at(0, low)[1] - top, 1, darkest=0.9)
    x, y = chart.at(i + 0.5, p)
    chart.line([(x - 17, y), (x + 17, y)], "main")
chart.label(1.1, 0.35, f"residual: {sum(residual):.2f}".rstrip("0"), "b", "start")
chart.label(2.6, 0.19, "accepted", "", "start")
chart.save(__file__, panel="residual")
