"""Five tokens, one head of size 8: scaled scores under the causal mask, and the weights that softmax makes of them."""

import math
import random

from hooks.draw import Drawing

TOKENS, HEAD = 5, 8
CELL, LEFT, TOP = 54, 30, 44

rng = random.Random(9)
queries, keys = ([[rng.gauss(0, 1) for _ in range(HEAD)] for _ in range(TOKENS)] for _ in range(2))
scores = [[sum(q * k for q, k in zip(query, key, strict=True)) / math.sqrt(HEAD) for key in keys] for query in queries]
weights = []
for i, row in enumerate(scores):
    powers = [math.exp(score) if j <= i else 0.0 for j, score in enumerate(row)]
    weights.append([power / sum(powers) for power in powers])


def grid(title: str, seen: str) -> Drawing:
    drawn = Drawing(title, seen, width=LEFT + TOKENS * CELL + 6, height=TOP + TOKENS * CELL + 6)
    drawn.text(LEFT, 14, title, "b")
    for n in range(TOKENS):
        drawn.text(LEFT + (n + 0.5) * CELL, TOP - 9, f"k_{{{n + 1}}}", "quiet", "middle")
        drawn.text(LEFT - 8, TOP + (n + 0.5) * CELL + 4.5, f"q_{{{n + 1}}}", "quiet", "end")
    return drawn


def edges(drawn: Drawing) -> None:
    for n in range(TOKENS + 1):
        drawn.line([(LEFT, TOP + n * CELL), (LEFT + TOKENS * CELL, TOP + n * CELL)], "grid")
        drawn.line([(LEFT + n * CELL, TOP), (LEFT + n * CELL, TOP + TOKENS * CELL)], "grid")


before = grid("Scores, scaled and masked",
              "A five by five grid: numbers on and below the diagonal, minus infinity above it.")
edges(before)
after = grid("Weights", "The same grid after softmax: each row sums to one, and every cell above the diagonal is "
                        "empty.")
edges(after)
after.heat(weights, LEFT, TOP, CELL)
for i in range(TOKENS):
    for j in range(TOKENS):
        x, y = LEFT + (j + 0.5) * CELL, TOP + (i + 0.5) * CELL + 4.5
        if j <= i:
            before.text(x, y, f"{scores[i][j]:.2f}".replace("-", "\N{MINUS SIGN}"), anchor="middle")
            after.text(x, y, f"{weights[i][j]:.2f}", "b" if weights[i][j] == max(weights[i]) else "", "middle")
        else:
            before.text(x, y, "\N{MINUS SIGN}\N{INFINITY}", "quiet", "middle")
before.save(__file__, panel="scores")
after.save(__file__, panel="weights")
