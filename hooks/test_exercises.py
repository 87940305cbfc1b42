"""An exercise is refused at its file and line where it cannot be done or graded; a sound one becomes a page."""

import shutil

import pytest

from hooks import building, exercises, ids, moved, navigation, questions
from hooks.check import check
from hooks.fixtures import QUESTION, REPOSITORY, edit, line_of, small_handbook
from hooks.macros import MACROS
from hooks.model import load
from hooks.parts import related

FOLDER = "exercises/lru-ttl"
TASK, STARTER, SOLUTION, TESTS, FAULTS = (f"{FOLDER}/{file}" for file in ("exercise.md", "starter.py", "solution.py", "test_lru_ttl.py", "faults.yml"))

IDS = "exercises/ids.txt"


@pytest.fixture
def root(tmp_path):
    root = small_handbook(tmp_path)
    shutil.copytree(REPOSITORY / FOLDER, root / FOLDER, ignore=shutil.ignore_patterns("__pycache__", "answer.py"))
    (root / IDS).write_text("exercise lru-ttl\n")
    edit(root, TASK, "chapters: [inference-and-serving]", "chapters: [attention, rag]\nsnippet: snippets/attention/scale.py")
    edit(root, QUESTION, "level: 2", "level: 2\nexercise: lru-ttl")
    return root


def messages(root) -> list[str]:
    return [str(problem) for problem in check(root)]


def test_a_sound_exercise_passes(root):
    assert messages(root) == []
    exercise = load(root).exercises["lru-ttl"]
    assert (exercise.record.minutes, len(exercise.mistakes)) == (25, 4)
    assert ("test_a_stored_none_is_a_hit", "") in exercise.tests


BREAKS = {
    "unknown key": (TASK, "minutes: 25", "minuts: 25", "minuts", "unknown key `minuts`"),
    "unknown chapter": (TASK, "chapters: [attention, rag]", "chapters: [atention]", "chapters:", "did you mean `attention`?"),
    "unknown snippet": (TASK, "scale.py", "skale.py", "snippet:", "did you mean `snippets/attention/scale.py`?"),
    "no guide": (TASK, "## Solve it aloud { #aloud }", "## Guide { #guide }", "A gateway", "no guide to solving it aloud"),
    "a dead link": (TASK, "A gateway", "A [gateway](../../docs/chapters/none.md)", "A [gateway]", "leads nowhere"),
    "a number": (TASK, "A gateway", "40 GiB. A gateway", "40 GiB", "40 GiB"),
    "another library": (SOLUTION, "from collections import OrderedDict", "import torch", "import torch", "imports torch"),
    "a library in the tests": (TESTS, "import random", "import hypothesis", "import hypothesis", "imports hypothesis"),
    "a relative import": (TESTS, "import random", "from . import starter", "from . import", "imports ."),
    "a wide line": (STARTER, '"""The number of live entries."""', '"""The number of live entries."""' + " " * 40 + "# wide", "# wide", "keep to 79"),
    "another signature": (STARTER, "default: Any = None", "default: Any", '"""A cache', "only here: `TTLCache.get(self, key: Hashable, default: Any)`"),
    "no docstring": (TESTS, '"""An entry is served until its time is up and no longer; when the cache is\nfull, expired entries go first and then the one unused for longest.\n"""', "", "", "no docstring"),
    "a fixture more": (TESTS, "def test_a_stored_none_is_a_hit(exercise)", "def test_a_stored_none_is_a_hit(exercise, tmp_path)", "tmp_path", "a test takes `exercise` alone"),
    "a fault nowhere": (FAULTS, '"            if now < expires:"', '"            if now > expires:"', "- id: ttl-boundary", "stands 0 times"),
    "a fault without its test": (FAULTS, "test: test_a_stored_none_is_a_hit", "test: test_a_stored_none_is_a_hitt", "- id: ttl-falsy-miss", "did you mean `test_a_stored_none_is_a_hit`?"),
    "fault twice": (FAULTS, "- id: ttl-boundary", "- id: ttl-falsy-miss", "", "stands twice"),
    "broken Python": (TESTS, "import random", "import", "import", "not valid Python"),
}  # fmt: skip


@pytest.mark.parametrize("case", BREAKS)
def test_each_break_is_refused_at_its_line(root, case):
    name, old, new, where, words = BREAKS[case]
    edit(root, name, old, new)
    found = messages(root)
    line = f"{line_of(root, name, where)}: " if where else ""
    assert [message for message in found if message.startswith(f"{name}:{line}") and words in message], found


@pytest.mark.parametrize("file", [STARTER, SOLUTION, TESTS, FAULTS, TASK])
def test_a_missing_file_is_named(root, file):
    (root / file).unlink()
    assert [message for message in messages(root) if message.startswith(f"{file}:1: the file is missing")]


