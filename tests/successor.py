"""Would the handbook outlive its builder? `python tests/successor.py` builds it with Zensical too and compares the pages.

The theme's makers have announced its end of life and build Zensical in its place. That runs no hooks, so our macros stop it; here it
gets the Markdown with the macros done, as a port of the hooks would give it, and no labs, which it does not show. What is said: pages
that one has and the other lacks, first headings that differ, and fragments (#...) that links lead to and it does not make. Reported, no
gate: exit 1 only where Zensical builds nothing. Zensical is installed into .cache/zensical; remove that for a newer one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import bench
from lxml import html

HOME = bench.ROOT / ".cache/zensical"
SETTINGS = """site_name: Strong Hire
site_url: http://localhost:8000/
theme:
  name: material
  font: false
  features: [navigation.prune]
markdown_extensions: [abbr, attr_list, def_list, footnotes, md_in_html, tables, pymdownx.arithmatex, pymdownx.highlight,
  pymdownx.inlinehilite, pymdownx.superfences, pymdownx.betterem, {smarty: {smart_dashes: false, smart_ellipses: false}}, {toc: {toc_depth: 3}}]
"""


def build(folder: Path) -> dict:
    """Builds the Markdown in `folder`/docs into `folder`/site; what that took, and which version did it."""
    program = HOME / "bin/zensical"
    if not program.exists():
        venv.create(HOME, with_pip=True)
        subprocess.run([HOME / "bin/python", "-m", "pip", "install", "--quiet", "zensical"], check=True)
    for path in (folder / "docs").rglob("*.ipynb"):
        path.unlink()
    (folder / "mkdocs.yml").write_text(SETTINGS, "utf-8")
    done = bench.run([str(program), "build", "--clean", "--config-file", "mkdocs.yml"], folder)
    if done["code"] or not any((folder / "site").rglob("index.html")):
        sys.exit(f"Zensical built nothing:\n{done['said']}")
    said = subprocess.run([HOME / "bin/python", "-m", "pip", "show", "zensical"], capture_output=True, text=True, check=True).stdout
    return {**done, "version": re.search(r"^Version: (.+)$", said, re.M)[1]}


def pages(site: Path) -> dict[str, tuple[str, set[str], set[str]]]:
    """Of each page its first heading, its ids, and the fragments that other pages' links ask of it."""
    found, asked = {}, {}
    for path in sorted(site.rglob("*.html")):
        address = path.relative_to(site).as_posix().removesuffix("index.html")
        page = html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot()
        heading = " ".join(page.xpath("string((//h1)[1])").split()).removesuffix("¶").strip()
        found[address] = (heading, set(page.xpath("//@id")), asked.setdefault(address, set()))
        for href in page.xpath("//article//a/@href"):
            place, _, fragment = href.partition("#")
            if fragment and "://" not in place:
                to = (path.parent / place).resolve() if place else path.parent.resolve()
                if to.is_relative_to(site.resolve()):
                    folder = to.relative_to(site.resolve()).as_posix()
                    asked.setdefault("" if folder == "." else folder + "/", set()).add(fragment)
    return found


def compare(ours: dict, theirs: dict) -> list[str]:
    """What a reader of the one would miss in the other, a line a page."""
    said = [f"only ours: {address or 'the home page'}" for address in sorted(ours.keys() - theirs.keys())]
    said += [f"only theirs: {address or 'the home page'}" for address in sorted(theirs.keys() - ours.keys())]
    for address in sorted(ours.keys() & theirs.keys()):
        (heading, ids, asked), (their_heading, their_ids, _) = ours[address], theirs[address]
        if heading != their_heading:
            said.append(f"{address}: the first heading is {heading!r}, and {their_heading!r} there")
        if lost := sorted((asked & ids) - their_ids):
            said.append(f"{address}: fragments that links lead to and that are not there, {len(lost)}: {', '.join(lost[:5])}")
    return said


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench.build(bench.copy_tree(folder / "handbook"), folder / "site", str(folder / "plain/docs"))
        theirs = build(folder / "plain")
        ours, there = pages(folder / "site"), pages(folder / "plain/site")
        said = compare(ours, there)
    print(f"Zensical {theirs['version']} makes {len(there.keys() & ours.keys())} of our {len(ours)} pages.\n")
    print(*(f"- {line}" for line in said), sep="\n")


if __name__ == "__main__":
    main()
