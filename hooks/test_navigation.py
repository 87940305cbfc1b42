"""The menu follows the folders: nothing is listed by hand."""

import pytest

from hooks import navigation
from hooks.fixtures import INDEX, TOPICS, edit, small_handbook
from hooks.model import load


@pytest.fixture
def root(tmp_path):
    return small_handbook(tmp_path)


def write(root, name: str, title: str = "", order: int | None = None, body: str = "") -> None:
    path = root / "docs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    front = [line for line in (f"title: {title}" if title else "", f"order: {order}" if order is not None else "") if line]
    path.write_text("\n".join((["---", *front, "---"] if front else []) + [body]))


def menu(root, *more: str):
    handbook = load(root)
    sources = {name.removeprefix("docs/") for name in handbook.pages} | set(more)
    listed = {source for source in sources if not navigation.is_unlisted(source)}
    return navigation.build(handbook, listed)


def tab(nav, name: str):
    return next(entry[name] for entry in nav if name in entry)


def test_a_tab_exists_only_if_it_has_pages(root):
    assert [next(iter(entry)) for entry in menu(root)] == ["Chapters"]
    write(root, "index.md", body="# Home")
    write(root, "interview/loop.md", "The loop")
    write(root, "contributing/index.md", "Contributing")
    assert [next(iter(entry)) for entry in menu(root)] == ["Home", "Chapters", "Interview", "Contributing"]


def test_a_chapter_lists_its_pages_in_a_fixed_order(root):
    lab = "chapters/attention/lab.ipynb"
    assert tab(menu(root, lab), "Chapters") == [
        {"Attention": [
            {"Chapter": "chapters/attention/index.md"},
            {"Practice": "chapters/attention/practice.md"},
            {"Cheat sheet": "chapters/attention/cheatsheet.md"},
            {"Cards": "chapters/attention/cards.md"},
            {"Lab": lab},
        ]}
    ]  # fmt: skip
    assert "Lab" not in str(menu(root))


def test_chapters_stand_by_order_and_the_overview_first(root):
    write(root, "chapters/index.md", "All chapters")
    other = root / "docs/chapters/rag"
    other.mkdir()
    (other / "index.md").write_text((root / INDEX).read_text().replace("title: Attention", "title: Retrieval").replace("order: 10", "order: 5"))
    edit(root, TOPICS, "- slug: rag\n  title: Retrieval\n  order: 50\n  kind: application\n  prerequisites: [attention]\n", "[]\n")
    assert [next(iter(entry)) for entry in tab(menu(root), "Chapters")] == ["Overview", "Retrieval", "Attention"]


def test_pages_of_a_folder_stand_by_order_then_title(root):
    write(root, "reference/zebra.md", "Aardvark")
    write(root, "reference/b.md", "Zebra", order=1)
    write(root, "reference/c.md", "Middle", order=2)
    write(root, "reference/index.md", "Reference")
    assert tab(menu(root), "Reference") == [
        {"Overview": "reference/index.md"}, {"Zebra": "reference/b.md"}, {"Middle": "reference/c.md"}, {"Aardvark": "reference/zebra.md"},
    ]  # fmt: skip


def test_a_new_folder_appears_by_itself(root):
    write(root, "stories/index.md", "Stories")
    write(root, "paths/roles/index.md", "Roles", order=1)
    write(root, "paths/roles/platform.md", "Platform")
    nav = menu(root)
    assert tab(nav, "Stories") == [{"Overview": "stories/index.md"}]
    assert tab(nav, "Paths") == [{"Roles": [{"Overview": "paths/roles/index.md"}, {"Platform": "paths/roles/platform.md"}]}]


def test_a_title_comes_from_heading_or_name_where_none_is_given(root):
    write(root, "reference/one.md", body="# From the heading { #x }\n")
    write(root, "reference/two-words.md", body="Text.\n")
    assert {next(iter(entry)) for entry in tab(menu(root), "Reference")} == {"From the heading", "Two words"}


def test_code_stands_under_reference(root):
    assert tab(menu(root, "code/index.md", "code/attention/scale.md"), "Reference") == [{"Code": "code/index.md"}]


def test_questions_and_modules_are_unlisted_and_light_up_a_listed_page():
    question, module = "chapters/attention/questions/why-scale.md", "code/attention/scale.md"
    assert navigation.is_unlisted(question) and navigation.is_unlisted(module) and not navigation.is_unlisted("code/index.md")
    assert navigation.listed_parent(question) == "chapters/attention/practice.md"
    assert navigation.listed_parent(module) == "code/index.md"
    assert navigation.listed_parent("chapters/attention/index.md") is None


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("chapters/x/index.md", "chapter"), ("chapters/x/practice.md", "practice"), ("chapters/x/cheatsheet.md", "sheet"),
        ("chapters/x/cards.md", "cards"), ("chapters/x/questions/a.md", "question"), ("chapters/x/lab.ipynb", "lab"),
        ("code/a/b.md", "code"), ("chapters/index.md", ""), ("index.md", ""), ("chapters/x/extra.md", ""),
    ],
)  # fmt: skip
def test_a_page_knows_its_kind(source, kind):
    assert navigation.kind_of(source) == kind
