"""What each kind of page gets around its text: title, meta line, the questions of a chapter, addresses."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import date
from typing import Any
from urllib.parse import quote

from hooks import building, macros, progress, questions
from hooks.building import Building, Site
from hooks.formatting import day
from hooks.navigation import kind_of, title_of
from hooks.parts import chapter_number, link, meta

HOW_TO_FIX = "contributing/fix.md"


def assemble(site: Site, page: Building, meta: MutableMapping[str, Any], markdown: str) -> str:
    """The page's Markdown, its macros done, as it goes into Markdown; `meta` learns which template shows it."""
    source = page.name.removeprefix("docs/")
    kind, home = kind_of(source), site.handbook.home_of(page.name)
    if home is None:
        return markdown
    if kind == "question":
        found = site.handbook.questions.get(source.rpartition("/")[2].removesuffix(".md"))
        if found is None:
            return markdown  # it has moved; or its record is broken, the checker said so, and a preview shows what it can
        return questions.question_page(site, page, home, found[1], markdown)
    if kind == "chapter":
        return questions.chapter_page(site, page, home, markdown)
    if kind == "practice":
        return questions.practice_page(site, page, home, markdown)
    if kind == "cards":
        return questions.cards_page(site, page, home, markdown, macros.render_cards(site, page, home))
    if kind == "sheet" and (site.handbook.root / "docs/.overrides/sheet.html").exists():
        meta.setdefault("template", "sheet.html")
    return markdown


def lab_head(site: Site, page: Building) -> str:
    """The line above a lab's title."""
    chapter = site.handbook.chapter_of(page.name)
    links = [
        link(page, f"chapters/{chapter.slug}/index.md", chapter.record.title),
        *questions.siblings(page, chapter, without=("lab",)),
    ]
    return page.keep_late(meta(links))


def lab_done(site: Site, page: Building) -> str:
    """The box to tick below a lab's title."""
    return page.keep_late(progress.done([f"lab:{site.handbook.chapter_of(page.name).slug}"]))


def facts(site: Site, name: str) -> dict[str, Any]:
    """What templates may ask of a page, added to its front matter."""
    chapter, source = site.handbook.chapter_of(name), name.removeprefix("docs/")
    found: dict[str, Any] = {"page_kind": kind_of(source)}
    index = f"{source.rpartition('/')[0]}/index.md"
    page = site.handbook.pages.get(name)
    if page and isinstance(page.front.fields.get("reviewed"), date):
        found["reviewed"] = day(page.front.fields["reviewed"])
    if source == "interview/cheatsheet.md":
        found["sheet_of"] = "interview"  # as the planner names it
    if chapter is None and f"docs/{index}" in site.handbook.pages:
        found["folder_title"] = title_of(site.handbook, index)  # where a sheet outside the chapters leads back to
    if chapter is not None:
        record = chapter.record
        found |= {
            "chapter": chapter.slug,
            "sheet_of": chapter.slug,
            "chapter_title": record.title,
            "chapter_number": chapter_number(site, chapter),
            "reviewed": day(record.reviewed),
        }
        if found["page_kind"] == "chapter":
            found["description"] = record.summary
    return found


def addresses(site: Site, name: str, url: str) -> dict[str, str]:
    """Where a reader mends the page or says what is wrong; without a known repository both lead to how it is done."""
    if not site.repository:
        how = (
            building.url_of(HOW_TO_FIX, site.directory_urls)
            if (site.handbook.root / "docs" / HOW_TO_FIX).exists()
            else ""
        )
        return {"edit_url": how, "report_url": how}
    file = name.removeprefix("docs/code/").removesuffix(".md") if name.startswith("docs/code/") else ""
    edited = "" if name == "docs/code/index.md" else f"snippets/{file}.py" if file else name
    edit = f"{site.repository}/edit/{quote(site.branch)}/{quote(edited)}" if edited else ""
    report = f"{site.repository}/issues/new?template=wrong-answer.yml&page={quote(url, safe='')}"
    if site.commit:
        report += f"&commit={quote(site.commit)}"
    return {"edit_url": edit, "report_url": report}
