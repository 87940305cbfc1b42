"""Eight query heads and what they read: MHA, GQA, MQA, and the latent of MLA."""

from hooks.draw import Drawing

HEADS, SIDE, STEP, APART = 8, 12, 17.5, 168
QUERY, KEY = 32, 92


def heads(drawn: Drawing, left: float, title: str, groups: int, note: str) -> None:
    drawn.text(left, 16, title, "b")
    share = HEADS // groups if groups else HEADS
    middles = [left + (g * share + (share - 1) / 2) * STEP + SIDE / 2 for g in range(groups or 1)]
    for head in range(HEADS):
        x = left + head * STEP
        drawn.line([(x + SIDE / 2, QUERY + SIDE), (middles[head // share], KEY)], "data")
        drawn.box(x, QUERY, SIDE, SIDE, "axis")
    if groups:
        for x in middles:
            drawn.cell(x - SIDE / 2, KEY, SIDE, SIDE, 1, darkest=0.9)
    else:
        drawn.cell(middles[0] - 44, KEY, 88, SIDE, 1, darkest=0.9)
        drawn.cell(middles[0] + 50, KEY, 16, SIDE, 0.35, darkest=0.9)
    drawn.text(left, 126, note, "quiet")


ends = Drawing("MHA and MQA", "Multi-head: eight query heads, each tied to a key and value head of its own. "
                              "Multi-query: all "
               "eight tied to the same one.", width=320, height=132)
heads(ends, 2, "MHA", 8, "8 keys, 8 values")
heads(ends, 2 + APART, "MQA", 1, "1 key, 1 value")
ends.save(__file__, panel="ends")
between = Drawing("GQA and MLA", "Grouped-query: each half of the query heads shares one key and value head. Latent: "
                                 "all eight "
                  "read one wide vector and one narrow rotary key.", width=320, height=132)
heads(between, 2, "GQA, 2 groups", 2, "2 keys, 2 values")
heads(between, 2 + APART, "MLA", 0, "a latent, a rotary key")
between.save(__file__, panel="between")
