"""Recorded evidence: shown as it was written, with no name that gives a drill away, and none of it forgotten."""

import re

import pytest

from hooks import building, listings
from hooks.building import CallError
from hooks.fixtures import FIGURE, REPOSITORY, small_handbook
from hooks.model import load
from hooks.test_blocks import render, tree

SCRIPT = "docs/chapters/attention/artefacts/forgotten_divisor.py"
LOG = "step  loss\n   1  3.40 <nats>\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    small_handbook(tmp_path)
    (tmp_path / SCRIPT).parent.mkdir()
    (tmp_path / SCRIPT).write_text('"""Drill."""\n')
    for name, text in {"forgotten_divisor.txt": LOG, "forgotten_divisor-mended.svg": (tmp_path / FIGURE).read_text(), "stray.txt": LOG}.items():
        (tmp_path / SCRIPT).with_name(name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(root, *arguments: str) -> str:
    page = building.begin(building.Building("docs/chapters/attention/questions/why-scale.md", root, root / "docs/chapters/attention"))
    return page.restore(render("/// solution\nBefore.\n" + listings.recorded(building.Site(load(root)), page, *arguments) + "\nAfter.\n///"))


def test_a_log_stands_whole_in_its_place_without_the_scripts_name(root):
    shown = recorded(root, "artefacts/forgotten_divisor.txt", "Loss, in <nats>")
    assert "divisor" not in shown
    text = re.sub(r"<[^>]+>", "", shown)
    assert text.index("Before.") < text.index("Loss, in &lt;nats&gt;") < text.index("3.40 &lt;nats&gt;") < text.index("After.")
    assert "[T:" not in text and "--8" not in text


def test_a_figure_has_its_caption_and_stays_in_its_step(root):
    page = building.begin(building.Building("docs/chapters/attention/index.md", root, root / "docs/chapters/attention"))
    call = listings.recorded(building.Site(load(root)), page, "artefacts/forgotten_divisor-mended.svg", "Mended: *two* heads.")
    inside = tree(f"/// solution\nBefore.\n{call}\nAfter.\n///").xpath("//details//figure")
    assert len(inside) == 1 and "Figure 1. Mended: two heads." in inside[0].text_content()


@pytest.mark.parametrize(("file", "says"), [
    ("artefacts/forgotten_divisr.txt", "did you mean `artefacts/forgotten_divisor.txt`"),
    ("artefacts/forgotten_divisor.py", "no artefact"),
    ("artefacts/stray.txt", "stray.py is missing"),
    ("../../../secret.txt", "no artefact"),
])  # fmt: skip
def test_what_no_script_wrote_is_refused(root, file, says):
    with pytest.raises(CallError, match=re.escape(says)):
        recorded(root, file, "A log")


def shown_artefacts() -> dict[str, list[str]]:
    """Artefact -> the question files of its chapter that show it."""
    found = {}
    for path in sorted(REPOSITORY.glob("docs/chapters/*/artefacts/*")):
        if path.suffix in (".txt", ".svg"):
            folder = path.parents[1]
            name = f"artefacts/{path.name}"
            found[f"{folder.name}/{name}"] = [page.name for page in folder.rglob("*.md") if re.search(rf"[\s\"]{re.escape(name)}[\s\"]", page.read_text("utf-8"))]
    return found


@pytest.mark.parametrize(("artefact", "pages"), shown_artefacts().items())
def test_every_artefact_is_shown(artefact, pages):
    assert pages, f"nothing shows {artefact}; show it with recorded(), or let its script not write it"


@pytest.mark.parametrize("name", sorted(str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob("docs/chapters/*/questions/*.md") if "artefacts/" in path.read_text("utf-8")))
def test_what_was_mended_waits_for_the_solution(name):
    before = (REPOSITORY / name).read_text("utf-8").partition("/// solution")[0]
    assert not re.search(r"artefacts/\S*-(mended|chunked|owners|recomputed|sweep|temperature|layers)\b", before)
