"""What the reader's own progress needs of the pages: the box to tick, and the table of what there is to do.

The log is in the reader's browser (widgets/store); the build only names the things. An item is `question:<id>`,
`section:<chapter>#<id>`, `lab:<chapter>`, `sheet:<chapter>`: the ids are permanent (hooks/ids.py).
"""

from __future__ import annotations

import html

from hooks.building import Building, CallError, Site
from hooks.model import Chapter

PARTS = ("did", "chapters", "transfer")  # and "list", around a list of things to do: hooks/hunts.py, hooks/exercises.py


def done(items: list[str], label: str = "", late: bool = False) -> str:
    """The box to tick for these items, which are ticked as one; `late` brings its script only when it comes near."""
    words = f' label="{html.escape(label)}"' if label else ""
    return f'<sh-done item="{html.escape(" ".join(items))}"{words}{" data-late" if late else ""}></sh-done>'


def read_sections(chapter: Chapter) -> list[str]:
    """The sections that are text to read: those with a depth."""
    return [section.id for section in chapter.sections if section.depth and section.id]


def chapter_read(chapter: Chapter) -> str:
    """The box at the end of a chapter, for all its sections at once."""
    items = [f"section:{chapter.slug}#{section}" for section in read_sections(chapter)]
    return done(items, "Mark this chapter as read", late=True) if items else ""


def progress(site: Site, page: Building, part: str) -> str:
    """`<%= progress("did") %>`: one part of the progress page, with what it says without a script inside."""
    if part not in PARTS:
        raise CallError(f"unknown part {part!r}; write one of {', '.join(PARTS)}")
    if part == "chapters":
        aliases = " ".join(f"{old}:{new}" for home in (*site.handbook.chapters, *site.handbook.sets) for old, new in home.aliases.items())
        return page.keep_aside(f'<sh-progress part="chapters" data-aliases="{aliases}"><p class="progress-state"></p>{table(site, page)}</sh-progress>')
    start = f' start="{page.href("practice/napkin-math.md")}"' if part == "did" else ""
    what = "Counting what you did needs" if part == "did" else "Export, import and deletion need"
    return page.keep_aside(
        f'<sh-progress part="{part}"{start}><p class="progress-wait">Reading what is kept in this browser.</p>'
        f'<p class="progress-still">{what} JavaScript, which is off. Nothing is stored without it.</p></sh-progress>'
    )


HEADS = ("chapter", "sections read", "questions done", "cards reviewed", "lab, sheet", "hunts, exercises")


def table(site: Site, page: Building) -> str:
    """Every chapter and question set with how much there is; the widget turns `20` into `3 of 20`."""
    from hooks import plan  # which knows the hunts, and they their boxes

    rows = []
    for home in (*site.handbook.chapters, *site.handbook.sets):
        parts = {"sections": [], "questions": [question.id for question in home.questions], "cards": [card.id for card in home.cards], "other": [], "extras": []}
        slug = home.folder.rpartition("/")[2]
        if isinstance(home, Chapter):
            parts["sections"] = read_sections(home)
            parts["other"] = [*([f"lab:{slug}"] if home.lab and home.lab.notebook else []), *([f"sheet:{slug}"] if home.sheet else [])]
            parts["extras"] = [extra["item"] for extra in plan.extras(site.handbook, home)]
        rows.append(row(slug, page.href(f"{home.folder}/index.md"), home.title, parts))
    if site.handbook.preparation:
        parts = {"sections": [task.page for task in site.handbook.preparation], "questions": [], "cards": [], "other": ["sheet:interview"], "extras": []}
        rows.append(row("interview", page.href("interview/index.md"), "The interview: what the planner lists", parts))
    heads = "".join(f'<th scope="col">{words}</th>' for words in HEADS)
    return f'<div class="md-typeset__scrollwrap"><table class="progress-table"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def row(slug: str, address: str, title: str, parts: dict[str, list[str]]) -> str:
    data = "".join(f' data-{name}="{" ".join(ids)}"' for name, ids in parts.items() if ids)
    cells = "".join(f'<td data-part="{name}">{len(ids) or ""}</td>' for name, ids in parts.items())
    return f'<tr data-slug="{slug}"{data}><th scope="row"><a href="{address}">{html.escape(title, quote=False)}</a></th>{cells}</tr>'
