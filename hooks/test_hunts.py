"""A bug hunt shows the listing with the fault in it, asks for its true line, and keeps the answer out of sight."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from hooks import hunts, navigation
from hooks.model import load

HANDBOOK = load(Path(__file__).parents[1])
ALL = hunts.hunts(HANDBOOK)


@pytest.fixture(params=ALL, ids=lambda hunt: hunt.fault.id)
def hunt(request):
    return request.param


def test_there_are_two_for_attention_and_ids_are_unique():
    assert sum(hunt.snippet.topic == "attention" for hunt in ALL) >= 2
    assert len({hunt.fault.id for hunt in ALL}) == len(ALL)


def test_the_listing_has_the_fault_and_is_python(hunt):
    ast.parse(hunt.listing)
    sound = (HANDBOOK.root / hunt.snippet.path).read_text(encoding="utf-8")
    stripped = [line.strip() for line in sound.split("\n")]
    assert "--8<--" not in hunt.listing
    assert hunt.fault.find.strip() not in hunt.listing or hunt.fault.find.strip() in hunt.fault.replace
    wrong = [line.strip() for line in hunt.listing.split("\n") if line.strip() not in stripped]
    shown = hunt.listing.split("\n")
    assert all(1 <= number <= len(shown) for number in hunt.lines)
    if wrong:  # every line that is not in the sound module is an answer
        assert set(wrong) <= {shown[number - 1].strip() for number in hunt.lines}


def test_the_cause_is_among_the_choices_once(hunt):
    causes, right = hunts.choices(HANDBOOK, hunt)
    assert causes[right] == hunt.fault.cause
    assert len(causes) == len(set(causes)) == hunts.CHOICES
    assert hunts.choices(HANDBOOK, hunt) == (causes, right)


def test_the_answer_is_folded_and_out_of_search(hunt):
    page = hunts.pages(HANDBOOK)[navigation.hunt_page(hunt.fault.id)]
    before, answer = page.split("<summary>")
    assert hunt.fault.fix not in before and hunt.fault.why not in before
    assert "data-search-exclude" in answer.split("\n")[1]


def test_neither_address_nor_name_gives_the_fault_away(hunt):
    """The id says what is wrong; it stands in nothing that is seen while looking for it."""
    source = navigation.hunt_page(hunt.fault.id)
    assert re.fullmatch(r"practice/hunts/[0-9a-f]{8}\.md", source)
    assert len({navigation.hunt_page(each.fault.id) for each in ALL}) == len(ALL)
    shown = re.sub(r'(data-hunt|item)="[^"]*"', "", hunts.pages(HANDBOOK)[source].split("<details")[0])
    assert hunt.fault.id not in shown


def test_the_widget_knows_how_long_the_listing_is(hunt):
    page = hunts.pages(HANDBOOK)[navigation.hunt_page(hunt.fault.id)]
    size = int(re.search(r'data-size="(\d+)"', page)[1])
    assert size == len(page.split("```python", 1)[1].split("\n```", 1)[0].split("\n")) - 1 and max(hunt.lines) <= size
