"""The cards for the review page, as built: one classic script a chapter, and a small one that lists them all.

assets/cards/index.js holds titles and ids, so that a page knows what there is; assets/cards/<slug>.js brings a chapter's
cards as [id, front, back], each the HTML of the built cards page (formulas, citations, sums). Written in the build's last step.
"""

from __future__ import annotations

import html
import posixpath
from pathlib import Path

from lxml import etree
from lxml import html as lxml_html

from hooks.model import Chapter, Handbook
from hooks.widget_data import compact, script

FOLDER = "assets/cards"


def write(handbook: Handbook, site: Path) -> None:
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    chapters = []
    for chapter in handbook.chapters:
        page = built(site, chapter)
        if page is None:
            continue
        rows = read(page.read_text(encoding="utf-8"), page.relative_to(site).as_posix())
        chapters.append({"slug": chapter.slug, "title": chapter.record.title, "cards": [row[0] for row in rows]})
        (folder / f"{chapter.slug}.js").write_text(f"window.strongHireCards=window.strongHireCards||{{}};strongHireCards[{compact(chapter.slug)}]={compact(rows)};\n", encoding="utf-8")
    deck = {"chapters": chapters, "aliases": aliases(handbook)}
    (folder / "index.js").write_text(script("strongHireDeck", deck), encoding="utf-8")


def aliases(handbook: Handbook) -> dict[str, str]:
    return {old: new for chapter in handbook.chapters for old, new in chapter.aliases.items()}


def built(site: Path, chapter: Chapter) -> Path | None:
    """The chapter's cards page in the built site, whatever form its addresses have."""
    base = site / "chapters" / chapter.slug
    return next((page for page in (base / "cards/index.html", base / "cards.html") if page.is_file()), None) if chapter.cards else None


def read(page: str, address: str) -> list[tuple[str, str, str]]:
    """(id, front, back) of every card on a built page that lies at `address` in the site; links lead from the site's root."""
    tree = lxml_html.document_fromstring(page)
    folder = posixpath.dirname(address)
    sums = {popover.get("id"): popover for popover in tree.iter("span", "div") if popover.get("popover") is not None}
    found = []
    for card in tree.iter("details"):
        if "card" not in card.get("class", "").split():
            continue
        front, back = card.find("summary"), card.find("section")
        for button in card.iter("button"):  # a number brings its sum along
            if button.get("popovertarget") in sums:
                back.append(sums.pop(button.get("popovertarget")))
        for element in card.iter():
            for name in ("href", "src"):
                if element.get(name) is not None:
                    element.set(name, _from_root(element.get(name), folder, address))
        found.append((card.get("id"), _inside(front), _inside(back)))
    return found


def _from_root(link: str, folder: str, address: str) -> str:
    if link.startswith("#"):
        return address.removesuffix("index.html") + link
    if ":" in link.split("/")[0] or link.startswith("//"):
        return link
    path, mark, fragment = link.partition("#")
    joined = posixpath.normpath(posixpath.join(folder, path))
    return joined + ("/" if path.endswith("/") and joined != "." else "") + mark + fragment


def _inside(element: etree._Element) -> str:
    inner = "".join(lxml_html.tostring(child, encoding="unicode") for child in element)
    return (html.escape(element.text or "", quote=False) + inner).strip()
