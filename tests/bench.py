"""How long the site takes to build, and how that grows: `make bench`.

    python tests/bench.py            this site, and handbooks of 11 and 110 chapters made of copies of its chapters
    python tests/bench.py --big      1,100 chapters too
    python tests/bench.py --sizes 3 11       these numbers of chapters (3: as it is)
    python tests/bench.py --zensical         the largest of them beside Zensical, which gets the Markdown after our macros
    python tests/bench.py --preview          only the preview of this site: from saving a chapter, or a question, to its page in the browser

Each is built clean (nothing cached), again, and after an edit of one page. Seconds are of the processor, in one run on one
machine: compare them with each other. A copied chapter has its own slug and ids; the content check runs, and what it says
of copies (passages that stand twice) is ignored. Growth is the exponent of time between 11 and 110 chapters: 1 is linear,
above 1.1 is a fault, and the stage that grows fastest is named.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "site", ".cache", "__pycache__", "mutants", ".hypothesis")
TEXT = (".md", ".yml", ".txt", ".py", ".json", ".ipynb")
EXPONENT = 1.1
EDITED = ("chapters/transformer-internals/index.md", "chapters/inference-and-serving/questions/serve-70b-p95.md")  # its practice page is the longest

# Runs in the handbook: builds it without the check, and says on its last line what each stage took.
DRIVER = '''
import collections, json, pathlib, sys, time
from mkdocs import plugins
from mkdocs.commands import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page
from hooks import check

site, dump = sys.argv[1], sys.argv[2:]
took, depth = collections.Counter(), []


def timed(owner, name, stage):
    run = getattr(owner, name)

    def wrapped(*args, **kwargs):
        start = time.process_time()
        depth.append(0.0)
        try:
            return run(*args, **kwargs)
        finally:
            whole = time.process_time() - start
            took[stage(args) if callable(stage) else stage] += whole - depth.pop()
            if depth:
                depth[-1] += whole

    setattr(owner, name, wrapped)


NAMES = {"config": "reading", "page_markdown": "macros", "page_context": "search", "post_build": "assets"}
timed(check, "check", "check")
checked = check.check
check.check = lambda *given: checked(*given) and []
timed(Page, "render", "Markdown")
timed(plugins.PluginCollection, "run_event", lambda args: NAMES.get(args[1], "other hooks"))
timed(build, "_build_page", "templates and finish")
timed(build, "_populate_page", "Markdown")
config = load_config("mkdocs.yml", site_dir=site)
config.plugins.on_startup(command="build", dirty=False)
if dump:
    from hooks import building

    def keep(page, markdown):
        target = pathlib.Path(dump[0], page.file.src_uri)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(building.current().restore(markdown), "utf-8")
        return markdown

    config.plugins.events["page_markdown"].append(lambda markdown, page, config, files: keep(page, markdown))
start = time.process_time()
build.build(config)
took["rest"] = time.process_time() - start - sum(took.values())
print(json.dumps(took))
'''


def copy_tree(target: Path) -> Path:
    shutil.copytree(ROOT, target, ignore=LEFT_OUT)
    (target / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    return target


def chapters(root: Path) -> list[Path]:
    return sorted(path.parent for path in (root / "docs/chapters").glob("*/index.md") if not path.parent.name.startswith(("_", ".")))


def grow(root: Path, count: int) -> None:
    """Copy chapters in turn until there are `count`."""
    originals = chapters(root)
    for number in range(len(originals), count):
        copy_chapter(originals[number % len(originals)], number)


def copy_chapter(chapter: Path, number: int) -> Path:
    target = chapter.with_name(f"{chapter.name}-{number}")
    shutil.copytree(chapter, target, symlinks=True)
    ids = [line.split()[1] for line in (chapter / "ids.txt").read_text("utf-8").splitlines() if line.startswith(("question ", "card ", "quiz "))]
    # the longest first, and whole names only; a listing's section may be called like a card
    names = re.compile(rf"(?<![\w-])({'|'.join(sorted(map(re.escape, ids), key=len, reverse=True))})(?![\w-])")
    for path in sorted(target.rglob("*")):
        if path.is_file() and path.suffix in TEXT and "artefacts" not in path.parts:
            lines = path.read_text("utf-8").split("\n")
            path.write_text("\n".join(line if "<%= snippet(" in line else names.sub(rf"\1-{number}", line) for line in lines), "utf-8")
    for path in sorted((target / "questions").glob("*.md")):
        path.rename(path.with_name(f"{path.stem}-{number}.md"))
    return target


def run(command: list[str], cwd: Path) -> dict:
    """Seconds of the processor and of the clock, peak memory in MiB, and what it said."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(cwd)}
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        clock = time.perf_counter() - start
        said.seek(0)
        text = said.read()
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {"cpu": usage.ru_utime + usage.ru_stime, "clock": clock, "memory": usage.ru_maxrss / unit, "code": process.returncode, "said": text}


def build(tree: Path, site: Path, *dump: str) -> dict:
    done = run([sys.executable, "-c", DRIVER, str(site), *dump], tree)
    if done["code"]:
        sys.exit(done["said"])
    return {**done, "stages": json.loads(done["said"].splitlines()[-1])}


