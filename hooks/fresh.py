"""Claims that age: what was last checked when, and what is due to be checked again: `python -m hooks.fresh`.

    python -m hooks.fresh                  # what is overdue, `file:line: what, last checked, due`
    python -m hooks.fresh --all            # every claim with a date
    python -m hooks.fresh --strict         # exit 1 where something is overdue

A list by itself is no failure: a site whose prices are old is still right about attention. The weekly run shows it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from hooks.formatting import day
from hooks.model import Handbook, load
from hooks.prose import BLOCK_START, outside_fences

# kind of claim: days until it must be checked again (None: never), and why. The one place where this is decided.
DECAY: dict[str, tuple[int | None, str]] = {
    "price": (90, "vendors change what they ask several times a year"),
    "as-of": (180, "an `/// asof` block is written because the thing moves"),
    "hardware": (365, "a shipped part keeps its peak figures; what changes is what vendors correct in their pages"),
    "model": (365, "a released checkpoint keeps its shape; cards are corrected for some months"),
    "chapter": (180, "the field's practice moves, and readers study from the whole chapter"),
    "page": (180, "as a chapter"),
    "vendor": (180, "documentation is rewritten in place, under the same address"),
    "repository": (365, "links name a commit or a file that others may move"),
    "spec": (365, "a standard changes by a new version under a new address"),
    "post": (None, "dated by its nature: what it said then it says now"),
    "paper": (None, "does not change once published"),
    "book": (None, "does not change once published"),
}
DATE = re.compile(r"(\d{1,2}) (January|February|March|April|May|June|July|August|September|October|November|December) (\d{4})")


@dataclass(frozen=True)
class Claim:
    path: str  # from the root
    line: int
    kind: str  # of DECAY
    what: str
    checked: date | None  # None: no date is given where one must be

    @property
    def due(self) -> date | None:
        days = DECAY[self.kind][0]
        if self.checked is None:
            return date.min
        return None if days is None else self.checked + timedelta(days=days)

    def overdue(self, today: date) -> bool:
        """A date in the future is wrong, so that claim is due as well."""
        return self.checked is None or self.checked > today or (self.due is not None and self.due <= today)

    def __str__(self) -> str:
        if self.checked is None:
            return f"{self.path}:{self.line}: {self.what}, no date that can be read: write `25 November 2026`"
        due = f"due {day(self.due)}" if self.due else "never due"
        return f"{self.path}:{self.line}: {self.what}, last checked {day(self.checked)}, {due}"


def claims(handbook: Handbook) -> list[Claim]:
    """Everything with a date, what is due first in front."""
    found = [*_texts(handbook), *_sources(handbook), *_records(handbook), *_prices(handbook)]
    return sorted(found, key=lambda claim: (claim.due or date.max, claim.path, claim.line, claim.what))


def stale(handbook: Handbook, today: date) -> list[Claim]:
    return [claim for claim in claims(handbook) if claim.overdue(today)]


def _texts(handbook: Handbook) -> Iterator[Claim]:
    for name, page in handbook.texts.items():
        if isinstance(reviewed := page.front.fields.get("reviewed"), date):
            kind = "chapter" if re.fullmatch(r"docs/chapters/[^/]+/index\.md", name) else "page"
            yield Claim(name, page.front.line(("reviewed",)), kind, f"the {kind}’s review", reviewed)
        for number, line in outside_fences(page.body):
            block = BLOCK_START.match(line)
            if block and block[2].lower() == "asof":
                words = (block[3] or "").strip()
                yield Claim(name, page.body_line + number, "as-of", f"`/// asof | {words}`", written(words))


def written(words: str) -> date | None:
    """The date that stands in words: 25 November 2026."""
    match = DATE.search(words)
    if not match:
        return None
    try:
        return datetime.strptime(match[0], "%d %B %Y").date()
    except ValueError:  # 31 June
        return None


def _sources(handbook: Handbook) -> Iterator[Claim]:
    path = "docs/data/bibliography.yml"
    for key, source in handbook.sources.items():
        line = handbook.lines[path].line((key, "accessed"))
        yield Claim(path, line, source.kind, f"{source.kind} `{key}`", source.accessed)


def _records(handbook: Handbook) -> Iterator[Claim]:
    for kind, folder, records in (("hardware", "hardware", handbook.hardware), ("model", "models", handbook.models)):
        for name, record in records.items():
            path = f"docs/data/{folder}/{name}.yml"
            lines = handbook.lines[path]
            yield Claim(path, lines.line(("as_of",)), kind, f"{kind} {record.name}", record.as_of)
            price = getattr(record, "price", None)
            several = isinstance(price, list)
            for place, each in enumerate(price if several else [price] if price else []):
                line = lines.line(("price", place, "date") if several else ("price", "date"))
                yield Claim(path, line, "price", f"price of {record.name}", each.date)


def _prices(handbook: Handbook) -> Iterator[Claim]:
    """The file of model prices is no record of the model's: read for its dates only."""
    from hooks.records import read_yaml

    path = handbook.root / "docs/data/prices.yml"
    if path.exists():
        document = read_yaml(path.read_text(encoding="utf-8"), "docs/data/prices.yml")
        checked = document.fields.get("as_of")
        yield Claim(document.path, document.line(("as_of",)), "price", "prices of hosted models", checked if isinstance(checked, date) else None)


def main(arguments: list[str] | None = None, today: date | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m hooks.fresh", description="List claims that are due to be checked again.")
    parser.add_argument("--strict", action="store_true", help="exit 1 where something is overdue")
    parser.add_argument("--all", action="store_true", help="every claim with a date, overdue or not")
    parser.add_argument("--root", type=Path, default=Path(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    today = today or date.today()
    handbook = load(options.root)
    found, late = claims(handbook), stale(handbook, today)
    for claim in found if options.all else late:
        print(claim)
    following = next((claim.due for claim in found if claim.due and claim not in late), None)
    after = f"; the next is due {day(following)}" if following else ""
    print(f"{len(late)} of {len(found)} dated claims are due to be checked again on {day(today)}{after}")
    return 1 if late and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
