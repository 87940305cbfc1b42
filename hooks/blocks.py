"""Markdown extension: the `///` blocks of the handbook, depth badges, `{given}`, and what macros kept aside.

Authors write blocks flat. Each becomes one element here; steps, follow-ups and samples that stand in a row are then
gathered into one list. `question` is the only block that holds others: questions.py writes it, authors never do.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from typing import Any

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block
from pymdownx.highlight import Highlight, HighlightExtension

from hooks.building import current
from hooks.figures import FigureError, inline_svg
from hooks.formatting import LOWERED, SUPERSCRIPTS
from hooks.icons import DEPTHS, depth_element, icon_element

CALL_OUTS = {  # block: (class and icon, title where none is given)
    "answer": ("answer", "60-second answer"),
    "trap": ("trap", "Common trap"),
    "reject": ("reject", "Instant rejection"),
    "company": ("company", "Company variation"),
    "interviewer": ("interviewer", "Interviewer’s perspective"),
    "arithmetic": ("arith", "Show the arithmetic"),
    "asof": ("asof", "As of"),
}
GRADES = {"strong hire": "strong", "lean hire": "lean", "no hire": "no"}


class CallOut(Block):
    """`/// trap | Title`: an icon, words, and a rule of its own kind."""

    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        look, words = CALL_OUTS[self.NAME]
        if self.NAME == "asof" and self.argument and not self.argument.lower().startswith("as of"):
            words = f"As of {self.argument}"
        elif self.argument:
            words = self.argument
        aside = etree.SubElement(parent, "aside", {"class": f"co co-{look}"})
        title = etree.SubElement(aside, "p", {"class": "co-t"})
        icon_element(title, look).tail = words
        return aside


class Figure(Block):
    """`/// figure | images/a.svg images/b.svg`, then the caption."""

    NAME = "figure"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        page = current()
        files = self.argument.split()
        name = page.unique("fig-" + files[0].rpartition("/")[2].removesuffix(".svg"))
        figure = etree.SubElement(parent, "figure", {"class": "fig", "id": name})
        panels = etree.SubElement(figure, "div", {"class": "panels"}) if len(files) > 1 else figure
        drawings = []
        for file in files:
            path = page.folder / file
            try:
                drawings.append(inline_svg(path, _from_root(path, page), page))
            except FigureError as error:
                raise FigureError(f"{page.name}: /// figure: {error}") from None
        panels.text = "".join(map(self.md.htmlStash.store, drawings))
        self.caption = etree.SubElement(figure, "figcaption")
        self.tracker["count"] = self.tracker.get("count", 0) + 1
        self.number = self.tracker["count"]
        return figure

    def on_add(self, block: etree.Element) -> etree.Element:
        return self.caption

    def on_markdown(self) -> str:
        return "block"

    def on_end(self, block: etree.Element) -> None:
        """Set the number before the caption's first words."""
        caption = self.caption
        label = etree.Element("b")
        label.text = f"Figure {self.number}."
        first = caption[0] if len(caption) and caption[0].tag == "p" else None
        holder = caption if first is None else first
        label.tail, holder.text = f" {(holder.text or '').lstrip()}", ""
        holder.insert(0, label)
        if first is not None and len(caption) == 1:  # a single paragraph needs no <p>
            caption.text = first.text
            caption[:] = list(first)


class Fold(Block):
    """A title that opens: the body stands in one section that search leaves out."""

    ARGUMENT = True
    LOOK = ""

    def title(self) -> str:
        return self.argument

    def attributes(self) -> dict[str, str]:
        return {"class": self.LOOK}

    def on_create(self, parent: etree.Element) -> etree.Element:
        details = etree.SubElement(parent, "details", self.attributes())
        etree.SubElement(details, "summary").text = current().plain(self.title())
        self.body = etree.SubElement(details, "section", {"data-search-exclude": ""})
        return details

    def on_add(self, block: etree.Element) -> etree.Element:
        return self.body


class Step(Fold):
    NAME = "step"
    LOOK = "step step-hint"


class Solution(Fold):
    NAME = "solution"
    ARGUMENT = None
    LOOK = "step step-solution"

    def title(self) -> str:
        return self.argument or "Solution"


