"""A question set outside the chapters gets the same checks, ids and pages as a chapter's questions."""

import json

import pytest
from lxml import html

from hooks import building, ids, navigation, questions
from hooks.check import check
from hooks.fixtures import CARDS, QUESTION, SET, edit, line_of, small_handbook, with_set
from hooks.html_gate import check_site
from hooks.macros import render_question
from hooks.model import load
from hooks.test_site import build, site_root

OWN = f"{SET}/questions/why-divide.md"
INDEX = f"{SET}/index.md"


@pytest.fixture
def root(tmp_path):
    return with_set(small_handbook(tmp_path))


def messages(root) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_a_sound_set_passes_and_all_questions_are_known(root):
    assert messages(root) == []
    handbook = load(root)
    (found,) = handbook.sets
    assert (found.folder, found.title) == ("interview/prompts", "Design prompts")
    assert set(handbook.questions) == {"why-scale", "why-divide"}
    assert handbook.questions["why-divide"] == (found, found.questions[0])
    assert handbook.home_of(OWN) is found and handbook.home_of(QUESTION) is handbook.chapters[0]
    assert handbook.chapter_of(OWN) is None and handbook.home_of("docs/index.md") is None


BREAKS = {
    "unknown key": (OWN, "kind: derive", "knd: derive", "knd:", "unknown key `knd`"),
    "missing help step": (OWN, "/// step | Hint 2: insight\nVariances add.\n///\n", "", "", "`/// step | Hint 2: insight` is missing"),
    "rubric columns": (OWN, "| lean hire | no hire |", "| no hire |", "| criterion", "columns are not the four"),
    "unknown source": (OWN, "sources: [vaswani2017attention]", "sources: [nobody2018]", "sources", "unknown source `nobody2018`"),
    "unknown snippet": (OWN, "attention/scale.py", "attention/skale.py", "snippet:", "did you mean `snippets/attention/scale.py`?"),
    "a lab": (OWN, "level: 2", "level: 2\nlab: true", "lab:", "a question set has no lab"),
    "unknown chapter": (OWN, "chapters: [attention, rag]", "chapters: [atention]", "chapters:", "did you mean `attention`?"),
    "a number": (OWN, "Another wording.", "It takes 40 GiB.", "It takes", "40 GiB"),
    "a TODO": (OWN, "Another wording.", "TODO: say it.", "TODO", "a TODO is left"),
    "dead link": (OWN, "chapters/attention/index.md#scores", "chapters/attention/index.md#score", "See [", "did you mean `scores`?"),
    "questions not shown": (INDEX, "<%= question_list() %>\n", "Here.\n", "# Design", "add `<%= question_list() %>`"),
    "lost id": (f"{SET}/ids.txt", "why-divide\n", "why-divide\nquestion gone\n", "gone", "the question `gone` is lost"),
}


@pytest.mark.parametrize("case", BREAKS)
def test_each_break_is_refused_at_its_line(root, case):
    name, old, new, where, words = BREAKS[case]
    edit(root, name, old, new)
    found = messages(root)
    line = f"{line_of(root, name, where)}: " if where else ""  # what is missing is blamed on the end
    assert [message for message in found if message.startswith(f"{name}:{line}") and words in message], found


def test_a_passage_shared_with_a_chapters_question_is_refused(root):
    words = " ".join(f"word{number}" for number in range(30))
    edit(root, QUESTION, "Variances add.\n", words + "\n")
    edit(root, OWN, "Another wording.", words)
    assert [message for message in messages(root) if "the passage" in message]


def test_an_id_is_given_once_in_the_whole_handbook(root):
    edit(root, CARDS, "#divisor", "#why-divide")
    assert [message for message in messages(root) if "the id `why-divide` is taken" in message]


def test_new_ids_are_recorded_beside_the_set(root):
    (root / SET / "ids.txt").unlink()
    assert [message for message in messages(root) if "`why-divide` is new" in message]
    assert ids.fix(load(root)) == [f"{SET}/ids.txt: question why-divide"]
    assert messages(root) == []


def test_a_set_without_an_index_is_refused(root):
    (root / INDEX).unlink()
    assert f"{INDEX}:1: the file is missing, add it, with `<%= question_list() %>`" in messages(root)


