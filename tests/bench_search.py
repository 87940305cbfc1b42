"""Which search is better? Ours, the theme's lunr on the same index, and Pagefind, on the built site in one Chromium.

    python tests/bench_search.py [path to the pagefind program]

Not part of `make test`. Prints, for each: bytes fetched before the first result (compressed as a host does), time to the first
result as a multiple of ours, and how many of the queries in search_queries.yml find a right section first and among three.
Pagefind (PyPI's pagefind_bin, or npm's pagefind) is left out where no program is named. docs/contributing/quality.md keeps the table.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import chromium  # noqa: E402
import material  # noqa: E402

from hooks.pdf import served  # noqa: E402

PORT = 8022
SITE = ROOT / "site"
WORKER = """async () => {
  const index = await (await fetch("/search/search_index.json")).json();
  const worker = new Worker(ADDRESS);
  const ask = (message) => new Promise((done) => {
    worker.onmessage = ({ data }) => done(data.data);
    worker.postMessage(message);
  });
  await ask({ type: 0, data: { config: index.config, docs: index.docs, options: { suggest: false } } });
  window.find = async (query) => {
    const { items } = await ask({ type: 2, data: query });
    // what Enter goes to in each group that the theme shows
    return items.map((group) => [...group].sort((a, b) => b.score - a.score)[0].location).slice(0, 3);
  };
}"""
PAGEFIND = """async () => {
  const pagefind = await import("/pagefind/pagefind.js");
  await pagefind.init();
  const heavy = (part) => part.weighted_locations.reduce((sum, place) => sum + place.balanced_score, 0);
  window.find = async (query) => {
    const { results } = await pagefind.search(query);
    const pages = await Promise.all(results.slice(0, 3).map((result) => result.data()));
    return pages.map((page) => ([...page.sub_results].sort((a, b) => heavy(b) - heavy(a))[0]?.url ?? page.url).replace(/^\\//, ""));
  };
}"""


def right(found: list[str], query: dict) -> bool:
    """Is one of the addresses right? A page's own is right only for the page, or a section of it where the page is the answer."""
    return any(address.startswith(answer) if "#" in answer else address.split("#")[0] == answer for address in found for answer in query["right"])


def main() -> None:
    queries = yaml.safe_load((ROOT / "tests/search_queries.yml").read_text(encoding="utf-8"))
    (ours,) = (SITE / "assets/javascripts/workers").glob("search.*.min.js")
    (theirs,) = (Path(material.__file__).parent / "templates/assets/javascripts/workers").glob("search.*.min.js")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        shutil.copytree(SITE, site)
        (site / "bench.html").write_text("<!doctype html><title>bench</title>", encoding="utf-8")
        (site / "ours.js").write_bytes(ours.read_bytes())
        (site / "lunr.js").write_bytes(theirs.read_bytes())
        engines = {"ours": WORKER.replace("ADDRESS", '"/ours.js"'), "lunr": WORKER.replace("ADDRESS", '"/lunr.js"')}
        if len(sys.argv) > 1:
            command = [sys.argv[1], "--site", str(site), "--root-selector", ".md-content", "--exclude-selectors", "[data-search-exclude]"]
            subprocess.run(command, check=True, capture_output=True)
            engines["Pagefind"] = PAGEFIND
        measured = {}
        from playwright.sync_api import sync_playwright

        with served(site, PORT) as address, sync_playwright() as playwright:
            browser = chromium.launch(playwright)
            for name, start in engines.items():
                measured[name] = measure(browser, address, start, queries)
        print(f"{'':10}{'KiB first':>10}{'requests':>10}{'time':>8}" + "".join(f"{kind + ' first':>16}{'in three':>10}" for kind in queries))
        for name, (size, requests, time, quality) in measured.items():
            print(
                f"{name:10}{size / 1024:10.0f}{requests:10}{time / measured['ours'][2]:8.1f}"
                + "".join(f"{f'{first} of {count}':>16}{three:10}" for first, three, count in quality)
            )


def measure(browser, address: str, start: str, queries: dict[str, list[dict]]) -> tuple:
    page = browser.new_page()
    page.goto(f"{address}bench.html")
    seen = []
    page.on("requestfinished", lambda request: seen.append(request))
    page.context.on("requestfinished", lambda request: seen.append(request))
    time = page.evaluate(f"async () => {{ const from = performance.now(); await ({start})(); await window.find('GQA'); return performance.now() - from; }}")
    requests = list({request.url: request for request in seen}.values())
    size = sum(len(gzip.compress(body, 9)) if body[:2] != b"\x1f\x8b" else len(body) for body in (request.response().body() for request in requests))
    quality = []
    for kind in queries.values():
        found = [page.evaluate("(query) => window.find(query)", query["query"]) for query in kind]
        first, three = (sum(right(f[:most], q) for f, q in zip(found, kind, strict=True)) for most in (1, 3))
        quality.append((first, three, len(kind)))
    page.close()
    return size, len(requests), time, quality


if __name__ == "__main__":
    main()
