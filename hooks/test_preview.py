"""An edit of text builds that page alone, and the page is the one that a whole build makes; anything else builds all."""

import subprocess
import sys

import pytest
from mkdocs.livereload import LiveReloadServer

from hooks import model, preview
from hooks.fixtures import CARDS, FIGURE, INDEX, PRACTICE, QUESTION, SET, SNIPPET, edit, small_handbook, with_set
from hooks.test_site import site_root

SESSION = '''
import os
from pathlib import Path
from types import SimpleNamespace
from mkdocs.commands.build import build
from mkdocs.config import load_config

ADDRESS = "http://localhost:8000/"


def make(config=None):
    config = config or load_config("mkdocs.yml", site_dir=os.path.abspath("site"))
    config.site_url = ADDRESS
    build(config, serve_url=ADDRESS)


def written():
    return {path.relative_to("site").as_posix(): path.read_bytes() for path in Path("site").rglob("*") if path.is_file()}


def edit(name, old, new):
    path = Path(name)
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new), "utf-8")


config = load_config("mkdocs.yml", site_dir=os.path.abspath("site"))
config.plugins.on_startup(command="serve", dirty=False)
make(config)
whole = []
server = SimpleNamespace(watch=lambda *_, **__: None)
config.plugins.on_serve(server, config=config, builder=lambda: whole.append(1) or make())
first, kept = written(), sorted(os.listdir(".cache/pages"))

edit("INDEX", "You stand at the board.", "You stand at the whiteboard.")
edit("QUESTION", "Variances add.", "Variances of independent terms add.")
server.builder()
assert not whole and sorted(os.listdir(".cache/pages")) == kept
after = written()
changed = sorted(name for name in first.keys() | after.keys() if first.get(name) != after.get(name))
assert changed == [
    "chapters/attention/index.html", "chapters/attention/practice/index.html", "chapters/attention/questions/why-scale/index.html",
], changed
assert b"whiteboard" in after["chapters/attention/index.html"]

server.builder()  # nothing has changed
assert not whole and written() == after

make()
clean = written()
pages = sorted(name for name in clean if clean[name] != after.get(name) and name.endswith(".html"))
assert pages == [], pages
assert b"whiteboard" in clean["search/search_index.json"]
'''


def test_the_page_of_a_text_edit_is_what_a_whole_build_makes(tmp_path):
    root = site_root(tmp_path)
    script = SESSION.replace("INDEX", INDEX).replace("QUESTION", QUESTION)
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def root(tmp_path):
    return small_handbook(tmp_path)


def wanted(root, name, old, new):
    before, known = preview.state(root), preview.outlines(root)
    edit(root, name, old, new)
    changed = {name for name, _ in before.items() ^ preview.state(root).items()}
    assert changed == {name}
    return preview.pages_to_build(changed, known, root)


def test_a_text_edit_builds_its_page(root):
    assert wanted(root, INDEX, "You stand at the board.", "You sit.") == [INDEX.removeprefix("docs/")]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (INDEX, "You stand at the board.", "You sit."),
        (QUESTION, "Variances add.\n", "They add.\n"),
        (PRACTICE, "Aloud first.", "Aloud."),
        (f"{SET}/questions/why-divide.md", "Variances add.\n", "They add.\n"),
        ("docs/chapters/index.md", "Chapters.", "All."),
    ],
)
def test_reading_only_what_changed_gives_the_handbook_that_reading_all_gives(root, name, old, new):
    with_set(root)
    (root / "docs/chapters/index.md").write_text("Chapters.\n")
    before = model.load(root)
    edit(root, name, old, new)
    assert before != model.load(root) == model.reread(before, [name])


def test_the_server_looks_often_and_begins_soon():
    """MkDocs has no option for it; if it renames what we set, a preview gets slower and nothing else breaks."""
    server = LiveReloadServer(lambda: None, "localhost", 0, ".")
    try:
        server.watch(".")
        assert server.build_delay == 0.1
        preview.look_often(server)
        assert {emitter.timeout for emitter in server.observer.emitters} == {server.observer.timeout} == {0.2}
        assert server.build_delay == 0.05
    finally:
        server.server_close()


def test_a_questions_text_builds_the_page_that_assembles_it_too(root):
    assert wanted(root, QUESTION, "Variances add.\n", "They add.\n") == [QUESTION.removeprefix("docs/"), PRACTICE.removeprefix("docs/")]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (INDEX, "summary: Scores,", "summary: The scores,"),
        (INDEX, "## Scores {", "## The scores {"),
        (QUESTION, "level: 2", "level: 3"),
        (CARDS, "Typical score?", "A typical score?"),
        (SNIPPET, "head_dim**0.5", "head_dim ** 0.5"),
        (FIGURE, "<title>Heads", "<title>The heads"),
    ],
)
def test_anything_else_builds_all(root, name, old, new):
    assert wanted(root, name, old, new) is None


def test_a_page_that_comes_or_goes_builds_all(root):
    known = preview.outlines(root)
    (root / "docs/new.md").write_text("New.\n")
    assert preview.pages_to_build({"docs/new.md"}, known, root) is None
    (root / PRACTICE).unlink()
    assert preview.pages_to_build({PRACTICE}, known, root) is None


def test_after_a_failed_build_the_next_is_whole_whatever_was_edited(root):
    calls = []

    def whole():
        calls.append("whole")
        if len(calls) == 1:
            raise ValueError("broken")

    build = preview.Preview(root, whole, lambda pages: calls.append(pages), lambda source: source)
    edit(root, QUESTION, "level: 2", "level: two")
    with pytest.raises(ValueError, match="broken"):
        build()
    build()  # the same state, and still nothing was built
    edit(root, INDEX, "You stand", "You sit")
    build()
    assert calls == ["whole", "whole", [INDEX.removeprefix("docs/")]]
