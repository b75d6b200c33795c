"""Inflaters: compressed bytes undone in pieces of bounded size, however they were packed.

We ask for no encoding; some servers and proxies compress all the same.
"""

import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import brotli
import zstandard

PIECE_BYTES = 16 * 1024
#: Of what comes out: an inflater keeps it all to refer back to, and brotli's window ends there.
MAX_INFLATED_BYTES = 1000 * 1024
_GZIP_OR_ZLIB = 47
#: A block of zstd is packed into four bytes or more, and holds at most 128 KiB.
_ZSTD_STEP_BYTES = 4
#: The largest window that HTTP allows (RFC 9659). Only what was written of it costs memory.
_ZSTD_WINDOW_BYTES = 8 * 1024 * 1024


class Inflater(Protocol):
    """Undoes one encoding."""

    def inflate(self, data: bytes) -> Iterator[bytes]:
        """The pieces that some bytes add; to be read to the end before the next ones."""


class Deflated:
    """gzip and zlib. What comes after the end is not looked at."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)

    def inflate(self, data: bytes) -> Iterator[bytes]:
        is_full = True
        while (data or is_full) and not self._inflater.eof:
            piece = self._inflater.decompress(data, PIECE_BYTES)
            data, is_full = self._inflater.unconsumed_tail, len(piece) == PIECE_BYTES
            yield piece


class Brotli:
    """Brotli, whose steps are of twice the size that they are asked to be.

    Its library fills a window of up to 16 MiB before it gives the first byte away. Nothing refers
    back further than to the beginning, so up to `MAX_INFLATED_BYTES` a stream is the same with a
    window of 1 MiB, which is what its header is made to say (RFC 7932, 9.1).
    """

    def __init__(self) -> None:
        self._inflater = brotli.Decompressor()
        self._is_begun = False

    def inflate(self, data: bytes) -> Iterator[bytes]:
        if data and not self._is_begun:
            data, self._is_begun = bytes([_narrow(data[0])]) + data[1:], True
        piece = self._inflater.process(data, output_buffer_limit=PIECE_BYTES)
        while piece or not self._inflater.can_accept_more_data():
            yield piece
            piece = self._inflater.process(b"", output_buffer_limit=PIECE_BYTES)


def _narrow(header: int) -> int:
    """A first byte whose window has 20 bits at most: from 18 on they are bits 1 to 3, above 17."""
    bits_over_17 = header >> 1 & 0b111
    return header & ~0b1110 | 3 << 1 if header & 1 and bits_over_17 > 3 else header  # noqa: PLR2004


class Zstd:
    """Zstandard. Its library limits no step's output, so that each step gets only little input."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._inflater = zstandard.ZstdDecompressor(
            max_window_size=_ZSTD_WINDOW_BYTES
        ).stream_writer(self, write_size=PIECE_BYTES, closefd=False)  # type: ignore[arg-type]

    def write(self, piece: bytes) -> int:
        """Called by the library with what it inflated."""
        self._pieces.append(piece)
        return len(piece)

    def inflate(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_STEP_BYTES):
            self._inflater.write(data[start : start + _ZSTD_STEP_BYTES])
            while self._pieces:
                yield self._pieces.popleft()


INFLATERS: Mapping[str, Callable[[], Inflater]] = {
    "gzip": Deflated,
    "x-gzip": Deflated,
    "deflate": Deflated,
    "br": Brotli,
    "zstd": Zstd,
}
#: What the libraries raise for bytes that are not what they claim to be.
CORRUPT = (zlib.error, brotli.error, zstandard.ZstdError)
