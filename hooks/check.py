"""Content checks: every problem at once, as `file:line: what, how to mend`.

    python -m hooks.check          # exit 1 when there is a problem
    python -m hooks.check --fix    # record new ids first

The build calls `check` too, so that a broken build names file and line.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

from hooks import (
    assessment,
    check_chapters,
    check_exercises,
    check_glossary,
    check_pages,
    check_paths,
    check_questions,
    check_snippets,
    ids,
    memory,
    numbers,
)  # fmt: skip
from hooks.model import Handbook, load
from hooks.problems import Problem

CHECKS = [
    ids.check, check_chapters.check, check_questions.check, check_paths.check, check_pages.check, check_snippets.check, check_exercises.check, check_glossary.check,
    assessment.check, numbers.check,
]  # fmt: skip


def check(root: Path | str = ".", handbook: Handbook | None = None, cache: tuple[Any, Any] | None = None) -> list[Problem]:
    """Everything that is wrong with the content at `root`, sorted; `cache` is what memory.using() takes."""
    handbook = handbook or load(root)
    with memory.using(*cache) if cache else contextlib.nullcontext():
        return sorted({*handbook.problems, *(problem for run in CHECKS for problem in run(handbook))})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make check", description="Check the content.")
    parser.add_argument("--fix", action="store_true", help="record new ids")
    parser.add_argument("--root", type=Path, default=Path(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.fix:
        for line in ids.fix(load(options.root)):
            print(f"recorded {line}")
    handbook = load(options.root)
    problems = check(options.root, handbook)
    for problem in problems:
        print(problem)
    if problems:
        print(f"\n{len(problems)} to mend in {len({problem.path for problem in problems})} files", file=sys.stderr)
        return 1
    counted = {
        "chapters": len(handbook.chapters),
        "questions": len(handbook.questions),
        "cards": sum(len(chapter.cards) for chapter in handbook.chapters),
        "modules": len(handbook.snippets),
        "exercises": len(handbook.exercises),
        "terms": len(handbook.terms),
    }
    print(", ".join(f"{count} {name}" for name, count in counted.items()) + ": nothing to mend")
    return 0


if __name__ == "__main__":
    sys.exit(main())
