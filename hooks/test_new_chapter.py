"""The template is a chapter: copied and filled in as it asks, it passes the checks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import date

import pytest
import yaml

from hooks.check import check, main
from hooks.check_chapters import to_do
from hooks.fixtures import REPOSITORY, TOPICS, small_handbook
from hooks.model import load
from hooks.new_chapter import STEPS, TEMPLATE, Refused, new_chapter

NEEDED = ["snippets/attention/scaled_dot_product.py", "snippets/attention/test_scaled_dot_product.py"]
TODAY = date(2026, 11, 25)


@pytest.fixture
def root(tmp_path):
    small_handbook(tmp_path)
    shutil.copytree(REPOSITORY / TEMPLATE, tmp_path / TEMPLATE)
    for name in NEEDED:
        shutil.copyfile(REPOSITORY / name, tmp_path / name)
    return tmp_path


def write_all(folder) -> int:
    """Do what each TODO asks, with a few words of its own; how many there were."""
    asked = list(to_do(folder))
    for number, (path, line, words) in enumerate(asked):
        lines = path.read_text("utf-8").split("\n")
        pattern = re.compile(r"TODO\b:?[ ]?" + re.escape(words))
        assert pattern.search(lines[line - 1]), (path, line)
        mathematics = " $y = f(x)$" if "$" in words else ""
        lines[line - 1] = pattern.sub(f"Written {number}{mathematics}", lines[line - 1], count=1)
        path.write_text("\n".join(lines), "utf-8")
    return len(asked)


@pytest.mark.parametrize("slug", ["rag", "my-new-subject"])
def test_the_template_passes_once_its_edits_are_made(root, slug, capsys):
    assert check(root, load(root)) == [
        problem for problem in check(root) if problem.path.endswith("scaled_dot_product.py")
    ]
    folder = new_chapter(root, slug, TODAY)
    before = [str(problem) for problem in check(root)]
    assert all("a TODO is left" in problem or "is new, record it" in problem for problem in before), before
    assert write_all(folder) > 40
    assert main(["--root", str(root), "--fix"]) == 0, capsys.readouterr().out
    assert (folder / "ids.txt").read_text() == f"question {slug}-basics\ncard {slug}-first-term\n"


def test_a_planned_subject_brings_its_record_and_loses_its_row(root):
    path = root / TOPICS
    row = "- slug: agents\n  title: 'Agents: \"tools\"'\n  order: 90\n  kind: application\n  prerequisites: [rag]\n"
    path.write_text("# Subjects\n" + path.read_text() + "# later\n" + row)
    new_chapter(root, "agents", TODAY)
    (chapter,) = [chapter for chapter in load_filled(root, "agents").chapters if chapter.slug == "agents"]
    assert (chapter.record.title, chapter.record.order, chapter.record.prerequisites) == (
        'Agents: "tools"',
        90,
        ["rag"],
    )
    assert chapter.record.reviewed == TODAY
    assert load(root).problems == ()
    assert path.read_text().startswith("# Subjects\n- slug: rag")
    new_chapter(root, "rag", TODAY)
    assert [line for line in path.read_text().splitlines() if not line.startswith("#")] == []
    assert load(root).topics == ()


def load_filled(root, slug):
    write_all(root / "docs/chapters" / slug)
    return load(root)


def test_an_unplanned_subject_takes_its_title_from_the_slug_and_the_next_place(root):
    index = (new_chapter(root, "my-new-subject", TODAY) / "index.md").read_text()
    record = yaml.safe_load(index.split("---\n")[1])
    assert (record["title"], record["order"], record["kind"], record["prerequisites"]) == (
        "My new subject",
        60,
        "application",
        [],
    )


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("Bad_Slug", "say SLUG=bad-slug"),
        ("", "is no slug"),
        ("../outside", "say SLUG=outside"),
        ("_template", "say SLUG=template"),
        ("attention", "is there already"),
        ("a--b", "is no slug"),
    ],
)
def test_a_slug_that_cannot_be_is_refused_and_nothing_written(root, slug, words):
    before = sorted(path for path in root.rglob("*"))
    with pytest.raises(Refused, match=re.escape(words)):
        new_chapter(root, slug, TODAY)
    assert sorted(path for path in root.rglob("*")) == before


def test_a_broken_topics_file_stops_it(root):
    (root / TOPICS).write_text("- slug: rag\n  titel: x\n")
    with pytest.raises(Refused, match=f"{TOPICS}:1"):
        new_chapter(root, "rag", TODAY)


def test_the_command_lists_what_to_write(root):
    def run(*arguments):
        command = [sys.executable, "-m", "hooks.new_chapter", *arguments]
        return subprocess.run(command, cwd=root, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True)

    done = run("rag")
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^\d+\. ", done.stdout, re.MULTILINE)) == len(STEPS)
    for path, line, _ in to_do(root / "docs/chapters/rag"):
        if path.suffix != ".svg":  # drawn anew by its script
            assert f"{path.relative_to(root).as_posix()}:{line}: " in done.stdout
    assert run("rag").returncode == 2
    assert "make new-chapter SLUG=" in run().stderr


def test_the_contributor_page_lists_the_same_steps():
    page = (REPOSITORY / "docs/contributing/chapter.md").read_text("utf-8")
    for number, step in enumerate(STEPS, start=1):
        assert f"\n{number}. {step.format(slug='my-subject')}\n" in page


def test_the_template_is_no_page_and_no_placeholder_survives(root):
    assert not any(TEMPLATE in name for name in load(root).pages)
    folder = new_chapter(root, "rag", TODAY)
    for path in folder.rglob("*.*"):
        assert "SLUG" not in path.name
        assert not re.search(r"\b(SLUG|TITLE|ORDER|KIND|PREREQUISITES|TODAY)\b", path.read_text("utf-8")), path
