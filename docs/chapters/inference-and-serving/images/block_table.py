"""Two samples of one prompt: shared blocks, and the copy that the first different token makes."""

from hooks.draw import Drawing

drawn = Drawing("Block tables and copy-on-write",
                "Two tables of four entries point at physical blocks. The first three entries of both point at the "
                "same blocks, each with reference count 2. The last entries differ: A points at the original block, "
                "B at a copy; both have reference count 1. A dashed arrow leads from the original to the copy.",
                width=400, height=290)
SIDE, TALL = 34, 26
A, B, POOL = 12, 276, 152
LABELS = ["0–3", "4–7", "8–11", "12–"]
PLACES = [(0, 2), (3, 2), (1, 2), (4, 1), (6, 1)]  # physical block, owners
TOPS = [34, 76, 118, 176, 230]

drawn.text(A, 16, "A’s table", "b")
drawn.text(POOL + 48, 16, "blocks", "b", "middle")
drawn.text(B + 112, 16, "B’s table", "b", "end")
for place, (block, owners) in enumerate(PLACES):
    top = TOPS[place]
    for slot in range(4):
        full = place < 3 or slot < 2 or (place == 4 and slot < 3) or (place == 3 and slot < 3)
        drawn.cell(POOL + slot * 18, top, 18, TALL, (0.75 if place < 3 else 0.4) if full else 0)
    drawn.box(POOL, top, 72, TALL, "main" if place == 4 else "axis")
    drawn.text(POOL + 84, top + 18, str(owners), "b")
for row, label in enumerate(LABELS):
    top = TOPS[row]
    drawn.box(A, top, 62, TALL, "axis")
    drawn.text(A + 31, top + 18, label, "", "middle")
    drawn.arrow((A + 64, top + 13), (POOL - 3, top + 13))
    lower = TOPS[row] if row < 3 else TOPS[4]
    drawn.box(B + 50, lower, 62, TALL, "axis")
    drawn.text(B + 81, lower + 18, label, "", "middle")
    drawn.arrow((B + 48, lower + 13), (POOL + 102, lower + 13))
drawn.line([(POOL + 36, TOPS[3] + TALL), (POOL + 36, TOPS[4] - 8)], "limit")
drawn.arrow((POOL + 36, TOPS[4] - 9), (POOL + 36, TOPS[4] - 2), "main")
drawn.text(POOL + 44, TOPS[4] - 9, "copy on write", "accent b lab")
drawn.text(A, 282, "tokens by position", "quiet")
drawn.text(B + 112, 282, "digits: owners", "quiet", "end")
drawn.save(__file__)
