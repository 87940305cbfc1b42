"""Three questions that lead to a path: the first yes decides."""

from hooks.draw import Drawing

QUESTIONS = [
    (["Would you be asked for an ablation,", "or for why a loss curve bends?"], "Research", "6 weeks"),
    (["Would you be paged for a cluster,", "an engine or a bill for GPUs?"], "Platform", "4 weeks"),
    (["Would you train or tune a model", "that then ships to users?"], "Full-stack", "5 weeks"),
]
LAST = ("Applied", "4 weeks")
WIDTH, BOX, HIGH, PITCH = 400, 248, 58, 96

told = "; ".join(f"{' '.join(lines)} Yes: {role}, {weeks}" for lines, role, weeks in QUESTIONS)
figure = Drawing("Which path", f"{told}; three times no: {LAST[0]}, {LAST[1]}.", WIDTH, PITCH * 3 + 44)


def leaf(x, y, role, weeks):
    figure.cell(x, y, 96, 44, 1)
    figure.text(x + 48, y + 19, role, "b", "middle")
    figure.text(x + 48, y + 36, weeks, "", "middle")


for number, (lines, role, weeks) in enumerate(QUESTIONS):
    y = number * PITCH
    figure.box(0.5, y + 0.5, BOX, HIGH)
    for place, words in enumerate(lines):
        figure.text(12, y + 25 + 19 * place, words)
    figure.arrow((BOX + 2, y + HIGH / 2), (WIDTH - 100, y + HIGH / 2))
    figure.text(BOX + 14, y + HIGH / 2 - 7, "yes", "quiet")
    leaf(WIDTH - 97, y + HIGH / 2 - 22, role, weeks)
    figure.arrow((48, y + HIGH + 2), (48, y + PITCH - 3))
    figure.text(58, y + HIGH + 24, "no", "quiet")
leaf(0.5, 3 * PITCH, *LAST)
figure.save(__file__)
