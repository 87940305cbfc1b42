"""A page at every address that a question or an exercise has had: it leads to the one under its present name.

Links from elsewhere, readers' bookmarks and their plans name the old one. What was renamed stands in ids.txt.
"""

from __future__ import annotations

import json

from hooks import ids
from hooks.model import Handbook
from hooks.navigation import exercise_page


def pages(handbook: Handbook) -> dict[str, str]:
    """Markdown of every generated page by its path under docs/."""
    found = {}
    for home, kind, old, name in ids.moved(handbook):
        if kind == "question" and name in handbook.questions:
            found[f"{home.removeprefix('docs/')}/questions/{old}.md"] = page(handbook.questions[name][1].record.title, name)
        elif kind == "exercise" and name in handbook.exercises:
            found[exercise_page(old)] = page(handbook.exercises[name].record.title, name)
    return found


def page(title: str, name: str) -> str:
    words = json.dumps(f"Moved: {title}", ensure_ascii=False)
    link = f"This page has another address now: [{title}]({name}.md)."
    return f"---\ntitle: {words}\nrender_macros: false\nsearch:\n  exclude: true\n---\n# Moved\n\n{link}\n"
