"""Links to elsewhere: do they still lead somewhere? `python -m hooks.links --external`, once a week, never in a test.

Every address in what is written by hand is asked for once: HEAD, and GET where a server does not like HEAD. Two requests
at a time to a host, retries with growing pauses, and the server's own `Retry-After` where it says one. The answer is a
report by `file:line`; a server that will not talk to a program is listed apart, since that says nothing about the page.
"""

from __future__ import annotations

import argparse
import re
import socket
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Semaphore
from urllib.parse import urlsplit

from hooks.prose import outside_fences

WRITTEN = ("docs/**/*.md", "docs/data/**/*.yml", "exercises/*/exercise.md", "README.md", "CONTRIBUTING.md")
ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\\]]+")
NOWHERE = re.compile(r"(^|\.)(localhost|example(\.(org|com|net))?|invalid|test)$")  # reserved for examples
PER_HOST, WORKERS, TRIES, TIMEOUT = 2, 8, 3, 20.0
LONGEST_PAUSE = 60.0  # seconds
AGENT = "Mozilla/5.0 (compatible; strong-hire link check, once a week)"
REFUSED = {401, 403, 405, 406, 418, 429, 451, 999}
PASSING = {408, 425, 429, 500, 502, 503, 504}  # worth another try

Places = dict[str, list[tuple[str, int]]]  # address: where it stands


@dataclass(frozen=True)
class Answer:
    """`state`: ok, moved (for good), gone, refused (nobody knows), failed."""

    state: str
    says: str = ""


def external(root: Path) -> Places:
    """Every address in the text, data and exercises, without its fragment, and where it stands; listings are left out."""
    found: Places = defaultdict(list)
    for pattern in WRITTEN:
        for path in sorted(root.glob(pattern)):
            if any(part.startswith(("_", ".")) for part in path.relative_to(root).parts):
                continue
            text = path.read_text(encoding="utf-8")
            lines = outside_fences(text) if path.suffix == ".md" else enumerate(text.split("\n"))
            for number, line in lines:
                for match in ADDRESS.finditer(line):
                    address = trimmed(match[0])
                    if urlsplit(address).hostname and not NOWHERE.search(urlsplit(address).hostname):
                        found[address].append((path.relative_to(root).as_posix(), number + 1))
    return dict(found)


def trimmed(address: str) -> str:
    """Without the fragment, and without what closes the sentence or the bracket around it."""
    address = address.partition("#")[0].rstrip(".,;:!?*")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,;:!?*")
    return address


class _Follow(urllib.request.HTTPRedirectHandler):
    """Keeps the method, and whether every step was for good."""

    def redirect_request(self, request, file, code, message, headers, target):
        following = super().redirect_request(request, file, code, message, headers, target)
        if following is not None:
            following.method = request.get_method()
            following.for_good = getattr(request, "for_good", True) and code in (301, 308)
        return following


def ask(address: str, timeout: float = TIMEOUT, tries: int = TRIES, sleep: Callable[[float], object] = time.sleep) -> Answer:
    """One address, with patience."""
    answer = Answer("failed")
    for attempt in range(tries):
        for method in ("HEAD", "GET"):
            answer, pause = _once(address, method, timeout)
            if answer.state in ("ok", "moved"):
                return answer
            if pause is not None:  # the server is busy: a GET at once would not make it better
                break
        if pause is None:
            return answer
        if attempt + 1 < tries:
            sleep(min(LONGEST_PAUSE, pause or 2.0 * 2**attempt))
    return answer


def _once(address: str, method: str, timeout: float) -> tuple[Answer, float | None]:
    """The answer to one request; and, where another try may help, the pause that the server asks for (0: none said)."""
    trail: list = []

    class Remember(_Follow):
        def redirect_request(self, *arguments):
            following = super().redirect_request(*arguments)
            trail.append(following)
            return following

    request = urllib.request.Request(address, method=method, headers={"User-Agent": AGENT, "Accept": "*/*"})
    try:
        with urllib.request.build_opener(Remember).open(request, timeout=timeout) as response:
            if trail and trail[-1] is not None and trail[-1].for_good and response.url.rstrip("/") != address.rstrip("/"):
                return Answer("moved", response.url), None
            return Answer("ok"), None
    except urllib.error.HTTPError as error:
        error.close()
        said = error.headers.get("Retry-After", "")
        pause = (float(said) if said.isdigit() else 0.0) if error.code in PASSING else None
        if error.code in (404, 410):
            return Answer("gone", str(error.code)), None
        if error.code in REFUSED:
            return Answer("refused", str(error.code)), pause
        # a redirect that never ends comes with the code of its last step
        return Answer("failed", "redirects without an end" if 300 <= error.code < 400 else str(error.code)), pause
    except urllib.error.URLError as error:
        if isinstance(error.reason, socket.gaierror):
            return Answer("failed", "no such host"), 0.0
        return Answer("failed", "no answer in time" if isinstance(error.reason, TimeoutError) else str(error.reason)), 0.0
    except TimeoutError:
        return Answer("failed", "no answer in time"), 0.0
    except (OSError, HTTPException, ValueError) as error:
        return Answer("failed", str(error) or type(error).__name__), 0.0


def check(addresses: Iterable[str], one: Callable[[str], Answer] = ask) -> dict[str, Answer]:
    """All addresses, a few hosts at a time and two requests to each."""
    gates: dict[str, Semaphore] = defaultdict(lambda: Semaphore(PER_HOST))
    addresses = sorted(addresses)
    for address in addresses:
        gates[urlsplit(address).netloc]  # made here, in one thread

    def through(address: str) -> Answer:
        with gates[urlsplit(address).netloc]:
            return one(address)

    # neighbours in the list share a host: taken in turn, so that threads do not all wait for one gate
    by_host: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        by_host[urlsplit(address).netloc].append(address)
    turns = sorted((place, address) for found in by_host.values() for place, address in enumerate(found))
    order = [address for _, address in turns]
    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(order, pool.map(through, order), strict=True))


WORDS = {
    "gone": "leads nowhere ({says}): find where the page went, or another source",
    "failed": "could not be read ({says}): try it by hand",
    "moved": "has moved for good: write {says}",
    "refused": "will not answer a program ({says}): open it by hand now and then",
}


def report(places: Places, answers: dict[str, Answer]) -> list[str]:
    """A line for each place of each address that is not well, worst first."""
    lines = []
    for rank, (state, words) in enumerate(WORDS.items()):
        for address, answer in answers.items():
            if answer.state == state:
                says = words.format(says=answer.says)
                lines += [(rank, path, number, f"{path}:{number}: {address} {says}") for path, number in places[address]]
    return [line for *_, line in sorted(lines)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m hooks.links", description="Ask for every address that the handbook links to.")
    parser.add_argument("--external", action="store_true", help="do ask: without it the addresses are listed only")
    parser.add_argument("--strict", action="store_true", help="exit 1 where an address leads nowhere or could not be read")
    parser.add_argument("--root", type=Path, default=Path(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    places = external(options.root)
    if not options.external:
        print("\n".join(f"{path}:{number}: {address}" for address, found in sorted(places.items()) for path, number in found))
        return 0
    answers = check(places)
    print("\n".join(report(places, answers)))
    bad = sum(answer.state in ("gone", "failed") for answer in answers.values())
    print(f"{len(answers)} addresses: {bad} to mend, {sum(answer.state == 'refused' for answer in answers.values())} that will not say")
    return 1 if bad and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
