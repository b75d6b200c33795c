"""Server-sent events: bytes in any pieces become events, within bounds.

After the WHATWG rules (line ends CRLF, LF or CR; comments; several `data` lines joined), with two
differences: an event that the end of the stream cuts before its blank line counts, and so does a
bare JSON object between the events, which is how Gemini reports an error in mid-stream.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_ENDS = (b"\n", b"\r")


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
        self._data = bytearray()
        self._bare = bytearray()
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
        for part in piece.splitlines(keepends=True):
            line = part.rstrip(b"\r\n")
            if len(self._line) + len(self._data) + len(self._bare) + len(line) > MAX_EVENT_BYTES:
                raise SseError(f"an event of over {MAX_EVENT_BYTES // 1024} KiB")
            if not part.endswith(_ENDS):
                self._line += line
            elif self._line:
                line = bytes(self._line + line)
                self._line.clear()
                yield from self._take(line)
            elif not line.startswith(b":") or self._is_first_line:
                yield from self._take(line)
        self._skips_line_feed = piece.endswith(b"\r")

    def close(self) -> Iterator[Event]:
        """The event that was not yet ended by a blank line when the stream ended."""
        if self._line:
            yield from self._take(bytes(self._line))
        yield from self._dispatch(self._data)
        yield from self._dispatch(self._bare)

    def _take(self, line: bytes) -> Iterator[Event]:
        """One whole line."""
        if self._is_first_line:
            line = line.removeprefix(_BOM)
            self._is_first_line = False
        if line.startswith(b":"):
            return
        if self._bare or line.startswith(b"{"):
            yield from self._take_bare(line)
        elif line:
            self._take_field(line)
        else:
            yield from self._dispatch(self._data)

    def _take_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data += value + b"\n"
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")

    def _take_bare(self, line: bytes) -> Iterator[Event]:
        """A line of a bare object, which ends in its first line or with a brace of its own."""
        is_whole = line.endswith(b"}") if not self._bare else line == b"}"
        self._bare += line + b"\n"
        if is_whole:
            yield from self._dispatch(self._bare)

    def _dispatch(self, lines: bytearray) -> Iterator[Event]:
        name, self._name = self._name, None
        if lines:
            text = lines[:-1].decode("utf-8", "replace")
            lines.clear()
            yield Event(text, name)
