"""Bodies: what a server sends, decoded, parsed and held within bounds whatever it sends."""

import json
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

MAX_BODY_BYTES = 1024 * 1024
MAX_CHUNK_VALUES = 10_000
MAX_LIST_VALUES = 100_000
_PIECE_BYTES = 64 * 1024
_GZIP_OR_ZLIB = 47
_LONGEST_ENCODING = 20


class BodyError(ValueError):
    """A body that cannot be read. Its text says why and holds nothing of the body."""


class Decoder:
    """Undoes a content encoding in pieces of at most 64 KiB, and counts what comes out.

    We ask for no encoding; a server that compresses all the same is understood where the
    standard library can inflate in bounded steps.
    """

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            name = encoding if len(encoding) <= _LONGEST_ENCODING else "something unknown"
            raise BodyError(f"body is encoded as {name}, which was not asked for")
        self._inflater = None if encoding in {"", "identity"} else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._decoded_bytes = 0

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces of some bytes; raises BodyError when they are corrupt or too many."""
        for piece in self._inflate(data):
            self._decoded_bytes += len(piece)
            if self._decoded_bytes > MAX_BODY_BYTES:
                raise BodyError(f"body over {MAX_BODY_BYTES // (1024 * 1024)} MiB")
            yield piece

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            yield data
            return
        is_full = True
        while data or is_full:
            try:
                piece = self._inflater.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                raise BodyError("body is not the compressed data that it claims to be") from error
            data, is_full = self._inflater.unconsumed_tail, len(piece) == _PIECE_BYTES
            yield piece


def parse(text: str | bytes | bytearray, max_values: int = MAX_CHUNK_VALUES) -> Any:  # noqa: ANN401
    """A JSON document, numbers with a point as Decimal (so that no money is ever a float).

    Raises BodyError where it is not JSON, or has more values than its kind can have: a small text
    can hold very many, and each costs a hundred bytes.
    """
    if _count_values(text) > max_values:
        raise BodyError(f"JSON of over {max_values} values")
    try:
        return json.loads(text, parse_float=_number, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise BodyError("not JSON") from error


def _count_values(text: str | bytes | bytearray) -> int:
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
