"""Reads a model file and says everything that is wrong with it, with line
numbers.

`read(path)` returns the file as a dictionary whose count is well defined, or
raises `BadModelFile` with all faults. The schema is closed: a field that
nobody knows might change the count, so it is a fault, not a surprise; and so
is a field that the model's form does not use. What the fields mean for the
count stands in `counter.py`.
"""

import difflib
import re
from pathlib import Path

import yaml

from snippets.sizing import model_faults
from snippets.sizing.model_fields import (
    ANY,
    COUNT,
    FIELDS,
    FLAG,
    LIMIT,
    OPTIONAL_SIZE,
    SECTIONS,
    SILENT,
    SUPPORTED,
    TEXT,
    form_of,
)


class BadModelFile(ValueError):
    """All faults of a file, one a line: `FILE:LINE: what is wrong`. A fault of
    the whole file has no line.
    """

    def __init__(self, path, faults):
        self.faults = sorted(set(faults))
        super().__init__(
            "\n".join(
                f"{path}{f':{line}' if line else ''}: {text}"
                for line, text in self.faults
            )
        )


def read(path):
    try:
        text = Path(path).read_bytes().decode()
    except OSError as error:
        raise BadModelFile(
            path, [(0, f"cannot be read: {error.strerror}")]
        ) from None
    except UnicodeDecodeError:
        raise BadModelFile(path, [(0, "is not UTF-8 text")]) from None
    return parse(text, path)


def parse(text, path="model"):
    """The text of a model file as a nested dictionary; `path` is what errors
    call it.
    """
    try:
        root = yaml.compose(text)  # nodes only: it builds no objects
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise BadModelFile(
            path, [(mark.line + 1 if mark else 1, f"is not YAML: {problem}")]
        ) from None
    except RecursionError:
        raise BadModelFile(
            path, [(0, "is nested too deeply to be a model")]
        ) from None
    if not isinstance(root, yaml.MappingNode):
        raise BadModelFile(
            path, [(1, "must hold one model: fields such as `n_layers: 32`")]
        )
    reader = _Reader()
    reader.section(root, "")
    return check(
        reader.fields, path, reader.lines, reader.faults, reader.broken
    )


def check(fields, path="model", lines=None, faults=(), broken=()):
    """Dotted fields as a nested dictionary, if they can be counted:
    `{"n_layers": 32, "attention.kind": "gqa"}`.
    """
    lines, faults = lines or {}, list(faults)

    def fault(name, text):
        section = name.rpartition(".")[0]
        line = lines.get(name) or lines.get(section) or bool(lines)
        faults.append((int(line), text))

    right = {}
    for name, value in fields.items():
        if _has_type(FIELDS[name], value):
            right[name] = value
        else:
            fault(name, f"{name} must be {FIELDS[name]}, not {value!r}")
    wrong = set(fields) - set(right)
    form, kind = form_of(right), right.get("attention.kind")
    supported = f"supported: {SUPPORTED}"
    if form is None and kind is not None:
        text = f"attention.kind {kind} is not counted; {supported}"
        raise BadModelFile(path, [(0, text), *faults])
    if kind is None and not {"attention.kind", "attention"} & {*wrong, *broken}:
        fault("attention.kind", f"attention.kind is missing; {supported}")
    for name, text in model_faults.faults(form, right, wrong):
        fault(name, text)
    if faults:
        raise BadModelFile(path, faults)
    return {"form": form} | nested(right)


def flatten(record, prefix=""):
    """A record's nested fields as dotted ones, without those that no count
    depends on.
    """
    flat = {}
    for key, value in record.items():
        name = prefix + key
        if name in SECTIONS:
            flat |= flatten(value or {}, name + ".")
        elif name in FIELDS and _kept(name, value):
            flat[name] = value
    return flat


def _kept(name, value):
    return value is not None or FIELDS.get(name) == OPTIONAL_SIZE


def nested(fields):
    shape = {}
    for name, value in fields.items():
        *sections, last = name.split(".")
        place = shape
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return shape


class _Reader:
    """Walks a YAML tree: dotted fields, the line of each, and faults."""

    def __init__(self):
        self.fields, self.lines, self.faults = {}, {}, []
        self.broken, self.seen = set(), set()

    def section(self, node, prefix):
        for key, value in node.value:
            name, line = prefix + str(key.value), key.start_mark.line + 1
            fault = self.entry(name, value, line)
            if fault:
                self.faults.append((line, f"{name} {fault}"))
                self.broken.add(name)

    def entry(self, name, node, line):
        """Reads one field; returns what is wrong with it, if anything."""
        if name not in FIELDS and SILENT.fullmatch(name):
            return None
        if name in self.lines:
            return f"stands here and on line {self.lines[name]}"
        self.lines[name] = line
        if id(node) in self.seen:
            return "refers to an anchor; write its value"
        self.seen.add(id(node))
        if name in SECTIONS:
            return self.subsection(name, node)
        if name not in FIELDS:
            close = difflib.get_close_matches(name, FIELDS, cutoff=0.7)
            meant = f"; did you mean {close[0]}?" if close else ""
            return f"is not a known field and might change the count{meant}"
        value = _value(node)
        if _kept(name, value):
            self.fields[name] = value
        return None

    def subsection(self, name, node):
        if isinstance(node, yaml.MappingNode):
            self.section(node, name + ".")
        elif _value(node) is not None:
            return "must be a section with fields of its own"
        return None


def _value(node):
    """A scalar as Python reads it; numbers only in plain decimal (YAML would
    take 010 for 8 and 1:20 for 80).
    """
    if isinstance(node, yaml.SequenceNode):
        return []
    if isinstance(node, yaml.MappingNode):
        return {}
    kind, text = node.tag.rpartition(":")[2], node.value
    if kind == "int":
        decimal = re.fullmatch(r"[+-]?(0|[1-9][0-9]{0,30})", text)
        return int(text) if decimal else text
    if kind == "float":
        plain = re.fullmatch(r"[-+0-9.eE]+", text)
        return float(text) if plain else text
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    return None if kind == "null" else text


def _has_type(kind, value):
    if kind == TEXT:
        return isinstance(value, str)
    if kind == FLAG:
        return isinstance(value, bool)
    if kind == ANY or (kind == OPTIONAL_SIZE and value is None):
        return True
    return type(value) is int and (0 if kind == COUNT else 1) <= value <= LIMIT
