"""Read YAML against a closed schema; each problem names the line of its key.

Does not know what a chapter or a model is: see `schema.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from hooks.problems import Problem, nearest

T = TypeVar("T")


@dataclass
class Document:
    """YAML values and the line of each key and list item, by its place."""

    path: str
    data: Any = None
    lines: dict[tuple, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, Any]:
        """The keys of a mapping; anything else has none."""
        return self.data if isinstance(self.data, dict) else {}

    def line(self, place: tuple) -> int:
        """Line of the nearest key at or above `place`."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_yaml(text: str, path: str, first_line: int = 1) -> Document:
    """Parse YAML; `first_line` is the line of the file where `text` starts."""
    data, lines, problems = _read_yaml(text, path, first_line)
    return Document(path, data, lines, list(problems))


@lru_cache(maxsize=2**16)  # in a preview only what changed is parsed again
def _read_yaml(text: str, path: str, first_line: int) -> tuple[Any, dict[tuple, int], tuple[Problem, ...]]:
    document = Document(path, lines={(): first_line})

    def refuse(line: int, what: str, mend: str = "") -> None:
        document.problems.append(Problem(path, line, what, mend))

    try:
        loader = yaml.SafeLoader(text)  # as MkDocs reads front matter; libyaml takes a little more
        root = loader.get_single_node()
        if root is not None:
            document.data = _value(loader, root, (), first_line, document, refuse, set())
    except yaml.reader.ReaderError as error:
        line = first_line + text.count("\n", 0, error.position)
        refuse(line, f"the control character {chr(error.character)!r}", "remove it")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        refuse(line, f"not valid YAML: {what}", "put text with `: ` or `#` in quotes and check the indentation")
    return document.data, document.lines, tuple(document.problems)


def _value(loader, node, place, first_line, document, refuse, seen):
    line = node.start_mark.line + first_line
    document.lines.setdefault(place, line)
    if id(node) in seen:
        refuse(line, "a YAML alias", "write the value out")
        return None
    seen.add(id(node))
    if not node.tag.startswith("tag:yaml.org,2002:") or "/" in node.tag:
        refuse(line, f"the YAML tag `{node.tag}`", "write plain values")
        return None
    if isinstance(node, yaml.ScalarNode):
        try:
            return loader.construct_object(node)
        except ValueError as error:
            refuse(line, f"`{node.value}`: {error}", "put it in quotes if it is text")
            return None
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(loader, item, (*place, index), first_line, document, refuse, seen)
            for index, item in enumerate(node.value)
        ]
    result: dict[str, Any] = {}
    for key, value in node.value:
        key_line = key.start_mark.line + first_line
        if not isinstance(key, yaml.ScalarNode):
            refuse(key_line, "a key that is not a word", "write `key: value`")
            continue
        name = key.value  # as written: `on` and `1` stay text
        if name in result:
            refuse(key_line, f"the key `{name}` stands twice", "keep one of them")
            continue
        document.lines[(*place, name)] = key_line
        result[name] = _value(loader, value, (*place, name), first_line, document, refuse, seen)
    return result


def validate(document: Document, schema: type[T]) -> T | None:
    """The document as `schema`, or None with every problem recorded."""
    if document.problems:
        return None
    try:
        return _adapter(schema).validate_python(document.data)
    except ValidationError as error:
        entries = error.errors()
        bad_keys = {entry["loc"][:-1] for entry in entries if entry["loc"][-1:] == ("[key]",)}
        found = {_problem(document, schema, entry) for entry in entries if entry["loc"] not in bad_keys}
        document.problems.extend(sorted(found))
        return None


@lru_cache
def _adapter(schema: Any) -> TypeAdapter:
    return TypeAdapter(schema)


def _problem(document: Document, schema: Any, error: dict) -> Problem:
    place = tuple(error["loc"])
    if error["type"] == "missing":
        line = document.line(place[:-1])
        return Problem(document.path, line, f"{_name(place)} is missing", "add it")
    while place and place not in document.lines:
        place = place[:-1]  # pydantic adds the names of a union's members
    line = document.line(place)
    given = error["input"]
    if error["type"] == "extra_forbidden":
        return Problem(
            document.path, line, f"unknown key `{place[-1]}`", nearest(place[-1], _fields(schema, place[:-1]))
        )
    if error["type"] == "literal_error":
        allowed = re.findall(r"'([^']*)'", error["ctx"]["expected"]) or [error["ctx"]["expected"]]
        what = "unknown key" if error["loc"][-1] == "[key]" else f"{_name(place)}: unknown value"
        return Problem(document.path, line, f"{what} `{given}`", nearest(given, allowed))
    what = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    shown = f", not `{given}`" if isinstance(given, (str, int, float)) else ""
    mend = ""
    if isinstance(given, str) and re.fullmatch(r"[\d.]+[eE]\d+", given):
        mend = "in YAML a power of ten is written 1.0e+6"
    return Problem(document.path, line, f"{_name(place)}: {what}{shown}", mend)


def _name(place: tuple) -> str:
    words = [part for part in place if isinstance(part, str)]  # the line tells which item of a list
    if words:
        return f"`{'.'.join(words)}`"
    return "the item" if place else "the file"


def _fields(schema: Any, place: tuple) -> list[str]:
    """Keys the schema knows at `place`; several branches give all of them."""
    models = _models(schema)
    for part in place:
        step: list[type[BaseModel]] = []
        for model in models:
            if part in model.model_fields:
                step += _models(model.model_fields[part].annotation)
        models = step or models  # a list index or a free key stays where it is
    return sorted({name for model in models for name in model.model_fields})


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]


def split_front_matter(text: str) -> tuple[str | None, str, int]:
    """Front matter, body, and the line on which the body starts."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, text, 1
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    return None, text, 1
