"""Pictures to compare with: `python tests/visual.py --update` records them, tests/test_visual.py compares.

Text is drawn a little differently by each Chromium and by each set of system fonts, so the record names the major version
of the Chromium that drew it and a drawing of two letters of the system's own; a machine that draws those otherwise skips.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import chromium
from conftest import ROOT, SITE, TEMPLATES

FOLDER = ROOT / "tests/visual"
RECORD = FOLDER / "record.json"
# what is looked at: a kind of page, the width, and whether it is dark; the first screen of each
VIEWS = [
    ("home", 1280, False),
    ("home", 390, True),
    ("chapter", 1280, False),
    ("chapter", 390, True),
    ("question", 390, False),
    ("question", 1280, True),
    ("calculator", 1280, False),
    ("planner", 390, False),
    ("sheet", 1280, False),
    ("roadmap", 390, False),
    ("worksheet", 1280, True),
    ("table", 390, True),
]
MASKS = ".md-content__inner time, .meta .date, input[type=date], .asof, .sheet-head, .drill-question"  # what changes by the day
CLOCK = "2026-11-25T10:00:00"
TOLERANCE = 24  # of 255 by channel: less is the drawing of edges
SHARE = 0.004  # of all pixels: more is a change that can be seen


def name(view) -> str:
    kind, width, dark = view
    return f"{kind}-{width}-{'dark' if dark else 'light'}"


def picture(page, address: str, view) -> bytes:
    """The first screen as a PNG of few colours."""
    from PIL import Image

    kind, width, _ = view
    page.set_viewport_size({"width": width, "height": 700})
    page.clock.set_fixed_time(CLOCK)
    page.goto(address + TEMPLATES[kind], wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => 0)")
    shot = page.screenshot(mask=[page.locator(MASKS)], mask_color="#888888", animations="disabled", caret="hide", timeout=120_000)
    small = io.BytesIO()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def difference(one: bytes, two: bytes) -> float:
    """The share of pixels that differ by more than the tolerance; 1 if the sizes differ."""
    from PIL import Image, ImageChops

    left, right = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, two))
    if left.size != right.size:
        return 1.0
    worst = max_of(ImageChops.difference(left, right))
    return sum(worst.histogram()[TOLERANCE + 1 :]) / (left.width * left.height)


def max_of(image):
    from PIL import ImageChops

    red, green, blue = image.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def machine(browser) -> dict[str, str]:
    """What decides how letters are drawn here."""
    page = browser.new_page(viewport={"width": 80, "height": 40})
    page.set_content("<p style='font: 20px serif; margin: 4px'>Rg√</p>")
    drawn = hashlib.sha256(page.screenshot()).hexdigest()[:12]
    page.close()
    return {"chromium": browser.version.split(".")[0], "letters": drawn}


def context(browser, dark: bool):
    return browser.new_context(color_scheme="dark" if dark else "light", reduced_motion="reduce", locale="en-US", timezone_id="UTC")


def main() -> int:
    if sys.argv[1:] != ["--update"]:
        print("python tests/visual.py --update records the pictures anew; look at the difference before you commit them")
        return 2
    from playwright.sync_api import sync_playwright

    from hooks.pdf import served

    FOLDER.mkdir(exist_ok=True)
    with served(SITE) as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for view in VIEWS:
            opened = context(browser, view[2])
            (FOLDER / f"{name(view)}.png").write_bytes(picture(opened.new_page(), address, view))
            opened.close()
        RECORD.write_text(json.dumps(machine(browser), indent=1) + "\n", encoding="utf-8")
        browser.close()
    print(f"{len(VIEWS)} pictures, {sum(file.stat().st_size for file in FOLDER.glob('*.png')) / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
