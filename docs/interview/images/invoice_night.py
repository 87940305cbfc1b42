"""Figure: what a night of two million invoices costs, by item, on a log scale."""

from hooks.draw import Chart

GPU_HOURS, PRICE = 55, 2.5  # as derived in system-design.md
CHECK = 40 / 3600 * 30  # a person's check, in dollars
items = {
    "8B": GPU_HOURS * PRICE,
    "70B": GPU_HOURS * PRICE * 8.8,
    "1 point": 2e6 * 0.01 * CHECK,
    "3 %": 2e6 * 0.03 * CHECK,
    "1 in 1,000": 2e6 * 0.001 * 15,
}
chart = Chart("A night of two million invoices, in dollars",
              "Five bars on a log scale. The cards for the small model cost 138 dollars, for the large one 1,210. One point of review rate "
              "costs 6,667, three points 20,000, and one silent error in a thousand 30,000.",
              x=(0, 5), y=(10, 100_000), y_log=True, width=400, height=250)
chart.y_axis("dollars a night", [10, 100, 1000, 10_000, 100_000])
for i, dollars in enumerate(items.values()):
    chart.bar(i + 0.5, dollars, 44, 0.9 if i == 2 else 0.35)
    x, y = chart.at(i + 0.5, dollars)
    chart.text(x, y - 6, f"${dollars:,.0f}", look="accent b" if i == 2 else "b", anchor="middle")
chart.x_axis("", {i + 0.5: name for i, name in enumerate(items)})
for middle, words in ((1, "cards"), (3, "checks"), (4.5, "errors")):
    x, y = chart.at(middle, 10)
    chart.text(x, y + 36, words, look="quiet", anchor="middle")
chart.save(__file__)
