"""What the macros of a page may ask for, as a hash: where it is the same, so is what they give.

The world is all they share: data, snippets, exercises, recorded results, and of each page front matter, headings and
cards. On top comes the text that this page's macros may show:

    LOCAL      its own: a sum, a citation, a listing
    OF_HOME    that of its chapter or question set: a practice page, a list of cards
    any other  that of every page

A macro that is named in neither list is taken to read everything, so a new one needs no thought. Files that macros open
are noted besides (page_cache.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import Any

from hooks.model import Handbook, Page
from hooks.navigation import kind_of

LOCAL = {"value", "calc", "field", "lab", "bench", "cite", "snippet", "recorded", "refuted", "formula", "calculator"}
OF_HOME = {"questions", "question_list", "objectives", "self_assessment"}
FOLDERS = ("docs", "snippets", "exercises", "widgets")
BY_NAME = (".md", ".svg", ".png", ".ico", ".woff2", ".ipynb", ".css")  # pages have their own part; what is opened of the rest is noted
EXPRESSION = re.compile(r"<%=(?:(?!<%).)*?%>", re.DOTALL)
NAME = re.compile(r"([^\W\d]\w*)\s*(\(|=(?!=)|)")
WORDS = {"True", "False", "None", "true", "false", "none"}
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")


class Inputs:
    """Of one handbook as it was read, for one build."""

    def __init__(self, handbook: Handbook, *settings: Any) -> None:
        self.handbook, self.settings = handbook, settings

    def of(self, name: str, text: str) -> tuple[str, ...]:
        """What the macros in `text`, on the page `name` (docs/…), may depend on besides it."""
        asked, home = _called(text), self.handbook.home_of(name)
        assembled = kind_of(name.removeprefix("docs/")) in ("practice", "cards")
        if asked <= LOCAL and not assembled:
            return (self.world,)
        if home is not None:
            bodies, called = self.homes[home.folder]
            if asked | called <= LOCAL | OF_HOME:
                return (self.world, bodies)
        return (self.world, self.everything)

    @cached_property
    def world(self) -> str:
        digest = hashlib.sha256(json.dumps(self.settings, default=str).encode())
        for folder in FOLDERS:
            for path in _files(self.handbook.root / folder):
                digest.update(os.path.relpath(path, self.handbook.root).encode() + b"\0")
                if not path.endswith(BY_NAME):
                    digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
        for page in self.handbook.texts.values():
            heads = [line for line in page.body.split("\n") if line.startswith("#")]
            digest.update(json.dumps([page.name, page.front.data, heads], default=str, sort_keys=True).encode("utf-8", "surrogatepass"))
        for chapter in self.handbook.chapters:
            digest.update(json.dumps([[card.id, card.front] for card in chapter.cards]).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @cached_property
    def everything(self) -> str:
        return _digest(self.handbook.texts.values())

    @cached_property
    def homes(self) -> dict[str, tuple[str, set[str]]]:
        """Of each chapter and set by its folder: a hash of its pages' text, and the macros that they call."""
        pages: dict[str, list[Page]] = defaultdict(list)
        for page in self.handbook.pages.values():
            home = self.handbook.home_of(page.name)
            if home is not None:
                pages[home.folder].append(page)
        return {folder: (_digest(inside), set().union(*(_called(page.body) for page in inside))) for folder, inside in pages.items()}


def _called(text: str) -> set[str]:
    """Names of all that is called in the macros of a text; "" stands for whatever else the template language can do."""
    found = EXPRESSION.findall(text)
    called = {""} if text.count("<%") > len(found) else set()
    for expression in found:
        for name, after in NAME.findall(STRING.sub("", expression)):
            if after != "=" and name not in WORDS:  # not the name of an argument
                called.add(name if after else "")
    return called


def _digest(pages: Any) -> str:
    digest = hashlib.sha256()
    for page in pages:
        digest.update(f"{page.name}\0{page.body_line}\0{page.body}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _files(folder: Path) -> list[str]:
    found = []
    for where, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", "node_modules"))
        found += [f"{where}/{name}" for name in sorted(names) if not name.endswith(".pyc")]
    return found
