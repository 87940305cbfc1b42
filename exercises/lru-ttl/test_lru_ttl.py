"""An entry is served until its time is up and no longer; when the cache is
full, expired entries go first and then the one unused for longest.
"""

import random
import weakref


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def cache_of(exercise, capacity, ttl=10.0):
    clock = Clock()
    return exercise.TTLCache(capacity, ttl, clock), clock


def test_a_value_is_read_until_its_time_is_up(exercise):
    cache, clock = cache_of(exercise, 2, ttl=10.0)
    cache.set("a", 1)
    clock.now = 9.999
    assert cache.get("a") == 1
    clock.now = 10.0
    assert cache.get("a") is None
    assert cache.get("a", "gone") == "gone"


def test_the_least_recently_used_entry_goes(exercise):
    cache, _ = cache_of(exercise, 2)
    for key in "abc":
        cache.set(key, key)
    assert [cache.get(key) for key in "abc"] == [None, "b", "c"]


def test_a_cache_of_one_entry(exercise):
    cache, _ = cache_of(exercise, 1, ttl=0.5)
    cache.set("a", 1)
    cache.set("b", 2)
    assert (cache.get("a"), cache.get("b")) == (None, 2)


def test_a_read_makes_an_entry_recent(exercise):
    cache, _ = cache_of(exercise, 2)
    cache.set("a", 1)
    cache.set("b", 2)
    assert cache.get("a") == 1
    cache.set("c", 3)
    assert (cache.get("a"), cache.get("b")) == (1, None)


def test_a_read_does_not_lengthen_a_life(exercise):
    cache, clock = cache_of(exercise, 2, ttl=10.0)
    cache.set("a", 1)
    clock.now = 9.0
    assert cache.get("a") == 1
    clock.now = 11.0
    assert cache.get("a") is None


def test_setting_again_renews_value_life_and_recency(exercise):
    cache, clock = cache_of(exercise, 2, ttl=10.0)
    cache.set("a", 1)
    cache.set("b", 2)
    clock.now = 9.0
    cache.set("a", 3)
    assert len(cache) == 2
    cache.set("c", 4)
    clock.now = 15.0
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (3, None, 4)


def test_an_expired_entry_goes_before_a_live_one(exercise):
    cache, clock = cache_of(exercise, 2, ttl=10.0)
    cache.set("old", 1)
    clock.now = 5.0
    cache.set("young", 2)
    cache.get("old")  # the more recently used of the two, and soon expired
    clock.now = 12.0
    cache.set("new", 3)
    assert (cache.get("young"), cache.get("new")) == (2, 3)


def test_a_stored_none_is_a_hit(exercise):
    cache, _ = cache_of(exercise, 2)
    cache.set("a", None)
    cache.set("b", 0)
    assert cache.get("a", "miss") is None
    assert cache.get("b", "miss") == 0


def test_only_live_entries_are_counted(exercise):
    cache, clock = cache_of(exercise, 3, ttl=10.0)
    cache.set("a", 1)
    clock.now = 4.0
    cache.set("b", 2)
    assert len(cache) == 2
    clock.now = 10.0
    assert len(cache) == 1
    clock.now = 14.0
    assert len(cache) == 0


def test_what_expired_is_let_go(exercise):
    """Without ever being asked for again: or memory holds what is dead."""

    class Answer:
        pass

    cache, clock = cache_of(exercise, 3, ttl=10.0)
    answer = Answer()
    cache.set("a", answer)
    seen = weakref.ref(answer)
    del answer
    clock.now = 20.0
    cache.set("b", 2)
    assert seen() is None


def test_what_cannot_be_is_refused(exercise):
    for capacity, ttl in ((0, 1.0), (-1, 1.0), (1, 0.0), (1, -1.0)):
        try:
            exercise.TTLCache(capacity, ttl, Clock())
        except ValueError as error:
            assert any(error.args), "a refusal says what is wrong"
            continue
        raise AssertionError(f"took capacity {capacity} and ttl {ttl}")


def test_it_agrees_with_a_slow_and_obvious_cache(exercise):
    """Ten thousand random calls against a list that is searched."""
    chance = random.Random(0)
    cache, clock = cache_of(exercise, 4, ttl=10.0)
    rows = []  # (key, value, expires), least recently used first
    for step in range(10_000):
        clock.now += chance.choice((0.0, 0.5, 1.0, 3.0))
        key = chance.randrange(7)
        rows = [row for row in rows if clock.now < row[2]]
        found = next((row for row in rows if row[0] == key), None)
        if chance.random() < 0.5:
            assert cache.get(key) == (found[1] if found else None), step
            if found:
                rows.remove(found)
                rows.append(found)
        else:
            cache.set(key, step)
            rows = [row for row in rows if row[0] != key]
            rows = [*rows, (key, step, clock.now + 10.0)][-4:]
        assert len(cache) == len(rows), step
