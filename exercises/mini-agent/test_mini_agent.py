"""Whatever the model does, the loop ends within its budget, runs only valid
and approved calls, and tells the model what was wrong.
"""

import re


def scripted(*replies):
    """A model that says its replies in order, and keeps what it was given."""
    left = list(replies)

    def model(transcript):
        model.given.append(transcript)
        return left.pop(0)

    model.given = []
    return model


def call(tool, **arguments):
    return {"tool": tool, "arguments": arguments}


DONE = {"answer": "done"}


class World:
    """Tools that write down how they were called."""

    def __init__(self, exercise):
        self.calls = []
        Tool = exercise.Tool
        self.tools = {
            "add": Tool(self.add, {"a": int, "b": float}),
            "pay": Tool(self.pay, {"to": str, "sum": int}, True),
            "fail": Tool(self.fail, {}),
            "switch": Tool(self.switch, {"on": bool}),
        }

    def add(self, a, b):
        self.calls.append(("add", a, b))
        return a + b

    def pay(self, to, sum):
        self.calls.append(("pay", to, sum))
        return "paid"

    def fail(self):
        self.calls.append(("fail",))
        raise OSError("disk full")

    def switch(self, on):
        self.calls.append(("switch", on))
        return on


def run(exercise, *replies, max_steps=9, approve=lambda name, args: True):
    world, model = World(exercise), scripted(*replies)
    found = exercise.run_agent(model, world.tools, "go", max_steps, approve)
    return found, world, model


def observations(result):
    return [e["content"] for e in result.transcript if e["role"] == "tool"]


def words(text):
    return set(re.findall(r"\w+", text))


def test_it_runs_tools_until_there_is_an_answer(exercise):
    first = call("add", a=1, b=2.5)
    found, world, model = run(exercise, first, DONE)
    assert (found.status, found.answer) == ("answered", "done")
    assert found.transcript == [
        {"role": "user", "content": "go"},
        {"role": "model", "content": first},
        {"role": "tool", "content": "3.5"},
        {"role": "model", "content": DONE},
    ]
    assert world.calls == [("add", 1, 2.5)]
    assert [len(given) for given in model.given] == [1, 3]


def test_the_budget_bounds_the_calls_of_the_model(exercise):
    steps = [call("add", a=i, b=1) for i in range(20)]
    found, world, model = run(exercise, *steps, max_steps=4)
    assert (found.status, found.answer) == ("out of steps", None)
    assert len(model.given) == 4
    assert len(world.calls) == 3  # nobody would read the fourth
    assert found.transcript[-1] == {"role": "model", "content": steps[3]}
    for replies in ([DONE], [steps[0], DONE]):
        found, _, _ = run(exercise, *replies, max_steps=len(replies))
        assert found.status == "answered"


def test_faults_of_the_model_go_back_to_it(exercise):
    replies = [
        "not a dict",
        {"tool": "add"},
        {"answer": 7},
        call("ad", a=1, b=2),
        call("add", a="1", c=3),
        DONE,
    ]
    found, world, _ = run(exercise, *replies)
    assert found.status == "answered"
    assert world.calls == []
    seen = observations(found)
    assert len(seen) == 5
    assert all(text.startswith("error: ") for text in seen)
    assert {"ad", "add", "pay", "fail", "switch"} <= words(seen[3])
    assert {"a", "b", "c", "int"} <= words(seen[4])  # all faults of a call


def test_types_are_strict(exercise):
    replies = [
        call("add", a=True, b=1),
        call("add", a=1.0, b=1),
        call("switch", on=1),
        call("add", a=1, b=2),
        call("switch", on=True),
        DONE,
    ]
    found, world, _ = run(exercise, *replies)
    assert world.calls == [("add", 1, 2), ("switch", True)]
    assert [text.startswith("error") for text in observations(found)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_an_exception_of_a_tool_is_an_observation(exercise):
    found, world, _ = run(exercise, call("fail"), DONE)
    assert found.status == "answered"
    assert world.calls == [("fail",)]
    assert observations(found) == ["error: OSError: disk full"]


def test_without_approval_nothing_happens(exercise):
    asked = []

    def approve(name, arguments):
        asked.append((name, dict(arguments)))
        arguments["sum"] = 10**6  # what was approved is what is run
        return len(asked) > 1

    replies = [
        call("pay", to="x", sum="5"),
        call("pay", to="x", sum=5),
        call("pay", to="x", sum=6),
        DONE,
    ]
    found, world, _ = run(exercise, *replies, approve=approve)
    assert asked == [
        ("pay", {"to": "x", "sum": 5}),
        ("pay", {"to": "x", "sum": 6}),
    ]
    assert world.calls == [("pay", "x", 6)]
    assert observations(found)[1:] == ["error: not approved", "paid"]


def test_the_same_call_for_the_third_time_stops_it(exercise):
    same = call("add", a=1, b=2)
    turned = {"arguments": {"b": 2, "a": 1}, "tool": "add"}
    other = call("add", a=2, b=2)
    found, world, _ = run(exercise, same, other, turned, same, DONE)
    assert (found.status, found.answer) == ("stuck", None)
    assert len(world.calls) == 3
    assert found.transcript[-1] == {"role": "model", "content": same}


def test_the_model_cannot_change_the_past(exercise):
    def model(transcript):
        transcript[0]["content"] = "something else"
        transcript.clear()
        return DONE

    world = World(exercise)
    found = exercise.run_agent(model, world.tools, "go", 3, lambda *a: True)
    assert found.transcript == [
        {"role": "user", "content": "go"},
        {"role": "model", "content": DONE},
    ]


def test_a_budget_of_nothing_is_refused(exercise):
    try:
        run(exercise, DONE, max_steps=0)
    except ValueError as error:
        assert any(error.args), "a refusal says what is wrong"
        return
    raise AssertionError("took a budget of nothing")
