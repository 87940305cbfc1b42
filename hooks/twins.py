"""A page as Markdown, for machines and for whoever would rather paste it: `<page>/index.md` beside the HTML.

Made from the page's own HTML, before popovers and formulas are set: macros are text there, listings hold their code, and
nothing is left to resolve. Each kind of element has one form in Markdown; folds are open and become headings, so that a
solution stands under a heading that says so. Addresses are whole, since a twin is read away from its page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urljoin

from lxml import html as lxml_html

from hooks.building import LATE

INLINE = frozenset(
    "a abbr b br button cite code del em i img input kbd label mark output q s samp small span strong sub sup svg time u var wbr".split()
)
DROPPED = frozenset("script style template noscript nav select option textarea progress meter canvas".split())
DROPPED_CLASSES = frozenset(("print-switch", "headerlink"))
ANSWERS = re.compile(r'class="(?:step step-(?:solution|answer)|sample|hunt-answer|card)\b')
HEADING = re.compile(r"h[1-6]")
SPACE = re.compile(r"\s+")
EDGE = re.compile(r"(?<![\w\\])_|_(?!\w)")  # inside a word it means nothing
STARTS = re.compile(r"^(?=[#>+-](?:\s|#|$))|^(\d+)(?=[.)]\s)")


@lru_cache(maxsize=2048)  # in a preview only what changed is written again
def twin(content: str, url: str, title: str, description: str = "", late: tuple[str, ...] = ()) -> str:
    """The whole file: what it is and where it comes from, then the page. `late` is what Building kept for the end."""
    text = markdown(content, url, late)
    if not re.search(r"^# ", text, re.M):  # the template shows the title
        text = f"# {title}\n\n{text}"
    front = {"title": title, "url": url, "description": description}
    if ANSWERS.search(content):
        front["solutions"] = "included: solve first, then read on"
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items() if value]
    return "\n".join(["---", *lines, "---", "", text, ""])


def body(text: str) -> str:
    """A twin without its front matter."""
    return text.partition("\n---\n")[2].strip()


def markdown(content: str, url: str, late: Sequence[str] = ()) -> str:
    """HTML of a page's text as Markdown."""

    def put(match: re.Match) -> str:
        kept = late[int(match[1])]
        return "" if "popover=" in kept.partition(">")[0] else kept

    while LATE.search(content):
        content = LATE.sub(put, content)
    if not content.strip():
        return ""
    return "\n\n".join(_Page(url).blocks(lxml_html.fragment_fromstring(content, create_parent="div")))


def classes(element) -> set[str]:
    return set(element.get("class", "").split())


