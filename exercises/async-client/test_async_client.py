"""Results stand in order, places are all used and never exceeded, who waits
for a retry holds none, and cancellation reaches every call.
"""

import asyncio


class Endpoint:
    """Calls end when the test says so; it counts what is in flight."""

    def __init__(self, exercise, script=None):
        self.exercise, self.script = exercise, script or {}
        self.gates, self.tries = {}, {}
        self.in_flight = self.most = self.cancelled = 0

    async def call(self, prompt):
        number = self.tries[prompt] = self.tries.get(prompt, 0) + 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            gate = self.gates.get(prompt)
            if gate is not None:
                await gate.wait()
            else:
                await asyncio.sleep(0)
            todo = self.script.get(prompt, [])
            if number <= len(todo):
                raise todo[number - 1]
            return prompt.upper()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.in_flight -= 1


class Sleep:
    """Takes no time unless it is held; remembers what was asked."""

    def __init__(self, held=None):
        self.asked, self.held = [], held

    async def __call__(self, seconds):
        self.asked.append(seconds)
        if self.held is not None:
            await self.held.wait()


async def settled():
    for _ in range(50):
        await asyncio.sleep(0)


async def ended(work):
    """Its result. Nothing here takes time: what goes on and on is stuck."""
    task = asyncio.ensure_future(work)
    for _ in range(10_000):
        if task.done():
            return task.result()
        await asyncio.sleep(0)
    task.cancel()
    raise AssertionError("it never ends")


def run(exercise, endpoint, prompts, limit=2, retries=3, sleep=None):
    work = exercise.run(
        prompts, endpoint.call, limit, retries, sleep or Sleep()
    )
    return asyncio.run(ended(work))


def test_results_stand_in_order(exercise):
    async def body():
        endpoint = Endpoint(exercise)
        endpoint.gates["a"] = asyncio.Event()
        work = asyncio.ensure_future(
            exercise.run(list("abc"), endpoint.call, 2, 0, Sleep())
        )
        await settled()
        assert endpoint.tries == {"a": 1, "b": 1, "c": 1}
        endpoint.gates["a"].set()
        assert await ended(work) == ["A", "B", "C"]

    asyncio.run(body())


def test_all_places_are_used_and_none_more(exercise):
    for limit in (1, 3, 7):
        endpoint = Endpoint(exercise)
        prompts = [f"p{i}" for i in range(20)]
        found = run(exercise, endpoint, prompts, limit)
        assert found == [prompt.upper() for prompt in prompts]
        assert endpoint.most == limit


def test_who_waits_for_a_retry_holds_no_place(exercise):
    async def body():
        overloaded = exercise.Overloaded()
        endpoint = Endpoint(exercise, {"a": [overloaded], "b": [overloaded]})
        sleep = Sleep(asyncio.Event())
        work = asyncio.ensure_future(
            exercise.run(list("abcd"), endpoint.call, 2, 1, sleep)
        )
        await settled()
        assert endpoint.tries == {"a": 1, "b": 1, "c": 1, "d": 1}
        sleep.held.set()
        assert await ended(work) == ["A", "B", "C", "D"]

    asyncio.run(body())


def test_retries_wait_as_asked_or_twice_as_long_each_time(exercise):
    Overloaded = exercise.Overloaded
    sleep = Sleep()
    errors = [Overloaded(), Overloaded(7.5), Overloaded(0), Overloaded()]
    script = {"a": errors}
    found = run(exercise, Endpoint(exercise, script), "a", 1, 9, sleep)
    assert found == ["A"]
    assert sleep.asked == [1, 7.5, 0, 8]
    sleep = Sleep()
    script = {"a": [Overloaded() for _ in range(7)]}
    run(exercise, Endpoint(exercise, script), "a", 1, 9, sleep)
    assert sleep.asked == [1, 2, 4, 8, 16, 30, 30]


def test_used_up_retries_give_the_last_refusal(exercise):
    errors = [exercise.Overloaded(i) for i in range(5)]
    endpoint = Endpoint(exercise, {"a": errors})
    sleep = Sleep()
    found = run(exercise, endpoint, list("ab"), 2, 2, sleep)
    assert found == [errors[2], "B"]
    assert repr(found[0]) == "Overloaded(2)"
    assert endpoint.tries["a"] == 3
    assert len(sleep.asked) == 2


def test_another_error_is_a_result_and_spoils_nothing(exercise):
    broken = KeyError("no such model")
    endpoint = Endpoint(exercise, {"b": [broken]})
    assert run(exercise, endpoint, list("abc")) == ["A", broken, "C"]
    assert endpoint.tries["b"] == 1


def test_cancelling_reaches_every_call(exercise):
    async def body():
        endpoint = Endpoint(exercise)
        for prompt in "abcd":
            endpoint.gates[prompt] = asyncio.Event()
        work = asyncio.ensure_future(
            exercise.run(list("abcd"), endpoint.call, 3, 5, Sleep())
        )
        await settled()
        assert endpoint.in_flight == 3
        work.cancel()
        try:
            await ended(work)
        except asyncio.CancelledError:
            pass
        else:
            raise AssertionError("it could not be cancelled")
        assert (endpoint.in_flight, endpoint.cancelled) == (0, 3)
        assert "d" not in endpoint.tries

    asyncio.run(body())


def test_edges(exercise):
    assert run(exercise, Endpoint(exercise), []) == []
    for limit, retries in ((0, 1), (1, -1)):
        try:
            run(exercise, Endpoint(exercise), ["a"], limit, retries)
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError(f"took limit {limit}, retries {retries}")
