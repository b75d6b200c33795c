"""Server-sent events: bytes in any pieces become events, within bounds.

After the WHATWG rules (line ends CRLF, LF or CR; comments; several `data` lines joined), with one
difference: an event that the end of the stream cuts before its blank line counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 256 * 1024
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class SseError(ValueError):
    """A line or an event that is longer than `MAX_EVENT_BYTES`."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its `data` lines joined by line feeds, and its name where it has one."""

    data: str
    name: str | None = None


class SseParser:
    """Any way of cutting the stream into pieces gives the same events."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._name: str | None = None
        self._is_first_line = True
        self._skips_line_feed = False

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The events that a piece completes; to be read to the end before the next one.

        Raises SseError where a line or an event is too long.
        """
        if self._skips_line_feed and piece:
            piece = piece.removeprefix(b"\n")
            self._skips_line_feed = False
        start = 0
        for end in _LINE_END.finditer(piece):
            self._extend(piece[start : end.start()])
            start = end.end()
            yield from self._end_line()
        self._extend(piece[start:])
        self._skips_line_feed = piece.endswith(b"\r")

    def close(self) -> Iterator[Event]:
        """The event that was not yet ended by a blank line when the stream ended."""
        if self._line:
            yield from self._end_line()
        yield from self._dispatch()

    def _extend(self, part: bytes) -> None:
        self._line += part
        if len(self._line) + self._size > MAX_EVENT_BYTES:
            raise SseError(f"an event of over {MAX_EVENT_BYTES // 1024} KiB")

    def _end_line(self) -> Iterator[Event]:
        line = bytes(self._line)
        self._line.clear()
        if self._is_first_line:
            line = line.removeprefix(_BOM)
            self._is_first_line = False
        if line:
            self._take_field(line)
        else:
            yield from self._dispatch()

    def _take_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value) + 1
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")

    def _dispatch(self) -> Iterator[Event]:
        data, name = self._data, self._name
        self._data, self._name, self._size = [], None, 0
        if data:
            yield Event(b"\n".join(data).decode("utf-8", "replace"), name)
