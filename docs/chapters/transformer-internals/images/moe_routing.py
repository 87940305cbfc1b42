"""One token through a mixture of experts: scores, the two best, a weighted sum, and an expert every token visits."""

from hooks.draw import Drawing

SCORES = [0.08, 0.31, 0.12, 0.05, 0.55, 0.22, 0.10, 0.17]   # sigmoid affinities of one token, chosen for the picture
TOP = sorted(range(len(SCORES)), key=SCORES.__getitem__, reverse=True)[:2]
STEP, LEFT, FOOT, TALL = 36, 104, 176, 92
ROW, SHARED = 206, 258


def box(drawn: Drawing, x: float, y: float, width: float, words: str, shade: float, look: str = "") -> None:
    drawn.cell(x, y, width, 28, shade)
    drawn.box(x, y, width, 28, "axis")
    drawn.text(x + width / 2, y + 18.5, words, look, "middle")


drawn = Drawing("A token's way through eight experts",
                "A bar of affinity for each of eight experts; the two tallest are dark and their experts run, each "
                "output multiplied by its share. A shared expert runs for every token, without a score.",
                width=400, height=296)
total = sum(SCORES[e] for e in TOP)
shares = " + ".join(f"{SCORES[e] / total:.2f} E_{{{e}}}(x)" for e in TOP)
drawn.text(0, 18, f"y = S(x) + {shares}", "b")
drawn.text(0, 38, f"gates: {SCORES[TOP[0]]:.2f} and {SCORES[TOP[1]]:.2f}, each over their sum {total:.2f}", "quiet")
box(drawn, 0, ROW, 56, "token x", 0)
box(drawn, 0, 128, 56, "router", 0.4)
drawn.arrow((28, ROW - 2), (28, 160))
drawn.arrow((60, 142), (LEFT - 10, 142))
drawn.arrow((60, ROW + 14), (LEFT - 8, ROW + 14))
drawn.line([(28, ROW + 28), (28, SHARED + 14)], "flow")
drawn.arrow((28, SHARED + 14), (LEFT - 8, SHARED + 14))
drawn.line([(LEFT - 4, FOOT), (LEFT + 8 * STEP - 6, FOOT)], "axis")
for expert, score in enumerate(SCORES):
    x, height = LEFT + expert * STEP, TALL * score / 0.6
    chosen = expert in TOP
    drawn.cell(x + 2, FOOT - height, 26, height, 1 if chosen else 0.1, darkest=0.85)
    drawn.text(x + 15, FOOT - height - 5, f"{score:.2f}", "" if chosen else "quiet", "middle")
    if chosen:
        drawn.arrow((x + 15, FOOT + 3), (x + 15, ROW - 3))
    box(drawn, x, ROW, 30, f"E_{{{expert}}}", 0.8 if chosen else 0, "" if chosen else "quiet")
box(drawn, LEFT, SHARED, 7 * STEP + 30, "shared expert S, every token", 0.4)
drawn.save(__file__)
