"""A batch whose sequences use different adapters: one product with W, grouped thin products."""

from hooks.draw import Drawing

ROWS = [("tenant 1", "A1 B1", 0.9), ("tenant 2", "A2 B2", 0.6), ("tenant 1", "A1 B1", 0.9), ("no adapter", "", 0.05),
        ("tenant 3", "A3 B3", 0.35)]
TOP, STEP, HIGH = 34, 38, 26
drawn = Drawing("One batch, several adapters", "Five sequences at the left enter one large box, the shared base. "
                "Beside it each sequence passes its own small pair of matrices, two of them the same, one none. Both "
                "results are added.", width=320, height=TOP + len(ROWS) * STEP + 6)
drawn.text(38, 16, "sequence", "quiet", "middle")
drawn.text(136, 16, "W, read once", "b", "middle")
drawn.text(244, 16, "adapter, by index", "quiet", "middle")
drawn.cell(92, TOP - 4, 88, len(ROWS) * STEP, 0.15)
drawn.box(92, TOP - 4, 88, len(ROWS) * STEP, "axis")
for row, (name, pair, shade) in enumerate(ROWS):
    y = TOP + row * STEP
    drawn.text(76, y + 18, name, anchor="end")
    drawn.arrow((80, y + 13), (90, y + 13))
    drawn.line([(182, y + 13), (208, y + 13)], "flow")
    if pair:
        drawn.text(195, y + 9, "+", "b", "middle")
        drawn.cell(208, y, 70, HIGH, shade)
        drawn.box(208, y, 70, HIGH, "axis")
        drawn.text(243, y + 18, f"A_{{{pair[1]}}} B_{{{pair[1]}}}", "b", "middle")
    else:
        drawn.line([(208, y + 13), (278, y + 13)], "flow")
    drawn.arrow((278, y + 13), (300, y + 13))
    drawn.text(304, y + 18, "y", "b")
drawn.save(__file__)
