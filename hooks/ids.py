"""Permanent ids: readers' progress, card histories and addresses hang on them, so an id once given is never lost.

The ids.txt of a chapter, of a question set and of exercises/ is append-only: `question <id>`, `card <id>`, `quiz <id>` or
`exercise <id>`, and `question <old> -> <new>` where one was renamed. `make check FIX=1` appends new ids. A home is the
folder of such a file, relative to the root.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hooks.problems import Problem

if TYPE_CHECKING:
    from hooks.model import Handbook

LINE = re.compile(r"^(question|card|quiz|exercise) ([\w-]+)(?: -> ([\w-]+))?$")
EXERCISES = "exercises"
GOOD = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


@dataclass
class Ids:
    """What one ids.txt holds."""

    name: str
    given: dict[tuple[str, str], int] = field(default_factory=dict)  # (kind, id) -> line
    renamed: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def aliases(self) -> dict[str, str]:
        return {old: new for (_, old), (new, _) in self.renamed.items()}


def homes(handbook: Handbook) -> list[str]:
    """Folders that give ids."""
    return [*(f"docs/{folder}" for folder in handbook.question_folders), EXERCISES]


def read(root: Path, home: str) -> Ids:
    """The ids that a home has given."""
    path = root / home / "ids.txt"
    found = Ids(path.relative_to(root).as_posix())
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.match(line)
        if not match:
            mend = "write `question <id>`, `card <id>`, `quiz <id>`, `exercise <id>` or `question <old> -> <new>`"
            found.problems.append(Problem(found.name, number, f"`{line}` is no id", mend))
            continue
        kind, name, new = match.groups()
        known = found.renamed if new else found.given
        if (kind, name) in known:
            found.problems.append(Problem(found.name, number, f"the {kind} `{name}` stands twice", "remove this line"))
        elif new:
            found.renamed[kind, name] = (new, number)
        else:
            found.given[kind, name] = number
    return found


def present(handbook: Handbook, home: str) -> list[tuple[str, str, str, int]]:
    """What a home has now, readable or not, as (kind, id, file, line)."""
    from hooks.model import read_cards

    if home == EXERCISES:
        return [("exercise", path.parent.name, handbook.name(path), 1) for path in sorted(handbook.root.glob(f"{EXERCISES}/*/exercise.md"))]
    questions = handbook.inside.get(f"{home}/questions", [])
    found = [("question", page.path.stem, page.name, 1) for page in questions]
    cards = handbook.pages.get(f"{home}/cards.md")
    if cards:
        found += [("card", card.id, cards.name, card.line) for card in read_cards(cards)[0]]
    chapter = handbook.by_slug.get(home.removeprefix("docs/chapters/"))
    asked = handbook.lines.get(f"{home}/calibration.yml")
    if chapter and asked:
        found += [("quiz", each.id, asked.path, asked.line((place, "id"))) for place, each in enumerate(chapter.calibration)]
    return found


def check(handbook: Handbook) -> Iterator[Problem]:
    first: dict[tuple[bool, str], str] = {}  # an exercise may bear the name of a question
    ever: set[tuple[str, str]] = set()
    for home in homes(handbook):
        recorded, now = read(handbook.root, home), present(handbook, home)
        yield from recorded.problems
        for kind, name, path, line in now:
            key, here = (kind == "exercise", name), f"{path}:{line}"
            if first.setdefault(key, here) != here:
                yield Problem(path, line, f"the id `{name}` is taken by {first[key]}", "choose another")
            if not GOOD.match(name):
                yield Problem(path, line, f"`{name}` is no id", "use lower-case words joined by hyphens")
            if (kind, name) not in recorded.given:
                yield Problem(path, line, f"the {kind} `{name}` is new", "record it with `make check FIX=1`")
        yield from _lost(recorded, {(kind, name) for kind, name, _, _ in now})
        ever |= recorded.given.keys() | recorded.renamed.keys()
    for path, kind, name in removed(handbook.root):
        if (kind, name) not in ever:
            yield Problem(path, 1, f"the line `{kind} {name}` was removed", "put it back: ids are permanent")


def _lost(recorded: Ids, now: set[tuple[str, str]]) -> Iterator[Problem]:
    for (kind, name), line in recorded.given.items():
        if (kind, name) not in now and (kind, name) not in recorded.renamed:
            mend = f"bring it back, or append `{kind} {name} -> <new id>`"
            yield Problem(recorded.name, line, f"the {kind} `{name}` is lost", mend)
    for (kind, old), (new, line) in recorded.renamed.items():
        if (kind, old) in now:
            yield Problem(recorded.name, line, f"the {kind} `{old}` is renamed but still there", "remove one of them")
        if (kind, new) not in now and (kind, new) not in recorded.renamed:
            yield Problem(recorded.name, line, f"there is no {kind} `{new}`", f"let `{old}` point to one that exists")


def removed(root: Path) -> list[tuple[str, str, str]]:
    """Ids that the working tree's ids.txt files lack against the last commit but one, as (file, kind, id).

    Outside a checkout, or in one without that commit, there is nothing to compare with.
    """
    if not (root / ".git").exists():
        return []
    command = ["git", "-C", str(root), "diff", "--unified=0", "HEAD^", "--", "docs/*ids.txt", f"{EXERCISES}/ids.txt"]
    diff = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found, path = [], ""
    for line in diff.splitlines():
        if line.startswith("--- "):
            path = line.removeprefix("--- ").removeprefix("a/")
        elif line.startswith("-") and (match := LINE.match(line[1:])):
            found.append((path, match[1], match[2]))
    return found


def moved(handbook: Handbook) -> Iterator[tuple[str, str, str, str]]:
    """What was renamed, as (home, kind, old id, the id that it has now)."""
    for home in homes(handbook):
        renamed = {key: new for key, (new, _) in read(handbook.root, home).renamed.items()}
        for kind, old in renamed:
            name, seen = old, set()
            while (kind, name) in renamed and name not in seen:
                seen.add(name)
                name = renamed[kind, name]
            yield home, kind, old, name


def fix(handbook: Handbook) -> list[str]:
    """Append new ids; what was written, one line each."""
    written = []
    for home in homes(handbook):
        recorded = read(handbook.root, home)
        new = [f"{kind} {name}" for kind, name, _, _ in present(handbook, home) if (kind, name) not in recorded.given]
        if new:
            path = handbook.root / recorded.name
            text = path.read_text("utf-8") if path.exists() else ""
            text += "\n" if text and not text.endswith("\n") else ""
            path.write_text(text + "".join(f"{line}\n" for line in dict.fromkeys(new)), "utf-8")
            written += [f"{recorded.name}: {line}" for line in new]
    return written
