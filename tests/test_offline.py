"""The installed app: what was read opens without a network, and nobody ever sees half of one edition and half of another."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from conftest import SITE, TEMPLATES
from playwright.sync_api import expect

from hooks import worker

pytestmark = pytest.mark.weekly  # a worker keeps files in its own time: minutes in all

CHAPTER = TEMPLATES["chapter"]
OTHER = sorted(SITE.glob("chapters/*/index.html"))[-1].parent.relative_to(SITE).as_posix() + "/"
OFFLINE = "practice/offline/"
CONTROLLED = "() => !!navigator.serviceWorker.controller"
COMPLETE = """async () => (await Promise.all((await caches.keys()).map(async (name) =>
  !!(await (await caches.open(name)).match("/practice/offline/"))))).some(Boolean)"""
KEPT = "async () => (await caches.keys()).filter((name) => name !== 'sh-pins')"


def until(page, condition: str) -> None:
    """Wait inside the page for an asynchronous condition: wait_for_function takes a promise for true."""
    page.evaluate(
        f"""async () => {{
          for (let left = 600; !(await ({condition})()); left--) {{
            if (!left) throw new Error("it did not come true");
            await new Promise((done) => setTimeout(done, 50));
          }}
        }}"""
    )


class Host(ThreadingHTTPServer):
    """Serves `site`, which a test may change for another; answers 500 where `broken`, and hangs up while `down`."""

    daemon_threads = True

    def __init__(self, site: Path) -> None:
        super().__init__(("localhost", 0), Answers)
        self.site, self.broken, self.down, self.asked = site, set(), False, []
        self.address = f"http://localhost:{self.server_address[1]}/"
        Thread(target=partial(self.serve_forever, poll_interval=0.05), daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A browser that leaves a page hangs up in the middle of a file."""


