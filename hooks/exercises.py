"""Exercises: a page for each folder of exercises/, with the task, the starter, what the tests demand and, folded, a
solution.

The pages are generated, like those of the bug hunts: practice/exercises/<id>.md holds one macro call, so that what is
written in exercise.md is rendered with its own file and lines. exercises/test_exercises.py proves that the tests fail
on the starter and pass on the solution.
"""

from __future__ import annotations

import json
import re

from hooks import progress
from hooks.building import Building, CallError, Site
from hooks.formatting import spelled
from hooks.model import Exercise, Handbook, exercise_test
from hooks.navigation import code_page, exercise_page
from hooks.parts import facts, fold, link, meta, related, subject_names, table
from hooks.problems import nearest
from hooks.prose import escaped, first_paragraph, outside_fences
from hooks.sources import inline

ALOUD = "## Solve it aloud { #aloud }"


def pages(handbook: Handbook) -> dict[str, str]:
    """Markdown of every generated page by its path under docs/."""
    return {
        exercise_page(name): f"---\ntitle: {json.dumps(exercise.record.title)}\n---\n<%= exercise({json.dumps(name)}) %>\n"
        for name, exercise in handbook.exercises.items()
    }


def find(site: Site, name: str) -> Exercise:
    exercise = site.handbook.exercises.get(name)
    if exercise is None:
        raise CallError(f"no exercise `{name}`; {nearest(name, site.handbook.exercises)}")
    return exercise


def page(site: Site, page: Building, exercise: Exercise, body: str) -> str:
    """The whole page; `body` is exercise.md with its macros done."""
    statement, _, aloud = rebased(body).partition(f"\n{ALOUD}\n")
    folder = f"exercises/{exercise.id}"
    tests = [f"- `{name}`{f': {inline(doc)}' if doc else ''}" for name, doc in exercise.tests]
    wrong = [f"- {mistake.cause} *{mistake.why}* {mistake.fix} Found by `{mistake.test}`." for mistake in exercise.mistakes]
    parts = [
        page.keep_aside(meta([link(page, "practice/exercises.md", "Exercises"), *facts("code", exercise.record)])),
        f"# {exercise.record.title} {{ #{exercise.id} }}",
        page.keep_aside(progress.done([f"exercise:{exercise.id}"])),
        statement,
        "## Start here { #start }",
        f"Copy the starter to `answer.py` in its folder, write there, and let the tests grade it. An error that you raise must say what is wrong; the words are yours.\n\n"
        f"```sh\ncp {folder}/starter.py {folder}/answer.py\npython -m pytest {folder}\n```",
        f'`{folder}/starter.py`\n\n```python\n--8<-- "{folder}/starter.py"\n```',
        "## What the tests demand { #tests }",
        f"{escaped(first_paragraph(exercise.test_doc))} {spelled(len(exercise.tests), 'test').capitalize()}, in `{folder}/{exercise_test(exercise.id)}`:",
        "\n".join(tests),
        fold("How to solve it aloud", aloud),
        fold(
            "A solution, and mistakes that the tests catch",
            f'`{folder}/solution.py`\n\n```python\n--8<-- "{folder}/solution.py"\n```\n\n**Mistakes.** Each of them fails a test, which the project proves on every run.\n\n'
            + "\n".join(wrong),
        ),
        page.keep_aside(related(ways(site, page, exercise))),
    ]
    return "\n\n".join(parts)


def ways(site: Site, page: Building, exercise: Exercise) -> list[tuple[str, list[str]]]:
    """What to read first, the library's version, and the questions that the exercise grades."""
    rows = [("Read first", subject_names(site, page, exercise.record.chapters))]
    module = site.handbook.snippets.get(exercise.record.snippet or "")
    if module:
        rows.append(("In the library", [link(page, code_page(module.path), module.path)]))
    asked = [
        link(page, question.source, question.record.title)
        for _, question in site.handbook.questions.values()
        if question.record.exercise == exercise.id
    ]
    if asked:
        rows.append(("Asked as", asked))
    rows.append(("Go on", [link(page, "practice/exercises.md", "All exercises")]))
    return rows


def exercises(site: Site, page: Building) -> str:
    """`<%= exercises() %>`: all of them, easiest first."""
    rows = []
    for exercise in sorted(site.handbook.exercises.values(), key=lambda each: (each.record.level, each.record.minutes, each.id)):
        record = exercise.record
        chapters = ", ".join(subject_names(site, page, record.chapters))
        name = f'<span data-item="exercise:{exercise.id}">{link(page, exercise_page(exercise.id), record.title)}</span>'
        rows.append((f"{name}<br>{inline(record.summary)}", f"{record.minutes}&nbsp;min", f"{record.level}&nbsp;of&nbsp;5", chapters))
    listed = table(("exercise", "time", "level", "read first"), rows)
    return page.keep(f'<div class="exercise-list"><sh-progress part="list">{listed}</sh-progress></div>')


def rebased(body: str) -> str:
    """Links of exercises/<id>/exercise.md as seen from docs/practice/exercises/<id>.md, which lies equally deep."""
    lines = body.split("\n")
    for number, line in outside_fences(body):
        lines[number] = re.sub(r"(\]\(\s*<?\.\./\.\./)docs/", r"\1", line)
    return "\n".join(lines)