def measure(count: int, folder: Path) -> dict:
    tree = copy_tree(folder / f"handbook-{count}")
    grow(tree, count)
    site = folder / f"site-{count}"
    clean = build(tree, site)
    again = build(tree, site)
    edited = chapters(tree)[-1] / "index.md"
    edited.write_text(edited.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    edit = build(tree, site)
    pages = sum(1 for _ in site.rglob("*.html"))
    return {"chapters": count, "pages": pages, "clean": clean, "again": again, "edit": edit, "tree": tree}


def exponents(small: dict, large: dict) -> dict[str, float]:
    """Of each stage that takes at least a twentieth of the time, and of the whole."""
    growth = math.log(large["chapters"] / small["chapters"])
    times = [{**each["clean"]["stages"], "clean build": each["clean"]["cpu"]} for each in (small, large)]
    worth = {name for name, took in times[1].items() if took >= times[1]["clean build"] / 20 and times[0].get(name, 0) > 0}
    return {name: math.log(times[1][name] / times[0][name]) / growth for name in sorted(worth)}


def processor(pid: int) -> float:
    """Seconds of the processor that a running process and its ended children took; on Linux alone."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def preview(tree: Path, sources: tuple[str, ...] = EDITED, edits: int = 7) -> None:
    """From the moment a file is saved until the browser, which waits for the server's word, has its page anew."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(tree), "SITE_URL": address + "/"}
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"localhost:{port}"]
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(command, cwd=tree, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            while True:  # the first build
                try:
                    fetch(address)
                    break
                except OSError:
                    if server.poll() is not None:
                        said.seek(0)
                        sys.exit(said.read())
                    time.sleep(0.5)
            for source in sources:
                page = f"{address}/{source.removesuffix('.md').removesuffix('index')}".rstrip("/") + "/"
                clock, cpu, shown = [], [], fetch(page)
                for number in range(edits):
                    time.sleep(1 + number / edits / 5)  # a writer's pause, not in step with the server's looks
                    start, before = time.perf_counter(), processor(server.pid)
                    with (tree / "docs" / source).open("a", encoding="utf-8") as file:
                        file.write(f"\nSentence {number} of a writer.\n")
                    while f"Sentence {number} of a writer." not in shown:  # the server may call for a page that has not changed
                        epoch = re.search(r"livereload\((\d+)", shown)[1]
                        if int(fetch(f"{address}/livereload/{epoch}/{number}")) > int(epoch):
                            shown = fetch(page)
                    clock.append(time.perf_counter() - start)
                    cpu.append(processor(server.pid) - before)
                load = f"{os.getloadavg()[0]:.1f} processes wanted the {os.cpu_count()} cores"
                print(f"preview of {source}, {edits} edits: {statistics.median(clock):.2f} s of the clock ({min(clock):.2f} to {max(clock):.2f}), ", end="")
                print(f"{statistics.median(cpu):.2f} s of the processor ({min(cpu):.2f} to {max(cpu):.2f}); {load}", flush=True)
        finally:
            server.terminate()
            server.wait()


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=300) as answer:
        return answer.read().decode("utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--zensical", action="store_true")
    parser.add_argument("--preview", action="store_true")
    options = parser.parse_args()
    here = len(chapters(ROOT))
    sizes = options.sizes or [here, 11, 110, *([1100] if options.big else [])]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"MkDocs {version('mkdocs')}, Material {version('mkdocs-material')}, {date.today()}; seconds of the processor\n")
    with tempfile.TemporaryDirectory() as name:
        folder, made = Path(name), {}
        preview(copy_tree(folder / "preview"))
        if options.preview:
            return
        print("| chapters | pages | clean | again | one page edited | again : clean | ms a page, clean | peak MiB |\n|--:|--:|--:|--:|--:|--:|--:|--:|")
        for size in sizes:
            found = made[size] = measure(size, folder)
            clean, again, edit = (found[kind]["cpu"] for kind in ("clean", "again", "edit"))
            row = (size, found["pages"], f"{clean:.1f}", f"{again:.1f}", f"{edit:.1f}", f"{again / clean:.2f}", f"{1000 * clean / found['pages']:.0f}")
            print("|", " | ".join(map(str, row)), f"| {found['clean']['memory']:.0f} |", flush=True)
        for kind in ("clean", "again"):
            stages = made[sizes[-1]][kind]["stages"]
            total = sum(stages.values())
            shares = ", ".join(f"{stage} {took / total:.0%}" for stage, took in sorted(stages.items(), key=lambda item: -item[1]) if took >= total / 100)
            print(f"\n{sizes[-1]} chapters, {kind}: {shares}")
        checked = run([sys.executable, "-m", "hooks.check"], ROOT)
        print(f"\ncontent check of this site: {checked['cpu']:.1f}")
        if options.zensical:
            import successor  # which needs this module

            build(made[sizes[-1]]["tree"], folder / "site-plain", str(folder / "plain/docs"))
            theirs, ours = successor.build(folder / "plain"), made[sizes[-1]]
            pages = sum(1 for _ in (folder / "plain/site").rglob("index.html"))
            print(f"\nZensical {theirs['version']}, {pages} pages, clean: {theirs['cpu']:.1f} of the processor, {theirs['clock']:.1f} of the clock")
            for kind in ("clean", "again"):
                ratios = (ours[kind][unit] / theirs[unit] for unit in ("cpu", "clock"))
                print("ours, {}: {:.2f} times its processor, {:.2f} times its clock".format(kind, *ratios))
        if {11, 110} <= made.keys():
            found = exponents(made[11], made[110])
            worst = max(found, key=found.get)
            print(f"\ngrowth from 11 to 110 chapters: {', '.join(f'{stage} {power:.2f}' for stage, power in found.items())}")
            if found["clean build"] > EXPONENT:
                sys.exit(f"the clean build grows with exponent {found['clean build']:.2f}, above {EXPONENT}; fastest: {worst}, {found[worst]:.2f}")


if __name__ == "__main__":
    main()
