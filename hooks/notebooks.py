"""Recorded labs as pages of the handbook: what mkdocs-jupyter makes of a notebook, in the site's own markup.

Its 575 KB of inline style, its script loaders, copy boxes, prompts and random cell ids go. What stays is text, code and
output: formulas are marked for KaTeX, links to pages resolve, and recorded pictures become files, since the policy
refuses data: addresses.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from lxml import etree
from lxml import html as lxml_html

from hooks.building import Building

UNWANTED = ("style", "script", "link", "clipboard-copy")
UNWANTED_CLASSES = ("jp-Collapser", "jp-InputPrompt", "jp-OutputPrompt", "zeroclipboard-container", "clipboard-copy-txt", "anchor-link")
FORMULA = re.compile(r"\$\$(?P<display>.+?)\$\$|(?<![\\$])\$(?![\s$])(?P<inline>(?:\\.|[^$\\])+?)(?<!\s)\$", re.S)
DATA = re.compile(r"data:image/(?P<kind>png|jpeg|svg\+xml|gif|webp)(?P<base64>;base64)?,(?P<content>.*)", re.S)
NOT_PROSE = {"code", "pre", "svg", "a"}

Save = Callable[[str, bytes], str]  # (name, content) -> address from the page


def clean(text: str, page: Building, save: Save) -> str:
    """The page's HTML. `save` keeps a picture beside the page and says under which address."""
    root = lxml_html.fragment_fromstring(text, create_parent="div")
    for element in [element for element in root.iter() if _unwanted(element)]:
        _remove(element)
    lab = etree.Element("div", {"class": "lab"})
    for cell in root.xpath(".//div[contains(concat(' ', @class, ' '), ' jp-Cell ')][not(./div[contains(@class, 'jp-Cell ')])]"):
        lab.extend(_prose(cell, page) if "jp-MarkdownCell" in cell.get("class") else [_code(cell)])
    for number, picture in enumerate(lab.iter("img"), start=1):
        _to_file(picture, number, save)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in [lab])


def _unwanted(element) -> bool:
    if not isinstance(element.tag, str):
        return True  # a comment
    return element.tag in UNWANTED or any(name in element.get("class", "") for name in UNWANTED_CLASSES)


def _remove(element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _find(cell, name: str) -> list:
    return cell.xpath(f".//*[contains(concat(' ', @class, ' '), ' {name} ')]")


def _prose(cell, page: Building) -> list:
    """A Markdown cell: what stands in it, without its boxes."""
    (body,) = _find(cell, "jp-MarkdownOutput")
    for link in body.iter("a"):
        link.set("href", _link(link.get("href", ""), page))
    for element in list(body.iter()):
        if isinstance(element.tag, str) and not NOT_PROSE & {element.tag, *(above.tag for above in element.iterancestors())}:
            _formulas(element)
    return list(body)


def _link(address: str, page: Building) -> str:
    """A link to a Markdown file as the site's address."""
    path, mark, fragment = address.partition("#")
    if not path.endswith((".md", ".ipynb")) or ":" in path:
        return address
    here = posixpath.dirname(page.name.removeprefix("docs/"))
    return page.href(posixpath.normpath(posixpath.join(here, path)), fragment if mark else "")


def _formulas(element) -> None:
    """Formulas in the text of one element become the spans that mathematics.py renders."""
    for place in range(len(element) - 1, -1, -1):  # the text after each child, last first
        _split(element, place)
    _split(element, -1)


def _split(element, place: int) -> None:
    child = element[place] if place >= 0 else None
    text = (child.tail if child is not None else element.text) or ""
    pieces, position, first = [], 0, None
    for match in FORMULA.finditer(text):
        before = text[position : match.start()]
        if pieces:
            pieces[-1].tail = before
        else:
            first = before
        display = match["display"] is not None
        tex = etree.Element("div" if display else "span", {"class": "arithmatex"})
        tex.text = f"\\[{match['display']}\\]" if display else f"\\({match['inline']}\\)"
        pieces.append(tex)
        position = match.end()
    if not pieces:
        return
    pieces[-1].tail = text[position:]
    if child is not None:
        child.tail = first
    else:
        element.text = first
    for offset, piece in enumerate(pieces):
        element.insert(place + 1 + offset, piece)
    if element.tag == "p" and any(piece.tag == "div" for piece in pieces):
        element.tag = "div"  # a display formula is no part of a paragraph


def _code(cell) -> etree._Element:
    """A code cell: the listing, then what it printed or drew."""
    box = etree.Element("div", {"class": "lab-cell"})
    for shown in _find(cell, "highlight-ipynb"):
        listing = etree.SubElement(box, "div", {"class": "highlight"})
        block = etree.SubElement(listing, "pre")
        code = etree.SubElement(block, "code")
        (source,) = shown.iter("pre")
        code.text = source.text
        code.extend(list(source))
    for output in _find(cell, "jp-OutputArea-output"):
        holder = etree.SubElement(box, "div", {"class": "lab-output"})
        holder.text = output.text
        holder.extend(list(output))
    return box


def _to_file(picture, number: int, save: Save) -> None:
    match = DATA.fullmatch(picture.get("src", ""))
    if match is None:
        return
    content = base64.b64decode(match["content"]) if match["base64"] else unquote_to_bytes(match["content"])
    kind = {"svg+xml": "svg", "jpeg": "jpg"}.get(match["kind"], match["kind"])
    picture.set("src", save(f"lab-{number}.{kind}", content))
    if picture.get("alt", "").startswith("No description"):
        picture.set("alt", "Drawn by the cell above")