def test_the_list_stands_on_pages_of_a_set_or_chapter_only(root):
    (root / "docs/index.md").write_text("# Home\n\n<%= question_list() %>\n")
    assert [message for message in messages(root) if "of a chapter or question set only" in message]


def start(root, name):
    site = building.start(building.Site(load(root)))
    page = building.begin(building.Building(f"{SET}/{name}", root, root / SET))
    return site, page, site.handbook.sets[0]


def done(page, text: str) -> str:
    return page.restore_late(page.restore(text))


def test_the_list_leads_to_each_question_with_what_it_asks(root):
    site, page, found = start(root, "index.md")
    text = done(page, questions.question_list(site, page, found))
    assert 'href="questions/why-divide/"' in text
    for word in ("derive", "mechanism", "45 minutes", "level 2 of 5"):
        assert f"<li>{word}</li>" in text


def test_a_question_says_what_to_read_first_and_leads_back(root):
    site, page, found = start(root, "questions/why-divide.md")
    text = done(page, questions.question_page(site, page, found, found.questions[0], "Body."))
    assert '<dt>Read first</dt><dd><a href="../../../../chapters/attention/">Attention</a>, Retrieval</dd>' in text
    assert '<a href="../../">Design prompts</a>' in text and '<a href="../../">All of Design prompts</a>' in text
    assert "practice" not in text


def test_popovers_stand_at_the_end_and_all_else_where_it_was_written(root):
    _, page, _ = start(root, "index.md")
    late = [page.keep_late('<span popover="auto" id="a">sum</span>'), page.keep_late("<ul>meta</ul>")]
    body = f"<article><p>{late[0]}</p>{late[1]}<h1>T</h1></article><footer></footer>"
    assert page.restore_late(body) == '<article><p></p><ul>meta</ul><h1>T</h1><span popover="auto" id="a">sum</span></article><footer></footer>'


def test_a_set_prints_like_a_chapters_practice_page(root):
    site, page, found = start(root, "practice.md")
    text = questions.questions(site, page, found, lambda question: render_question(site, page, question))
    assert "//// question | why-divide" in text and 'id="with-answers"' in done(page, text)
    assert "[the chapter](../../chapters/attention/index.md#scores)" in text


def test_the_menu_lists_the_set_and_lights_it_up_for_its_questions(root):
    sources = {name.removeprefix("docs/") for name in load(root).pages}
    question = OWN.removeprefix("docs/")
    assert navigation.is_unlisted(question) and navigation.kind_of("interview/prompts/practice.md") == "practice"
    assert navigation.listed_parent(question) == "interview/prompts/index.md"
    nav = navigation.build(load(root), {source for source in sources if not navigation.is_unlisted(source)})
    assert {"Interview": [{"Design prompts": "interview/prompts/index.md"}]} in nav
    nav = navigation.build(load(root), {"interview/prompts/index.md", "interview/prompts/practice.md"})
    assert len(nav[0]["Interview"][0]["Design prompts"]) == 2


def test_a_set_builds_and_its_solutions_stay_out_of_search(tmp_path):
    root = with_set(site_root(tmp_path))
    edit(root, OWN, "Another wording.", "Another canarysolution.")
    edit(root, OWN, "grows as the root |", "canaryrubric |")
    (root / SET / "practice.md").write_text("---\ntitle: All, whole\n---\n<%= questions() %>\n")
    done = build(root, GITHUB_REPOSITORY="", SITE_URL="https://example.org/")
    assert done.returncode == 0, done.stdout + done.stderr
    site = root / "site"
    assert check_site(site) == []
    assert "canary" not in json.dumps(json.loads((site / "search/search_index.json").read_text())["docs"])
    for name in ("questions/why-divide", "practice"):
        assert "canarysolution" in (site / "interview/prompts" / name / "index.html").read_text()
    question = html.document_fromstring((site / "interview/prompts/questions/why-divide/index.html").read_text())
    article = question.xpath("//article")[0]
    order = [element.tag for element in article.xpath(".//ul[@class='meta'] | .//h1 | .//dl[@class='related']")]
    assert order == ["ul", "h1", "dl"], "what stands around the text keeps its place"
    (lit,) = question.xpath("//li[contains(@class, 'md-tabs__item--active')]")
    assert lit.text_content().strip() == "Interview"
