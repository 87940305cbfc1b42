"""What a page is called and what it says of itself, where others show it: search results, previews, llms.txt.

A description is written in the front matter, or follows from what the page is made of; no two pages share one
(tests/test_machines.py).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from hooks import hunts
from hooks.building import LATE, TOKEN, Site
from hooks.formatting import spelled
from hooks.mathematics import plain as spoken
from hooks.model import Chapter
from hooks.navigation import TABS, code_page, exercise_page, hunt_page, kind_of

KINDS = {"behavioural": "A behavioural question"}
LONGEST = 200  # characters; what shows a description cuts it at about 160


@dataclass(frozen=True)
class About:
    """Plain words, nothing escaped. `section` is the part of the book."""

    title: str
    description: str
    section: str


def about(site: Site, source: str, meta: dict[str, Any], title: str, content: str) -> About:
    """`source` is the page's path under docs/, `content` its HTML."""
    name = bare(html.unescape(re.sub(r"<[^>]+>", "", title)))
    words = meta.get("description") or derived(site, source, name) or first_paragraph(content) or f"{name}, in Strong Hire, the open handbook for LLM interviews."
    return About(titled(site, source, name), cut(bare(str(words))), section(site, source))


def titled(site: Site, source: str, title: str) -> str:
    """A title that says which chapter's sheet it is: previews and lists stand without the menu."""
    home, kind = site.handbook.home_of(f"docs/{source}"), kind_of(source)
    words = {"practice": "practice questions", "sheet": "one-page sheet", "cards": "flash cards", "lab": "lab"}
    if home is not None and kind in words:
        return f"{home.title}: {words[kind]}"
    return title


def section(site: Site, source: str) -> str:
    home = site.handbook.home_of(f"docs/{source}")
    kind = kind_of(source)
    if home is not None and kind != "chapter":
        return home.title
    if kind in ("hunt", "exercise"):
        return {"hunt": "Bug hunts", "exercise": "Exercises"}[kind]
    folder = source.split("/")[0]
    return "Code" if folder == "code" else TABS.get(folder, "") if "/" in source else ""


def derived(site: Site, source: str, title: str) -> str:
    """From what the page is made of, or nothing."""
    handbook, kind = site.handbook, kind_of(source)
    home = handbook.home_of(f"docs/{source}")
    if kind == "question" and home is not None:
        found = handbook.questions.get(source.rpartition("/")[2].removesuffix(".md"))
        if found is None:
            return ""
        record = found[1].record
        return f"{title} {KINDS.get(record.kind, record.kind.capitalize())}, level {record.level} of 5, from {home.title}: hints, rubric and graded answers."
    if kind == "practice" and home is not None:
        kinds = sorted({question.record.kind for question in home.questions})
        count = spelled(len(home.questions), "interview question")
        about_it = f"{count.capitalize()} on {home.title}, each" if isinstance(home, Chapter) else f"{home.title} on one page: {count}, each"
        return f"{about_it} with help in steps, a rubric and graded answers. Kinds: {', '.join(kinds)}."
    if isinstance(home, Chapter):
        if kind == "sheet":
            return f"{home.title} on one printed page: formulas with units, numbers to know, a 60-second answer, traps and follow-ups."
        if kind == "cards":
            fronts = "; ".join(card.front for card in home.cards[:3])
            return f"{spelled(len(home.cards), 'flash card').capitalize()} on {home.title}: {fronts}…"
        if kind == "lab":
            return f"A recorded lab on {home.title}, with code and results: {title}."
    if kind == "hunt":
        for number, hunt in enumerate(hunts.hunts(handbook), start=1):
            if hunt_page(hunt.fault.id) == source:
                return f"Bug hunt {number}: one fault is planted in {hunt.snippet.path}. Find the line and say the cause in {hunts.MINUTES} minutes; the test that catches it is shown."
    if kind == "exercise":
        exercise = next((each for each in handbook.exercises.values() if exercise_page(each.id) == source), None)
        return exercise.record.summary if exercise else ""
    if kind == "code":
        module = next((each for each in handbook.snippets.values() if code_page(each.path) == source), None)
        if module is not None:
            return f"{module.path} and its test, whole. {' '.join(module.doc.split())}"
    return ""


def first_paragraph(content: str) -> str:
    """The first words of the text, where nobody wrote a description."""
    for match in re.finditer(r"<p>(.*?)</p>", LATE.sub("", content), re.S):
        words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", match[1])).split())
        if len(words) > 40:
            return words
    return ""


def bare(text: str) -> str:
    """Without Markdown: previews show it as it stands."""
    text = TOKEN.sub("", text)
    text = re.sub(r"\\\((.+?)\\\)|\$([^$]+)\$", lambda match: spoken(match[1] or match[2]).split("  ")[0], text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![\w*])\*\*?(?=\S)([^*]+?)(?<=\S)\*\*?(?![\w*])", r"\1", text)
    return " ".join(text.replace("`", "").split())


def cut(text: str) -> str:
    """At the end of a sentence where one fits, else at a word."""
    if len(text) <= LONGEST:
        return text
    head = text[: LONGEST - 1]
    end = max(head.rfind(". "), head.rfind("? "), head.rfind("! "))
    if end > LONGEST // 2:
        return head[: end + 1]
    return head.rpartition(" ")[0].rstrip(",;:–") + "…"
