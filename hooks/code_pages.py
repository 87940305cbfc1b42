"""A page for each snippet module: the module and its test, whole. Listings link here, so that nothing depends on where
the repository is kept.
"""

from __future__ import annotations

import json

from hooks.formatting import spelled
from hooks.model import Handbook, Snippet
from hooks.navigation import code_page, exercise_page
from hooks.prose import escaped, first_paragraph

INDEX = "code/index.md"


def pages(handbook: Handbook) -> dict[str, str]:
    """Markdown of every generated page by its path under docs/."""
    made = {code_page(snippet.path): page(snippet, users(handbook, snippet)) for snippet in handbook.snippets.values()}
    return {INDEX: index(handbook), **made} if made else {}


def users(handbook: Handbook, snippet: Snippet) -> list[tuple[str, str]]:
    """(title, path under docs/) of the pages that show the module."""
    found = []
    for name, page in handbook.texts.items():
        if f'"{snippet.path}"' in page.body or f"'{snippet.path}'" in page.body:
            found.append((str(page.front.fields.get("title", name)), name.removeprefix("docs/") if name in handbook.pages else exercise_page(page.path.parent.name)))
    return found


def page(snippet: Snippet, shown_on: list[tuple[str, str]]) -> str:
    parts = [_front(snippet.path), f"# `{snippet.concept}.py` {{ #module }}", escaped(first_paragraph(snippet.doc))]
    if shown_on:
        links = ", ".join(f"[{escaped(title)}](../../{source})" for title, source in shown_on)
        parts.append(f"Shown in {links}.")
    parts += [f"`{snippet.path}`", _fence(snippet.path)]
    if snippet.test:
        parts += [
            f"## Test: {spelled(snippet.test_count, 'claim')} {{ #test }}",
            escaped(first_paragraph(snippet.test_doc)),
            f"`{snippet.test}`",
            _fence(snippet.test),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def index(handbook: Handbook) -> str:
    """All modules by topic."""
    parts = [
        _front("Code", exclude=False),
        "# Code",
        "Every listing of the handbook is one of these modules, and the test beside it proves what the page says.",
    ]
    for topic in sorted({snippet.topic for snippet in handbook.snippets.values()}):
        parts.append(f"## `{topic}` {{ #{topic.replace('_', '-')} }}")
        rows = [snippet for snippet in handbook.snippets.values() if snippet.topic == topic]
        parts.append(
            "\n".join(
                f"- [`{row.concept}.py`]({row.topic}/{row.concept}.md): {_first_sentence(row.doc)}" for row in rows
            )
        )
    return "\n\n".join(parts) + "\n"


def _front(title: str, exclude: bool = True) -> str:
    search = "search:\n  exclude: true\n" if exclude else ""
    return f"---\ntitle: {json.dumps(title)}\nrender_macros: false\n{search}---"


def _fence(path: str) -> str:
    return f'```python\n--8<-- "{path}"\n```'


def _first_sentence(docstring: str) -> str:
    paragraph = escaped(first_paragraph(docstring))
    end = paragraph.find(". ")
    return paragraph if end < 0 else paragraph[: end + 1]
