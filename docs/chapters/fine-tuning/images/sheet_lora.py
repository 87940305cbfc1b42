"""For the cheat sheet: W and the thin pair beside it, one drawing."""

from hooks.draw import Drawing

drawn = Drawing("A LoRA layer", "A square W, a wide thin A above a tall thin B, and their sum.", width=320, height=76)
drawn.cell(4, 6, 64, 64, 0.12)
drawn.box(4, 6, 64, 64, "axis")
drawn.text(36, 43, "W", "b", "middle")
drawn.text(84, 43, "+", "b", "middle")
drawn.text(116, 43, "α/r ·", "b", "middle")
drawn.cell(140, 6, 14, 64, 0.9)
drawn.box(140, 6, 14, 64, "axis")
drawn.text(160, 66, "B = 0", "quiet")
drawn.cell(162, 6, 64, 14, 0.9)
drawn.box(162, 6, 64, 14, "axis")
drawn.text(232, 17, "A random", "quiet")
drawn.text(162, 40, "rank r, two thin matrices", "quiet")
drawn.save(__file__)