class Answers(SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")  # as hosts of static pages say: caches may hold another edition
        super().end_headers()

    def do_GET(self) -> None:
        if self.server.down:
            return self.connection.close()
        path = self.path.split("?")[0].lstrip("/")
        self.server.asked.append(path)
        self.directory = str(self.server.site)
        return self.send_error(500) if path in self.server.broken else super().do_GET()


@pytest.fixture
def host():
    running = Host(SITE)
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def reader(browser, host):
    """A browser's profile with service workers; pages opened in it."""
    context = browser.new_context(service_workers="allow", reduced_motion="reduce")
    context.set_default_timeout(30_000)

    def opened(path: str):
        page = context.new_page()
        page.goto(host.address + path)
        page.wait_for_function(CONTROLLED)
        return page

    yield opened
    context.close()


def settled(reader, host, *paths: str):
    """A page that has visited `paths`, with all that pages may ask for kept."""
    page = reader(paths[0])
    for path in paths[1:]:
        page.goto(host.address + path)
    page.reload()
    until(page, COMPLETE)
    return page


def faces(page) -> list[str]:
    page.evaluate("document.fonts.ready.then(() => 0)")
    return page.evaluate("[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family.replaceAll('\"', ''))")


def test_the_first_view_asks_for_each_file_once_and_for_the_worker(reader, host):
    reader(CHAPTER)
    assert "sw.js" in host.asked
    twice = {path for path in host.asked if host.asked.count(path) > 1}
    assert twice == set(), "the worker must take what the page loaded from the browser's cache"
    assert [path for path in host.asked if "search" in path or path.startswith("practice/")] == []


def test_visited_pages_open_without_a_network(reader, host):
    page = settled(reader, host, CHAPTER, OTHER)
    host.down = True
    for path in (CHAPTER, OTHER):
        page.goto(host.address + path)
        expect(page.locator("h1")).to_be_visible()
        assert page.locator(".katex").count()
        loaded = faces(page)
        assert "SH Text" in loaded and any("KaTeX" in face for face in loaded), loaded


def test_a_page_that_is_not_kept_says_so_and_lists_what_is(reader, host):
    page = settled(reader, host, CHAPTER)
    host.down = True
    page.goto(host.address + TEMPLATES["glossary"])
    expect(page.locator(".offline-why")).to_contain_text("You are offline")
    expect(page.locator(".offline-list")).to_contain_text(CHAPTER.strip("/"))
    assert TEMPLATES["glossary"].strip("/") not in page.locator(".offline-list").inner_text()
    host.down = False
    page.get_by_role("link", name="Try again").click()
    page.wait_for_url(f"**/{TEMPLATES['glossary']}")


def test_before_anything_is_kept_one_sentence_says_so(reader, host):
    page = reader(CHAPTER)
    host.down = True
    assert page.goto(host.address + OTHER).status == 503
    expect(page.locator("p")).to_contain_text("You are offline")


def test_a_chapter_can_be_kept_ahead_and_removed(reader, host):
    page = reader(OFFLINE)
    row = page.locator(f'[data-pin="{CHAPTER}"]')
    expect(row).to_contain_text("MB to fetch")
    assert float(re.search(r"([\d.]+) MB", row.inner_text())[1]) > 0.1
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_text("Remove", timeout=60_000)
    host.down = True
    question = next(iter(sorted(SITE.glob(f"{CHAPTER}questions/*/index.html")))).parent.relative_to(SITE).as_posix() + "/"
    for path in (CHAPTER, question, f"{CHAPTER}practice/", f"{CHAPTER}cheatsheet/", f"{CHAPTER}cards/"):
        page.goto(host.address + path)
        assert page.url == host.address + path
        expect(page.locator("h1")).to_be_visible()
    page.goto(host.address + TEMPLATES["review"])
    expect(page.locator("sh-review button").first).to_be_visible()
    page.goto(host.address + OFFLINE)
    row.get_by_role("button", name="Remove").click()
    expect(row.get_by_role("button")).to_have_text("Keep")
    until(page, f"async () => !(await caches.match('/{CHAPTER}')) && !!(await caches.match('/{OFFLINE}'))")


def test_remove_kept_pages_removes_all(reader, host):
    page = settled(reader, host, CHAPTER, OFFLINE)
    page.get_by_role("button", name="Remove kept pages").click()
    expect(page.locator(".offline-said")).to_contain_text("Removed")
    assert page.evaluate("async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length))).reduce((a, b) => a + b, 0)") == 0


def test_search_works_offline_once_it_was_used(reader, host):
    page = settled(reader, host, CHAPTER)
    for down in (False, True):
        host.down = down
        page.goto(host.address + CHAPTER)
        page.locator(".md-search__input").click()
        page.locator(".md-search__input").press_sequentially("GQA")
        page.locator(".md-search-result__item").first.wait_for()


# ---- editions ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def newer(tmp_path_factory) -> Path:
    """Another edition of the site: two pages and the style sheet of all pages differ."""
    site = tmp_path_factory.mktemp("newer") / "site"
    shutil.copytree(SITE, site, copy_function=os.link)
    for path, old, new in (
        (f"{CHAPTER}index.html", "</h1>", " (second edition)</h1>"),
        (f"{OTHER}index.html", "</h1>", " (second edition)</h1>"),
        ("assets/stylesheets/site.css", "", ":root{--edition:second}\n"),
    ):
        text = (site / path).read_text(encoding="utf-8")
        (site / path).unlink()  # a hard link: the first edition keeps its own
        (site / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    (site / "sw.js").unlink()
    worker.write(site)
    return site


def editions(page) -> set[str]:
    """Of which editions the page and its style sheet are."""
    of_style = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--edition')") or "first"
    return {"second" if "second edition" in page.locator("h1").inner_text() else "first", of_style}


def update(page) -> None:
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => 0)")


def test_a_new_edition_waits_and_never_mixes(reader, host, newer):
    page = settled(reader, host, CHAPTER)
    tab = reader(CHAPTER)
    first = page.evaluate(KEPT)
    host.site = newer
    page.goto(host.address + OTHER)  # not kept, and no longer to be had in the first edition
    expect(page.locator(".offline-why")).to_contain_text("A new edition is out")
    page.locator(".edition").wait_for()
    for _ in range(2):
        page.goto(host.address + CHAPTER)
        assert editions(page) == {"first"}
    with tab.expect_navigation():
        page.locator(".edition").get_by_role("button", name="Reload").click()
    for each in (page, tab):
        expect(each.locator("h1")).to_contain_text("second edition")
        assert editions(each) == {"second"}
    page.goto(host.address + OTHER)
    assert editions(page) == {"second"}
    until(page, f"async () => !(await caches.keys()).includes('{first[0]}')")
    assert len(first) == len(page.evaluate(KEPT)) == 1
    host.down = True
    page.goto(host.address + CHAPTER)
    assert editions(page) == {"second"}


def test_a_new_edition_comes_at_the_next_start_without_a_question(reader, host, newer):
    page = settled(reader, host, CHAPTER)
    host.site = newer
    update(page)
    page.locator(".edition").wait_for()
    context = page.context
    for _ in range(30):  # the browser takes its time to see that the last tab is gone
        page.close()
        page = context.new_page()
        page.goto(host.address + CHAPTER)
        assert len(editions(page)) == 1
        if editions(page) == {"second"}:
            return
    pytest.fail("the old edition is still there")


def test_an_update_that_fails_half_way_leaves_the_old_edition_whole(reader, host, newer):
    page = settled(reader, host, CHAPTER)
    first = page.evaluate(KEPT)
    host.site, host.broken = newer, {"assets/stylesheets/site.css"}
    page.evaluate(
        """async () => {
          const found = await navigator.serviceWorker.getRegistration();
          const given = new Promise((done) => found.addEventListener("updatefound", () => {
            const worker = found.installing;
            worker.addEventListener("statechange", () => worker.state === "redundant" && done());
          }));
          await found.update();
          await given;
        }"""
    )
    assert page.locator(".edition").count() == 0
    assert page.evaluate(KEPT) == first
    host.down = True
    page.goto(host.address + CHAPTER)
    assert editions(page) == {"first"}
    host.down, host.broken = False, set()
    update(page)
    page.locator(".edition").get_by_role("button", name="Reload").click()
    expect(page.locator("h1")).to_contain_text("second edition")
    assert editions(page) == {"second"}


def test_instant_navigation_keeps_what_it_fetches(visit):
    page = visit.blank(service_workers="allow")
    page.goto(visit.address + CHAPTER)
    page.wait_for_function(CONTROLLED)
    page.evaluate("window.stayed = true")
    page.locator('a[href$="cheatsheet/"]').first.click()
    page.wait_for_url("**/cheatsheet/")
    assert page.evaluate("window.stayed"), "the page was loaded anew"
    until(page, f"async () => !!(await caches.match('/{CHAPTER}cheatsheet/'))")


def test_the_worker_is_small():
    script = (SITE / worker.SCRIPT).read_bytes()
    assert len(gzip.compress(script, 9)) <= 2300
    assert len(gzip.compress((SITE / "assets/widgets/edition.js").read_bytes(), 9)) <= 1024