class SpokenAnswer(Fold):
    """What questions.py makes of a question's `/// answer`: in prose that is a call-out."""

    NAME = "spoken"
    ARGUMENT = None
    LOOK = "step step-answer"

    def title(self) -> str:
        return "60-second answer"


class FollowUp(Fold):
    NAME = "followup"
    LOOK = "followup"


class Sample(Fold):
    NAME = "sample"
    LOOK = "sample"

    def attributes(self) -> dict[str, str]:
        return {"class": self.LOOK, "data-grade": GRADES.get(self.argument.lower(), "")}


class CardFold(Fold):
    """`/// card | id: front`: written by questions.py."""

    NAME = "card"
    LOOK = "card"

    def title(self) -> str:
        return self.argument.partition(": ")[2]

    def attributes(self) -> dict[str, str]:
        return {"class": self.LOOK, "id": self.argument.partition(": ")[0]}


class Listing(Block):
    """What snippet() and recorded() write around a fence: the tokens of the bar above and of the proof below."""

    NAME = "listing"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        listing = etree.SubElement(parent, "div", {"class": "listing"})
        listing.text, *proof = self.argument.split()
        self.proof = "".join(proof)  # what was recorded has none
        return listing

    def on_end(self, block: etree.Element) -> None:
        block[-1].tail = self.proof


class RedFlags(Block):
    NAME = "redflags"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "section", {"class": "redflags", "data-search-exclude": ""})


class QuestionBlock(Block):
    """A whole question on the practice page; search finds the question's own page instead."""

    NAME = "question"
    ARGUMENT = True

    def on_create(self, parent: etree.Element) -> etree.Element:
        return etree.SubElement(parent, "article", {"class": "question", "data-search-exclude": ""})

    def on_end(self, block: etree.Element) -> None:
        for heading in block.iter():
            if heading.tag in ("h2", "h3", "h4"):
                heading.set("data-search-exclude", "")


class Rubric(Block):
    """A table of criterion by grade becomes a form: one radio button a cell, usable without a script."""

    NAME = "rubric"
    ARGUMENT = None

    def on_create(self, parent: etree.Element) -> etree.Element:
        self.question = self.argument or "answer"
        return etree.SubElement(parent, "sh-rubric", {"data-question": self.question})

    def on_markdown(self) -> str:
        return "block"

    def on_inline_end(self, block: etree.Element) -> None:
        table = block.find("table")
        if table is None:
            raise ValueError(f"{current().name}: /// rubric of `{self.question}` holds no table")
        table.set("class", "rubric")
        table.set("data-search-exclude", "")
        grades = []
        for place, head in enumerate(table.iter("th")):
            grade = GRADES.get("".join(head.itertext()).strip().lower(), "")
            head.set("scope", "col")
            if place:
                head.set("class", grade)
                head.set("id", f"{self.question}-{grade}")
            grades.append(grade)
        for number, row in enumerate(table.iterfind("tbody/tr"), start=1):
            self._row(row, f"{self.question}-{number}", grades)

    def _row(self, row: etree.Element, name: str, grades: list[str]) -> None:
        criterion, *cells = row
        criterion.tag = "th"
        criterion.attrib.update(scope="row", id=name)
        for cell, grade in zip(cells, grades[1:], strict=True):
            choice = f"{name}-{grade}"
            cell.set("class", grade)
            label = etree.Element("label", {"for": choice, "id": f"{choice}-text"})
            label.text, label[:] = cell.text, list(cell)
            for part in label.iter():
                part.text, part.tail = (current().plain(text or "") for text in (part.text, part.tail))
            named = f"{name} {self.question}-{grade} {choice}-text"
            radio = etree.Element(
                "input", {"type": "radio", "name": name, "value": grade, "id": choice, "aria-labelledby": named}
            )
            cell.text, cell[:] = "", [radio, label]


BLOCKS = [Figure, Step, Solution, SpokenAnswer, FollowUp, Sample, CardFold, Listing, RedFlags, QuestionBlock, Rubric]
BLOCKS += [type(f"CallOut{name.title()}", (CallOut,), {"NAME": name}) for name in CALL_OUTS]


