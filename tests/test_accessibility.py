"""axe-core on every template, light on a laptop and dark on a phone, folds open; and what axe cannot see."""

from __future__ import annotations

import itertools

import axe
import pytest
from conftest import SITE, every_template


def faults(page) -> dict:
    """What axe finds with every fold open, by rule."""
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.wait_for_timeout(100)
    return axe.faults(page)


@every_template
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light-1280", "dark-390"])
def test_axe_finds_nothing(visit, kind, width, dark):
    assert faults(visit(kind, width=width, height=844, dark=dark, bypass_csp=True)) == {}  # the policy rightly refuses axe's own script


PAGES = [page.relative_to(SITE).as_posix().removesuffix("index.html") for page in sorted(SITE.rglob("*.html"))]


@pytest.mark.weekly
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_any_page(visit, path):
    """Every page, both schemes, phone and laptop."""
    found = {}
    for width in (390, 1280):
        for dark in (False, True):
            page = visit(path, width=width, height=844, dark=dark, bypass_csp=True)
            found[width, dark] = faults(page)
            page.close()
    assert {setting: wrong for setting, wrong in found.items() if wrong} == {}


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


@every_template
def test_headings_go_down_one_at_a_time(visit, kind):
    page = visit(kind)
    levels = page.evaluate("[...document.querySelectorAll('article :is(h1,h2,h3,h4,h5,h6)')].map((h) => +h.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


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
