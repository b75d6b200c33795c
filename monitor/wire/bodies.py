"""Bodies: what a server sends, decoded, parsed and held within bounds whatever it sends.

Each bound is chosen so that one probe's memory stays under 2 MB (`tests/wire/test_bounds.py`).
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from monitor.wire.inflaters import CORRUPT, INFLATERS, MAX_INFLATED_BYTES

#: Of all that is read for one answer. Events are not kept: this bounds time, not memory.
MAX_BODY_BYTES = 4 * 1024 * 1024
#: In one event; no API has one of more than some hundred.
MAX_EVENT_VALUES = 2_000
#: In an answer that comes as a whole; an embedding's vector has up to 4,096 in 130 KB.
MAX_ANSWER_VALUES = 5_000
_LONGEST_ENCODING = 20


class BodyError(ValueError):
    """A body that cannot be read. Its text says why and holds nothing of the body."""


class Decoder:
    """Undoes a content encoding in pieces of at most 32 KiB, and counts what goes in and out."""

    def __init__(self, encoding: str, max_bytes: int = MAX_BODY_BYTES) -> None:
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", *INFLATERS}:
            name = encoding if len(encoding) <= _LONGEST_ENCODING else "something unknown"
            raise BodyError(f"body is encoded as {name}, which we cannot undo")
        self._inflater = INFLATERS[encoding]() if encoding in INFLATERS else None
        self._max_bytes = max_bytes if self._inflater is None else MAX_INFLATED_BYTES
        self._taken_bytes = self._given_bytes = 0

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces of some bytes; raises BodyError when they are corrupt or too many."""
        self._taken_bytes += len(data)
        for piece in self._inflate(data):
            self._given_bytes += len(piece)
            # both: a compressed stream may go on for ever without a byte that comes out
            if max(self._taken_bytes, self._given_bytes) > self._max_bytes:
                raise BodyError(f"body over {self._max_bytes // 1024} KiB")
            yield piece

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            yield data
            return
        try:
            yield from self._inflater.inflate(data)
        except CORRUPT as error:
            raise BodyError("body is not the compressed data that it claims to be") from error


def parse(text: str | bytes | bytearray, max_values: int = MAX_EVENT_VALUES) -> Any:  # noqa: ANN401
    """A JSON document, numbers with a point as Decimal (so that no money is ever a float).

    Raises BodyError where it is not JSON, or has more values than its kind can have: a small text
    can hold very many, and each costs hundreds of bytes.
    """
    if count_values(text) > max_values:
        raise BodyError(f"JSON of over {max_values} values")
    try:
        return json.loads(text, parse_float=_number, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise BodyError("not JSON") from error


def count_values(text: str | bytes | bytearray) -> int:
    """At least as many as a JSON text has, without parsing it."""
    if isinstance(text, str):
        return sum(map(text.count, ",{["))
    return sum(map(text.count, (b",", b"{", b"[")))


def _number(digits: str) -> Decimal | None:
    try:
        return Decimal(digits)
    except ArithmeticError:
        return None


def _nothing(_: str) -> None:
    """NaN and Infinity, which JSON has not and some servers send: not known."""
