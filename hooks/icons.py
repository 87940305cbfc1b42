"""The small marks beside words. The theme draws them once a page as a sprite; here they are only referred to."""

from __future__ import annotations

import xml.etree.ElementTree as etree

DEPTHS = {"skim": 1, "explain": 2, "derive": 3, "build": 4}
LEVEL_DEPTH = {1: "skim", 2: "explain", 3: "explain", 4: "derive", 5: "build"}  # of a question that probes the level


def icon(name: str) -> str:
    return f'<svg aria-hidden="true"><use href="#i-{name}"/></svg>'


def icon_element(parent: etree.Element, name: str) -> etree.Element:
    svg = etree.SubElement(parent, "svg", {"aria-hidden": "true"})
    etree.SubElement(svg, "use", {"href": f"#i-{name}"})
    return svg


def depth_badge(depth: str) -> str:
    """The staircase with one to four steps filled, and the word; not part of the heading for search."""
    staircase = icon(f"depth-{DEPTHS[depth]}")
    return f'<span class="depth" data-depth="{depth}" data-search-exclude="">{staircase}{depth}</span>'


def depth_element(parent: etree.Element, depth: str) -> etree.Element:
    badge = etree.SubElement(parent, "span", {"class": "depth", "data-depth": depth, "data-search-exclude": ""})
    icon_element(badge, f"depth-{DEPTHS[depth]}").tail = depth
    return badge