class _Page:
    """Writes one page; `level` is that of the heading above."""

    def __init__(self, url: str) -> None:
        self.url, self.level = url, 1

    # ---- blocks ----------------------------------------------------------------------------------

    def blocks(self, element) -> list[str]:
        """What stands in an element, a string for each paragraph, list, table..."""
        found: list[str] = []
        run = escaped(element.text or "")
        for child in element:
            if self.is_inline(child):
                run += self.inline(child)
            else:
                found += paragraph(run)
                found += [block for block in self.block(child) if block.strip()]
                run = ""
            run += escaped(child.tail or "")
        return found + paragraph(run)

    def is_inline(self, element) -> bool:
        if not isinstance(element.tag, str):  # a comment
            return True
        if element.tag == "svg" and element.get("role") == "img":
            return False
        return element.tag in INLINE and not any(isinstance(e.tag, str) and e.tag in ("p", "ul", "ol", "div", "table", "pre") for e in element)

    def block(self, element) -> list[str]:
        tag, looks = element.tag, classes(element)
        if tag in DROPPED or looks & DROPPED_CLASSES or element.get("hidden") is not None:
            return []
        if HEADING.fullmatch(tag):
            self.level = int(tag[1])
            return [f"{'#' * self.level} {squeezed(self.text(element))}"]
        if "arithmatex" in looks:
            return [f"$$\n{tex(element)}\n$$"]
        if "highlight" in looks or tag == "pre":
            return [fence(element)]
        if tag == "svg":
            return [f"*Figure: {escaped(alternative(element))}*"]
        if tag == "p":
            return paragraph(self.text(element))
        if tag == "hr":
            return ["---"]
        if tag == "table":
            return self.table(element)
        if tag == "blockquote":
            return [quoted(self.blocks(element))]
        if tag == "aside":
            return [self.call_out(element)]
        if tag == "figure":
            return self.figure(element)
        if tag == "details":
            return self.fold(element)
        if tag == "dl":
            return self.definitions(element)
        if "footnote" in looks:
            return self.footnotes(element)
        if "listing-bar" in looks:
            return [" · ".join(self.inline(part) for part in element)]
        if tag in ("ul", "ol") and "meta" in looks:
            return [" · ".join(squeezed(self.text(item)) for item in element)]
        if tag in ("ul", "ol") and not looks & {"steps"}:
            return self.items(element)
        return self.blocks(element)

    def items(self, element) -> list[str]:
        rows, number = [], int(element.get("start", "1"))
        for item in element.iterchildren("li"):
            mark = f"{number}. " if element.tag == "ol" else "- "
            number += 1
            box = next((inner for inner in item.iterchildren("input") if inner.get("type") == "checkbox"), None)
            parts = self.blocks(item) or [""]
            text = ("[ ] " if box is not None else "") + parts[0]
            joined = "".join(("\n" if re.match(r"(?:- |\d+\. )", part) else "\n\n") + part for part in parts[1:])
            rows.append(mark + (text + joined).replace("\n", "\n" + " " * len(mark)))
        return ["\n".join(re.sub(r"^ +$", "", row, flags=re.M) for row in rows)] if rows else []

    def call_out(self, element) -> str:
        title = next(iter(element.find_class("co-t")), None)
        parts = []
        if title is not None:
            parts = [f"**{squeezed(self.text(title))}**"]
            element = _without(element, title)
        return quoted([*parts, *self.blocks(element)])

    def figure(self, element) -> list[str]:
        parts = [f"*Figure: {escaped(alternative(svg))}*" for svg in element.iter("svg") if svg.get("role") == "img"]
        parts += paragraph(" ".join(self.inline(picture) for picture in element.iter("img")))
        for caption in element.iter("figcaption"):
            parts += self.blocks(caption)
        return [quoted(parts)]

    def fold(self, element) -> list[str]:
        above, summary = self.level, element.find("summary")
        parts = []
        if summary is not None:
            self.level = min(6, above + 1)
            parts = [f"{'#' * self.level} {squeezed(self.text(summary))}"]
            element = _without(element, summary)
        parts += self.blocks(element)
        self.level = above
        return parts

    def definitions(self, element) -> list[str]:
        rows: list[str] = []
        for child in element.iter("dt", "dd"):
            if child.tag == "dt":
                rows.append(f"- **{squeezed(self.text(child))}**")
            elif rows:
                words = "\n\n".join(self.blocks(child))
                rows[-1] += (": " if words else "") + words.replace("\n", "\n  ")
        return ["\n".join(rows)] if rows else []

    def footnotes(self, element) -> list[str]:
        notes = []
        for item in element.iter("li"):
            for back in item.find_class("footnote-backref"):
                back.drop_tree()
            name = item.get("id", "").rpartition(":")[2]
            notes.append(f"[^{name}]: " + "\n\n".join(self.blocks(item)).replace("\n", "\n    "))
        return notes

    def table(self, element) -> list[str]:
        rows = [[self.cell(cell) for cell in row.iterchildren("th", "td")] for row in element.iter("tr")]
        rows = [row for row in rows if row]
        if not rows:
            return []
        width = max(map(len, rows))
        rows = [row + [""] * (width - len(row)) for row in rows]
        first = next(element.iter("tr"))
        if all(cell.tag == "td" for cell in first) and first.getparent().tag != "thead":
            rows.insert(0, [""] * width)
        ends = [("-" if cell.get("align") != "right" else "-:") for cell in first] or []
        ends += ["-"] * (width - len(ends))
        caption = next(element.iter("caption"), None)
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        lines.insert(1, "|" + "|".join("--" + end for end in ends) + "|")
        return [*(paragraph(self.text(caption)) if caption is not None else []), "\n".join(lines)]

    def cell(self, element) -> str:
        """One line of text; what stands in it as blocks is set apart by spaces."""
        text = re.sub(r"^(\d*)\\(?=[#>+.)-])", r"\1", squeezed(" ".join(self.blocks(element))))  # no list starts in a cell
        return re.sub(r"(?<!\\)\|", r"\\|", text)

    # ---- inside a line ---------------------------------------------------------------------------

    def text(self, element) -> str:
        parts = [escaped(element.text or "")]
        for child in element:
            parts += [self.inline(child), escaped(child.tail or "")]
        return "".join(parts)

    def inline(self, element) -> str:
        tag = element.tag
        if not isinstance(tag, str) or tag in DROPPED or element.get("hidden") is not None:
            return ""
        looks = classes(element)
        if "arithmatex" in looks:
            return f"${tex(element)}$" if tag == "span" else f" $${tex(element)}$$ "
        if tag == "br":
            return " "
        if tag == "img":
            return f"![{escaped(element.get('alt', ''))}]({self.address(element.get('src', ''))})"
        if tag == "svg":
            return escaped(alternative(element)) if element.get("role") == "img" else ""
        if tag in ("code", "kbd", "samp"):
            return code(element.text_content())
        if tag in ("input", "wbr"):
            return ""
        if looks & {"depth", "given"}:
            return f"({element.text_content().strip()})"
        if "footnote-ref" in looks:
            return f"[^{element.get('href', '').rpartition(':')[2]}]"
        inner = self.text(element)
        if tag == "a" and element.get("href") and inner.strip():
            return f"[{inner.strip()}]({self.address(element.get('href'))})"
        if tag in ("em", "i", "cite", "var"):
            return around("*", inner)
        if tag in ("strong", "b"):
            return around("**", inner)
        if tag in ("sub", "sup") and "[^" not in inner:
            return f"<{tag}>{inner}</{tag}>" if inner.strip() else ""
        return inner if tag in INLINE else f" {inner} "

    def address(self, target: str) -> str:
        return urljoin(self.url, target).replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _without(element, child):
    """The element without a child whose text is told already."""
    child.tail, tail = None, child.tail
    element.remove(child)
    if tail and tail.strip():
        element.text = (element.text or "") + tail
    return element


