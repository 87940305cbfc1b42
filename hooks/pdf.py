"""Print every one-page sheet of the built site to PDF: `python -m hooks.pdf [SITE]`.

A sheet is a page of the template sheet.html, in a chapter or elsewhere. Each is printed on A4 and on Letter to
SITE/pdf/<slug>-sheet-a4.pdf and -letter.pdf, and its page then links to both. Fails if one does not fit its page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from hooks import worker

PAPERS = {"a4": "A4", "letter": "Letter"}
PLACE = re.compile(r'<!-- pdf -->(?:<span class="sheet-pdf">.*?</span>)?', re.S)


class Pages(SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass

    def send_error(self, code, message=None, explain=None) -> None:
        """As a host does: the site's own page for what is not there."""
        page = Path(self.directory, "404.html")
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # two browsers at once ask for more than the usual five, and who is turned away waits long

    def handle_error(self, request, client_address) -> None:
        """A browser that leaves a page hangs up in the middle of a file."""


@contextmanager
def served(site: Path, port: int = 0, pages: type[Pages] = Pages) -> Iterator[str]:
    """The address at which `site` is served while the block runs; port 0 takes a free one."""
    with _Server(("localhost", port), partial(pages, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_address[1]}/"
        finally:
            server.shutdown()


def sheets(site: Path) -> list[Path]:
    return [page for page in sorted(site.rglob("index.html")) if '<section class="sheet"' in page.read_text(encoding="utf-8")]


def name_of(folder: str) -> str:
    """Name of a sheet's files, from its folder in the site: chapters/rag/cheatsheet is rag-sheet."""
    words = re.sub(r"(^|-|/)(cheat)?-?sheet$", "", folder.removeprefix("chapters/")).replace("/", "-")
    return f"{words}-sheet"


def paper(page, address: str, form: str) -> bytes:
    """`address` printed on `form`, with its fonts."""
    page.emulate_media(media="print")
    page.goto(address, wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    return page.pdf(format=form, print_background=True, prefer_css_page_size=False)


def main(site: Path) -> int:
    from playwright.sync_api import sync_playwright

    from tests import chromium

    found = sheets(site)
    out = site / "pdf"
    out.mkdir(exist_ok=True)
    failed = 0
    with served(site) as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page()
        for sheet in found:
            folder = sheet.parent.relative_to(site).as_posix()
            home = "../" * (folder.count("/") + 1)
            links = []
            for name, form in PAPERS.items():
                target = out / f"{name_of(folder)}-{name}.pdf"
                target.write_bytes(paper(page, f"{address}{folder}/", form))
                pages = len(re.findall(rb"/Type\s*/Page\b", target.read_bytes()))
                if pages != 1:
                    failed += 1
                    print(f"{target}: {pages} pages; shorten docs/{folder}.md", file=sys.stderr)
                links.append(f'<a href="{home}pdf/{target.name}">{form} PDF</a>')
            text = PLACE.sub(f'<!-- pdf --><span class="sheet-pdf">{" ".join(links)}</span>', sheet.read_text(encoding="utf-8"))
            sheet.write_text(text, encoding="utf-8")
        browser.close()
    worker.write(site)  # the sheets have changed, and there are new files
    print(f"{len(found)} sheets on {' and '.join(PAPERS.values())}: {out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "site")))
