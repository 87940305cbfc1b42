"""Pictures of pages of the built site, to look at: `python tests/screenshot.py [PATH ...] [--out FOLDER] [--full]`.

PATH is an address under the site (chapters/transformer-internals/) or a kind of page (home, chapter, question, sheet);
without one, one page of each kind. Each is taken at 390 and 1280 px, light and dark, into FOLDER (default .cache/shots).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import chromium
from conftest import ROOT, SITE, TEMPLATES
from playwright.sync_api import sync_playwright

from hooks.pdf import served

TALLEST = 16_000  # Chromium draws no taller picture


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("paths", nargs="*", default=list(TEMPLATES))
    options.add_argument("--out", type=Path, default=ROOT / ".cache/shots")
    options.add_argument("--full", action="store_true", help="the whole page, not its first screen")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with served(SITE) as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for width, height in ((390, 844), (1280, 800)):
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
                page = context.new_page()
                for path in chosen.paths:
                    page.goto(address + TEMPLATES.get(path, path), wait_until="networkidle")
                    tall = page.evaluate("document.documentElement.scrollHeight")
                    page.set_viewport_size({"width": width, "height": min(tall, TALLEST) if chosen.full else height})
                    target = chosen.out / f"{path.strip('/').replace('/', '_') or 'home'}-{width}-{scheme}.png"
                    page.screenshot(path=target, timeout=120_000)
                    page.set_viewport_size({"width": width, "height": height})
                    print(target)
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