def paragraph(text: str) -> list[str]:
    text = squeezed(text)
    if not text or text in ("·",):
        return []
    return [STARTS.sub(lambda match: f"{match[1]}\\" if match[1] else "\\", text)]


def squeezed(text: str) -> str:
    return SPACE.sub(" ", text).strip()  # a no-break space is for lines on a screen


def escaped(text: str) -> str:
    """Words of the page as Markdown that says the same."""
    text = re.sub(r"&(?=#\w|\w+;)", "&amp;", text)  # or it would stand for another sign
    text = re.sub(r"[\\`*$]", lambda match: "\\" + match[0], text)
    text = EDGE.sub(r"\\_", text)
    return re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", text).replace("](", "]\\(")


def around(mark: str, inner: str) -> str:
    """Emphasis closes up to its words: spaces stay outside."""
    words = inner.strip()
    if not words:
        return inner
    start, end = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{start}{mark}{words}{mark}{end}"


def code(text: str) -> str:
    text = squeezed(text)
    if not text:
        return ""
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def tex(element) -> str:
    return re.sub(r"^\s*\\[(\[]|\\[)\]]\s*$", "", element.text_content()).strip()


def fence(element) -> str:
    """A listing as it was written, with the name of its language where one is known."""
    language = next((name.removeprefix("language-") for name in classes(element) if name.startswith("language-")), "")
    if not language and element.getparent() is not None and "lab-cell" in classes(element.getparent()):
        language = "python"
    text = element.text_content().strip("\n")
    ticks = "`" * max(3, 1 + max(map(len, re.findall("^ *(`+)", text, re.M)), default=0))
    return f"{ticks}{'' if language == 'text' else language}\n{text}\n{ticks}"


def alternative(svg) -> str:
    """What a drawing says to whoever cannot see it."""
    words = [squeezed(part.text or "") for tag in ("title", "desc") for part in svg.iterchildren() if part.tag == tag]
    return " ".join(f"{part.rstrip('.')}." for part in words if part)


def quoted(blocks: list[str]) -> str:
    if not blocks:
        return ""
    return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(blocks).split("\n"))
