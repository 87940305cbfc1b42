"""Lighthouse on seven pages of the built site, as a phone and as a laptop: `make lighthouse`. Reported, not gated.

    python tests/lighthouse [kind of page ...]

Lighthouse is npm's, pinned in the lock file here, and drives the Chromium of the browser tests. The site is served as a host
would: compressed, kept for ten minutes. Prints two tables in Markdown, the scores and what would raise each; the whole reports
go to .cache/lighthouse/. The performance score is a simulation from what this machine measured, so it falls on a busy one.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]

import chromium  # noqa: E402
from conftest import ROOT, SITE, TEMPLATES, port  # noqa: E402

from hooks.mathematics import node  # noqa: E402
from hooks.pdf import Pages, served  # noqa: E402

KINDS = ("home", "chapter", "practice", "question", "calculator", "planner", "sheet")
FORMS = {"phone": [], "laptop": ["--preset=desktop"]}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".md", ".txt", ".xml", ".webmanifest")
METRICS = {"FCP": "first-contentful-paint", "LCP": "largest-contentful-paint", "TBT": "total-blocking-time", "CLS": "cumulative-layout-shift"}


@lru_cache(maxsize=256)
def packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6, mtime=0)


class Hosted(Pages):
    """As GitHub Pages sends a site."""

    protocol_version = "HTTP/1.1"  # one connection for many files

    def send_head(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file() or path.suffix not in COMPRESSED:
            return super().send_head()
        body = packed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()


def report(address: str, form: str) -> dict:
    """One run in a fresh browser."""
    browser = chromium.find()
    if browser is None:
        sys.exit("no Chromium found; run: python tests/chromium.py")
    command = [
        node(), str(HERE / "node_modules/lighthouse/cli/index.js"), address, *FORMS[form],
        "--quiet", "--output=json", "--output-path=stdout", "--no-enable-error-reporting", f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=" + " ".join(["--headless=new", *chromium.ARGUMENTS]),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "CHROME_PATH": browser})
    if done.returncode:
        sys.exit(f"{address}, {form}: Lighthouse failed\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def score(report: dict, category: str) -> str:
    value = report["categories"][category]["score"]
    return "?" if value is None else f"{100 * value:.0f}"


def raising(report: dict, category: str) -> list[tuple[float, str]]:
    """What would raise the score, most first: points of the score to be won, or for performance the milliseconds that Lighthouse reckons."""
    audits, parts = report["audits"], report["categories"][category]["auditRefs"]
    if category == "performance":
        weights = {name: next(part["weight"] for part in parts if part["id"] == audit) for name, audit in METRICS.items()}
        found = []
        for audit in audits.values():
            saved = {name: value for name, value in (audit.get("metricSavings") or {}).items() if value and name in weights}
            if saved and (audit["score"] or 0) < 1:
                said = ", ".join(f"{name} {value:.2f}" if name == "CLS" else f"{name} {value:.0f} ms" for name, value in saved.items())
                found.append((sum(weights[name] * value * (1000 if name == "CLS" else 1) for name, value in saved.items()), f"{audit['title']} ({said})"))
    else:
        total = sum(part["weight"] for part in parts if audits[part["id"]]["score"] is not None) or 1
        found = [
            (points, f"{audits[part['id']]['title']} ({points:.0f} points)")
            for part in parts
            if audits[part["id"]]["score"] is not None and (points := 100 * part["weight"] * (1 - audits[part["id"]]["score"]) / total) > 0
        ]
    return sorted(found, reverse=True)[:3]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("kinds", nargs="*", default=KINDS, help="home, chapter, ...; without one, seven pages")
    kinds = options.parse_args().kinds
    kept = ROOT / ".cache/lighthouse"
    kept.mkdir(parents=True, exist_ok=True)
    reports = {}
    with served(SITE, port(), Hosted) as address:
        for kind in kinds:
            for form in FORMS:
                reports[kind, form] = found = report(address + TEMPLATES[kind], form)
                (kept / f"{kind}-{form}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    one = next(iter(reports.values()))
    speed = [found["environment"]["benchmarkIndex"] for found in reports.values()]
    print(f"Lighthouse {one['lighthouseVersion']}, {one['fetchTime'][:10]}; speed of this machine by its own measure {min(speed):.0f} to {max(speed):.0f}.\n")
    print("| page | seen as | performance | accessibility | best practices | SEO | first paint | largest paint | blocked | shift |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for (kind, form), found in reports.items():
        shown = [found["audits"][audit]["displayValue"].replace("\u00a0", " ") for audit in METRICS.values()]
        print("|", " | ".join([kind, form, *(score(found, category) for category in CATEGORIES), *shown]), "|")
    print("\n| page | seen as | score | what would raise it |\n|---|---|---|---|")
    for (kind, form), found in reports.items():
        for category in CATEGORIES:
            ways = raising(found, category)
            if score(found, category) != "100":
                print("|", " | ".join([kind, form, f"{category} {score(found, category)}", "; ".join(text for _, text in ways) or "nothing that Lighthouse names"]), "|")


if __name__ == "__main__":
    main()
