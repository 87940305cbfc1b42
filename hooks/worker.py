"""The service worker's list of files: /sw.js is this list, then the script of widgets/sw.

The version is the hash of the list and the script, so the same build has the same version and a changed byte another one.
Written last, and again by whatever changes the built site afterwards (hooks/pdf.py, hooks/folder.py).
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

from hooks.building import Building, Site
from hooks.widget_data import compact

SCRIPT = "assets/widgets/sw.js"
# Not kept: the worker itself, what only hosts and crawlers read, and the other edition.
LEFT_OUT = re.compile(r"sw\.js|404\.html|sitemap\.xml(\.gz)?|strong-hire\.zip|gpu/.*|assets/widgets/(sw|folder)\.js|.*\.map|assets/javascripts/lunr/.*")


def files(site: Path) -> dict[str, tuple[str, int]]:
    """Hash and size of each file a reader may want without a network, by its path in the site."""
    found = {}
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if not LEFT_OUT.fullmatch(name):
            content = path.read_bytes()
            found[name] = (base64.b64encode(hashlib.sha256(content).digest()[:9]).decode(), len(content))
    return found


# A preview keeps nothing: a worker left by a built site at the same address would show that one for ever.
GONE = """addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("sh-")) await caches.delete(name);
  await registration.unregister();
})()));
"""


def write(site: Path, preview: bool = False) -> str:
    """Write /sw.js; return its version."""
    if preview:
        (site / "sw.js").write_text(GONE, encoding="utf-8")
        return ""
    listed, script = files(site), (site / SCRIPT).read_text(encoding="utf-8")
    table = compact(listed)
    version = hashlib.sha256((table + script).encode()).hexdigest()[:12]
    (site / "sw.js").write_text(f'const BUILD={{version:"{version}",files:{table}}};\n{script}', encoding="utf-8")
    return version


def offline(site: Site, page: Building) -> str:
    """`<%= offline() %>`: what can be kept on a device, everything or a chapter; the widget adds sizes and buttons."""
    rows = [("", "Everything"), *((f"chapters/{chapter.slug}/", chapter.title) for chapter in site.handbook.chapters)]
    shown = "".join(f'<li data-pin="{pin}"><span class="offline-name">{html.escape(name)}</span></li>' for pin, name in rows)
    return page.keep_aside(
        '<sh-offline><p class="offline-said" role="status">Keeping pages needs JavaScript, and a browser with service workers.</p>'
        f'<ul class="offline-pins">{shown}</ul><div class="offline-kept"></div></sh-offline>'
    )
