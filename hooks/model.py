"""The content model: everything that is written by hand, read from disk once.

    handbook = load(Path("."))
    handbook.chapters[0].questions[0].record.minutes
    handbook.problems          # what could not be read; `hooks.check` finds the rest

A record that breaks its schema is reported and left out. Does not know MkDocs.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_origin

from hooks import ids, prose
from hooks.problems import Problem
from hooks.records import Document, read_yaml, split_front_matter, validate
from hooks.schema import (
    Asked,
    ChapterRecord,
    CompetencyRecord,
    ExerciseRecord,
    Fault,
    HardwareRecord,
    Levels,
    Mistake,
    ModelRecord,
    PageRecord,
    Preparation,
    QuestionRecord,
    QuizQuestion,
    Role,
    RoleRecord,
    Source,
    Term,
    Tier,
    TierRecord,
    Topic,
)

Made = TypeVar("Made")
DEPTH = re.compile(r"data-depth=[\"']?([\w-]*)")
CARD = re.compile(r"^(?P<front>\S.*?)\s*\{\s*#(?P<id>[\w-]+)\s*\}\s*$")
SECTION_MARK = re.compile(r"^\s*#\s*--8<--\s*\[\s*(start|end)\s*:\s*(\w+)\s*\]\s*$")


@dataclass(frozen=True)
class Page:
    """A Markdown file. `body` starts on line `body_line` of the file."""

    path: Path
    name: str  # relative to the root, with slashes
    body: str
    body_line: int
    front: Document  # raw front matter with lines


@dataclass(frozen=True)
class Section:
    """A `##` heading of a chapter and all below it, up to the next."""

    id: str
    title: str
    depth: str | None
    line: int  # in the file
    body: str


@dataclass(frozen=True)
class Question:
    id: str
    path: Path
    source: str  # under docs/
    record: QuestionRecord
    body: str
    body_line: int


@dataclass(frozen=True)
class Card:
    id: str
    front: str
    back: str
    line: int


@dataclass(frozen=True)
class Lab:
    """A recorded lab: `results` is what prose may quote."""

    path: Path
    notebook: Path | None
    results: dict[str, Any]


@dataclass(frozen=True)
class Snippet:
    """A module that pages show, and the test beside it."""

    path: str  # snippets/<topic>/<concept>.py
    topic: str
    concept: str
    doc: str
    sections: dict[str, tuple[int, int]]  # name -> first and last line shown
    test: str | None
    test_doc: str
    test_count: int  # test functions; parametrised ones count once
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Exercise:
    """Something to implement, graded by tests: exercises/<id>/."""

    id: str
    dir: Path
    page: Page  # exercise.md: the task and how to solve it aloud
    record: ExerciseRecord
    tests: tuple[tuple[str, str], ...]  # name of each test, and its docstring
    test_doc: str
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class Chapter:
    slug: str
    dir: Path
    record: ChapterRecord
    body: str
    body_line: int
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    cards: tuple[Card, ...]
    lab: Lab | None
    sheet: Page | None
    aliases: dict[str, str]  # old id -> new id
    calibration: tuple[QuizQuestion, ...] = ()

    @property
    def folder(self) -> str:
        """Under docs/."""
        return f"chapters/{self.slug}"

    @property
    def title(self) -> str:
        return self.record.title


@dataclass(frozen=True)
class QuestionSet:
    """Questions outside the chapters: a folder of docs/ that has questions/ and an index."""

    folder: str  # under docs/: interview/design-prompts
    dir: Path
    title: str
    questions: tuple[Question, ...]
    aliases: dict[str, str]  # old id -> new id
    cards: tuple[Card, ...] = ()  # a set has neither cards nor a lab
    lab: Lab | None = None


@dataclass(frozen=True)
class Handbook:
    root: Path
    chapters: tuple[Chapter, ...]  # in reading order
    topics: tuple[Topic, ...]  # subjects without a folder yet
    competencies: dict[str, CompetencyRecord]
    sources: dict[str, Source]
    models: dict[str, ModelRecord]
    hardware: dict[str, HardwareRecord]
    snippets: dict[str, Snippet]
    exercises: dict[str, Exercise]
    terms: tuple[Term, ...]
    pages: dict[str, Page]  # every Markdown file of the site by name
    folders: tuple[str, ...]  # slugs of all chapter folders, readable or not
    sets: tuple[QuestionSet, ...]
    problems: tuple[Problem, ...]
    lines: dict[str, Document] = field(repr=False, default_factory=dict)  # data files, for line numbers
    roles: dict[str, RoleRecord] = field(default_factory=dict)
    tiers: dict[str, TierRecord] = field(default_factory=dict)
    asked: Asked | None = None
    preparation: tuple[Preparation, ...] = ()
    levels: dict[str, list[str]] = field(default_factory=dict)  # of subjects without a folder

    @cached_property
    def by_slug(self) -> dict[str, Chapter]:
        return {chapter.slug: chapter for chapter in self.chapters}

    @cached_property
    def by_folder(self) -> dict[str, Chapter | QuestionSet]:
        return {str(home.dir): home for home in (*self.sets, *self.chapters)}

    @cached_property
    def inside(self) -> dict[str, list[Page]]:
        """The pages of each folder, named as pages are (docs/…), not those of folders in it."""
        found: dict[str, list[Page]] = {}
        for name, page in self.pages.items():
            found.setdefault(name.rpartition("/")[0], []).append(page)
        return found

    def once(self, make: Callable[[Handbook], Made]) -> Made:
        """What `make` makes of this handbook, made once, since each page asks."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]

    @cached_property
    def _made(self) -> dict[Callable[[Handbook], Any], Any]:
        return {}

    @cached_property
    def subjects(self) -> frozenset[str]:
        """Slugs of all subjects: chapter folders, readable or not, and topics."""
        return frozenset((*self.folders, *(topic.slug for topic in self.topics)))

    @cached_property
    def questions(self) -> dict[str, tuple[Chapter | QuestionSet, Question]]:
        """Every question by id, with the chapter or set that it is part of."""
        return {question.id: (home, question) for home in (*self.chapters, *self.sets) for question in home.questions}

    @cached_property
    def texts(self) -> dict[str, Page]:
        """Every Markdown file that is written by hand: the pages, and the exercises' statements."""
        return self.pages | {exercise.page.name: exercise.page for exercise in self.exercises.values()}

    @cached_property
    def question_folders(self) -> tuple[str, ...]:
        """Folders under docs/ that give ids: all chapters, readable or not, and the sets."""
        return (*(f"chapters/{slug}" for slug in self.folders), *(found.folder for found in self.sets))

    def name(self, path: Path) -> str:
        """`path` as problems name it: relative to the root."""
        return path.relative_to(self.root).as_posix()

    def chapter_of(self, path: str | Path) -> Chapter | None:
        """The chapter in whose folder a file lies (absolute, or relative to the root)."""
        home = self.home_of(path)
        return home if isinstance(home, Chapter) else None

    def home_of(self, path: str | Path) -> Chapter | QuestionSet | None:
        """The chapter or question set in whose folder a file lies."""
        return next((home for folder in (self.root / path).parents if (home := self.by_folder.get(str(folder)))), None)


