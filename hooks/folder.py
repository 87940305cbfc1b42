"""The folder edition, the same book for file://: `python -m hooks.folder` builds it into site/strong-hire.zip.

A second build, because a folder has no server: links name files (not folders, which a browser would list), pages are
not fetched and swapped in place, the search index is a script, its worker runs in a frame (widgets/folder). The built
site in site/ is left alone but for the zip and the link to it.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from hooks import archive

NAME = "strong-hire"
PLACE = "<!-- zip -->"  # on the page "Offline", where the site has the zip
TO_FOLDER = re.compile(r"""(?<=\shref=")([^":#?]*/)(?=[#?"])""")
USELESS = ("404.html", "sitemap.xml", "sitemap.xml.gz", "assets/manifest.webmanifest", "search/search_index.json", "assets/widgets/sw.js")


def wanted() -> bool:
    """Whether the build that runs is the folder edition's."""
    return os.environ.get("EDITION") == "folder"


def adapt(config) -> None:
    """MkDocs' configuration for this edition."""
    config.use_directory_urls = False
    config.theme["features"] = [feature for feature in config.theme["features"] if feature != "navigation.instant"]
    config.extra["polyfills"] = ["assets/widgets/folder.js"]  # before the theme's script, which starts the worker


def finish(site: Path) -> None:
    """The last step of this edition's build: the index as a classic script, and without what only a host needs."""
    index = (site / "search/search_index.json").read_text(encoding="utf-8")
    (site / "search/search_index.js").write_text(f"var __index = {index}", encoding="utf-8")
    for name in USELESS:
        (site / name).unlink(missing_ok=True)
    for path in site.rglob("*.map"):
        path.unlink()
    for path in site.rglob("*.html"):
        name, text = path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")
        changed = TO_FOLDER.sub(lambda match: to_file(match[1], name, site), text)  # noqa: B023 used at once
        if changed != text:
            path.write_text(changed, encoding="utf-8")


def to_file(link: str, page: str, site: Path) -> str:
    """A link that templates and raw HTML write for a page at an address like chapters/x/, as one to the file."""
    here = page.removesuffix("index.html") if page.endswith("index.html") else page.removesuffix(".html") + "/"
    target = posixpath.normpath(posixpath.join("/", here, link)).strip("/")
    for file in (posixpath.join(target, "index.html"), f"{target}.html"):
        if (site / file).is_file():
            return posixpath.relpath(f"/{file}", posixpath.dirname(f"/{page}"))
    return link  # the gate names it


def faults(site: Path) -> list[str]:
    """What would not work from a folder: all the gate finds, and links to a folder, which show a list of its files."""
    from hooks import html_gate

    found = html_gate.check_site(site)
    for path in sorted(site.rglob("*.html")):
        for link in html_gate.read(path, site).links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc and parts.path and (path.parent / parts.path).is_dir():
                found.append(f"{path.relative_to(site)}: the link `{link}` leads to a folder")
    return found


def pack(folder: Path, target: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    archive.write(target, ((f"{NAME}/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in files))


def build(root: Path, folder: Path) -> list[str]:
    """Build this edition into `folder`; return its faults."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    subprocess.run(command, cwd=root, env=os.environ | {"EDITION": "folder"}, check=True)
    return faults(folder)


def link(site: Path, zipped: Path) -> None:
    """Name the zip on the page that tells of it, which then is another file to keep."""
    from hooks import worker

    page = site / "practice/offline/index.html"
    text = page.read_text(encoding="utf-8")
    size = f"{zipped.stat().st_size / 1e6:.1f} MB"
    page.write_text(text.replace(PLACE, f': <a href="../../{zipped.name}" download>{zipped.name}</a> ({size})'), encoding="utf-8")
    worker.write(site)


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    site, folder = root / "site", root / ".cache/folder" / NAME
    if not (site / "index.html").is_file():
        print("site: no built site here; run `make site`", file=sys.stderr)
        return 2
    if found := build(root, folder):
        print("\n".join(found), file=sys.stderr)
        return 1
    zipped = site / f"{NAME}.zip"
    pack(folder, zipped)
    link(site, zipped)
    print(f"{zipped}: {zipped.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
