"""One group of weights with an outlier, on three grids: which codes are used, and the error."""

from hooks.draw import Drawing

WEIGHTS = [0.11, -0.07, 0.23, -0.31, 0.05, 0.18, -0.14, 0.27, -0.02, 0.36, -0.22, 0.09, -0.17, 0.30, -0.26, 1.40]
FP4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
INTEGERS = list(range(-7, 8))
FLOATS = sorted({sign * v for v in FP4 for sign in (-1, 1)})


def rounded(values: list[float], codes: list[float]) -> list[float]:
    scale = max(abs(v) for v in values) / max(codes)
    return [scale * min(codes, key=lambda code: abs(v / scale - code)) for v in values]


def grid(values: list[float], codes: list[float]) -> list[float]:
    scale = max(abs(v) for v in values) / max(codes)
    return [scale * code for code in codes]


def error(values: list[float], other: list[float]) -> float:
    return (sum((a - b) ** 2 for a, b in zip(values, other, strict=True)) / len(values)) ** 0.5


small = sum((rounded(WEIGHTS[i : i + 4], INTEGERS) for i in range(0, 16, 4)), [])
ROWS = [("INT4, one scale", grid(WEIGHTS, INTEGERS), rounded(WEIGHTS, INTEGERS)),
        ("INT4, groups of 4 (first group’s grid)", grid(WEIGHTS[:4], INTEGERS), small),
        ("FP4, one scale", grid(WEIGHTS, FLOATS), rounded(WEIGHTS, FLOATS))]

LEFT, RIGHT, LOW, HIGH = 14, 386, -1.45, 1.45
drawn = Drawing("Three grids for one group of weights",
                "Sixteen weights, fifteen of them within 0.36 of zero and one at 1.4. The evenly spaced grid with one "
                "scale has few codes near zero; small groups and floating-point codes have many. The root mean square "
                f"errors are {error(WEIGHTS, ROWS[0][2]):.3f}, {error(WEIGHTS, ROWS[1][2]):.3f} and "
                f"{error(WEIGHTS, ROWS[2][2]):.3f}.", width=400, height=250)


def at(value: float) -> float:
    return LEFT + (value - LOW) / (HIGH - LOW) * (RIGHT - LEFT)


drawn.text(LEFT, 14, "weights", "b")
drawn.line([(LEFT, 36), (RIGHT, 36)], "grid")
drawn.dots([(at(w), 36) for w in WEIGHTS], "main", "round", 7)
for row, (name, codes, values) in enumerate(ROWS):
    y = 78 + row * 60
    drawn.text(LEFT, y, name, "b")
    drawn.text(RIGHT, y, f"error {error(WEIGHTS, values):.3f}", "accent b", "end")
    drawn.line([(LEFT, y + 24), (RIGHT, y + 24)], "grid")
    for code in codes:
        if LOW < code < HIGH:
            drawn.line([(at(code), y + 15), (at(code), y + 33)], "data")
for value in (-1, 0, 1):
    drawn.text(at(value), 246, str(value).replace("-", "−"), "quiet", "middle")
drawn.save(__file__)
