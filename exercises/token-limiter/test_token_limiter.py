"""In any stretch of time a customer gets at most a full bucket and what has
flowed in since; a promised wait is long enough; nothing is lost in settling.
"""

import random


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def limiter_of(exercise, rate=10.0, capacity=100.0):
    clock = Clock()
    return exercise.Limiter(rate, capacity, clock), clock


def test_a_full_bucket_is_there_at_once_and_no_more(exercise):
    limiter, _ = limiter_of(exercise)
    assert limiter.reserve("a", 100) == 0.0
    assert limiter.reserve("a", 20) == 2.0


def test_less_than_a_token_a_second(exercise):
    limiter, _ = limiter_of(exercise, rate=0.25, capacity=0.5)
    assert limiter.reserve("a", 0.5) == 0.0
    assert limiter.reserve("a", 0.5) == 2.0


def test_a_refusal_takes_nothing(exercise):
    limiter, clock = limiter_of(exercise)
    limiter.reserve("a", 100)
    clock.now += 1
    for _ in range(50):
        assert limiter.reserve("a", 20) == 1.0
    clock.now += 1
    assert limiter.reserve("a", 20) == 0.0


def test_after_the_promised_wait_it_succeeds(exercise):
    chance = random.Random(0)
    limiter, clock = limiter_of(exercise, rate=7.3, capacity=91.7)
    clock.now = 1.7e9  # a clock as real ones are: coarse in the last digits
    for _ in range(2000):
        amount = chance.uniform(0.1, 91.7)
        wait = limiter.reserve("a", amount)
        if wait:
            clock.now += wait
            assert limiter.reserve("a", amount) == 0.0


def test_it_never_holds_more_than_its_capacity(exercise):
    limiter, clock = limiter_of(exercise)
    limiter.reserve("a", 60)
    clock.now += 1e7
    assert limiter.reserve("a", 100) == 0.0
    assert limiter.reserve("a", 10) == 1.0


def test_customers_do_not_touch(exercise):
    limiter, _ = limiter_of(exercise)
    limiter.reserve("a", 100)
    assert limiter.reserve("b", 100) == 0.0


def test_what_was_not_used_comes_back(exercise):
    limiter, _ = limiter_of(exercise)
    limiter.reserve("a", 100)
    limiter.settle("a", reserved=100, used=30)
    assert limiter.reserve("a", 70) == 0.0
    limiter.settle("a", reserved=70, used=0)
    limiter.settle("a", reserved=90, used=0)  # more than fits
    assert limiter.reserve("a", 100) == 0.0
    assert limiter.reserve("a", 1) == 0.1


def test_what_was_used_beyond_is_owed(exercise):
    limiter, clock = limiter_of(exercise)
    limiter.reserve("a", 100)
    limiter.settle("a", reserved=100, used=250)
    assert limiter.reserve("a", 10) == 16.0
    limiter.settle("b", reserved=0, used=20)  # all of it is excess
    assert limiter.reserve("b", 100) == 2.0
    clock.now += 16
    assert limiter.reserve("a", 10) == 0.0


def test_no_stretch_of_time_gives_more_than_bucket_and_flow(exercise):
    chance = random.Random(1)
    limiter, clock = limiter_of(exercise)
    granted = []
    for _ in range(3000):
        clock.now += chance.choice((0.0, 0.1, 1.0, 5.0))
        amount = chance.uniform(1, 60)
        if limiter.reserve("a", amount) == 0.0:
            granted.append((clock.now, amount))
    for first in range(0, len(granted), 7):
        total = 0.0
        for when, amount in granted[first:]:
            total += amount
            allowed = 100 + 10 * (when - granted[first][0])
            assert total <= allowed + 1e-3


def test_the_full_are_forgotten(exercise):
    limiter, clock = limiter_of(exercise)
    for number in range(1000):
        limiter.reserve(str(number), 50)
    clock.now += 2
    limiter.reserve("late", 50)
    clock.now += 4
    limiter.sweep()
    assert len(limiter) == 1
    assert limiter.reserve("7", 100) == 0.0
    assert limiter.reserve("late", 100) == 1.0


def test_what_cannot_be_is_refused(exercise):
    limiter, _ = limiter_of(exercise)
    for bad in (
        lambda: exercise.Limiter(0, 1, Clock()),
        lambda: exercise.Limiter(-1, 1, Clock()),
        lambda: exercise.Limiter(1, 0, Clock()),
        lambda: exercise.Limiter(1, -1, Clock()),
        lambda: limiter.reserve("a", 101),
        lambda: limiter.reserve("a", 0),
        lambda: limiter.settle("a", -1, 0),
        lambda: limiter.settle("a", 0, -1),
    ):
        try:
            bad()
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError("took what cannot be")
