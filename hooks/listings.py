"""Listings: the code under test, with its test one press away and what the test proves below.

The macro only names a section; pymdownx.snippets reads it, so a file or section that is gone fails the build.
"""

from __future__ import annotations

import html
import re

from hooks.arithmetic import CallError
from hooks.building import Building, Site
from hooks.formatting import spelled
from hooks.icons import icon
from hooks.problems import nearest
from hooks.sources import inline

FENCE = "////////"  # longer than any block around it


def snippet(site: Site, page: Building, path: str, section: str | None = None) -> str:
    """`<%= snippet("snippets/attention/latent.py", "absorbed") %>`, alone on its line."""
    module = site.handbook.snippets.get(path)
    if module is None:
        raise CallError(f"no module `{path}`; {nearest(path, site.handbook.snippets)}")
    if section is not None and section not in module.sections:
        raise CallError(f"{path} has no section `{section}`; {nearest(section, module.sections)}")
    if module.test is None:
        raise CallError(f"{path} has no test beside it, add {path.rpartition('/')[0]}/test_{module.concept}.py")
    code = page.href(f"code/{module.topic}/{module.concept}.md", "test")
    bar = (f'<div class="listing-bar"><code>{html.escape(path)}</code>'
           f'<a class="listing-test" href="{code}" aria-label="Open test of {html.escape(path)}">Open test</a></div>')  # fmt: skip
    proof = f'<div class="listing-proof">{icon("test")}<p><b>Proven by {spelled(module.test_count, "test")}.</b> {claims(module.test_doc)}</p></div>'
    marked = f"{path}:{section}" if section else path
    lines = [f"{FENCE} listing | {page.keep(bar)} {page.keep(proof)}", "", "```python", f'--8<-- "{marked}"', "```", "", FENCE]
    return "\n".join(["", *lines, ""])


def refuted(site: Site, page: Building, path: str, test: str) -> str:
    """`<%= refuted("snippets/attention/flash.py", "test_equals_pytorch") %>`: the test that shows a claim to be wrong."""
    module = site.handbook.snippets.get(path)
    if module is None:
        raise CallError(f"no module `{path}`; {nearest(path, site.handbook.snippets)}")
    if module.test is None:
        raise CallError(f"{path} has no test beside it, add {path.rpartition('/')[0]}/test_{module.concept}.py")
    tests = re.findall(r"^ *def (test_\w+)", (site.handbook.root / module.test).read_text(encoding="utf-8"), re.MULTILINE)
    if test not in tests:
        raise CallError(f"{module.test} has no test `{test}`; {nearest(test, tests)}")
    address = page.href(f"code/{module.topic}/{module.concept}.md", "test")
    return page.keep(f'<span class="refuted">{icon("test")}Run it: <a href="{address}"><code>{test}</code></a> in <code>{html.escape(module.test)}</code></span>')


def claims(docstring: str) -> str:
    """First paragraph of a test module's docstring: what the tests prove, for readers."""
    return inline(" ".join(docstring.strip().split("\n\n")[0].split()))
