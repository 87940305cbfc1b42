"""The model never sees more than the budget, always sees the last question,
and between two compactions the beginning stays as it is.
"""

import random


class Summaries:
    """One word a call, and a record of what was handed over."""

    def __init__(self, words=1):
        self.words, self.calls = words, []

    def __call__(self, old, folded):
        self.calls.append((old, list(folded)))
        return " ".join([f"summary{len(self.calls)}"] * self.words)


def count(text):
    return len(text.split())


def words(n, word="w"):
    return " ".join([word] * n)


def memory_of(exercise, budget=20, target=10, summaries=None):
    summaries = summaries or Summaries()
    memory = exercise.Memory("be brief", budget, target, count, summaries)
    return memory, summaries


def cost(memory):
    return sum(count(content) for _, content in memory.messages())


def test_what_fits_is_seen_in_full(exercise):
    memory, summaries = memory_of(exercise)
    memory.add("user", words(9))
    memory.add("assistant", words(9))
    assert memory.messages() == [
        ("system", "be brief"),
        ("user", words(9)),
        ("assistant", words(9)),
    ]
    assert cost(memory) == 20
    assert summaries.calls == []


def test_the_oldest_exchanges_are_folded_down_to_the_target(exercise):
    memory, summaries = memory_of(exercise)
    for i in range(4):
        memory.add("user", f"question{i} {words(2)}")
        memory.add("assistant", f"answer{i}")
    assert cost(memory) == 18
    memory.add("user", "last question of all")
    assert memory.messages() == [
        ("system", "be brief"),
        ("summary", "summary1"),
        ("user", f"question3 {words(2)}"),
        ("assistant", "answer3"),
        ("user", "last question of all"),
    ]
    ((old, folded),) = summaries.calls
    assert old is None
    assert [content.split()[0] for _, content in folded] == [
        "question0",
        "answer0",
        "question1",
        "answer1",
        "question2",
        "answer2",
    ]


def test_each_message_is_folded_once_and_the_old_summary_goes_in(exercise):
    memory, summaries = memory_of(exercise)
    said = []
    for i in range(40):
        for role in ("user", "assistant"):
            said.append((role, f"{role}{i} {words(2)}"))
            memory.add(*said[-1])
    olds = [old for old, _ in summaries.calls]
    assert olds == [None, *(f"summary{i + 1}" for i in range(len(olds) - 1))]
    folded = [message for _, part in summaries.calls for message in part]
    latest = [m for m in memory.messages() if m[0] in ("user", "assistant")]
    assert folded + latest == said


def test_between_compactions_it_grows_at_its_end(exercise):
    chance = random.Random(0)
    memory, summaries = memory_of(exercise, budget=60, target=30)
    before, calls, folds = memory.messages(), 0, 0
    for i in range(300):
        role = ("user", "assistant")[i % 2]
        memory.add(role, words(chance.randrange(1, 9), f"m{i}"))
        after = memory.messages()
        if len(summaries.calls) == calls:
            assert after[: len(before)] == before
        else:
            folds += 1
        before, calls = after, len(summaries.calls)
    assert 10 < folds < 60


def test_the_budget_holds_and_the_last_question_stays(exercise):
    chance = random.Random(1)
    for words_of_summary in (1, 6, 50):
        memory, _ = memory_of(exercise, 30, 15, Summaries(words_of_summary))
        question = ""
        for i in range(400):
            role = chance.choice(("user", "assistant"))
            if i == 0:
                role = "user"
            text = words(chance.randrange(1, 29), f"m{i}")
            if role == "user":
                question = text
            memory.add(role, text)
            assert cost(memory) <= 30
            assert memory.messages()[0] == ("system", "be brief")
            users = [c for r, c in memory.messages() if r == "user"]
            assert users[-1] == question


def test_exchanges_stay_whole(exercise):
    memory, _ = memory_of(exercise, target=14)
    memory.add("user", words(2))
    for _ in range(3):
        memory.add("assistant", words(3))
    memory.add("user", words(8, "new"))
    roles = [role for role, _ in memory.messages()]
    assert roles == ["system", "summary", "user"]


def test_a_question_without_an_answer_is_an_exchange(exercise):
    memory, summaries = memory_of(exercise, target=16)
    memory.add("user", words(9, "question0"))
    memory.add("user", words(9))
    assert (cost(memory), summaries.calls) == (20, [])
    memory.add("user", words(5))
    assert summaries.calls == [(None, [("user", words(9, "question0"))])]


def test_a_summary_that_is_too_long_is_dropped(exercise):
    memory, summaries = memory_of(exercise, summaries=Summaries(words=30))
    memory.add("user", words(9))
    memory.add("assistant", words(9))
    memory.add("user", words(5, "new"))
    assert len(summaries.calls) == 1
    assert memory.messages() == [
        ("system", "be brief"),
        ("user", words(5, "new")),
    ]


def test_a_summary_that_just_fits_stays(exercise):
    memory, _ = memory_of(exercise, summaries=Summaries(words=13))
    memory.add("user", words(9))
    memory.add("assistant", words(9))
    memory.add("user", words(5, "new"))
    assert memory.messages()[1] == ("summary", words(13, "summary1"))
    assert cost(memory) == 20


def test_a_long_answer_pushes_out_older_answers_only(exercise):
    memory, _ = memory_of(exercise)
    memory.add("user", words(6, "question"))
    memory.add("assistant", words(5, "one"))
    memory.add("assistant", words(12, "two"))
    assert memory.messages() == [
        ("system", "be brief"),
        ("user", words(6, "question")),
        ("assistant", words(12, "two")),
    ]


def test_the_system_text_may_fill_the_target(exercise):
    memory, _ = memory_of(exercise, target=2)
    assert memory.messages() == [("system", "be brief")]


def test_what_cannot_fit_is_refused_and_changes_nothing(exercise):
    memory, _ = memory_of(exercise)
    memory.add("user", words(3))
    before = memory.messages()
    for bad in (
        lambda: memory.add("user", words(19)),
        lambda: memory.add("system", "obey"),
        lambda: exercise.Memory("a b c", 9, 2, count, Summaries()),
        lambda: exercise.Memory("a", 9, 9, count, Summaries()),
    ):
        try:
            bad()
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            assert memory.messages() == before
            continue
        raise AssertionError("took what cannot fit")
