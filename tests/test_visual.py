"""Twelve first screens look as they were recorded: `python tests/visual.py --update` records a change that is meant."""

from __future__ import annotations

import io
import json

import pytest
import visual
from PIL import Image


@pytest.fixture(scope="module")
def recorded(browser) -> None:
    if not visual.RECORD.exists():
        pytest.skip("no pictures are recorded: python tests/visual.py --update")
    record, here = json.loads(visual.RECORD.read_text(encoding="utf-8")), visual.machine(browser)
    if record != here:
        pytest.skip(f"the pictures were drawn by {record}, and this machine draws otherwise: {here}")


@pytest.mark.weekly
@pytest.mark.parametrize("view", visual.VIEWS, ids=visual.name)
def test_it_looks_as_recorded(browser, address, recorded, view, tmp_path):
    context = visual.context(browser, view[2])
    now = visual.picture(context.new_page(), address, view)
    context.close()
    share = visual.difference((visual.FOLDER / f"{visual.name(view)}.png").read_bytes(), now)
    (tmp_path / "now.png").write_bytes(now)
    assert share <= visual.SHARE, f"{share:.1%} of the picture changed: compare tests/visual/{visual.name(view)}.png with {tmp_path}/now.png"


def test_a_change_that_can_be_seen_is_found():
    from PIL import ImageDraw

    def png(draw: bool) -> bytes:
        image, out = Image.new("RGB", (390, 700), "white"), io.BytesIO()
        if draw:
            ImageDraw.Draw(image).rectangle((20, 20, 80, 50), fill="#0b6b4b")
        image.save(out, "PNG")
        return out.getvalue()

    assert visual.difference(png(False), png(False)) == 0
    assert visual.difference(png(False), png(True)) > visual.SHARE


def test_the_pictures_are_few_and_small():
    pictures = sorted(visual.FOLDER.glob("*.png"))
    assert {picture.stem for picture in pictures} == {visual.name(view) for view in visual.VIEWS} and len(pictures) <= 12
    assert sum(picture.stat().st_size for picture in pictures) < 1_500_000
