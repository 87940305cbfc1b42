"""Eight query heads and what they read: MHA, GQA, MQA, and the latent of MLA. Below: cached numbers a token and layer."""

from hooks.draw import Drawing

WIDTH, HEADS, SIDE, STEP, LEFT = 164, 8, 13, 19, 8
QUERY, KEY = 40, 104


def row(groups: int) -> list[float]:
    """Left edges of `groups` cached heads, each under the middle of its queries."""
    share = HEADS // groups
    return [LEFT + (g * share + (share - 1) / 2) * STEP for g in range(groups)]


for name, title, groups, note, seen in [
    ("mha", "MHA", 8, "8 keys, 8 values", "Eight query heads, each tied to a key and value head of its own."),
    ("gqa", "GQA, 2 groups", 2, "2 keys, 2 values", "Eight query heads; each half of them shares one key and value head."),
    ("mqa", "MQA", 1, "1 key, 1 value", "Eight query heads, all tied to the same key and value head."),
]:
    drawn = Drawing(title, seen, width=WIDTH, height=150)
    drawn.text(LEFT, 16, title, "b")
    cached = row(groups)
    for head in range(HEADS):
        x = LEFT + head * STEP
        target = cached[head * groups // HEADS]
        drawn.line([(x + SIDE / 2, QUERY + SIDE), (target + SIDE / 2, KEY)], "data")
        drawn.box(x, QUERY, SIDE, SIDE, "axis")
    for x in cached:
        drawn.cell(x, KEY, SIDE, SIDE, 1, darkest=0.9)
    drawn.text(LEFT, 142, note, "quiet")
    drawn.save(__file__, panel=name)

drawn = Drawing("MLA", "Eight query heads, all reading one wide latent vector and one narrow rotary key.", WIDTH, 150)
drawn.text(LEFT, 16, "MLA", "b")
wide, gap, narrow = 88, 6, 18
for head in range(HEADS):
    x = LEFT + head * STEP
    drawn.line([(x + SIDE / 2, QUERY + SIDE), (LEFT + 20 + wide / 2, KEY)], "data")
    drawn.box(x, QUERY, SIDE, SIDE, "axis")
drawn.cell(LEFT + 20, KEY, wide, SIDE, 1, darkest=0.9)
drawn.cell(LEFT + 20 + wide + gap, KEY, narrow, SIDE, 0.35, darkest=0.9)
drawn.text(LEFT, 142, "a latent, a rotary key", "quiet")
drawn.save(__file__, panel="mla")
