"""The index as widgets/search gets it: what a section is called, belongs to and weighs."""

from __future__ import annotations

import json

import pytest

from hooks import building, model, search
from hooks.fixtures import INDEX, edit, small_handbook

ABOUT = "chapters/attention/"
GLOSSARY = """\
- term: grouped-query attention
  aliases: [GQA]
  definition: 'Query heads share a *key* head, $a < b$.'
  where: attention#scores
- term: dot product
  definition: 'A sum of products.'
  where: attention#scores
"""


@pytest.fixture
def root(tmp_path):
    small_handbook(tmp_path)
    edit(tmp_path, INDEX, "\n## What an interviewer", "\n### Grouped-query attention\n\nWords.\n\n### Another part\n\nWords.\n\n## What an interviewer")
    (tmp_path / "docs/data/glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    (tmp_path / "docs/reference").mkdir(exist_ok=True)
    (tmp_path / "docs/reference/glossary.md").write_text("---\ntitle: Glossary\n---\n# Glossary\n", encoding="utf-8")
    return tmp_path


def entry(location: str, title: str = "A title", text: str = "") -> dict:
    return {"location": location, "title": title, "text": text}


def shaped(root, *entries: dict) -> dict[str, dict]:
    return {section["location"]: section for section in search.sections(list(entries), model.load(root))[0]}


def test_text_is_plain_and_quotes_prose_before_code(root):
    found = shaped(root, entry(ABOUT, "<code>a</code> &lt; b", "<p>One</p> <pre>x = y[&quot;k&quot;]</pre> <p>kv_cache/paged.pyOpen test two</p>"))
    assert found[ABOUT]["title"] == "a < b"
    assert found[ABOUT]["text"] == 'One kv_cache/paged.py two x = y["k"]'


def test_a_term_names_the_part_whose_heading_has_it(root):
    found = shaped(root, entry(f"{ABOUT}#grouped-query-attention"), entry(f"{ABOUT}#scores", text="x" * search.LEAD), entry(f"{ABOUT}#another-part", text="dot product"))
    assert found[f"{ABOUT}#grouped-query-attention"]["names"] == ["grouped-query attention", "GQA"]
    assert found[f"{ABOUT}#scores"]["names"] == ["dot product"]


def test_a_whole_that_only_leads_in_leaves_its_terms_to_the_part_that_speaks_of_them(root):
    found = shaped(root, entry(f"{ABOUT}#scores", text="Short."), entry(f"{ABOUT}#another-part", text="A dot product is a sum."))
    assert found[f"{ABOUT}#another-part"]["names"] == ["dot product"]


PLACES = ("index.md", "chapters/attention/index.md", "chapters/attention/questions/why-scale.md", "chapters/attention/lab.ipynb", "chapters/attention/cards.md",
          "code/attention/scale.md", "practice/hunts/a-fault.md", "practice/exercises/lru-ttl.md")  # fmt: skip


@pytest.mark.parametrize("directory_urls", [True, False], ids=["site", "folder"])
@pytest.mark.parametrize("source", PLACES)
def test_an_address_of_either_edition_leads_back_to_its_file(root, source, directory_urls):
    assert search.place(f"{building.url_of(source, directory_urls)}#part", model.load(root)) == (source, "part")


def test_the_folder_edition_has_the_same_names_and_weights(root):
    (root / "docs/data/search.yml").write_text(f"{ABOUT}#scores: [similarity]\n", encoding="utf-8")
    handbook, words = model.load(root), "x" * search.LEAD
    site, nothing = search.sections([entry(f"{ABOUT}#scores", text=words)], handbook)
    folder, wrong = search.sections([entry(f"{ABOUT}index.html#scores", text=words)], handbook, directory_urls=False)
    assert (nothing, wrong) == ([], [])
    assert {**folder[0], "location": ""} == {**site[0], "location": ""} and site[0]["names"][-1] == "similarity"
    assert folder[-1]["location"].startswith("reference/glossary.html#")


def test_each_term_is_an_entry(root):
    found = shaped(root, entry("reference/glossary/"))
    term = found["reference/glossary/#grouped-query-attention"]
    assert (term["title"], term["names"], term["page"]) == ("grouped-query attention", ["GQA"], "Glossary")
    assert "<" not in term["text"].replace("a < b", "")


def test_a_chapter_weighs_more_than_a_question_and_a_question_more_than_code():
    chapter, question, code = (
        search.weight(source, "part") for source in ("chapters/a/index.md", "chapters/a/questions/b.md", "code/a/b.md")
    )
    assert chapter > question > code
    assert search.weight("chapters/a/index.md", "further-reading") < chapter


def test_a_section_says_what_it_is_a_part_of(root):
    found = shaped(root, entry(ABOUT, "Attention"), entry(f"{ABOUT}#scores", "Scores"), entry("chapters/attention/questions/why-scale/", "Why?"))
    assert "page" not in found[ABOUT]
    assert found[f"{ABOUT}#scores"]["page"] == "Attention"
    assert found["chapters/attention/questions/why-scale/"]["page"] == "Question"


def test_words_for_a_section(root):
    data = root / "docs/data/search.yml"
    data.write_text("chapters/attention/#scores: [why divide]\nchapters/attention/#nowhere: [words]\n", encoding="utf-8")
    found, problems = search.sections([entry(f"{ABOUT}#scores", text="x" * search.LEAD)], model.load(root))
    assert found[0]["names"][-1] == "why divide"
    assert problems == ["docs/data/search.yml: no section is at chapters/attention/#nowhere; give the address as in the built site"]


def test_shaping_twice_changes_nothing(root):
    index = root / "search_index.json"
    index.write_text(json.dumps({"config": {}, "docs": [entry(ABOUT, text="a &amp;lt; b")]}), encoding="utf-8")
    handbook = model.load(root)
    search.shape(index, handbook)
    once = index.read_text(encoding="utf-8")
    assert search.shape(index, handbook) == []
    assert index.read_text(encoding="utf-8") == once
