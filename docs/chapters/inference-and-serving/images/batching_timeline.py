"""Figure: the lab's eight requests on four places, in static and in continuous batching."""

import json
from pathlib import Path

from hooks.draw import Drawing

PANELS = ("static", "continuous")
LEFT, TOP, STEP, ROW = 30, 44, 17, 30


def draw(results: dict) -> list[Drawing]:
    return [_panel(name, results) for name in PANELS]


def _panel(name: str, results: dict) -> Drawing:
    rows, told = results["series"][name], results["timeline"][name]
    most = max(panel["steps"] for panel in results["timeline"].values())
    drawn = Drawing(
        f"{name.capitalize()} batching",
        f"Four rows, one a place, over {told['steps']} steps. {told['filled']:.0%} of the cells up to the last step "
        "are filled, each run of cells by one numbered request. "
        + ("Places that end early stay empty until the longest request of the batch is done."
           if name == "static" else "A place that becomes free is filled in the next step."),
        width=LEFT + most * STEP + 8, height=TOP + 4 * ROW + 40)
    drawn.text(0, 14, f"{name}: {told['steps']} steps", "b")
    for row, requests in enumerate(rows):
        top = TOP + row * ROW
        drawn.text(LEFT - 10, top + 17, str(row + 1), "quiet", "end")
        for request, first, last in requests:
            x, width = LEFT + first * STEP, (last - first + 1) * STEP
            drawn.cell(x, top, width, ROW - 6, 0.25 + 0.5 * (request > 4))
            drawn.box(x, top, width, ROW - 6)
            drawn.text(x + width / 2, top + 16.5, str(request), "", "middle")
    drawn.text(LEFT - 10, TOP - 8, "place", "quiet", "middle")
    bottom = TOP + 4 * ROW
    end = LEFT + told["steps"] * STEP
    drawn.line([(end, TOP - 6), (end, bottom)], "limit")
    for step in range(0, most + 1, 5):
        drawn.text(LEFT + step * STEP, bottom + 14, str(step), "quiet", "middle")
    drawn.text(LEFT + most * STEP / 2, bottom + 33, "steps of the model", "quiet", "middle")
    return drawn


if __name__ == "__main__":
    recorded = json.loads(Path(__file__).parents[1].joinpath("results.json").read_text())
    for panel, drawn in zip(PANELS, draw(recorded), strict=True):
        drawn.save(__file__, panel=panel)
