"""Server-sent events from bytes in pieces: WHATWG HTML, section 9.2.

Four layers, each with its own rest: bytes, characters, lines, fields. Time
and memory are linear in the bytes.
"""

import codecs
from typing import NamedTuple


class Event(NamedTuple):
    data: str
    event: str = "message"
    id: str = ""


class Parser:
    def __init__(self) -> None:
        """At the start of a stream."""
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._after_cr = False  # a line feed that comes next ends no line
        self._line: list[str] = []
        self._data: list[str] = []
        self._event, self._id = "message", ""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that `chunk` completes."""
        found = []
        for character in self._decode.decode(chunk):
            second_half = character == "\n" and self._after_cr
            self._after_cr = character == "\r"
            if second_half:
                continue
            if character not in "\r\n":
                self._line.append(character)
                continue
            line = "".join(self._line)
            self._line.clear()
            if line:
                self._take(line)
                continue
            if self._data:
                data = "\n".join(self._data)
                found.append(Event(data, self._event, self._id))
            self._data.clear()
            self._event = "message"
        return found

    def _take(self, line: str) -> None:
        field, _, value = line.partition(":")  # a comment's field is empty
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value or "message"
        elif field == "id" and "\0" not in value:
            self._id = value