def load(root: Path | str = ".") -> Handbook:
    """Read the handbook at `root`; problems are collected, never raised."""
    return _Reader(Path(root).resolve()).handbook()


def reread(handbook: Handbook, names: Iterable[str]) -> Handbook:
    """The handbook after the text of these pages changed, and neither their front matter nor their headings nor cards."""
    reader = _Reader(handbook.root)
    pages = handbook.pages | {name: reader.page(handbook.root / name) for name in names}
    homes = [home.dir for home in map(handbook.home_of, names) if home]
    chapters = [reader.chapter(each.dir, pages) if each.dir in homes else each for each in handbook.chapters]
    sets = [reader.question_set(each.dir, pages) if each.dir in homes else each for each in handbook.sets]
    if None in chapters:
        return load(handbook.root)
    return replace(handbook, pages=pages, chapters=tuple(chapters), sets=tuple(sets))


class _Reader:
    """One pass over the disk that collects problems on its way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.docs = root / "docs"
        self.problems: list[Problem] = []
        self.lines: dict[str, Document] = {}
        self.hunts: dict[Path, list[Fault]] = {}

    def handbook(self) -> Handbook:
        pages = {page.name: page for page in map(self.page, self.markdown_files())}
        folders = self.chapter_folders()
        chapters = [self.chapter(folder, pages) for folder in folders]
        sets = tuple(self.question_set(folder, pages) for folder in self.set_folders())
        self.other_pages(pages)
        data = self.docs / "data"
        return Handbook(
            root=self.root,
            chapters=tuple(sorted((c for c in chapters if c), key=lambda c: (c.record.order, c.slug))),
            topics=tuple(self.yaml(self.docs / "paths/topics.yml", list[Topic]) or ()),
            competencies=self.yaml(self.docs / "paths/competencies.yml", dict[str, CompetencyRecord]) or {},
            roles=self.if_there(self.docs / "paths/roles.yml", dict[Role, RoleRecord]) or {},
            tiers=self.if_there(self.docs / "paths/tiers.yml", dict[Tier, TierRecord]) or {},
            asked=self.if_there(self.docs / "paths/asked.yml", Asked),
            preparation=tuple(self.if_there(self.docs / "paths/interview.yml", list[Preparation]) or ()),
            levels=self.if_there(self.docs / "paths/levels.yml", dict[str, Levels]) or {},
            sources=self.yaml(data / "bibliography.yml", dict[str, Source]) or {},
            models=self.folder(data / "models", ModelRecord),
            hardware=self.folder(data / "hardware", HardwareRecord),
            snippets=self.snippets(),
            exercises=self.exercises(),
            terms=tuple(self.yaml(data / "glossary.yml", list[Term]) or ()) if (data / "glossary.yml").exists() else (),
            pages=pages,
            folders=tuple(folder.name for folder in folders),
            sets=sets,
            problems=tuple(sorted(set(self.problems))),
            lines=self.lines,
        )

    # ---- files -----------------------------------------------------------------------------------

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def refuse(self, path: Path | str, line: int, what: str, mend: str = "") -> None:
        name = path if isinstance(path, str) else self.name(path)
        self.problems.append(Problem(name, line, what, mend))

    def read(self, path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.refuse(path, line, "not UTF-8", "save the file as UTF-8")
            return error.object.decode("utf-8", "replace")

    def yaml(self, path: Path, schema: Any) -> Any:
        if not path.exists():
            self.refuse(path, 1, "the file is missing", "add it")
            return None
        document = read_yaml(self.read(path), self.name(path))
        if document.data is None and get_origin(schema):
            document.data = get_origin(schema)()  # an empty file holds an empty list or mapping
        self.lines[self.name(path)] = document
        value = validate(document, schema)
        self.problems += document.problems
        return value

    def if_there(self, path: Path, schema: Any) -> Any:
        """A file that a handbook may do without."""
        return self.yaml(path, schema) if path.exists() else None

    def folder(self, folder: Path, schema: Any) -> dict[str, Any]:
        found = {}
        for path in sorted(folder.glob("*.yml")):
            record = self.yaml(path, schema)
            if record is not None:
                found[path.stem] = record
        return found

    def markdown_files(self) -> list[Path]:
        """Pages of the site: what lies in a dot folder or the template is none."""
        return [
            path
            for path in sorted(self.docs.rglob("*.md"))
            if not any(part.startswith((".", "_")) for part in path.relative_to(self.docs).parts)
        ]

    def chapter_folders(self) -> list[Path]:
        folders = sorted((self.docs / "chapters").glob("*/"))
        return [folder for folder in folders if folder.is_dir() and not folder.name.startswith((".", "_"))]

    def set_folders(self) -> list[Path]:
        """Folders outside chapters/ that hold questions."""
        found = {path.parent.parent for path in self.markdown_files() if path.parent.name == "questions"}
        return sorted(folder for folder in found if folder.parent != self.docs / "chapters")

    def page(self, path: Path) -> Page:
        front, body, body_line = split_front_matter(self.read(path))
        document = read_yaml(front or "", self.name(path), first_line=2 if front is not None else 1)
        return Page(path, self.name(path), body, body_line, document)

    def record(self, page: Page, schema: Any) -> Any:
        """The page's front matter as `schema`."""
        if page.front.data is None and not page.front.problems:
            if schema is PageRecord:
                return PageRecord()
            self.refuse(page.name, 1, "no front matter", "start the file with `---`, its fields, and `---`")
            return None
        record = validate(page.front, schema)
        self.problems += page.front.problems
        return record

    # ---- chapters --------------------------------------------------------------------------------

    def chapter(self, folder: Path, pages: dict[str, Page]) -> Chapter | None:
        index = pages.get(self.name(folder / "index.md"))
        questions = self.questions(folder, pages)
        cards = self.cards(pages.get(self.name(folder / "cards.md")))
        lab = self.lab(folder)
        if index is None:
            self.refuse(folder / "index.md", 1, "the file is missing", "copy docs/chapters/_template/index.md")
            return None
        record = self.record(index, ChapterRecord)
        if record is None:
            return None
        return Chapter(
            slug=folder.name,
            dir=folder,
            record=record,
            body=index.body,
            body_line=index.body_line,
            sections=sections(index),
            questions=questions,
            cards=cards,
            lab=lab,
            sheet=pages.get(self.name(folder / "cheatsheet.md")),
            aliases=ids.read(self.root, f"docs/chapters/{folder.name}").aliases,
            calibration=tuple(self.if_there(folder / "calibration.yml", list[QuizQuestion]) or ()),
        )

    def question_set(self, folder: Path, pages: dict[str, Page]) -> QuestionSet:
        index, under = pages.get(self.name(folder / "index.md")), folder.relative_to(self.docs).as_posix()
        if index is None:
            self.refuse(folder / "index.md", 1, "the file is missing", "add it, with `<%= question_list() %>`")
        title = str((index and index.front.fields.get("title")) or folder.name.replace("-", " ").capitalize())
        return QuestionSet(under, folder, title, self.questions(folder, pages), ids.read(self.root, f"docs/{under}").aliases)

    def questions(self, folder: Path, pages: dict[str, Page]) -> tuple[Question, ...]:
        """The readable questions of a chapter or set, easiest first."""
        found = [self.question(pages[self.name(path)]) for path in sorted((folder / "questions").glob("*.md"))]
        return tuple(sorted((q for q in found if q), key=lambda q: (q.record.level, q.id)))

    def question(self, page: Page) -> Question | None:
        record = self.record(page, QuestionRecord)
        return record and Question(page.path.stem, page.path, page.name.removeprefix("docs/"), record, page.body, page.body_line)

    def cards(self, page: Page | None) -> tuple[Card, ...]:
        if page is None:
            return ()
        cards, problems = read_cards(page)
        self.problems += problems
        return cards

    def lab(self, folder: Path) -> Lab | None:
        source, notebook, recorded = (folder / name for name in ("lab.py", "lab.ipynb", "results.json"))
        if not source.exists():
            return None
        results: Any = {}
        if recorded.exists():
            try:
                results = json.loads(self.read(recorded))
            except json.JSONDecodeError as error:
                self.refuse(recorded, error.lineno, f"not valid JSON: {error.msg}", "run `make labs`")
        return Lab(source, notebook if notebook.exists() else None, results if isinstance(results, dict) else {})

    def other_pages(self, pages: dict[str, Page]) -> None:
        for page in pages.values():
            where = page.path.relative_to(self.docs).parts
            is_chapter = len(where) == 3 and where[0] == "chapters" and where[2] == "index.md"
            is_question = page.path.parent.name == "questions"
            if not is_chapter and not is_question:
                self.record(page, PageRecord)

    # ---- exercises -------------------------------------------------------------------------------

    def exercises(self) -> dict[str, Exercise]:
        folders = sorted(path.parent for path in (self.root / "exercises").glob("*/exercise.md"))
        return {folder.name: found for folder in folders if (found := self.exercise(folder))}

    def exercise(self, folder: Path) -> Exercise | None:
        page = self.page(folder / "exercise.md")
        record = self.record(page, ExerciseRecord)
        test, faults = folder / exercise_test(folder.name), folder / "faults.yml"
        test_doc, tests = self.outline(test)
        mistakes = tuple(self.yaml(faults, list[Mistake]) or ())
        return record and Exercise(folder.name, folder, page, record, tests, test_doc, mistakes)

    # ---- snippets --------------------------------------------------------------------------------

    def snippets(self) -> dict[str, Snippet]:
        found = {}
        for path in sorted((self.root / "snippets").glob("*/*.py")):
            if path.name.startswith(("test_", "_", "conftest")):
                continue
            found[self.name(path)] = self.snippet(path)
        return found

    def snippet(self, path: Path) -> Snippet:
        text = self.read(path)
        test = path.with_name(f"test_{path.name}")
        test_doc, tests = self.outline(test)
        return Snippet(
            path=self.name(path),
            topic=path.parent.name,
            concept=path.stem,
            doc=self.outline(path)[0],
            sections=self.marked_sections(path, text),
            test=self.name(test) if test.exists() else None,
            test_doc=test_doc,
            test_count=len(tests),
            faults=self.faults(path),
        )

    def outline(self, path: Path) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Docstring of a module and its tests; nothing where it is missing or broken."""
        if not path.exists():
            return "", ()
        try:
            return outline(self.read(path))
        except SyntaxError as error:
            self.refuse(path, error.lineno or 1, f"not valid Python: {error.msg}")
            return "", ()

    def faults(self, path: Path) -> tuple[Fault, ...]:
        """Bug hunts in this module, from the folder's faults.yml."""
        beside = path.with_name("faults.yml")
        if beside.exists() and beside not in self.hunts:
            self.hunts[beside] = self.yaml(beside, list[Fault]) or []
        return tuple(fault for fault in self.hunts.get(beside, ()) if fault.file == self.name(path))

    def marked_sections(self, path: Path, text: str) -> dict[str, tuple[int, int]]:
        """Named sections by their first and last line, without the marks."""
        found: dict[str, tuple[int, int]] = {}
        open_at: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), start=1):
            match = SECTION_MARK.match(line)
            if not match:
                continue
            mark, name = match.groups()
            if mark == "start" and (name in found or name in open_at):
                self.refuse(path, number, f"the section `{name}` starts twice", "give each section its own name")
            elif mark == "start":
                open_at[name] = number
            elif name not in open_at:
                self.refuse(
                    path, number, f"the section `{name}` ends but never starts", f"add `# --8<-- [start:{name}]`"
                )
            else:
                found[name] = (open_at.pop(name) + 1, number - 1)
        for name, number in open_at.items():
            self.refuse(path, number, f"the section `{name}` never ends", f"add `# --8<-- [end:{name}]`")
        return found


