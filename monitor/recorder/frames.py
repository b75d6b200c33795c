"""Frames: the documents in a body that passes in pieces of any size, in bounded memory."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, Protocol

#: What is longer is left out: a line of a stream, or the middle of one that is no stream.
MAX_BYTES: Final = 1024 * 1024
#: How much is kept of the end of a longer body.
_TAIL_BYTES: Final = 4096
_MEMBER: Final = re.compile(rb'"\w+"\s*:')


class Frames(Protocol):
    """Takes pieces and gives what is whole; `close` gives what is left at the end."""

    def feed(self, piece: bytes) -> Iterator[bytes]: ...
    def close(self) -> Iterator[bytes]: ...


class Lines:
    """A document in each line, as Ollama streams."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_skipping = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            if not self._is_skipping:
                yield line.rstrip(b"\r")
            self._is_skipping = False
        if len(self._rest) > MAX_BYTES:
            self._rest, self._is_skipping = b"", True

    def close(self) -> Iterator[bytes]:
        if self._rest and not self._is_skipping:
            yield self._rest.rstrip(b"\r")


class Events:
    """Server-sent events: the data of each, whatever its name."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for line in self._lines.feed(piece):
            yield from self._take(line)

    def close(self) -> Iterator[bytes]:
        for line in self._lines.close():
            yield from self._take(line)
        yield from self._take(b"")

    def _take(self, line: bytes) -> Iterator[bytes]:
        if line.startswith(b"data:") and self._size <= MAX_BYTES:
            self._data.append(line[5:].strip())
            self._size += len(line)
        elif not line and self._data:
            data, self._data, self._size = b"\n".join(self._data), [], 0
            yield data


class Whole:
    """One document, given at the end; of a long one, what its end says by itself."""

    def __init__(self) -> None:
        self._body = bytearray()
        self._is_long = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        self._body += piece
        if self._is_long or len(self._body) > MAX_BYTES:
            self._is_long = True
            del self._body[:-_TAIL_BYTES]
        yield from ()

    def close(self) -> Iterator[bytes]:
        yield last_members(bytes(self._body)) if self._is_long else bytes(self._body)


def last_members(tail: bytes) -> bytes:
    """The last members of a JSON object, as an object, out of the end of its text.

    Only where a member of the outermost object begins does what follows close all that is open.
    """
    for found in _MEMBER.finditer(tail):
        with suppress(ValueError):
            rest = b"{" + tail[found.start() :]
            json.loads(rest)
            return rest
    return b"{}"


def parse(document: bytes) -> Any:  # noqa: ANN401
    """The JSON in it, or the text of what is none."""
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return document[:MAX_BYTES].decode("utf-8", "replace")


def frames_for(content_type: str) -> Frames:
    """How a body of that type is put together."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return Events()
    return Lines() if kind in {"application/x-ndjson", "application/jsonl"} else Whole()
