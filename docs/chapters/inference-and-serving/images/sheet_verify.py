"""For the cheat sheet: four drafted tokens, two pass, one is replaced, one is dropped."""

from hooks.draw import Drawing

drawn = Drawing("One round of speculation", "Four drafted tokens: two accepted, the third replaced from the residual, the fourth "
                "dropped. Three tokens come out of one target pass.", width=400, height=48)
for place, (word, shade, look) in enumerate([("accept", 0.6, "axis"), ("accept", 0.6, "axis"), ("reject: resample", 0.2, "main"),
                                            ("drop", 0, "limit")]):
    x, wide = [2, 82, 162, 322][place], [74, 74, 154, 74][place]
    drawn.cell(x, 4, wide, 24, shade)
    drawn.box(x, 4, wide, 24, look)
    drawn.text(x + wide / 2, 20.5, word, "", "middle")
drawn.text(2, 43, "three tokens out of one target pass", "quiet")
drawn.save(__file__)
