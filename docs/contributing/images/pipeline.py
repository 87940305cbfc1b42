"""Figure: how a chapter becomes a page, step by step, with the modules that do it."""

from hooks.draw import Drawing

STEPS = [  # what happens, who does it, what it works on
    ("read from disk, once", "model, schema, records", "files"),
    ("checked: any problem stops", "check, check_*, numbers", "files"),
    ("menu, generated pages", "navigation, code_pages, hunts", "files"),
    ("macros", "macros, arithmetic, sources", "Markdown"),
    ("assembly", "assembly, questions, exercises", "Markdown"),
    ("Markdown, blocks, figures", "blocks, figures", "HTML"),
    ("search reads the page", "mkdocs-material", "HTML"),
    ("terms, formulas, policy", "tips, mathematics, csp, theme", "HTML"),
    ("search index, data, decks", "search, plan, cards, anki", "site"),
    ("twins, lists, link pictures", "machines, twins, social", "site"),
    ("fonts, widgets, list of files", "assets, fonts, worker", "site"),
    ("gate and tests", "html_gate, tests/", "site"),
]
WIDTH, ROW, LEFT, BOX = 400, 40, 64, 326

drawing = Drawing("How a chapter becomes a page",
                  "Boxes from top to bottom, joined by arrows. " + "; ".join(f"{what}: {who}" for what, who, _ in STEPS) + ".",
                  WIDTH, ROW * len(STEPS) + 10)
shades = {"files": 0.35, "Markdown": 0.18, "HTML": 0.08, "site": 0}
seen = ""
for i, (what, who, on) in enumerate(STEPS):
    y = 8 + i * ROW
    drawing.cell(LEFT, y, BOX, ROW - 12, shades[on], darkest=0.9)
    drawing.box(LEFT, y, BOX, ROW - 12)
    drawing.text(LEFT + 8, y + 18.5, what, look="b")
    drawing.text(LEFT + BOX - 8, y + 18.5, who, look="quiet", anchor="end")
    if on != seen:
        drawing.text(LEFT - 10, y + 18.5, on, look="quiet", anchor="end")
        seen = on
    if i:
        drawing.arrow((LEFT + BOX / 2, y - 11), (LEFT + BOX / 2, y - 1))
drawing.save(__file__)
