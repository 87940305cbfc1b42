"""Is every module under snippets/ shown on a page and proven by the test beside it?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hooks import prose
from hooks.model import Handbook, Snippet
from hooks.problems import Problem

CLOSED_FORMS = "sizing"  # pages use these by value(); their tests go by claim, not by module


def check(handbook: Handbook) -> Iterator[Problem]:
    shown, reached = set(on_pages(handbook)), reached_by_tests(handbook, CLOSED_FORMS)
    for snippet in handbook.snippets.values():
        if not snippet.doc:
            yield Problem(snippet.path, 1, "no docstring", "say what it is, the paper, shapes and cost")
        if snippet.topic == CLOSED_FORMS:
            if snippet.concept not in reached:
                yield Problem(
                    snippet.path, 1, "no test reaches this module", f"import it in snippets/{CLOSED_FORMS}/test_….py"
                )
            continue
        yield from tested(snippet)
        if not snippet.sections:
            mark = f"# --8<-- [start:{snippet.concept}]"
            yield Problem(snippet.path, 1, "no section to show", f"put `{mark}` and its end around a definition")
        if snippet.path not in shown:
            mend = f'add `<%= snippet("{snippet.path}", "…") %>`, or begin its name with `_` if only tests use it'
            yield Problem(snippet.path, 1, "no page shows this module", mend)


def tested(snippet: Snippet) -> Iterator[Problem]:
    test = f"snippets/{snippet.topic}/test_{snippet.concept}.py"
    if snippet.test is None:
        yield Problem(snippet.path, 1, "no test beside it", f"add {test}")
    elif snippet.test_count == 0:
        yield Problem(test, 1, "no test in it", "a test is a function test_…")
    elif not snippet.test_doc:
        yield Problem(test, 1, "no docstring", "say in plain words what the tests prove: the page shows it")


def reached_by_tests(handbook: Handbook, topic: str) -> set[str]:
    """Modules of a folder that its tests import, or that such modules import."""
    folder = handbook.root / "snippets" / topic
    texts = {path.stem: path.read_text("utf-8", "replace") for path in folder.glob("*.py")}
    reached = {name for name in texts if name.startswith("test_")}
    waiting = list(reached)
    while waiting:
        text = texts[waiting.pop()]
        found = {name for name in texts.keys() - reached if re.search(rf"^.*import.*\b{name}\b|\.{name}\b", text, re.M)}
        reached |= found
        waiting += found
    return reached


def on_pages(handbook: Handbook) -> Iterator[str]:
    """Paths in snippet(...) calls."""
    for page in handbook.texts.values():
        for call in prose.calls(page.body)[0]:
            if call.name == "snippet" and call.args:
                yield call.args[0]
