"""The loop of four roles, time running down; a block is as tall as its round is long."""

from hooks.draw import Drawing

SCREENS = [("recruiter", 30, 0.15), ("manager", 45, 0.35)]
ROLES = {
    "applied": [*SCREENS, ("screen: build", 60, 0.6), None, ("coding", 60, 0.6), ("LLM knowledge", 60, 0.6),
                ("system design", 60, 0.95), ("behavioural", 45, 0.35)],
    "full-stack": [*SCREENS, ("screen: code", 60, 0.6), None, ("coding", 60, 0.6), ("feature build", 60, 0.6),
                   ("system design", 60, 0.95), ("behavioural", 45, 0.35)],
    "research": [*SCREENS, ("screen: ML", 60, 0.6), None, ("ML coding", 60, 0.6), ("paper", 60, 0.6),
                 ("research design", 60, 0.95), ("behavioural", 45, 0.35)],
    "platform": [*SCREENS, ("screen: code", 60, 0.6), None, ("coding", 60, 0.6), ("profiling", 60, 0.95),
                 ("infra design", 60, 0.95), ("behavioural", 45, 0.35)],
}
TAKE_HOME = {"applied", "platform"}
WIDE, GAP, LEFT, TOP, UNIT, PAUSE = 87, 3, 40, 42, 0.84, 34

drawn = Drawing("The loop by role",
                "Four columns, one a role, with time running down. Each starts with a recruiter call of 30 minutes and a "
                "manager call of 45, then a technical screen of 60: build for applied, code for full-stack and platform, ML "
                "for research. A take-home, on its own clock, may stand before the onsite of applied and platform. The onsite is four "
                "rounds. Applied: coding, LLM knowledge, system design, behavioural. Full-stack: coding, feature build, system "
                "design, behavioural. Research: ML coding, paper, research design, behavioural. Platform: coding, "
                "profiling, infrastructure design, behavioural. The most strongly coloured blocks are the design rounds, and "
                "profiling for platform.",
                width=400, height=384)
for column, (role, rounds) in enumerate(ROLES.items()):
    x, y = LEFT + column * (WIDE + GAP), TOP
    drawn.text(x + WIDE / 2, 16, role, "b", "middle")
    for stage in rounds:
        if stage is None:
            if role in TAKE_HOME:
                drawn.box(x + 0.5, y + 5, WIDE - 1, PAUSE - 10, "limit")
                drawn.text(x + WIDE / 2, y + PAUSE / 2 + 4.5, "take-home", "quiet", "middle")
            else:
                drawn.line([(x + WIDE / 2, y + 4), (x + WIDE / 2, y + PAUSE - 4)], "grid")
            y += PAUSE
            continue
        words, minutes, weight = stage
        tall = minutes * UNIT
        drawn.cell(x, y, WIDE, tall, weight)
        first, _, second = words.partition(" ")
        if len(words) > 11:
            drawn.text(x + WIDE / 2, y + tall / 2 - 3, first, "", "middle")
            drawn.text(x + WIDE / 2, y + tall / 2 + 13, second, "", "middle")
        else:
            drawn.text(x + WIDE / 2, y + tall / 2 + 5, words, "", "middle")
        y += tall

y = TOP
for stage in ROLES["applied"]:
    if stage is None:
        y += PAUSE
        continue
    drawn.text(LEFT - 8, y + stage[1] * UNIT / 2 + 5, str(stage[1]), "quiet", "end")
    y += stage[1] * UNIT
drawn.text(LEFT - 8, TOP - 8, "min", "quiet", "end")
screens = sum(stage[1] for stage in ROLES["applied"][:3]) * UNIT
drawn.turned(10, TOP + screens / 2, "screens", "b")
drawn.turned(10, TOP + screens + PAUSE + (y - TOP - screens - PAUSE) / 2, "onsite", "b")
drawn.save(__file__)
