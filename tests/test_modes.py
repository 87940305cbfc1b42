"""Zoomed, without motion, in forced colours: nothing is lost in any of the ways in which people set up their screens."""

from __future__ import annotations

from conftest import SITE, every_template, turn
from lxml import html

CUT = """() => [...document.querySelectorAll("article *, .md-header *")].filter((e) => {
  const s = getComputedStyle(e);
  if (s.overflowX !== "hidden" && s.overflowX !== "clip" || e.clientWidth < 2 || s.visibility === "hidden" || !e.checkVisibility()) return false;
  return !e.closest("svg, .sr, .katex-mathml, .md-search, .md-header__topic") && e.scrollWidth > e.clientWidth + 2 && e.innerText?.trim();
}).map((e) => e.outerHTML.slice(0, 120))"""
MOVES = """() => [
  ...[...document.querySelectorAll("*")].filter((e) => {
    const s = getComputedStyle(e);
    return s.animationName !== "none" || s.transitionDuration.split(", ").some((d) => parseFloat(d) > 0) || s.scrollBehavior === "smooth";
  }).map((e) => e.outerHTML.slice(0, 100)),
  ...document.getAnimations().map(String),
]"""


@every_template
def test_zoomed_in_nothing_is_cut_off_and_nothing_moves(visit, kind):
    """On a laptop, a tablet, phones, and a laptop at 200 and 400 % (640 and 320 wide, 400 and 200 high): nothing is cut off and nothing scrolls
    sideways, folds open. The bar leaves room to read; no transition, no smooth scroll."""
    page = visit(kind)
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    over = {}
    for width in (1280, 1024, 640, 390, 320):
        page.set_viewport_size({"width": width, "height": 400})
        over[width] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over == dict.fromkeys(over, 0)
    assert page.evaluate(CUT) == []
    page.evaluate("scrollTo(0, 600)")
    bar = page.locator(".md-header").bounding_box()
    assert bar["height"] <= 100
    assert page.evaluate(MOVES) == []


# A mark is drawn if it differs from what lies behind it. Boxes, lines and icons that are painted as backgrounds lose them in
# forced colours, unless they say otherwise.
INVISIBLE = """() => {
  const canvas = (() => { const d = document.createElement("div"); d.style.background = "Canvas"; document.body.append(d); const c = getComputedStyle(d).backgroundColor; d.remove(); return c; })();
  const lost = [];
  const clear = (c) => c === "rgba(0, 0, 0, 0)" || c === "transparent";
  for (const e of document.querySelectorAll("article *, .md-header *, .md-nav *")) {
    if (!e.checkVisibility({ visibilityProperty: true })) continue;
    const s = getComputedStyle(e);
    if (e.matches("button, .sh-button, input:not([type=hidden]), select, textarea, summary")) {
      const edge = ["Top", "Bottom"].some((side) => parseFloat(s[`border${side}Width`]) > 0 && s[`border${side}Style`] !== "none");
      if (!edge && !e.innerText?.trim() && s.appearance === "none" && !e.matches("[type=file], .md-code__button, .md-search__input") && !e.closest(".md-search")) lost.push(e.outerHTML.slice(0, 120));
    }
    for (const part of ["::before", "::after"]) {
      const p = getComputedStyle(e, part);
      if (p.content === "none" || p.content === "normal" || p.clipPath === "none" || p.display === "none") continue;
      if (p.backgroundColor === canvas || clear(p.backgroundColor)) lost.push(part + e.outerHTML.slice(0, 120));
    }
    if (e.matches("svg :is(path, rect, circle, line, polyline, polygon)") && !e.closest("defs, symbol, .sprite")) {
      const inFigure = e.closest("svg");
      const paper = getComputedStyle(inFigure).backgroundColor;
      const behind = clear(paper) ? canvas : paper;
      const fill = s.fill === "none" || s.fill === behind, stroke = s.stroke === "none" || s.stroke === behind || s.strokeWidth === "0px";
      if (fill && stroke && !e.matches("[fill=none], [data-blank]")) lost.push(e.outerHTML.slice(0, 120));
    }
  }
  return [...new Set(lost)];
}"""


@every_template
def test_forced_colours_hide_nothing(visit, kind):
    page = visit(kind, forced_colors="active")
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert page.evaluate(INVISIBLE) == [], "on white"
    turn(page, dark=True)
    assert page.evaluate(INVISIBLE) == [], "on black"


def test_every_page_has_its_landmarks_in_order():
    """Skip link, header, main with one article, footer; and a language, a title, a description for who cannot see the page."""
    wrong = []
    for path in sorted(SITE.rglob("*.html")):
        page = html.parse(str(path)).getroot()
        order = [element.tag for element in page.iter("header", "main", "footer") if element.tag != "header" or "md-header" in (element.get("class") or "")]
        skip = page.xpath("//a[contains(@class, 'md-skip')]")
        names = [nav.get("aria-label") for nav in page.iter("nav") if "md-code__nav" not in (nav.get("class") or "")]
        faults = [
            *(["landmarks " + " ".join(order)] if order != ["header", "main", "footer"] else []),
            *(["no article in main"] if len(page.xpath("//main//article[contains(@class, 'md-content__inner')]")) != 1 else []),
            *(["skip link leads nowhere"] if skip and not page.xpath(f"//*[@id='{skip[0].get('href')[1:]}']") else []),
            *(["no language"] if page.get("lang") != "en" else []),
            *(["no title"] if not (page.findtext(".//title") or "").strip() else []),
            *(["a navigation without a name"] if None in names and any(nav.get("aria-labelledby") is None for nav in page.iter("nav") if nav.get("aria-label") is None and "md-code__nav" not in (nav.get("class") or "")) else []),
        ]  # fmt: skip
        wrong += [f"{path.relative_to(SITE)}: {fault}" for fault in faults]
    assert wrong == []
