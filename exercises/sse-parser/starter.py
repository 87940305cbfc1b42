"""Server-sent events from bytes in pieces."""

from typing import NamedTuple


class Event(NamedTuple):
    data: str
    event: str = "message"
    id: str = ""


class Parser:
    def __init__(self) -> None:
        """At the start of a stream."""
        raise NotImplementedError

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that `chunk` completes."""
        raise NotImplementedError