def sections(page: Page) -> tuple[Section, ...]:
    """The `##` sections of a page; headings inside fences are none."""
    lines = page.body.split("\n")
    marks = [heading for heading in prose.headings(page.body) if heading.level == 2]
    ends = [mark.line - 1 for mark in marks[1:]] + [len(lines)] * bool(marks)
    found = []
    for mark, end in zip(marks, ends, strict=True):
        depth = DEPTH.search(mark.attributes)
        found.append(
            Section(
                id=mark.id if mark.given else "",
                title=mark.title,
                depth=depth[1] if depth else None,
                line=page.body_line + mark.line - 1,
                body="\n".join(lines[mark.line : end]),
            )
        )
    return tuple(found)


def read_cards(page: Page) -> tuple[tuple[Card, ...], list[Problem]]:
    """Cards of a definition list: `Term { #id }`, then `: answer`."""
    cards, problems, lines = [], [], page.body.split("\n")
    for index, line in enumerate(lines):
        above = lines[index - 1] if index else ""
        if not re.match(r":[ \t]+\S", line) or above.startswith((":", "    ")):
            continue
        term = index - 1 if above.strip() else index - 2
        match = CARD.match(lines[term]) if term >= 0 else None
        at = page.body_line + max(term, 0)
        if not match:
            problems.append(Problem(page.name, at, "a card without an id", "write the term as `Term { #its-id }`"))
            continue
        back = [line[1:].strip()]
        for more in lines[index + 1 :]:
            if more.strip() and not more.startswith((" ", "\t", ":")):
                break  # the next card's term
            back.append(more[4:] if more.startswith("    ") else more.lstrip(": "))
        cards.append(Card(match["id"], match["front"], "\n".join(back).strip(), at))
    return tuple(cards), problems


@lru_cache(maxsize=2**16)  # in a preview only what changed is parsed again
def outline(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Docstring of a module and its test functions, those in classes too, each with its docstring."""
    tree = ast.parse(text)
    nodes = [inner for node in tree.body for inner in (node.body if isinstance(node, ast.ClassDef) else [node])]
    tests = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test")]
    return ast.get_docstring(tree) or "", tuple((test.name, ast.get_docstring(test) or "") for test in tests)


def exercise_test(name: str) -> str:
    """The file in an exercise's folder that grades it; pytest wants modules to differ in name."""
    return f"test_{name.replace('-', '_')}.py"
