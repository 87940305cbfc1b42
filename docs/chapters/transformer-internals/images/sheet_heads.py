"""For the cheat sheet: what eight query heads read, in four kinds of attention, one drawing."""

from hooks.draw import Drawing

HEADS, SIDE, GAP, STEP = 8, 6, 9, 88
QUERY, KEY = 18, 44

drawn = Drawing("Sharing of keys and values", "Eight query heads over eight, two, one key and value heads, and over "
                                              "one wide "
                "latent with a narrow rotary key.", width=4 * STEP, height=KEY + SIDE + 3)
for place, (name, groups) in enumerate([("MHA", 8), ("GQA", 2), ("MQA", 1), ("MLA", 0)]):
    left = place * STEP + (STEP - HEADS * GAP) / 2
    drawn.text(left + HEADS * GAP / 2, 12, name, anchor="middle")
    share = HEADS // groups if groups else HEADS
    middles = [left + (g * share + (share - 1) / 2) * GAP + SIDE / 2 for g in range(groups or 1)]
    for head in range(HEADS):
        x = left + head * GAP
        drawn.line([(x + SIDE / 2, QUERY + SIDE), (middles[head // share], KEY)], "data")
        drawn.box(x, QUERY, SIDE, SIDE, "axis")
    if groups:
        for x in middles:
            drawn.cell(x - SIDE / 2, KEY, SIDE, SIDE, 1, darkest=0.95)
    else:
        drawn.cell(middles[0] - 22, KEY, 44, SIDE, 1, darkest=0.95)
        drawn.cell(middles[0] + 25, KEY, 9, SIDE, 0.4, darkest=0.95)
drawn.save(__file__)
