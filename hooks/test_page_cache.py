"""A build that finds every page in the cache writes the same bytes as one that finds none; and what a page shows, when it
changes, is never taken from there.
"""

import hashlib
import json
import shutil
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from hooks import building, check
from hooks.fixtures import CARDS, FIGURE, INDEX, PRACTICE, QUESTION, REPOSITORY, SNIPPET, TEST, TOPICS, edit, small_handbook
from hooks.inputs import Inputs
from hooks.model import load
from hooks.page_cache import Macros, Pages, convert, remember_search
from hooks.test_site import LAB, build, site_root

TEMPLATE = "docs/.overrides/main.html"
BIBLIOGRAPHY = "docs/data/bibliography.yml"
FIELD = '<%= field("llama-3.1-70b", "n_layers") %>'
MODEL = "docs/data/models/llama-3.1-70b.yml"


def bytes_of(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


def entries(root: Path) -> set[str]:
    return {path.name for path in (root / ".cache/pages").glob("*-*") if not path.name.startswith("new-")}


# ---- whole builds ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = site_root(tmp_path_factory.mktemp("cached"))
    edit(root, INDEX, "Braces such as", f"It has {FIELD} layers. Braces such as")
    return root


def made(root: Path) -> dict[str, bytes]:
    done = build(root, GITHUB_REPOSITORY="", SITE_URL="https://example.org/")
    assert done.returncode == 0, done.stdout + done.stderr
    return bytes_of(root / "site")


@pytest.fixture(scope="module")
def cold(root):
    return made(root)


def test_a_warm_build_writes_the_same_bytes_and_makes_nothing_anew(root, cold):
    known = entries(root)
    assert {name.partition("-")[0] for name in known} == {"macros", "markdown", "search", "page", "check", "twin"}
    warm = made(root)
    assert warm == cold
    assert entries(root) == known


def test_after_many_edits_a_warm_build_equals_a_clean_one(root, cold):
    """One build with all the edits, whose every page must be what a build without a cache makes of it.

    Some change what only other pages show: a number of data in a sum, a source's title in citations and in the
    bibliography, a question's title in the objectives, a card in its chapter's, a menu's words, a template.
    """
    changes = [
        (INDEX, "A score is a sum,", "A score is a weighted sum,"),
        (INDEX, "You stand at the board.", "You stand at the whiteboard."),
        (SNIPPET, "return score / head_dim**0.5", "return score * head_dim**-0.5"),
        (FIGURE, "Two boxes side by side.", "Two boxes, one beside the other."),
        (QUESTION, "title: Why are scores divided by √d_k?", "title: Why divide scores by √d_k?"),
        (QUESTION, "How large is a sum?", "How large is a sum of products?"),
        (CARDS, "Typical score?", "A typical score?"),
        (CARDS, ": The same.", ": Just the same."),
        (MODEL, "n_layers: 80", "n_layers: 81"),
        (BIBLIOGRAPHY, "title: Attention Is All You Need", "title: Attention is all you need"),
        (TEST, "A scaled score has unit size.", "A scaled score is of unit size."),
        (TOPICS, "title: Retrieval", "title: Retrieval and search"),
        (TEMPLATE, '<meta name="theme-color" content="#ffffff"', '<meta name="theme-color" content="#fefefe"'),
        (INDEX, "title: Attention\n", "title: Attending\n"),
    ]
    for change in changes:
        edit(root, *change)
    try:
        warm = made(root)
        shutil.rmtree(root / ".cache/pages")
        clean = made(root)
    finally:
        for name, old, new in changes:
            edit(root, name, new, old)
    assert warm == clean
    page = clean["chapters/attention/index.html"].decode()
    assert "weighted sum" in page and "one beside the other" in page and page != cold["chapters/attention/index.html"].decode()
    practice = clean["chapters/attention/practice/index.html"].decode()
    assert "Why divide scores" in practice and "a sum of products" in practice
    assert ">81<" in page and "is of unit size" in page and "#fefefe" in page
    assert "Attending" in clean["chapters/index.html"].decode()
    assert "Just the same." in clean["chapters/attention/cards/index.html"].decode()
    assert "Attention is all you need" in clean["reference/bibliography/index.html"].decode()


# ---- what macros may ask for ---------------------------------------------------------------------------


SUM = '<%= value("kv_cache_bytes", model="llama-3.1-70b", tokens=1, exact=True) %>'
SETTINGS = ("http://localhost/",)


def inputs_of(root: Path) -> dict[str, tuple[str, ...]]:
    """Of a page with a sum, of one that assembles its chapter, and of one whose macros may read everything."""
    inputs = Inputs(load(root), *SETTINGS)
    texts = {INDEX: SUM, PRACTICE: "<%= questions() %>", "docs/index.md": "<%= bug_hunts() %>"}
    return {name: inputs.of(name, text) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("name", "old", "new", "seen"),
    [
        (INDEX, "You stand at the board.", "You sit.", {PRACTICE, "docs/index.md"}),
        (QUESTION, "Variances add.\n", "They add.\n", {PRACTICE, "docs/index.md"}),
        (CARDS, ": The same.", ": Just the same.", {PRACTICE, "docs/index.md"}),
        ("docs/chapters/index.md", "Chapters.", "All.", {"docs/index.md"}),
        (INDEX, "## Scores {", "## The scores {", None),
        (INDEX, "summary: Scores,", "summary: The scores,", None),
        (QUESTION, "level: 2", "level: 3", None),
        (CARDS, "Divisor?", "The divisor?", None),
        (MODEL, "n_layers: 80", "n_layers: 81", None),
        (BIBLIOGRAPHY, "year: 2017", "year: 2018", None),
        (SNIPPET, "head_dim**0.5", "head_dim ** 0.5", None),
        (TEST, "has unit size", "is of unit size", None),
        (TOPICS, "order: 50", "order: 60", None),
    ],
)
def test_what_a_macro_may_ask_for_is_in_its_key(tmp_path, name, old, new, seen):
    """An edit is seen by each page that may show it; None: by all."""
    root = small_handbook(tmp_path)
    (root / "docs/chapters/index.md").write_text("Chapters.\n")
    before = inputs_of(root)
    edit(root, name, old, new)
    after = inputs_of(root)
    changed = {page for page in before if before[page] != after[page]}
    assert changed == (set(before) if seen is None else seen)


def test_a_file_that_comes_is_seen_and_so_are_settings(tmp_path, monkeypatch):
    root = small_handbook(tmp_path)
    before = inputs_of(root)
    (root / "docs/chapters/attention/artefacts").mkdir()
    (root / "docs/chapters/attention/artefacts/run.txt").write_text("1")
    middle = inputs_of(root)
    monkeypatch.setattr("hooks.test_page_cache.SETTINGS", ("http://elsewhere/",))
    after = inputs_of(root)
    assert all(len({before[page], middle[page], after[page]}) == 3 for page in before)


@pytest.mark.parametrize(
    "text",
    [
        "<%= bibliography() %>",
        "<%= cite(bibliography()) %>",
        "<% for x in (1, 2) %><%= calc('1') %><% endfor %>",
        "<%= page.title %>",
        "<%= cite('a' if unknown else 'b') %>",
        "<%= questions() %>",
    ],
)
def test_what_is_not_known_to_read_little_reads_everything(tmp_path, text):
    inputs = Inputs(load(small_handbook(tmp_path)))
    assert inputs.of("docs/index.md", text) == (inputs.world, inputs.everything)
    assert inputs.of("docs/index.md", SUM + "<%= calc('sqrt(d)', d=2, label='root (of d)') %>") == (inputs.world,)


# ---- the macros of a page ------------------------------------------------------------------------------


def made_anew(root: Path, inputs: str = "", fault: str = "") -> bool:
    """Does a page's macros, one of which opens a file; whether they had to be done."""
    pages = Pages(root)
    pages.started = 1e12
    macros = Macros(pages, SimpleNamespace(of=lambda name, text: (inputs,)))
    page = building.Building("docs/page.md", root, root)
    if macros.recall(page, "text", {}):
        assert page.recall["markdown"] == page.kept[0][0] == (root / "listing.py").read_text()
        assert page.recall["meta"] == {"template": "sheet.html"} and page.unique("n") == "n-2" and page.late == ["late"]
        return False
    text = (root / "listing.py").read_text()
    page.keep(text)
    page.keep_late("late")
    page.unique("n")
    page.faults += [fault] * bool(fault)
    macros.keep(page, text, {"template": "sheet.html"})
    return True


def test_macros_are_done_once_for_the_same_inputs_and_files(tmp_path):
    (tmp_path / "listing.py").write_text("one")
    assert [made_anew(tmp_path), made_anew(tmp_path)] == [True, False]
    (tmp_path / "listing.py").write_text("two")
    assert [made_anew(tmp_path), made_anew(tmp_path)] == [True, False]
    assert [made_anew(tmp_path, "other"), made_anew(tmp_path, "other")] == [True, False]


def test_macros_with_a_fault_are_done_again(tmp_path):
    (tmp_path / "listing.py").write_text("one")
    assert [made_anew(tmp_path, fault="no"), made_anew(tmp_path)] == [True, True]


def test_the_check_of_a_page_is_remembered_in_a_build_and_never_without_one(tmp_path):
    root = small_handbook(tmp_path)
    edit(root, INDEX, "You stand at the board.", "You stand at 37 GB.")
    handbook = load(root)
    inputs = Inputs(handbook)
    first = check.check(root, handbook, (Pages(root), inputs))
    assert [problem.path for problem in first] == [INDEX] and "37 GB" in first[0].what
    pages = Pages(root)
    assert check.check(root, handbook, (pages, inputs)) == first and pages.made == 0 and pages.found
    assert check.check(root, handbook) == first
    edit(root, INDEX, "37 GB.", "37 GB, <%= cite('vaswani2017attention') %>.")
    handbook = load(root)
    pages = Pages(root)
    assert check.check(root, handbook, (pages, Inputs(handbook))) == [] and pages.made


# ---- one page --------------------------------------------------------------------------------------


class File(SimpleNamespace):
    __hash__ = object.__hash__
    inclusion = SimpleNamespace(name="INCLUDED")


class Files(dict):
    get_file_from_path = dict.get


class Page(SimpleNamespace):
    links_to_anchors = None
    _title_from_render = "Title"
    toc = ()
    present_anchor_ids = frozenset({"here"})


@pytest.fixture
def world(tmp_path):
    """A page whose rendering reads a file and looks up a link; `world.make()` renders it and says whether it had to."""
    (tmp_path / "figure.svg").write_text("a drawing")
    (tmp_path / "old").mkdir()
    files = Files({"other.md": File(src_uri="other.md", url="other/")})
    state = SimpleNamespace(root=tmp_path, files=files, text="words", kept=[("<b>1</b>", "1")], settings=b"", calls=0)

    def make(started: float = 1e12):
        pages = Pages(tmp_path, state.settings)
        pages.started = started  # far ahead, or what the test has just written would count as written meanwhile
        page = Page(file=File(src_uri="page.md", url="page/"), markdown=state.text)
        built = building.Building("docs/page.md", tmp_path, tmp_path, kept=list(state.kept))

        def render(config, files):
            state.calls += 1
            target = files.get_file_from_path("other.md")
            page.content = f"{page.markdown} {(tmp_path / 'figure.svg').read_text()} {target.url} {built.keep('<i>', '')}"
            page.links_to_anchors = {target: {"part": "other.md#part"}}
            built.unique("fig")

        before = state.calls
        convert(pages, page, built, None, files, render)
        found = (page.content, page.links_to_anchors, built.kept, built.ids, built.late, page.present_anchor_ids)
        return found, state.calls > before

    state.make = make
    return state


def test_a_page_is_converted_once_and_leaves_the_same_behind(world):
    first, made_first = world.make()
    second, made_second = world.make()
    assert (made_first, made_second) == (True, False)
    assert second == first


def _change_text(world):
    world.text = "other words"


def _change_figure(world):
    (world.root / "figure.svg").write_text("another drawing")


def _change_macro(world):
    world.kept = [("<b>2</b>", "2")]


def _change_target(world):
    world.files["other.md"].url = "moved/"


def _change_settings(world):
    world.settings = b"other"


@pytest.mark.parametrize("change", [_change_text, _change_figure, _change_macro, _change_target, _change_settings])
def test_a_changed_input_is_seen(world, change):
    old, _ = world.make()
    change(world)
    new, was_made = world.make()
    assert was_made
    assert new[:3] != old[:3] or change is _change_settings
    again, was_made = world.make()
    assert not was_made and again == new


def test_a_changed_hook_is_seen(world, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hooks")
    (folder / "blocks.py").write_text("one")
    (folder / "test_blocks.py").write_text("a test")
    monkeypatch.setattr("hooks.page_cache.HOOKS", folder)
    world.make()
    (folder / "test_blocks.py").write_text("another test")
    assert not world.make()[1]
    (folder / "blocks.py").write_text("two")
    assert world.make()[1]


def test_what_is_written_while_a_build_runs_is_not_kept(world):
    """A preview that reads a file just as its author saves it."""
    world.make(started=0)
    assert world.make()[1]


@pytest.mark.parametrize("spoil", [lambda data: data[:-3], lambda data: b"", lambda data: data.replace(data[:1], b"?", 1), lambda data: b"{}\n[1"])
def test_a_spoiled_entry_is_made_anew(world, spoil):
    good, _ = world.make()
    (path,) = (world.root / ".cache/pages").glob("markdown-*")
    path.write_bytes(spoil(path.read_bytes()))
    again, was_made = world.make()
    assert was_made and again == good
    assert not world.make()[1]


def test_an_entry_under_another_name_is_none(tmp_path):
    """A well-formed entry that was moved: its checksum holds its name."""
    pages = Pages(tmp_path)
    pages.put("finish-a", "A")
    (tmp_path / ".cache/pages/finish-a").rename(tmp_path / ".cache/pages/finish-b")
    assert pages.get("finish-b") is None
    packed = zlib.compress(json.dumps("B").encode())
    (tmp_path / ".cache/pages/finish-c").write_bytes(hashlib.sha256(packed).hexdigest().encode() + b"\n" + packed)
    assert pages.get("finish-c") is None


def test_two_generations_are_kept(tmp_path):
    for name in ("one", "two", "three"):
        pages = Pages(tmp_path)
        pages.put(f"finish-{name}", name)
        pages.close()
    assert entries(tmp_path) == {"finish-two", "finish-three"}


def test_two_builds_at_once_do_not_disturb_each_other(tmp_path):
    """Each forgets what the other has just written, at worst: never a torn entry, never a fault."""
    one, other = Pages(tmp_path), Pages(tmp_path)
    for turn in range(20):
        one.put("finish-shared", "x" * 10_000)
        other.put("finish-shared", "x" * 10_000)
        other.put(f"finish-{turn}", turn)
        assert one.get("finish-shared") == "x" * 10_000
        one.close()
        other.close()
        assert other.get(f"finish-{turn}") in (turn, None)
    assert not list((tmp_path / ".cache/pages").glob("new-*"))


def test_where_nothing_can_be_written_a_build_goes_on(tmp_path):
    (tmp_path / ".cache").write_text("a file where the folder should be")
    pages = Pages(tmp_path)
    assert pages.remember("finish", ["a"], lambda: "made") == "made"
    pages.close()


def test_search_reads_a_page_once(tmp_path):
    class Index:
        def __init__(self):
            self.entries, self.read = [], 0

        def add_entry_from_context(self, page):
            self.read += 1
            self.entries.append({"location": page.url, "text": page.content})

    def page(text, **meta):
        return SimpleNamespace(url="page/", content=text, title="Page", meta=meta, toc=())

    first, second = Index(), Index()
    for index in (first, second):
        remember_search(Pages(tmp_path), index)
        index.add_entry_from_context(page("words"))
        index.add_entry_from_context(page("other words"))
        index.add_entry_from_context(page("words", title="Another"))
    assert (first.read, second.read) == (3, 0)
    assert second.entries == first.entries and len(first.entries) == 3


def test_the_real_code_is_what_is_stamped():
    assert Pages(REPOSITORY).code == Pages(REPOSITORY).code
    assert LAB  # the fixture's lab is a page too, which MkDocs-Jupyter converts and no cache of ours touches
