"""What a built site must not hold, and what must hold in it: `python -m hooks.html_gate site`.

Each page is read once. Links are looked up on disk, so nothing is fetched; what leads elsewhere on the web is left alone
unless the page would load it.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html

from hooks import csp

LOADS = {  # what a browser fetches by itself
    "script": ("src",), "img": ("src", "srcset"), "iframe": ("src",), "source": ("src", "srcset"), "video": ("src", "poster"),
    "audio": ("src",), "embed": ("src",), "object": ("data",), "track": ("src",), "input": ("src",), "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}  # fmt: skip
LOADED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest", "apple-touch-icon"}
NOT_SHOWN = {"script", "style", "template"}
LITERAL = {  # text that means something went wrong, and where it may stand all the same
    "a macro that was not run": re.compile(r"<%"),
    "a formula that was not rendered": re.compile(r"\\\(|\\\["),
    "a traceback": re.compile(r"Traceback \(most recent call last\)"),
    "a token that was not replaced": re.compile("ʘ\\d+ʘ"),
    "a block that was not closed": re.compile(r"^\s*///", re.M),
}
CODE = {"code", "pre", "kbd", "samp", "annotation"}


@dataclass
class Page:
    name: str  # path under the site's root
    ids: Counter = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def check_site(site: Path) -> list[str]:
    """Every fault of the built site, as `page: what`."""
    pages = {path.relative_to(site).as_posix(): read(path, site) for path in sorted(site.rglob("*.html"))}
    faults = [f"{page.name}: {fault}" for page in pages.values() for fault in page.faults]
    for page in pages.values():
        for link in dict.fromkeys(page.links):
            if reason := unresolved(link, page, pages, site):
                faults.append(f"{page.name}: the link `{link}` {reason}")
    return faults


def read(path: Path, site: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    page = Page(path.relative_to(site).as_posix())
    document = lxml_html.document_fromstring(text)
    for script in csp.unpinned(text):
        page.faults.append(f"an inline script outside hooks/csp_hashes.txt: {' '.join(script.split())[:60]}")
    if "Content-Security-Policy" not in text:
        page.faults.append("no content security policy")
    level, titles = 0, 0
    for element in document.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        _attributes(page, element, tag)
        if tag == "iframe":
            page.faults.append("an iframe")
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            titles += tag == "h1"
            if int(tag[1]) > level + 1:
                shown = " ".join(element.text_content().split())[:50]
                page.faults.append(f"the heading `{shown}` is {tag}, but above it stands {f'h{level}' if level else 'none'}")
            level = int(tag[1])
        if tag not in NOT_SHOWN:
            _text(page, element, tag)
    if titles != 1:
        page.faults.append(f"{titles} titles (h1), not one")
    page.faults += [f"the id `{name}` stands {count} times" for name, count in page.ids.items() if count > 1]
    return page


def _attributes(page: Page, element, tag: str) -> None:
    for name, value in element.attrib.items():
        if name == "id":
            page.ids[value] += 1
        elif name.startswith("on") and tag != "annotation":
            page.faults.append(f"the attribute {name} on <{tag}>")
        elif value.strip().lower().startswith("javascript:"):
            page.faults.append(f"a javascript: address on <{tag}>")
    if tag == "a" and element.get("href") is not None:
        page.links.append(element.get("href"))
    for name in LOADS.get(tag, ()):
        for address in _addresses(name, element.get(name)):
            _loaded(page, tag, address)
    if tag == "link" and element.get("href") and LOADED_LINKS & set(element.get("rel", "").lower().split()):
        _loaded(page, tag, element.get("href"))
    style = element.get("style", "")
    if "url(" in style and not re.search(r"url\(['\"]?#", style):
        page.faults.append(f"an address in the style of <{tag}>")


def _addresses(name: str, value: str | None) -> list[str]:
    if not value:
        return []
    return [part.split()[0] for part in value.split(",") if part.strip()] if name == "srcset" else [value]


def _loaded(page: Page, tag: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        page.faults.append(f"<{tag}> loads {address}")
    elif parts.path:
        page.links.append(address)


def _text(page: Page, element, tag: str) -> None:
    in_code: bool | None = None
    for holder, text in ((element, element.text), (element.getparent(), element.tail)):
        if not text or len(text) < 2 or holder is None:
            continue
        for what, pattern in LITERAL.items():
            if pattern.search(text):
                in_code = any(isinstance(above.tag, str) and (above.tag in CODE or above.tag in NOT_SHOWN) for above in (holder, *holder.iterancestors()))
                if not in_code:
                    page.faults.append(f"{what}: `{' '.join(text.split())[:60]}`")


def unresolved(link: str, page: Page, pages: dict[str, Page], site: Path) -> str | None:
    """Why a link leads nowhere, or None."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    if path.startswith("/"):
        return _absolute(path, parts.fragment, page, pages, site) if page.name == "404.html" else "starts at the host; make it relative"
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path)) if path else page.name
    if target.startswith(".."):
        return "leaves the site"
    return _found(target, parts.fragment, pages, site)


def _absolute(path: str, fragment: str, page: Page, pages: dict[str, Page], site: Path) -> str | None:
    """The error page is shown at any address, so its links start at the host; its stylesheets tell where the site lies."""
    base = next((link.partition("assets/")[0] for link in page.links if "assets/" in link), "/")
    if not path.startswith(base):
        return "leaves the site"
    return _found(path.removeprefix(base).strip("/") or ".", fragment, pages, site)


def _found(target: str, fragment: str, pages: dict[str, Page], site: Path) -> str | None:
    if (site / target).is_dir():
        target = posixpath.normpath(posixpath.join(target, "index.html"))
    other = pages.get(target)
    if other is None:
        return None if (site / target).is_file() else "leads to no file"
    fragment = unquote(fragment)
    if fragment and fragment not in other.ids and not fragment.startswith(("__", ":~:")):
        return f"leads to no `{fragment}` on {target}"
    return None


def main(arguments: list[str]) -> int:
    site = Path(arguments[0] if arguments else "site")
    if not (site / "index.html").exists():
        print(f"{site}: no built site here; run `make site`", file=sys.stderr)
        return 2
    faults = check_site(site)
    print("\n".join(faults) or f"{len(list(site.rglob('*.html')))} pages: nothing to mend")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
