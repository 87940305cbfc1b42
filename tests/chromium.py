"""Find a Chromium for the browser tests and the PDFs, or install one: `python tests/chromium.py`.

`find()` returns the path of an installed one and never installs. Run as a program it installs what is missing:
Debian's package as root, else Playwright's own build, else it says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Without windows first: a full Chromium draws its own, unseen, around every page, and takes two thirds more of the processor.
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = (*SHELLS, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge")
MAC = tuple(Path("/Applications", f"{name}.app/Contents/MacOS/{name}") for name in ("Google Chrome", "Chromium", "Microsoft Edge"))
WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
# Quiet and alone: nothing is asked of the network; a container's root has no sandbox.
ARGUMENTS = ["--disable-background-networking", "--disable-component-update", "--disable-quic", "--no-first-run", "--disable-sync"]
ARGUMENTS.append("--font-render-hinting=none")  # letters as wide as in a window: a shell else pulls each to whole pixels
if hasattr(os, "geteuid") and os.geteuid() == 0:
    ARGUMENTS.append("--no-sandbox")


def find() -> str | None:
    """Path of an installed Chromium: $CHROMIUM, the system's, Playwright's; None if there is none."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    for name in NAMES:
        path = shutil.which(name)
        if path and not _is_snap_stub(path):
            return path
    folders = [os.environ[key] for key in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA") if os.environ.get(key)]
    for candidate in [*MAC, *(Path(folder, name) for folder in folders for name in WINDOWS)]:
        if candidate.is_file():
            return str(candidate)
    return _playwrights()


def launch(playwright):
    """The browser that tests and PDFs share; raises with what to do if there is none."""
    path = find()
    if path is None:
        raise RuntimeError("no Chromium found; run: python tests/chromium.py")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def _is_snap_stub(path: str) -> bool:
    """Ubuntu's chromium-browser is a script that asks for snap, which a container lacks."""
    with Path(path).open("rb") as file:
        return b"snap install" in file.read(4096)


def _playwrights() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        full = Path(playwright.chromium.executable_path)  # beside the shell that `playwright install --only-shell` brings
    shelf = next((folder for folder in full.parents if folder.name.startswith("chromium-")), full).parent
    shells = sorted(shelf.glob("chromium_headless_shell-*/*/*headless?shell*"), reverse=True)
    return next((str(path) for path in (*shells, full) if path.is_file() and os.access(path, os.X_OK)), None)


def install() -> str | None:
    """Install one; path, or None if no way worked."""
    ways: list[list[list[str]]] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        get = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        ways += [[["apt-get", "update", "-qq"], [*get, SHELLS[0]]], [[*get, "chromium"]]]
    ways.append([[sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]])
    for commands in ways:
        for command in commands:
            print("+", " ".join(command), file=sys.stderr, flush=True)
            if subprocess.run(command, check=False).returncode:
                break
        found = find()
        if found:
            return found
    return None


def main() -> int:
    path = find() or install()
    if path is None:
        print(
            "The browser tests and the PDFs need Chromium, and it could not be installed.\n"
            "  Debian:          sudo apt-get install chromium-headless-shell\n"
            "  macOS:           brew install --cask chromium\n"
            "  any system:      python -m playwright install --only-shell chromium\n"
            "or set CHROMIUM to the path of one, then run this again.",
            file=sys.stderr,
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
