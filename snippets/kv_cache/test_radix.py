"""Random lookups, insertions, pins and evictions run beside a plain
dictionary that maps every cached prefix to the slot of its last token. The
tree always finds the longest prefix the dictionary holds and its slots; it
never evicts what is pinned, or a prefix before what continues it, and what
goes was used no later than what stays. No slot is lost or returned twice.
"""

import itertools

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from snippets.kv_cache.radix import RadixCache

TOKENS = st.lists(st.integers(0, 2), max_size=7).map(tuple)


class Prefixes(RuleBasedStateMachine):
    """The tree beside dictionaries from prefixes to slot and last use."""

    pinned = Bundle("pinned")

    def __init__(self):
        super().__init__()
        self.tree = RadixCache()
        self.fresh_slot = itertools.count()
        self.slot, self.used, self.pins = {}, {}, []
        self.clock = 0

    def prefixes(self, tokens):
        return [tokens[:n] for n in range(1, len(tokens) + 1)]

    def look_up(self, tokens):
        self.clock += 1
        found = [p for p in self.prefixes(tokens) if p in self.slot]
        self.used.update(dict.fromkeys(found, self.clock))
        return found

    @initialize(tokens=TOKENS)
    def one_insertion(self, tokens):
        self.insert(tokens)

    @rule(target=pinned, tokens=TOKENS)
    def match_and_pin(self, tokens):
        found = self.look_up(tokens)
        slots, node = self.tree.match(tokens)
        assert slots == [self.slot[p] for p in found]
        self.tree.pin(node)
        self.pins.append(tokens[: len(found)])
        return tokens[: len(found)], node

    @rule(pinned=consumes(pinned))
    def unpin(self, pinned):
        prefix, node = pinned
        self.tree.unpin(node)
        self.pins.remove(prefix)

    @rule(tokens=TOKENS)
    def insert(self, tokens):
        known = len(self.look_up(tokens))
        slots = [next(self.fresh_slot) for _ in tokens]
        assert self.tree.insert(tokens, slots) == known
        for prefix, slot in zip(self.prefixes(tokens), slots, strict=True):
            if prefix not in self.slot:
                self.slot[prefix], self.used[prefix] = slot, self.clock

    @rule(n_slots=st.integers(1, 9))
    def evict(self, n_slots):
        kept = {p for pin in self.pins for p in self.prefixes(pin)}
        evictable = len(self.slot) - len(kept)
        freed = self.tree.evict(n_slots)
        assert len(freed) >= min(n_slots, evictable)
        by_slot = {slot: prefix for prefix, slot in self.slot.items()}
        gone = [by_slot[slot] for slot in freed]  # each one was cached
        assert len(gone) == len(set(gone))
        assert not kept & set(gone)
        for prefix in gone:
            del self.slot[prefix]
        for prefix in self.slot:  # nothing hangs in the air
            assert set(self.prefixes(prefix)) <= set(self.slot)
        leaves = [p for p in self.slot if p not in kept and not any(
            q[: len(p)] == p for q in self.slot if len(q) > len(p)
        )]
        if gone and leaves:
            last = max(self.used[p] for p in gone)
            assert last <= min(self.used[p] for p in leaves)

    @invariant()
    def the_tree_holds_what_the_dictionary_holds(self):
        found, nodes = {}, [((), self.tree.root)]
        for prefix, node in nodes:
            assert len(node.tokens) == len(node.slots)
            for first, child in node.children.items():
                assert first == child.tokens[0]
                assert child.parent is node
                assert child.pins <= node.pins
                for token, slot in zip(
                    child.tokens, child.slots, strict=True
                ):
                    prefix_of_token = prefix + child.tokens[
                        : child.slots.index(slot) + 1
                    ]
                    assert prefix_of_token[-1] == token
                    found[prefix_of_token] = slot
                nodes.append((prefix + child.tokens, child))
        assert found == self.slot
        assert self.tree.root.pins == len(self.pins)


TestPrefixes = Prefixes.TestCase


def test_a_different_first_token_finds_nothing():
    tree = RadixCache()
    tree.insert([1, 2, 3, 4], [10, 11, 12, 13])
    assert tree.match([9, 2, 3, 4])[0] == []
    assert tree.match([1, 2, 9, 4])[0] == [10, 11]


def test_two_prompts_share_their_common_start():
    tree = RadixCache()
    assert tree.insert([1, 2, 3], [10, 11, 12]) == 0
    # The second request computed nothing twice: it reused 10 and 11.
    assert tree.insert([1, 2, 4], [10, 11, 13]) == 2
    assert tree.match([1, 2, 4, 5])[0] == [10, 11, 13]
    assert tree.match([1, 2, 3, 5])[0] == [10, 11, 12]


def test_the_least_recently_used_leaf_goes_first():
    tree = RadixCache()
    tree.insert([1, 2], [10, 11])
    tree.insert([1, 3], [10, 12])
    tree.match([1, 2])
    assert tree.evict(1) == [12]
    assert tree.match([1, 3])[0] == [10]
    assert tree.evict(2) == [11, 10]


def test_a_pin_survives_a_split_of_its_edge():
    tree = RadixCache()
    tree.insert([1, 2, 3], [10, 11, 12])
    _, node = tree.match([1, 2, 3])
    tree.pin(node)
    tree.insert([1, 4], [10, 13])  # cuts the pinned edge after 1
    assert tree.evict(9) == [13]
    assert tree.match([1, 2, 3])[0] == [10, 11, 12]
    tree.unpin(node)
    assert tree.evict(9) == [11, 12, 10]


def test_each_request_has_a_pin_of_its_own():
    tree = RadixCache()
    tree.insert([1], [10])
    _, node = tree.match([1])
    tree.pin(node)
    tree.pin(node)
    tree.unpin(node)
    assert tree.evict(1) == []
    tree.unpin(node)
    assert tree.evict(1) == [10]


def test_a_request_that_found_nothing_pins_and_unpins_too():
    tree = RadixCache()
    _, node = tree.match([1])
    tree.pin(node)
    tree.unpin(node)
    assert node is tree.root


def test_one_unpin_too_many_is_refused():
    tree = RadixCache()
    tree.insert((1, 2), (10, 11))
    _, node = tree.match((1, 2))
    with pytest.raises(ValueError, match=r"\(1, 2\) has 0 pins"):
        tree.unpin(node)
    assert tree.root.pins == 0


def test_a_token_without_a_slot_is_refused():
    tree = RadixCache()
    with pytest.raises(ValueError, match="2 tokens but 1 slots"):
        tree.insert([1, 2], [10])
    assert tree.match([1, 2])[0] == []
