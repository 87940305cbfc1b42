"""Bug hunts: a page for each fault of snippets/*/faults.yml, with the listing as it would look with the fault in it.

The pages are generated, like those of the code: practice/hunts/<id>.md. snippets/test_faults.py proves that the named
test fails with the fault and passes without, so nobody has to believe the page.
"""

from __future__ import annotations

import hashlib
import html
import json
import random
import textwrap
from dataclasses import dataclass

from hooks import progress
from hooks.building import Building, Site
from hooks.model import Handbook, Snippet
from hooks.navigation import code_page, hunt_page
from hooks.parts import fold, link
from hooks.schema import Fault

MINUTES = 4
CHOICES = 4
TOPICS = {"kv_cache": "KV cache", "lora": "LoRA", "moe": "Mixture of experts"}  # whose names are no plain words


@dataclass(frozen=True)
class Hunt:
    """A fault planted: `listing` is what the reader sees, `lines` (from 1) where it differs from the sound module."""

    fault: Fault
    snippet: Snippet
    listing: str
    lines: tuple[int, ...]


def hunts(handbook: Handbook) -> list[Hunt]:
    """All bug hunts, by topic and id."""
    return handbook.once(_planted)


def _planted(handbook: Handbook) -> list[Hunt]:
    return [plant(handbook, snippet, fault) for snippet in handbook.snippets.values() for fault in snippet.faults]


def plant(handbook: Handbook, snippet: Snippet, fault: Fault) -> Hunt:
    """The section of the module in which the fault stands, with the fault in it."""
    text = (handbook.root / snippet.path).read_text(encoding="utf-8")
    start = text.index(fault.find)
    bad = text[:start] + fault.replace + text[start + len(fault.find) :]
    first = text.count("\n", 0, start) + 1
    changed = range(first, first + max(1, len(fault.replace.rstrip("\n").split("\n")) if fault.replace.strip() else 1))
    lines = bad.split("\n")
    marks = [number for number, line in enumerate(lines, start=1) if "--8<--" in line]
    # the section around the fault; a section's end moves with the lines that the fault added or took
    above = max((number for number in marks if number < first), default=0)
    below = min((number for number in marks if number > changed[-1]), default=len(lines) + 1)
    shown = [(number, line) for number, line in enumerate(lines, start=1) if above < number < below]
    while shown and not shown[0][1].strip():
        shown.pop(0)
    while shown and not shown[-1][1].strip():
        shown.pop()
    # only lines that differ from the sound module are the answer, not unchanged ones that the entry quotes around them
    sound = set(fault.find.split("\n"))
    places = [index for index, (number, line) in enumerate(shown, start=1) if number in changed and line not in sound]
    if not places:  # something is missing rather than wrong: the first line where it should have stood
        places = [index for index, (number, _) in enumerate(shown, start=1) if number in changed][:2] or [1]
    return Hunt(fault, snippet, textwrap.dedent("\n".join(line for _, line in shown)), tuple(places))


def choices(handbook: Handbook, hunt: Hunt) -> tuple[list[str], int]:
    """The cause among others, of the same topic first, in an order that never changes; and its place."""
    chance = random.Random(hashlib.sha256(hunt.fault.id.encode()).hexdigest())
    others = [each.fault.cause for each in hunts(handbook) if each.fault.id != hunt.fault.id]
    near = [fault.cause for snippet in handbook.snippets.values() if snippet.topic == hunt.snippet.topic for fault in snippet.faults if fault.id != hunt.fault.id]
    picked = chance.sample(near, min(len(near), CHOICES - 1))
    picked += chance.sample([cause for cause in others if cause not in picked], min(CHOICES - 1 - len(picked), len(others) - len(picked)))
    found = [*picked, hunt.fault.cause]
    chance.shuffle(found)
    return found, found.index(hunt.fault.cause)


def title(number: int, hunt: Hunt) -> str:
    return f"Bug hunt {number}: {hunt.snippet.concept.replace('_', ' ')}"


def pages(handbook: Handbook) -> dict[str, str]:
    """Markdown of every generated page by its path under docs/."""
    return {hunt_page(hunt.fault.id): page(handbook, hunt, number) for number, hunt in enumerate(hunts(handbook), start=1)}


def page(handbook: Handbook, hunt: Hunt, number: int) -> str:
    fault, snippet = hunt.fault, hunt.snippet
    causes, right = choices(handbook, hunt)
    where = "Line " + ", ".join(map(str, hunt.lines)) if len(hunt.lines) == 1 else "Lines " + ", ".join(map(str, hunt.lines))
    code = f"../../{code_page(snippet.path)}"
    listed = "".join(f"<li>{html.escape(cause, quote=False)}</li>" for cause in causes)
    front = f"---\ntitle: {json.dumps(title(number, hunt))}\nrender_macros: false\n---"
    answer = "\n\n".join([
        f"**{where}.** {fault.cause}",
        f"**Why somebody writes it.** {fault.why}",
        f"**The fix.** {fault.fix} [The sound module]({code}#module) stands in the library.",
        f"**The test that fails.** `{fault.test.split('::')[1]}` in [its test file]({code}#test): it passes on the sound module and fails on this one, which the project proves on every run.",
    ])  # fmt: skip
    return "\n\n".join([
        front,
        f"# {title(number, hunt)}",
        f"<div>{progress.done([f'hunt:{fault.id}'])}</div>",
        f"This is `{snippet.path}` as an assistant might have written it. It runs, and one thing is wrong. Find the line and say the cause: you have {MINUTES} minutes.",
        '<div class="hunt-top"></div>',
        f'```python linenums="1"\n{hunt.listing}\n```',
        f'<div><sh-hunt class="calc hunt" data-hunt="{fault.id}" data-size="{len(hunt.listing.splitlines())}" data-lines="{",".join(map(str, hunt.lines))}" data-cause="{right}" data-minutes="{MINUTES}"><div class="calc-still">'
        f"<p><b>What is wrong?</b></p><ol class=\"hunt-causes\">{listed}</ol></div></sh-hunt></div>",
        fold("The fault, the test that finds it, and the fix", answer),
        "[All bug hunts](../bug-hunts.md)",
    ]) + "\n"  # fmt: skip


def bug_hunts(site: Site, page: Building) -> str:
    """`<%= bug_hunts() %>`: the list, by topic."""
    found = hunts(site.handbook)
    parts = []
    for topic in sorted({hunt.snippet.topic for hunt in found}):
        rows = [(number, hunt) for number, hunt in enumerate(found, start=1) if hunt.snippet.topic == topic]
        links = "".join(
            f'<li data-item="hunt:{hunt.fault.id}">{link(page, hunt_page(hunt.fault.id), title(number, hunt))}, {len(hunt.listing.splitlines())} lines</li>' for number, hunt in rows
        )
        parts.append(f"<h2 id=\"{topic.replace('_', '-')}\">{TOPICS.get(topic, topic.replace('_', ' ').capitalize())}</h2><ul>{links}</ul>")
    return page.keep(f'<div class="hunt-list"><sh-progress part="list">{"".join(parts)}</sh-progress></div>')
