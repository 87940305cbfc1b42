"""Does each question have the form of a question? Its evidence, its parts in their order, the rubric's columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hooks import prose
from hooks.model import Chapter, Handbook, Page, Question, QuestionSet
from hooks.problems import Problem, nearest

RUBRIC = ["criterion", "strong hire", "lean hire", "no hire"]
GRADES = ("No hire", "Lean hire", "Strong hire")
MANY = 99
# what a question holds, in this order: block, its argument where that is fixed, how often at least and at most
PARTS = [
    ("step", "Hint 1: direction", 1, 1),
    ("step", "Hint 2: insight", 1, 1),
    ("solution", None, 1, 1),
    ("answer", "60 seconds", 1, 1),
    ("rubric", None, 1, 1),
    ("followup", None, 1, MANY),
    ("sample", None, 0, MANY),
    ("redflags", None, 0, 1),
]


def check(handbook: Handbook) -> Iterator[Problem]:
    for page in handbook.pages.values():
        if page.path.parent.name == "questions":
            yield from parts(page)
    for home, question in handbook.questions.values():
        yield from evidence(handbook, home, question)


def evidence(handbook: Handbook, home: Chapter | QuestionSet, question: Question) -> Iterator[Problem]:
    """Snippet, lab and chapters named in the record exist."""
    page = handbook.pages[handbook.name(question.path)]
    for index, path in enumerate(question.record.snippets):
        if path not in handbook.snippets:
            line = page.front.line(("snippet", index))
            yield Problem(page.name, line, f"unknown snippet `{path}`", nearest(path, handbook.snippets))
    if question.record.lab and not home.lab:
        what = "the chapter has no lab" if isinstance(home, Chapter) else "a question set has no lab"
        yield Problem(page.name, page.front.line(("lab",)), what, "add lab.py or remove `lab`")
    known = handbook.subjects
    for index, slug in enumerate(question.record.chapters or ()):
        if slug not in known:
            line = page.front.line(("chapters", index))
            yield Problem(page.name, line, f"unknown chapter `{slug}`", nearest(slug, known))
    if question.record.exercise and question.record.exercise not in handbook.exercises:
        mend = nearest(question.record.exercise, handbook.exercises)
        yield Problem(page.name, page.front.line(("exercise",)), f"no exercise `{question.record.exercise}`", mend)


def parts(page: Page) -> Iterator[Problem]:
    """Two hints, solution, spoken answer, rubric, follow-ups, in order."""
    blocks, outside, _ = prose.blocks(page.body, page.body_line)
    names = {part[0] for part in PARTS}
    first = next((block.line for block in blocks if block.name in names), None)
    end = page.body_line + page.body.rstrip("\n").count("\n")
    counted = [0] * len(PARTS)
    for block in blocks:
        if block.name not in names:
            if first and block.line > first:
                yield Problem(
                    page.name, block.line, f"`/// {block.name}` among the help steps", "move it before the first hint"
                )
            continue
        place = next((index for index in range(len(PARTS)) if fits(block, index)), None)
        if place is None:
            wanted = [f"{part[0]} | {part[1]}" for part in PARTS if part[0] == block.name]
            given = f"{block.name} | {block.argument}"
            yield Problem(page.name, block.line, f"`/// {given}` is no part of a question", nearest(given, wanted))
            continue
        counted[place] += 1
        if any(counted[place + 1 :]):
            yield Problem(page.name, block.line, f"`/// {title(place)}` stands too late", f"keep the order {order()}")
        if counted[place] == PARTS[place][3] + 1:
            yield Problem(page.name, block.line, f"`/// {title(place)}` stands twice", "keep one")
        yield from filled(page, block)
    for place, (_, _, least, _) in enumerate(PARTS):
        if counted[place] < least:
            yield Problem(page.name, end, f"`/// {title(place)}` is missing", f"add it; the order is {order()}")
    yield from grades(page, [block for block in blocks if block.name == "sample"])
    for line, text in outside:
        if first and line > first and text.strip():
            yield Problem(
                page.name,
                line,
                f"text outside a block: `{text.strip()[:40]}`",
                "move it into a block or before the first hint",
            )


def fits(block: prose.Block, place: int) -> bool:
    return block.name == PARTS[place][0] and PARTS[place][1] in (None, block.argument)


def title(place: int) -> str:
    name, argument, _, _ = PARTS[place]
    return f"{name} | {argument}" if argument else name


def order() -> str:
    return ", ".join(dict.fromkeys(part[0] for part in PARTS))


def filled(page: Page, block: prose.Block) -> Iterator[Problem]:
    """A block says something; a rubric has its columns; a follow-up has its question."""
    if not block.body.strip():
        yield Problem(page.name, block.line, f"`/// {block.name}` is empty", "write it")
    elif block.name == "rubric":
        yield from rubric(page, block)
    if block.name == "followup" and not block.argument:
        yield Problem(page.name, block.line, "a follow-up without its question", "write `/// followup | The question.`")


def rubric(page: Page, block: prose.Block) -> Iterator[Problem]:
    rows = [(block.line + 1 + index, cells(line)) for index, line in enumerate(block.body.split("\n")) if line.strip()]
    line, head = rows[0]
    if [cell.lower() for cell in head] != RUBRIC:
        yield Problem(page.name, line, "the rubric's columns are not the four", f"write `| {' | '.join(RUBRIC)} |`")
        return
    if len(rows) < 3:
        yield Problem(page.name, line, "the rubric has no criterion", "add a row for each")
    for line, row in rows[2:]:
        if len(row) != len(RUBRIC) or not all(row):
            yield Problem(page.name, line, f"a rubric row of {sum(map(bool, row))} cells", "fill the four columns")


def cells(row: str) -> list[str]:
    """Cells of a table row; a bar in code or after a backslash separates nothing."""
    row = re.sub(r"`[^`]*`", lambda match: match[0].replace("|", "\\|"), row.strip())
    row = row.removeprefix("|")
    row = re.sub(r"(?<!\\)\|$", "", row)
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)]


def grades(page: Page, samples: list[prose.Block]) -> Iterator[Problem]:
    """Samples, where there are any, rise from no hire to strong hire, each grade once."""
    last = -1
    for sample in samples:
        if sample.argument not in GRADES:
            yield Problem(
                page.name, sample.line, f"unknown grade `{sample.argument}`", nearest(sample.argument, GRADES)
            )
            continue
        if GRADES.index(sample.argument) <= last:
            yield Problem(
                page.name,
                sample.line,
                f"the sample `{sample.argument}` stands too late or twice",
                "keep the order " + ", ".join(GRADES),
            )
        last = max(last, GRADES.index(sample.argument))
