"""From an observed failure to a remedy: prompt, retrieval, tools, fine-tuning."""

from hooks.draw import Drawing

WIDE, TALL, STEP = 320, 34, 92
QUESTIONS = [
    ("Can you measure the failure?", "no", "build the test set first"),
    ("Does a better prompt fix it?", "yes", "keep the prompt"),
    ("Is a fact missing or stale?", "yes", "retrieve it, or call a tool"),
    ("Is it form, style, policy, a skill?", "yes", "fine-tune, then retest"),
    ("Is it right but slow or dear?", "yes", "distil into a smaller model"),
]

drawn = Drawing("From a failure to a remedy",
                "Five questions in a column, each with an arrow to its remedy on the right: measure first; better "
                "prompt; retrieve a missing fact; fine-tune form, policy or skill; distil what is right but slow. "
                "Below the last: use a stronger model.", width=WIDE, height=STEP * len(QUESTIONS) + 40)
for row, (question, answer, remedy) in enumerate(QUESTIONS):
    y = 4 + row * STEP
    drawn.cell(2, y, 250, TALL, 0.1)
    drawn.box(2, y, 250, TALL, "axis")
    drawn.text(127, y + 22, question, "b", "middle")
    drawn.arrow((30, y + TALL), (30, y + STEP - 1))
    drawn.text(36, y + STEP - 10, "yes" if answer == "no" else "no", "quiet")
    drawn.line([(92, y + TALL), (92, y + 55), (104, y + 55)], "flow")
    drawn.arrow((98, y + 55), (112, y + 55), "flow")
    drawn.text(86, y + 51, answer, "quiet", "end")
    drawn.text(118, y + 59.5, remedy, "accent b" if "fine-tune" in remedy else "")
y = 4 + len(QUESTIONS) * STEP
drawn.text(2, y + 18, "a stronger model, or another task design")
drawn.save(__file__)
