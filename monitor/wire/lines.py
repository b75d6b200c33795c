"""Lines: a stream of JSON documents, one a line, within bounds."""

from collections.abc import Iterator

from monitor.wire.sse import MAX_EVENT_BYTES, Event, SseError

_BOM = b"\xef\xbb\xbf"


class LineParser:
    """Any way of cutting the stream into pieces gives the same events, one for each line."""

    def __init__(self) -> None:
        self._line = bytearray()

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The lines that a piece completes; raises SseError where one is too long."""
        *ended, rest = piece.split(b"\n")
        for part in ended:
            self._extend(part)
            yield from self.close()
        self._extend(rest)

    def close(self) -> Iterator[Event]:
        """The line that was not yet ended when the stream ended."""
        line = bytes(self._line).removeprefix(_BOM).strip()
        self._line.clear()
        if line:
            yield Event(line.decode("utf-8", "replace"))

    def _extend(self, part: bytes) -> None:
        self._line += part
        if len(self._line) > MAX_EVENT_BYTES:
            raise SseError(f"a line of over {MAX_EVENT_BYTES // 1024} KiB")
