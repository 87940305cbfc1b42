"""An example: replace it by the figure that your chapter needs."""

from hooks.draw import Drawing

figure = Drawing("TODO: the figure's name", "TODO: what is seen, for those who cannot see it.", width=240, height=120)
figure.box(20, 20, 80, 40)
figure.text(60, 44, "input", anchor="middle")
figure.arrow((104, 40), (136, 40))
figure.box(140, 20, 80, 40, look="main")
figure.text(180, 44, "output", anchor="middle")
figure.save(__file__)
