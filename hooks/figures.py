"""Figures: SVG files set into the page, so that they take its colours and their text can be read aloud and found.

The file keeps <title> and <desc>; here they get ids of their own on the page, and the drawing is capped at the width
it was drawn for, so that its labels stay the size they were drawn.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from hooks.building import Building
from hooks.draw import WIDEST

SVG = "{http://www.w3.org/2000/svg}"
REFERENCE = re.compile(r"url\(#([^)]+)\)")
_parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)


class FigureError(ValueError):
    """A figure that cannot be shown; says which file and how to mend it."""


def inline_svg(path: Path, name: str, page: Building) -> str:
    """The drawing as HTML; `name` is how errors call the file."""
    try:
        return inline(path.read_bytes(), path.stem, name, page)
    except FileNotFoundError:
        raise FigureError(
            f"{name}: there is no such figure; draw it, or mend the path (it starts at the chapter's folder)"
        ) from None


def inline(drawing: bytes, stem: str, name: str, page: Building) -> str:
    """The same for a drawing made in the build; its ids begin with `stem`."""
    try:
        root = etree.fromstring(drawing, _parser)
    except etree.XMLSyntaxError as error:
        raise FigureError(f"{name}: not valid SVG: {error.msg}") from None
    if root.tag != SVG + "svg":
        raise FigureError(f"{name}: the file's root is not <svg>")
    width = _width(root, name)
    prefix = page.unique(f"svg-{stem}")
    described = []
    for tag in ("title", "desc"):
        element = root.find(SVG + tag)
        if element is None or not (element.text or "").strip():
            raise FigureError(f"{name}: <{tag}> is missing; it says what is seen to whoever cannot see it")
        element.set("id", f"{prefix}-{tag}")
        described.append(f"{prefix}-{tag}")
    _prefix_ids(root, prefix, set(described))
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(described))
    root.set("style", f"max-width:{width:g}px")
    root.set("data-search-exclude", "")
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    text = etree.tostring(root, encoding="unicode").replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return re.sub(r">\s*\n\s*<", "><", text.strip())


def _width(root: etree._Element, name: str) -> float:
    try:
        _, _, width, _ = map(float, root.get("viewBox", "").split())
    except ValueError:
        raise FigureError(f'{name}: the root needs viewBox="0 0 WIDTH HEIGHT"') from None
    if width > WIDEST:
        raise FigureError(f"{name}: {width:g} units wide; the column holds {WIDEST}, or split it into panels")
    return width


def _prefix_ids(root: etree._Element, prefix: str, done: set[str]) -> None:
    """Ids inside the drawing become ids of the page, and so do the references to them."""
    renamed = {}
    for element in root.iter():
        old = element.get("id")
        if old and old not in done:
            renamed[old] = f"{prefix}-{old}"
            element.set("id", renamed[old])
    if not renamed:
        return
    for element in root.iter():
        for key, value in element.attrib.items():
            if value.startswith("#") and value[1:] in renamed:
                element.set(key, f"#{renamed[value[1:]]}")
            elif "url(#" in value:
                element.set(key, REFERENCE.sub(lambda match: f"url(#{renamed.get(match[1], match[1])})", value))
