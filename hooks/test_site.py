"""One strict build of a small handbook: what MkDocs, the theme and our parts give together.

Canary words are planted where a careless exclusion would let them into the search index.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from lxml import html

from hooks.fixtures import IDS, INDEX, QUESTION, REPOSITORY, edit, small_handbook
from hooks.html_gate import check_site
from hooks.test_notebooks import notebook

SHARED = ("hooks", "node_modules", "package.json", "package-lock.json", "widgets")
HIDDEN = """\
Plain canaryplain, `canarycode` and $canaryformula$.

<details><summary>aside</summary><p>Inner.</p></details>

After details canarydetails.

| a | b |
|---|---|
| canarycell | 2 |

After the table canarytable.

```python
canaryfence = 1
```

- a list

    with canarylist

<%= value("kv_cache_bytes", model="llama-3.1-70b", tokens=131072) %> canarylast
"""
LAB = "docs/chapters/attention/lab.py"


def site_root(root: Path) -> Path:
    """The small handbook beside the tools of this repository."""
    small_handbook(root)
    for name in SHARED:
        if (REPOSITORY / name).exists():
            (root / name).symlink_to(REPOSITORY / name)
    shutil.copy(REPOSITORY / "mkdocs.yml", root)
    for name in ("docs/.overrides", "docs/assets"):
        shutil.copytree(REPOSITORY / name, root / name)
    (root / "snippets/sizing").symlink_to(REPOSITORY / "snippets/sizing")
    (root / "docs/index.md").write_text("# Home\n\nStart with [attention](chapters/attention/index.md).\n")
    (root / "docs/chapters/index.md").write_text(
        "---\ntitle: All chapters\n---\n# Chapters\n\nThey are listed beside this.\n"
    )
    (root / "docs/reference").mkdir()
    shutil.copy(REPOSITORY / "docs/reference/bibliography.md", root / "docs/reference")
    return root


def build(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", *arguments]
    settings = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(root), **environment}
    return subprocess.run(command, cwd=root, env=settings, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = site_root(tmp_path_factory.mktemp("handbook"))
    edit(root, QUESTION, "The variance is $d_k$.", f"{HIDDEN}\n\nThe variance is $d_k$.")
    edit(root, QUESTION, "Less.", "canaryfollowup")
    edit(root, QUESTION, "grows as the root |", "canaryrubric |")
    edit(
        root,
        INDEX,
        "A score is a sum,",
        "A score is a sum of $n_{\\text{kv}}$ with $\\alpha/r$ over $\\sqrt{d_k}$, planted seenword,",
    )
    edit(root, IDS, "question why-scale\n", "question why-scale\nquestion why-root -> why-scale\n")
    (root / LAB).write_text("# %% [markdown]\n# # Lab: heads\n")
    notebook(root / LAB.replace(".py", ".ipynb"))
    (root / LAB).with_name("results.json").write_text('{"loss": 1.5}')
    return root


@pytest.fixture(scope="module")
def site(root):
    done = build(root, GITHUB_REPOSITORY="", SITE_URL="https://example.org/")
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


@pytest.fixture(scope="module")
def index(site):
    return json.loads((site / "search/search_index.json").read_text())["docs"]


def page(site: Path, name: str):
    return html.document_fromstring((site / name / "index.html").read_text())


def test_a_question_that_was_renamed_is_found_at_its_old_address(site, index):
    old = page(site, "chapters/attention/questions/why-root")
    (link,) = old.xpath("//article//p/a")
    assert (link.get("href"), link.text) == ("../why-scale/", "Why are scores divided by √d_k?")
    assert not [entry for entry in index if "why-root" in entry["location"]]


def test_the_gate_finds_nothing(site):
    assert check_site(site) == []


# ---- search ----------------------------------------------------------------------------------------


def test_solutions_never_get_into_search(site, index):
    assert "canarylast" in (site / "chapters/attention/questions/why-scale/index.html").read_text()
    found = sorted(set(re.findall(r"canary\w+", json.dumps(index))))
    assert found == []


def test_what_may_be_found_is(index):
    assert any("seenword" in entry["text"] for entry in index)
    assert any(
        entry["title"] == "Why are scores divided by √d_k?"
        and entry["location"] == "chapters/attention/questions/why-scale/"
        for entry in index
    )
    assert any("And with 64?" in entry["text"] for entry in index)


def test_a_question_is_found_on_its_own_page_only(index):
    hits = [entry["location"] for entry in index if "Head size 128" in entry["text"]]
    assert hits == ["chapters/attention/questions/why-scale/"]
    assert [entry["location"] for entry in index if entry["location"].startswith("chapters/attention/practice/")] == [
        "chapters/attention/practice/"
    ]


def test_formulas_are_words_in_search(index):
    (text,) = [entry["text"] for entry in index if "seenword" in entry["text"]]
    for words in ("n_kv", "alpha/r α/r", "√d_k sqrt d_k"):
        assert words in text
    assert r"\(" not in json.dumps(index).replace("\\\\", "\\")


def test_badges_are_no_part_of_a_title(index):
    assert "Scores" in {entry["title"] for entry in index}


def test_code_pages_are_not_searched_but_their_index_is(index):
    assert {entry["location"].split("#")[0] for entry in index if entry["location"].startswith("code/")} == {"code/"}


# ---- pages -----------------------------------------------------------------------------------------


def test_ids_are_unique_on_every_page(site):
    for path in site.rglob("*.html"):
        ids = Counter(html.document_fromstring(path.read_text()).xpath("//@id"))
        assert [name for name, count in ids.items() if count > 1] == [], path


def test_every_number_opens_its_own_sum(site):
    question = page(site, "chapters/attention/questions/why-scale")
    buttons = question.xpath("//button[@class='num']")
    assert len(buttons) == 1
    for button in buttons:
        (sum_,) = question.xpath(f"//*[@id='{button.get('popovertarget')}']")
        assert sum_.xpath(".//*[@class='sum-line']") and "40" in sum_.text_content()


def test_formulas_are_rendered_once_and_no_script_does_it(site):
    text = (site / "chapters/attention/index.html").read_text()
    assert "<math" in text and "arithmatex" not in text and "katex.min.js" not in text


def test_a_question_lights_up_practice_and_is_not_listed(site):
    question = page(site, "chapters/attention/questions/why-scale")
    active = question.xpath("//li[contains(@class, 'md-nav__item--active') and not(contains(@class, 'nested'))]/a")
    assert [" ".join(link.text_content().split()) for link in active] == ["Practice"]
    assert question.xpath("string(//li[contains(@class, 'md-tabs__item--active')])").strip() == "Chapters"
    assert not question.xpath("//nav[contains(@class, 'md-nav--primary')]//a[contains(@href, 'why-scale')]")


def test_tabs_are_what_has_pages(site):
    tabs = [
        " ".join(link.text_content().split())
        for link in page(site, "chapters/attention").xpath("//a[@class='md-tabs__link']")
    ]
    assert tabs == ["Home", "Chapters", "Reference"]


def test_the_lab_is_a_page_with_its_pictures(site):
    lab = page(site, "chapters/attention/lab")
    assert lab.xpath("//div[@class='lab']//span[@class='katex']") and lab.xpath("//div[@class='lab-output']")
    (picture,) = lab.xpath("//div[@class='lab']//img/@src")
    assert (site / "chapters/attention/lab" / picture).resolve().read_bytes().startswith(b"\x89PNG")
    assert (site / "chapters/attention/lab/index.html").stat().st_size < 60_000


def test_without_a_repository_no_page_leads_to_one(site):
    assert not [path for path in site.rglob("*.html") if "github.com/owner" in path.read_text()]


def test_the_practice_page_contents_name_each_question_once(site):
    contents = page(site, "chapters/attention/practice").xpath("//div[@data-md-type='toc']//a")
    assert [" ".join(link.text_content().split()) for link in contents] == ["Why are scores divided by √d_k?"]


# ---- a build that must fail ------------------------------------------------------------------------


def test_a_broken_build_names_every_file_and_line(root, site):
    """The checker speaks first; and nothing of the site is touched."""
    edit(root, INDEX, "/// trap", "/// trapp")
    edit(root, QUESTION, "minutes: 6", "minutes: six")
    try:
        done = build(root)
    finally:
        edit(root, INDEX, "/// trapp", "/// trap")
        edit(root, QUESTION, "minutes: six", "minutes: 6")
    said = done.stdout + done.stderr
    assert done.returncode == 1 and (site / "index.html").exists()
    assert re.search(rf"^{INDEX}:\d+: unknown block `trapp`", said, re.M)
    assert re.search(rf"^{QUESTION}:\d+: `minutes`", said, re.M)
