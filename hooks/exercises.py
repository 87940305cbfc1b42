"""Exercises: a page for each folder of exercises/, with the task, the starter, what the tests demand and, folded, a
solution.

The pages are generated, like those of the bug hunts: practice/exercises/<id>.md holds one macro call, so that what is
written in exercise.md is rendered with its own file and lines. exercises/test_exercises.py proves that the tests fail
on the starter and pass on the solution.
"""

from __future__ import annotations

import html
import json
import re

from hooks import progress
from hooks.building import Building, CallError, Site
from hooks.formatting import spelled
from hooks.icons import LEVEL_DEPTH, depth_badge
from hooks.model import Exercise, Handbook, outside_fences
from hooks.problems import nearest
from hooks.sources import inline

ALOUD = "## Solve it aloud { #aloud }"


def source_of(name: str) -> str:
    return f"practice/exercises/{name}.md"


def pages(handbook: Handbook) -> dict[str, str]:
    """Markdown of every generated page by its path under docs/."""
    return {
        source_of(name): f"---\ntitle: {json.dumps(exercise.record.title)}\n---\n<%= exercise({json.dumps(name)}) %>\n"
        for name, exercise in handbook.exercises.items()
    }


def find(site: Site, name: str) -> Exercise:
    exercise = site.handbook.exercises.get(name)
    if exercise is None:
        raise CallError(f"no exercise `{name}`; {nearest(name, site.handbook.exercises)}")
    return exercise


def page(site: Site, page: Building, exercise: Exercise, body: str) -> str:
    """The whole page; `body` is exercise.md with its macros done."""
    from hooks import questions  # which knows exercises

    statement, _, aloud = rebased(body).partition(f"\n{ALOUD}\n")
    folder = f"exercises/{exercise.id}"
    tests = [f"- `{name}`{f': {inline(doc)}' if doc else ''}" for name, doc in exercise.tests]
    wrong = [f"- {mistake.cause} *{mistake.why}* {mistake.fix} Found by `{mistake.test}`." for mistake in exercise.mistakes]
    parts = [
        page.keep_aside(questions.meta([questions.link(page, "practice/exercises.md", "Exercises"), *facts(exercise)])),
        f"# {exercise.record.title} {{ #{exercise.id} }}",
        page.keep_aside(progress.done([f"exercise:{exercise.id}"])),
        statement,
        "## Start here { #start }",
        f"Copy the starter to `answer.py` in its folder, write there, and let the tests grade it:\n\n"
        f"```sh\ncp {folder}/starter.py {folder}/answer.py\npython -m pytest {folder}\n```",
        f'`{folder}/starter.py`\n\n```python\n--8<-- "{folder}/starter.py"\n```',
        "## What the tests demand { #tests }",
        f"{first_paragraph(exercise.test_doc)} {spelled(len(exercise.tests), 'test').capitalize()}, in `{folder}/test_{exercise.id.replace('-', '_')}.py`:",
        "\n".join(tests),
        fold("How to solve it aloud", aloud),
        fold(
            "A solution, and mistakes that the tests catch",
            f'`{folder}/solution.py`\n\n```python\n--8<-- "{folder}/solution.py"\n```\n\n**Mistakes.** Each of them fails a test, which the project proves on every run.\n\n'
            + "\n".join(wrong),
        ),
        page.keep_aside(related(site, page, exercise)),
    ]
    return "\n\n".join(parts)


def facts(exercise: Exercise) -> list[str]:
    record = exercise.record
    return ["code", f"{record.minutes} minutes", f"level {record.level} of 5", depth_badge(LEVEL_DEPTH[record.level])]


def fold(title: str, body: str) -> str:
    return (
        f'<details class="hunt-answer" markdown="1">\n<summary>{title}</summary>\n'
        f'<section data-search-exclude markdown="1">\n\n{body.strip()}\n\n</section>\n</details>'
    )


def related(site: Site, page: Building, exercise: Exercise) -> str:
    """What to read first, the library's version, and the questions that the exercise grades."""
    from hooks import questions

    rows = [("Read first", [questions.chapter_name(site, page, slug) for slug in exercise.record.chapters])]
    module = site.handbook.snippets.get(exercise.record.snippet or "")
    if module:
        rows.append(("In the library", [questions.link(page, f"code/{module.topic}/{module.concept}.md", module.path)]))
    asked = [
        questions.link(page, f"{home.folder}/questions/{question.id}.md", question.record.title)
        for home, question in site.handbook.questions.values()
        if question.record.exercise == exercise.id
    ]
    if asked:
        rows.append(("Asked as", asked))
    rows.append(("Go on", [questions.link(page, "practice/exercises.md", "All exercises")]))
    cells = "".join(f"<dt>{name}</dt><dd>{', '.join(links)}</dd>" for name, links in rows)
    return f'<dl class="related">{cells}</dl>'


def exercises(site: Site, page: Building) -> str:
    """`<%= exercises() %>`: all of them, easiest first."""
    from hooks import questions

    rows = []
    for exercise in sorted(site.handbook.exercises.values(), key=lambda each: (each.record.level, each.record.minutes, each.id)):
        record = exercise.record
        chapters = ", ".join(questions.chapter_name(site, page, slug) for slug in record.chapters)
        name = questions.link(page, source_of(exercise.id), record.title)
        cells = (f"{name}<br>{inline(record.summary)}", f"{record.minutes}&nbsp;min", f"{record.level}&nbsp;of&nbsp;5", chapters)
        rows.append(f'<tr data-item="exercise:{exercise.id}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = "".join(f'<th scope="col">{words}</th>' for words in ("exercise", "time", "level", "read first"))
    return page.keep(f'<div class="exercise-list"><sh-progress part="list"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></sh-progress></div>')


def rebased(body: str) -> str:
    """Links of exercises/<id>/exercise.md as seen from docs/practice/exercises/<id>.md, which lies equally deep."""
    lines = body.split("\n")
    for number, line in outside_fences(body):
        lines[number] = re.sub(r"(\]\(\s*<?\.\./\.\./)docs/", r"\1", line)
    return "\n".join(lines)


def first_paragraph(docstring: str) -> str:
    text = html.escape(" ".join(docstring.strip().split("\n\n")[0].split()), quote=False)
    return re.sub(r"([\\*_$\[{|])", r"\\\1", text)
