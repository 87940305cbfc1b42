"""A prefix cache as a radix tree after four requests; one leaf is about to go."""

from hooks.draw import Drawing

drawn = Drawing("A radix tree of prefixes",
                "A root with one edge, the system prompt, pinned by two readers. It splits into tools and a first "
                "question. Under tools are two questions, one of them pinned; under the first question is its "
                "follow-up, pinned. The one unpinned leaf is marked as the next to be evicted.", width=400, height=300)


def node(x: float, y: float, words: str, tokens: str, pins: int, shade: float, look: str = "axis",
         wide: float = 122) -> None:
    drawn.cell(x - wide / 2, y, wide, 42, shade)
    drawn.box(x - wide / 2, y, wide, 42, look)
    drawn.text(x, y + 18, words, "b", "middle")
    drawn.text(x, y + 34, tokens + (f" · {pins} pinned" if pins else ""), "", "middle")


EDGES = [((200, 24), (200, 44)), ((200, 86), (104, 122)), ((200, 86), (302, 122)), ((104, 164), (66, 204)),
         ((104, 164), (200, 204)), ((302, 164), (334, 204))]
for start, end in EDGES:
    drawn.arrow(start, (end[0], end[1] - 2))
drawn.text(200, 16, "root", "quiet", "middle")
node(200, 44, "system prompt", "900 tokens", 2, 0.8, wide=152)
node(104, 122, "tools", "600", 1, 0.5)
node(302, 122, "first question", "40", 1, 0.5)
node(66, 204, "question a", "30", 1, 0.3)
node(200, 204, "question b", "25", 0, 0, "limit")
node(334, 204, "follow-up", "60", 1, 0.3)
drawn.text(200, 266, "oldest leaf, not pinned:", "accent b", "middle")
drawn.text(200, 284, "next to be evicted", "accent b", "middle")
drawn.save(__file__)
