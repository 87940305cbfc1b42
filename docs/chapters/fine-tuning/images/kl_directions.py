"""One normal student under each divergence from a teacher with two modes: fitted by search on a grid."""

import numpy as np

from hooks.draw import Chart

x = np.linspace(-6, 6, 601)
step = x[1] - x[0]


def normal(mean: float, deviation: float) -> np.ndarray:
    return np.exp(-((x - mean) ** 2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))


teacher = 0.6 * normal(-1.8, 0.7) + 0.4 * normal(2.0, 0.7)


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    return float((p * np.log((p + 1e-300) / (q + 1e-300))).sum() * step)


students = [(m, s) for m in np.arange(-3, 3.01, 0.05) for s in np.arange(0.4, 3.01, 0.05)]
best = {"forward": min(students, key=lambda s: divergence(teacher, normal(*s))),
        "reverse": min(students, key=lambda s: divergence(normal(*s), teacher))}
for panel, told in (("forward", "One wide bell covers both humps of the teacher and the gap between them."),
                    ("reverse", "One narrow bell sits on the larger hump of the teacher and leaves out the other.")):
    chart = Chart(f"Student under {panel} KL", told, x=(-5, 5), y=(0, 0.62), width=320, height=200, left=10, right=10)
    chart.curve(x[50:551:5].tolist(), teacher[50:551:5].tolist())
    chart.curve(x[50:551:5].tolist(), normal(*best[panel])[50:551:5].tolist(), "main")
    chart.text(10, 16, f"{panel} KL", "b")
    chart.label(2.6, 0.27, "teacher", "quiet", "start")
    if panel == "forward":
        chart.label(-4.9, 0.1, "student", "accent b", "start")
    else:
        chart.label(-1.2, 0.55, "student", "accent b", "start")
    chart.line([chart.at(-5, 0), chart.at(5, 0)], "grid")
    chart.save(__file__, panel)
