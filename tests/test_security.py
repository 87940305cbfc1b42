"""The policy is on every page and holds in a browser; nothing leaves the origin."""

from __future__ import annotations

import re

import pytest
from conftest import SITE, TEMPLATES, WITH_FORMULAS, every_template

PAGES = sorted(SITE.rglob("*.html"))
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def test_every_page_has_the_policy_before_anything_loads():
    assert PAGES
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = POLICY.search(text)
        assert found, page
        before = text[: found.start()]
        assert not re.search(r"<(script|link|style|img)\b", before), page


def test_policy_lets_no_foreign_or_inline_script_run():
    policies = {POLICY.search(page.read_text(encoding="utf-8"))[1] for page in PAGES}
    for policy in policies:
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
        assert rules["default-src"] == "'none'"
        assert "unsafe" not in rules["script-src"] and "http" not in policy and "*" not in policy
        assert "unsafe" not in rules["style-src"]
        assert rules["base-uri"] == "'none'" and rules["form-action"] == "'none'"


def test_injected_script_does_not_run(visit):
    page = visit("question")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.broken = true";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.broken = true'>");
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.broken") is None
    assert visit.faults, "the browser should have reported what it blocked"
    visit.faults.clear()


def test_nothing_can_be_sent_elsewhere(visit):
    page = visit("home")
    answer = page.evaluate("fetch('https://example.org/').then(() => 'sent', (error) => error.name)")
    assert answer == "TypeError"
    assert any("Content Security Policy" in fault for fault in visit.faults)
    visit.faults.clear()


@pytest.mark.parametrize("kind", WITH_FORMULAS)
def test_formulas_have_the_same_height_with_and_without_the_policy(visit, kind):
    """KaTeX sets heights in style attributes: a policy that blocks them cuts display formulas in half."""
    measure = """() => {
      for (const fold of document.querySelectorAll("details")) fold.open = true;
      return [...document.querySelectorAll(".formula, .katex-html")].slice(0, 80).map((e) => Math.round(e.getBoundingClientRect().height * 10));
    }"""
    with_policy = visit(kind).evaluate(measure)
    without = visit(kind, bypass_csp=True).evaluate(measure)
    assert with_policy and with_policy == without


USE = """async () => {
  const settled = () => new Promise((done) => setTimeout(done, 30));
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const leaves = (e) => e.matches("[type=submit]") && !e.closest("[class*=sh-], sh-calculator, sh-drill, sh-hunt, sh-planner, sh-assessment, sh-review") || /print|import|file/i.test(e.textContent);
  for (const e of [...document.querySelectorAll("article :is(select, input, button)")].slice(0, 60)) {
    if (!e.isConnected || !e.checkVisibility() || e.disabled || leaves(e)) continue;
    if (e.localName === "select") { e.selectedIndex = e.options.length - 1; e.dispatchEvent(new Event("change", { bubbles: true })); }
    else if (e.matches("[type=radio], [type=checkbox]") || e.localName === "button") e.click();
    else if (e.matches("[type=text], [type=number], :not([type])")) { e.value = "3"; e.dispatchEvent(new Event("input", { bubbles: true })); e.dispatchEvent(new Event("change", { bubbles: true })); }
  }
  for (const link of [...document.querySelectorAll("a.term, a.cite")].slice(0, 3)) { link.focus(); link.dispatchEvent(new PointerEvent("pointerover", { bubbles: true })); }
  await settled();
}"""


@every_template
def test_reading_keeps_nothing_and_using_a_page_asks_nobody_else(visit, kind):
    """Loaded, it has no cookies, and only the theme's own choices in local storage; then every control is used and search is opened, and
    `visit` fails for a request to anywhere but this origin."""
    page = visit.blank()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script("window.print = () => undefined; window.open = () => null;")
    page.goto(visit.address + TEMPLATES[kind])
    page.wait_for_load_state("networkidle")
    assert page.context.cookies() == []
    keys = page.evaluate("Object.keys(localStorage)")
    assert [key for key in keys if not re.search(r"\.__(palette|tabs|announce|search)", key)] == []
    page.evaluate(USE)
    page.locator(".md-search__input").focus()
    page.keyboard.type("cache")
    page.wait_for_load_state("networkidle")
    assert asked and [url for url in asked if not url.startswith((visit.address, "blob:"))] == []
