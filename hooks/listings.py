"""Listings: the code under test, with its test one press away and what the test proves below.

The macro only names a section; pymdownx.snippets reads it, so a file or section that is gone fails the build.
Artefacts too: what a seeded run of a chapter's script wrote, a log or a figure, as evidence in a question.
"""

from __future__ import annotations

import html
import re

from hooks.building import Building, CallError, Site
from hooks.formatting import spelled
from hooks.icons import icon
from hooks.model import Snippet
from hooks.navigation import code_page
from hooks.problems import nearest
from hooks.prose import first_paragraph
from hooks.sources import inline

FENCE = "////////"  # longer than any block around it


def tested(site: Site, path: str) -> Snippet:
    """The module of that path, which must have a test."""
    module = site.handbook.snippets.get(path)
    if module is None:
        raise CallError(f"no module `{path}`; {nearest(path, site.handbook.snippets)}")
    if module.test is None:
        raise CallError(f"{path} has no test beside it, add {path.rpartition('/')[0]}/test_{module.concept}.py")
    return module


def snippet(site: Site, page: Building, path: str, section: str | None = None) -> str:
    """`<%= snippet("snippets/attention/latent.py", "absorbed") %>`, alone on its line."""
    module = tested(site, path)
    if section is not None and section not in module.sections:
        raise CallError(f"{path} has no section `{section}`; {nearest(section, module.sections)}")
    code = page.href(code_page(path), "test")
    bar = (
        f'<div class="listing-bar"><code>{html.escape(path)}</code>'
        f'<a class="listing-test" href="{code}" aria-label="Open test of {html.escape(path)}">Open test</a></div>'
    )
    count = spelled(module.test_count, "test")
    proof = f'<div class="listing-proof">{icon("test")}<p><b>Proven by {count}.</b> {inline(first_paragraph(module.test_doc))}</p></div>'
    marked = f"{path}:{section}" if section else path
    lines = [
        f"{FENCE} listing | {page.keep(bar)} {page.keep(proof)}",
        "",
        "```python",
        f'--8<-- "{marked}"',
        "```",
        "",
        FENCE,
    ]
    return "\n".join(["", *lines, ""])


def recorded(site: Site, page: Building, file: str, words: str) -> str:
    """`<%= recorded("artefacts/tpot_spikes.txt", "The longest steps") %>`, alone on its line; or a figure, with its caption.

    The script's name would give a drill's answer away, so the reader sees only `words`.
    """
    path = page.folder / file
    known = sorted(each.relative_to(page.folder).as_posix() for each in page.folder.glob("artefacts/*") if each.suffix in (".txt", ".svg"))
    if file not in known:
        raise CallError(f"no artefact `{file}`; {nearest(file, known)}")
    script = path.parent / f"{path.stem.partition('-')[0]}.py"
    if not script.is_file():
        raise CallError(f"no script wrote `{file}`: {script.name} is missing beside it")
    if path.suffix == ".svg":
        return "\n".join(["", f"{FENCE} figure | {file}", words, FENCE, ""])
    bar = f'<div class="listing-bar"><span><b>Recorded.</b> {inline(words)}</span></div>'
    text = path.relative_to(site.handbook.root).as_posix()
    lines = [f"{FENCE} listing | {page.keep(bar)}", "", "```text", f'--8<-- "{text}"', "```", "", FENCE]
    return "\n".join(["", *lines, ""])


def refuted(site: Site, page: Building, path: str, test: str) -> str:
    """`<%= refuted("snippets/attention/flash.py", "test_equals_pytorch") %>`: the test that shows a claim wrong."""
    module = tested(site, path)
    tests = re.findall(
        r"^ *def (test_\w+)", (site.handbook.root / module.test).read_text(encoding="utf-8"), re.MULTILINE
    )
    if test not in tests:
        raise CallError(f"{module.test} has no test `{test}`; {nearest(test, tests)}")
    address = page.href(code_page(path), "test")
    return page.keep(
        f'<span class="refuted">{icon("test")}Run it: <a href="{address}"><code>{test}</code></a> '
        f"in <code>{html.escape(module.test)}</code></span>"
    )
