"""A conversation in ChatML, token by token, and which tokens count in the loss: from snippets/tuning."""

from hooks.draw import Drawing
from snippets.tuning.chat_template import render

MESSAGES = [{"role": "system", "content": "Answer in one line."}, {"role": "user", "content": "Capital of Peru?"},
            {"role": "assistant", "content": "Lima."}]
text, spans = render(MESSAGES)
ROWS, HIGH, TOP = text.split("\n"), 26, 32

drawn = Drawing("Loss mask over a chat template", "Lines of a conversation in ChatML. Only the answer and its end "
                "token are dark; roles, questions and the opening of the answer are pale.", width=320,
                height=TOP + 6 * 30 + 4)
for x, shade, words in ((2, 0.08, "only read"), (110, 1, "counts in the loss")):
    drawn.cell(x, 5, 14, 14, shade)
    drawn.box(x, 5, 14, 14, "grid")
    drawn.text(x + 20, 16.5, words, "quiet")
start = 0
lines = [line for line in ROWS if line]
for row, line in enumerate(lines):
    y = TOP + row * 30
    at = text.index(line, start)
    start = at + len(line)
    x = 2.0
    pieces = line.replace("<|im_start|>", "\0<|im_start|>\0").replace("<|im_end|>", "\0<|im_end|>\0").split("\0")
    for piece in filter(None, pieces):
        learnt = any(first <= at and at + len(piece) <= last for first, last in spans)
        width = len(piece) * 7.6 + 12
        drawn.cell(x, y, width, HIGH, 1 if learnt else 0.08)
        drawn.box(x, y, width, HIGH, "grid")
        drawn.text(x + width / 2, y + 18, piece, "b" if learnt else "", "middle")
        x += width + 2
        at += len(piece)
drawn.save(__file__)
