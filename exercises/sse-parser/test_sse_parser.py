"""The same bytes give the same events however they are cut, and an event is
given out with the byte that completes it.
"""

import random

STREAM = (
    "\ufeff: a heartbeat\n\n"
    'data: {"token": "é"}\r\n\r\n'
    "event: delta\rdata: one\rdata:  two\r\r"
    "id: 7\ndata: X漢🙂\n\n"
    "data\n\n"
    "retry: 10\nunknown: x\nevent: lost\n\n"
    "data:after: colon\nid\n\n"
    "data: unfinished"
).encode()


def whole(exercise, stream=STREAM):
    return exercise.Parser().feed(stream)


def cut(exercise, stream, *places):
    parser, events = exercise.Parser(), []
    ends = [*places, len(stream)]
    for start, end in zip([0, *places], ends, strict=True):
        events += parser.feed(stream[start:end])
    return events


def test_it_reads_a_stream_as_the_standard_has_it(exercise):
    Event = exercise.Event
    assert whole(exercise) == [
        Event('{"token": "é"}', "message", ""),
        Event("one\n two", "delta", ""),
        Event("X漢🙂", "message", "7"),
        Event("", "message", "7"),
        Event("after: colon", "message", ""),
    ]


def test_every_cut_in_two_gives_the_same(exercise):
    wanted = whole(exercise)
    assert wanted
    for place in range(len(STREAM) + 1):
        assert cut(exercise, STREAM, place) == wanted, place


def test_single_bytes_and_random_pieces_give_the_same(exercise):
    wanted = whole(exercise)
    assert wanted
    assert cut(exercise, STREAM, *range(1, len(STREAM))) == wanted
    chance = random.Random(0)
    for _ in range(200):
        count = chance.randrange(1, 12)
        places = sorted(chance.sample(range(1, len(STREAM)), count))
        assert cut(exercise, STREAM, *places) == wanted


def test_all_three_line_ends_are_one(exercise):
    for end in ("\n", "\r", "\r\n"):
        stream = f"data: a{end}data: b{end}{end}data: c{end}{end}".encode()
        found = [event.data for event in whole(exercise, stream)]
        assert found == ["a\nb", "c"], repr(end)
    mixed = b"data: a\r\n\ndata: b\n\rdata: c\r\n\r"
    assert [e.data for e in whole(exercise, mixed)] == ["a", "b", "c"]


def test_an_event_comes_with_the_byte_that_completes_it(exercise):
    parser = exercise.Parser()
    assert parser.feed(b"data: a\r") == []
    assert [event.data for event in parser.feed(b"\r")] == ["a"]
    assert parser.feed(b"\ndata: b\r\n") == []
    assert [event.data for event in parser.feed(b"\r")] == ["b"]
    assert parser.feed(b"\n") == []


def test_only_one_space_is_removed(exercise):
    found = whole(exercise, b"data:    return x  \n\n")
    assert found == [exercise.Event("   return x  ")]


def test_the_id_is_kept_and_the_kind_is_not(exercise):
    stream = b"id: 1\nevent: a\ndata: x\n\ndata: y\n\nid: 2\n\ndata: z\n\n"
    found = [(e.data, e.event, e.id) for e in whole(exercise, stream)]
    assert found == [
        ("x", "a", "1"),
        ("y", "message", "1"),
        ("z", "message", "2"),
    ]
    found = whole(exercise, b"event: a\nevent:\ndata: x\n\n")
    assert found == [exercise.Event("x", "message")]
    stream = b"id: 1\ndata: x\n\nid: 2\x003\ndata: y\n\n"
    assert [event.id for event in whole(exercise, stream)] == ["1", "1"]


def test_bytes_that_are_no_text_become_marks(exercise):
    (event,) = whole(exercise, b"data: a\xff\xfeb\n\n")
    assert event.data == "a\ufffd\ufffdb"


def test_a_mark_of_byte_order_is_ignored_at_the_start_only(exercise):
    mark = "\ufeff".encode()
    stream = mark + b"data: " + mark + b"x\n\n"
    assert [event.data for event in whole(exercise, stream)] == ["\ufeffx"]
    assert [e.data for e in cut(exercise, stream, 1, 2)] == ["\ufeffx"]