def test_a_starter_leaves_something_to_write_and_a_solution_nothing(root):
    solved = (root / SOLUTION).read_text()
    (root / SOLUTION).write_text((root / STARTER).read_text())
    (root / STARTER).write_text(solved)
    found = messages(root)
    assert [message for message in found if "starter.py:1: nothing is left to write" in message]
    assert [message for message in found if "solution.py:1: a NotImplementedError is left" in message]


def test_a_question_names_an_exercise_that_exists(root):
    edit(root, QUESTION, "exercise: lru-ttl", "exercise: lru-tl")
    assert [message for message in messages(root) if message.startswith(f"{QUESTION}:") and "did you mean `lru-ttl`?" in message]


def test_a_published_address_is_recorded_and_never_lost(root):
    assert ids.fix(load(root)) == []
    (root / IDS).write_text("")
    assert f"{TASK}:1: the exercise `lru-ttl` is new, record it with `make check FIX=1`" in messages(root)
    assert ids.fix(load(root)) == [f"{IDS}: exercise lru-ttl"] and messages(root) == []
    with (root / IDS).open("a") as file:
        file.write("exercise ttl-cache\n")
    assert messages(root) == [f"{IDS}:2: the exercise `ttl-cache` is lost, bring it back, or append `exercise ttl-cache -> <new id>`"]
    with (root / IDS).open("a") as file:
        file.write("exercise ttl-cache -> lru-cache\nexercise lru-cache -> lru-ttl\n")
    assert messages(root) == []
    old = moved.pages(load(root))
    assert old.keys() == {"practice/exercises/ttl-cache.md", "practice/exercises/lru-cache.md"} and all("](lru-ttl.md)" in page for page in old.values())


def test_a_name_that_is_no_id_is_refused(root):
    (root / FOLDER).rename(root / "exercises/LRU_ttl")
    assert any(message.startswith("exercises/LRU_ttl/exercise.md:1: `LRU_ttl` is no id") for message in messages(root))


# ---- pages -----------------------------------------------------------------------------------------


def start(root, name):
    site = building.start(building.Site(load(root)))
    return site, building.begin(building.Building(f"docs/{name}", root, root / "docs"))


def test_the_page_shows_all_but_folds_and_hides_the_solution(root):
    edit(root, TASK, "A gateway", 'A [gateway](../../docs/chapters/attention/index.md) <%= cite("vaswani2017attention") %>')
    site, page = start(root, "practice/exercises/lru-ttl.md")
    assert exercises.pages(site.handbook)["practice/exercises/lru-ttl.md"].endswith('<%= exercise("lru-ttl") %>\n')
    text = page.restore_late(page.restore(MACROS["exercise"](site, page, "lru-ttl")))
    shown, mark, folded = text.partition("<details")
    assert mark and "](../../chapters/attention/index.md)" in shown and "Vaswani and Shazeer 2017" in shown
    for part in ('--8<-- "exercises/lru-ttl/starter.py"', "python -m pytest exercises/lru-ttl", "`test_a_stored_none_is_a_hit`", "25 minutes"):
        assert part in shown, part
    assert "solution.py" not in shown and "Ask first" not in shown
    assert folded.count("data-search-exclude") == text.count("<details") == 2
    for part in ("Ask first", '--8<-- "exercises/lru-ttl/solution.py"', "Found by `test_a_stored_none_is_a_hit`."):
        assert part in folded, part
    for link in ("../../../chapters/attention/", "../../../code/attention/scale/", "../../../chapters/attention/questions/why-scale/"):
        assert f'href="{link}"' in text, link


def test_an_error_in_the_task_names_its_file_and_line(root):
    edit(root, TASK, "A gateway", 'A <%= cite("nobody") %> gateway')
    line = line_of(root, TASK, "nobody")
    assert [message for message in messages(root) if message.startswith(f"{TASK}:{line}: cite(): no source `nobody`")]


def test_the_list_leads_to_each(root):
    site, page = start(root, "practice/exercises.md")
    text = page.restore(exercises.exercises(site, page))
    assert 'href="lru-ttl/"' in text and "25&nbsp;min" in text and ">Attention</a>, Retrieval" in text


def test_the_question_leads_to_the_exercise(root):
    site, page = start(root, QUESTION.removeprefix("docs/"))
    home, question = site.handbook.questions["why-scale"]
    assert 'href="../../../../practice/exercises/lru-ttl/"' in related(questions.ways(site, page, home, question))


def test_it_lights_up_the_list():
    assert navigation.is_unlisted("practice/exercises/lru-ttl.md") and not navigation.is_unlisted("practice/exercises.md")
    assert navigation.listed_parent("practice/exercises/lru-ttl.md") == "practice/exercises.md"
