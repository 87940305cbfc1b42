"""Every sequence reads back what it wrote, whatever others do; a failure
changes nothing; in the end every block is free.
"""

import random


def refused(kind, run):
    try:
        run()
    except kind as error:
        assert any(error.args), "a refusal says what is wrong"
        return True
    return False


def test_as_few_blocks_as_possible(exercise):
    pool = exercise.Pool(10, 4)
    for seq, tokens, blocks in (("a", 1, 1), ("b", 4, 1), ("c", 5, 2)):
        pool.allocate(seq, tokens)
        assert (pool.length(seq), len(pool.table(seq))) == (tokens, blocks)
    assert pool.free == 6


def test_tokens_go_to_the_next_slot(exercise):
    pool = exercise.Pool(3, 2)
    pool.allocate("a", 1)
    slots = [pool.append("a") for _ in range(4)]
    blocks = pool.table("a")
    assert [slot for slot, _ in slots] == [
        (blocks[0], 1),
        (blocks[1], 0),
        (blocks[1], 1),
        (blocks[2], 0),
    ]
    assert [copy for _, copy in slots] == [None] * 4


def test_a_fork_takes_no_block(exercise):
    pool = exercise.Pool(3, 2)
    pool.allocate("a", 3)
    pool.fork("a", "b")
    assert pool.free == 1
    assert pool.table("a") == pool.table("b")
    assert pool.length("b") == 3


def test_a_shared_block_is_copied_before_it_is_written(exercise):
    pool = exercise.Pool(4, 2)
    pool.allocate("a", 3)
    pool.fork("a", "b")
    old = pool.table("a")
    slot, copy = pool.append("b")
    assert copy == (old[1], slot[0])
    assert slot[1] == 1
    assert pool.table("a") == old
    assert pool.table("b") == [old[0], slot[0]]
    assert pool.append("a") == ((old[1], 1), None)  # alone again


def test_a_full_shared_block_is_not_copied(exercise):
    pool = exercise.Pool(4, 2)
    pool.allocate("a", 4)
    pool.fork("a", "b")
    slot, copy = pool.append("b")
    assert copy is None
    assert pool.table("b") == [*pool.table("a"), slot[0]]
    assert pool.free == 1


def test_blocks_return_with_their_last_owner(exercise):
    for order in ("ab", "ba"):
        pool = exercise.Pool(4, 2)
        pool.allocate("a", 3)
        pool.fork("a", "b")
        pool.release(order[0])
        assert pool.free == 2
        pool.release(order[1])
        assert pool.free == 4


def test_out_of_blocks_changes_nothing(exercise):
    pool = exercise.Pool(3, 2)
    pool.allocate("a", 5)
    pool.fork("a", "b")
    before = pool.table("a")
    for run in (lambda: pool.allocate("c", 1), lambda: pool.append("b")):
        assert refused(exercise.OutOfBlocks, run)
        assert pool.table("a") == pool.table("b") == before
        assert pool.length("b") == 5
        assert pool.free == 0
    assert refused(KeyError, lambda: pool.table("c"))
    pool.release("b")
    assert pool.append("a") == ((before[2], 1), None)
    assert refused(exercise.OutOfBlocks, lambda: pool.append("a"))
    pool.release("a")
    assert refused(exercise.OutOfBlocks, lambda: pool.allocate("d", 7))
    assert pool.free == 3


def test_unknown_and_known_sequences_are_refused(exercise):
    pool = exercise.Pool(4, 2)
    pool.allocate("a", 1)
    pool.allocate("b", 1)
    for run in (
        lambda: pool.allocate("a", 1),
        lambda: pool.fork("a", "b"),
        lambda: pool.fork("c", "d"),
        lambda: pool.append("c"),
        lambda: pool.release("c"),
        lambda: pool.length("c"),
    ):
        assert refused(KeyError, run)
    assert pool.free == 2
    assert exercise.Pool(1, 1).free == 1
    for sizes in ((0, 1), (1, 0)):
        assert refused(ValueError, lambda sizes=sizes: exercise.Pool(*sizes))
    assert refused(ValueError, lambda: pool.allocate("c", 0))


def test_what_a_table_gives_out_is_a_copy(exercise):
    pool = exercise.Pool(2, 2)
    pool.allocate("a", 1)
    pool.table("a").clear()
    assert len(pool.table("a")) == 1


def test_every_sequence_reads_what_it_wrote(exercise):
    """Random operations against memory in which a sequence is a list."""
    chance = random.Random(0)
    for _ in range(30):
        n_blocks, size = chance.randrange(1, 12), chance.randrange(1, 5)
        pool = exercise.Pool(n_blocks, size)
        memory = {}  # (block, offset) -> what was written there
        shadow = {}  # sequence -> its tokens
        for step in range(200):
            run(exercise, pool, memory, shadow, chance, step, size)
            owned = {block for seq in shadow for block in pool.table(seq)}
            assert pool.free == n_blocks - len(owned)
            for seq, tokens in shadow.items():
                table = pool.table(seq)
                assert len(set(table)) == len(table)
                read = [
                    memory[table[i // size], i % size]
                    for i in range(pool.length(seq))
                ]
                assert read == tokens
        for seq in list(shadow):
            pool.release(seq)
        assert pool.free == n_blocks


def run(exercise, pool, memory, shadow, chance, step, size):
    action = chance.choice("allocate append append fork release".split())
    if action == "allocate" or not shadow:
        tokens = [(step, i) for i in range(chance.randrange(1, 9))]
        try:
            pool.allocate(step, len(tokens))
        except exercise.OutOfBlocks:
            return
        shadow[step] = tokens
        for i, token in enumerate(tokens):
            memory[pool.table(step)[i // size], i % size] = token
        return
    seq = chance.choice(list(shadow))
    if action == "append":
        try:
            slot, copy = pool.append(seq)
        except exercise.OutOfBlocks:
            return
        if copy is not None:
            for offset in range(size):
                if (copy[0], offset) in memory:
                    memory[copy[1], offset] = memory[copy[0], offset]
        memory[slot] = (step, 0)
        shadow[seq].append((step, 0))
    elif action == "fork":
        pool.fork(seq, step)
        shadow[step] = shadow[seq].copy()
    else:
        pool.release(seq)
        del shadow[seq]
