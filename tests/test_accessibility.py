"""axe-core on every template, light on a laptop and dark on a phone, folds open; and what axe cannot see."""

from __future__ import annotations

import axe
import pytest
from conftest import SITE, every_template, turn

OF_COLOURS = ["color-contrast", "link-in-text-block"]  # the only rules that look at them
# A formula is drawn by hundreds of spans that say nothing (aria-hidden), half of a long page and most of axe's time. After a first look at
# each template with all of them, one letter in a box of the same size stands for them.
STAND_INS = """() => {
  const size = (e) => [e, e.getBoundingClientRect(), parseFloat(getComputedStyle(e).fontSize)];
  for (const [e, box, em] of [...document.querySelectorAll(".katex-html")].map(size)) {
    e.textContent = "x";
    e.style.cssText = `display:inline-block;width:${box.width / em}em;height:${box.height / em}em`;
  }
}"""


def ready(page) -> None:
    """Everything loaded, every fold open."""
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.wait_for_timeout(100)


@every_template
def test_axe_finds_nothing(visit, kind):
    page = visit(kind, height=844, bypass_csp=True)  # the policy rightly refuses axe's own script
    ready(page)
    assert axe.faults(page) == {}, "light, 1280 px wide"
    page.evaluate(STAND_INS)
    page.set_viewport_size({"width": 390, "height": 844})
    turn(page, dark=True)
    assert axe.faults(page) == {}, "dark, 390 px wide"


PAGES = [page.relative_to(SITE).as_posix().removesuffix("index.html") for page in sorted(SITE.rglob("*.html"))]


@pytest.mark.weekly
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_any_page(visit, path):
    """Every page, phone and laptop, both schemes: loaded once, then turned. All rules in light; in dark those of colours, the rest sees no difference."""
    page = visit(path, width=390, height=844, bypass_csp=True)
    ready(page)
    page.evaluate(STAND_INS)
    wrong = {}
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for dark, rules in ((False, None), (True, OF_COLOURS)):
            turn(page, dark)
            wrong[width, dark] = axe.faults(page, rules=rules)
    assert {setting: found for setting, found in wrong.items() if found} == {}


@every_template
def test_focus_is_seen(visit, kind):
    """Tab through the page: each stop has an outline, its own or its label's."""
    page = visit(kind)
    unseen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const e = document.activeElement;
              if (!e || e === document.body) return null;
              const shows = (x) => x && getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2;
              const near = [e, e.labels?.[0], e.closest("td"), e.closest("form"), e.nextElementSibling];
              return [near.some(shows), e.outerHTML.slice(0, 120)];
            }"""
        )
        if stop and not stop[0]:
            unseen.append(stop[1])
    assert unseen == []


def test_icons_are_silent_and_figures_speak(visit):
    page = visit("chapter")
    assert page.locator("article svg:not([aria-hidden=true], [aria-hidden=true] *, [role=img])").count() == 0
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll(".fig svg")].filter((svg) => {
          const ids = (svg.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
          return !ids.length || ids.some((id) => !document.getElementById(id)?.textContent.trim());
        }).length"""
    )
    assert unnamed == 0