GATHERED = {
    "step": ("ol", "steps"), "followup": ("div", "followups"), "sample": ("div", "samples"), "card": ("div", "cards"),
}  # fmt: skip


class Gather(Treeprocessor):
    """Folds that stand in a row become one list."""

    def run(self, root: etree.Element) -> None:
        for parent in [element for element in root.iter() if element.find("details") is not None]:
            children, group, kind = list(parent), None, ""
            parent[:] = []
            for child in children:
                look = child.get("class", "").split(" ")[0] if child.tag == "details" else ""
                if look not in GATHERED:
                    parent.append(child)
                    group, kind = None, ""
                    continue
                if look != kind:
                    tag, name = GATHERED[look]
                    group, kind = etree.SubElement(parent, tag, {"class": name}), look
                (etree.SubElement(group, "li") if group.tag == "ol" else group).append(child)


class DepthBadges(Treeprocessor):
    """`## Title { #id data-depth=derive }`. Runs after the table of contents, whose labels and ids it leaves alone."""

    def run(self, root: etree.Element) -> None:
        for heading in root.iter():
            depth = heading.attrib.pop("data-depth", None) if heading.tag in ("h2", "h3") else None
            if depth in DEPTHS:
                last = heading[-1] if len(heading) else None
                if last is None:
                    heading.text = (heading.text or "") + " "
                else:
                    last.tail = (last.tail or "") + " "
                depth_element(heading, depth)


class Given(InlineProcessor):
    def handleMatch(self, match, data):
        mark = etree.Element("span", {"class": "given"})
        mark.text = "given"
        return mark, match.start(0), match.end(0)


class Raised(InlineProcessor):
    """10⁻⁷ typed with raised digits, which no font of ours has, is 10<sup>−7</sup>."""

    def handleMatch(self, match, data):
        raised = etree.Element("sup")
        raised.text = match[0].translate(LOWERED)
        return raised, match.start(0), match.end(0)


class Restore(Postprocessor):
    def run(self, text: str) -> str:
        try:
            page = current()
        except RuntimeError:  # Markdown outside a build: nothing was kept
            return text
        return page.restore(text)


_coloured: dict[str, str] = {}


class Colours(Highlight):
    """Colours each listing once: it stands on several pages, and in a preview it stays while the text around it changes."""

    def highlight(self, *args: Any, inline: bool = False, **kwargs: Any) -> Any:
        if inline:  # an element, which Markdown goes on to change
            return super().highlight(*args, inline=inline, **kwargs)
        settings = {name: value for name, value in vars(self).items() if name != "md"}
        listing = repr((settings, args, kwargs | {"code_block_count": 0}))  # the count would show in ids of lines, which we have none of
        if listing not in _coloured:
            _coloured[listing] = super().highlight(*args, **kwargs)
        return _coloured[listing]


class HandbookBlocks(BlocksExtension):
    def extendMarkdownBlocks(self, md: Markdown, block_mgr) -> None:
        for extension in md.registeredExtensions:
            if isinstance(extension, HighlightExtension):
                extension.get_pymdownx_highlighter = lambda: Colours
        if "sh-rubric" not in md.block_level_elements:
            md.block_level_elements.append("sh-rubric")
        block_mgr.block_tags.add("sh-rubric")
        for block in BLOCKS:
            block_mgr.register(block, {})
        md.inlinePatterns.register(Given(r"\{given\}", md), "given", 175)
        md.inlinePatterns.register(Raised(f"[{SUPERSCRIPTS}]+", md), "raised", 174)
        md.treeprocessors.register(Gather(md), "gather", 19.98)  # after inline text, before attributes
        md.treeprocessors.register(DepthBadges(md), "depth", 4)  # after toc, which is 5
        md.postprocessors.register(Restore(md), "restore", 1)  # last: raw HTML is back by then


def _from_root(path, page) -> str:
    return path.relative_to(page.root).as_posix() if page.root in path.parents else str(path)


def makeExtension(**settings):
    return HandbookBlocks(**settings)
