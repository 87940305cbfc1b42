"""Start a chapter: copy docs/chapters/_template/ and say what to write where.

    make new-chapter SLUG=my-subject

A slug that has a row in docs/paths/topics.yml takes title, order, kind and prerequisites from it, and the row goes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from hooks.check_chapters import to_do
from hooks.ids import GOOD
from hooks.model import Handbook, load
from hooks.schema import Topic

TEMPLATE = "docs/chapters/_template"
TOPICS = "docs/paths/topics.yml"
LEVELS = "docs/paths/levels.yml"
STEPS = [  # docs/contributing/chapter.md says the same
    "Write what each `TODO` asks for; `make check` lists those that are left.",
    "Name `questions/{slug}-basics.md` after its question and the card's id after its fact, also where the objectives "
    "in `index.md` name them: these names are permanent ids.",
    "Set minutes, depth, kind and prerequisites in `index.md`, and the record of each question.",
    "Put your modules under `snippets/`, each with its test beside it, and let listing and question name one.",
    "Draw your figures by scripts in `images/`; `python -m hooks.draw PATH` runs one.",
    "Append your sources to `docs/data/bibliography.yml` and cite them by their keys.",
    "Record the ids with `make check FIX=1`, and look at the chapter with `make serve`.",
]


class Refused(ValueError):
    """The chapter cannot be started; says why and what to do."""


def new_chapter(root: Path, slug: str, today: date | None = None) -> Path:
    """The new folder."""
    handbook = load(root)
    folder = handbook.root / "docs/chapters" / slug
    refuse(handbook, slug, folder)
    words = fill(handbook, slug, today or date.today())
    placeholder = re.compile(r"\b(" + "|".join(words) + r")\b")
    template = handbook.root / TEMPLATE
    for source in sorted(path for path in template.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        name = source.relative_to(template).as_posix().replace("SLUG", slug)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(placeholder.sub(lambda match: words[match[1]], source.read_text("utf-8")), "utf-8")
    drop_row(handbook, slug)
    return folder


def refuse(handbook: Handbook, slug: str, folder: Path) -> None:
    if not GOOD.match(slug):
        better = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")
        mend = f", say SLUG={better}" if GOOD.match(better) else ""
        raise Refused(f"`{slug}` is no slug: use lower-case words joined by hyphens{mend}")
    if folder.exists():
        raise Refused(f"docs/chapters/{slug}/ is there already: edit it, or choose another slug")
    broken = [problem for problem in handbook.problems if problem.path == TOPICS]
    if broken:
        raise Refused(f"mend this first: {broken[0]}")


def fill(handbook: Handbook, slug: str, today: date) -> dict[str, str]:
    """What stands for each placeholder of the template."""
    topic = next((topic for topic in handbook.topics if topic.slug == slug), None)
    if topic is None:
        taken = [chapter.record.order for chapter in handbook.chapters] + [topic.order for topic in handbook.topics]
        title = slug.replace("-", " ").capitalize()
        topic = Topic(
            slug=slug, title=title, order=max(taken, default=0) // 10 * 10 + 10, kind="application", prerequisites=[]
        )
    return {
        "SLUG": slug,
        "TITLE": json.dumps(topic.title, ensure_ascii=False)[1:-1],  # it stands between quotes
        "ORDER": str(topic.order),
        "KIND": topic.kind,
        "PREREQUISITES": f"[{', '.join(topic.prerequisites)}]",
        "TODAY": today.isoformat(),
    }


def drop_row(handbook: Handbook, slug: str) -> None:
    """Take the subject out of topics.yml; every other line stays as it is."""
    slugs = [topic.slug for topic in handbook.topics]
    if slug not in slugs:
        return
    path, index = handbook.root / TOPICS, slugs.index(slug)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    document = handbook.lines[TOPICS]
    start = document.line((index,)) - 1
    end = document.line((index + 1,)) - 1 if index + 1 < len(slugs) else len(lines)
    path.write_text("".join(lines[:start] + lines[end:]), "utf-8")
    drop_levels(handbook, slug)


def drop_levels(handbook: Handbook, slug: str) -> None:
    """The chapter's own front matter holds its levels now."""
    if slug not in handbook.levels:
        return
    path, slugs, document = handbook.root / LEVELS, list(handbook.levels), handbook.lines[LEVELS]
    lines = path.read_text("utf-8").splitlines(keepends=True)
    after = slugs.index(slug) + 1
    start, end = document.line((slug,)) - 1, document.line((slugs[after],)) - 1 if after < len(slugs) else len(lines)
    path.write_text("".join(lines[:start] + lines[end:]), "utf-8")


def report(root: Path, folder: Path) -> Iterator[str]:
    slug = folder.name
    yield f"docs/chapters/{slug}/ is there. What to do:"
    for number, step in enumerate(STEPS, start=1):
        yield f"{number}. {step.format(slug=slug)}"
    yield ""
    for path, line, asked in to_do(folder):
        if path.suffix == ".svg":
            continue  # drawn anew by its script
        yield f"{path.relative_to(root).as_posix()}:{line}: {asked}"


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 1:
        print("Say which: make new-chapter SLUG=my-subject", file=sys.stderr)
        return 2
    root = Path.cwd()
    try:
        folder = new_chapter(root, arguments[0])
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report(root, folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
