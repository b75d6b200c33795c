"""Equals: how many rows like this one stood in the file before.

Rows without an id are told apart by their number among equals, so all of a file have to be
remembered, and memory must not grow with it: a Bloom filter says of most that they are new; what
it doubts is looked for among 64 bits of each row's hash, kept sorted in a temporary file.
"""

import mmap
from array import array
from bisect import bisect_left
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO, Any

_BITS = 28
_SHIFTS = (0, _BITS, 2 * _BITS)
_AT_ONCE = 250_000


class Equals:
    """Counts rows by what they say; some 60 MB at most, but for those that are repeated."""

    def __init__(self, at_once: int = _AT_ONCE, bits: int = _BITS) -> None:
        self._at_once, self._mask = at_once, 2**bits - 1
        self._seen = bytearray(2 ** (bits - 3))
        self._recent: set[int] = set()
        self._runs: list[memoryview] = []
        self._files: list[IO[bytes]] = []
        self._counts: dict[int, int] = {}

    def number(self, text: str) -> int:
        """How many equal texts were numbered before."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()
        key = int.from_bytes(digest[:8], "big")
        if self._is_new(int.from_bytes(digest[8:], "big")) or not self._is_kept(key):
            self._keep(key)
            return 0
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]

    def close(self) -> None:
        """Forget all of it."""
        for run in self._runs:
            run.release()
        for file in self._files:
            file.close()

    def _is_new(self, bits: int) -> bool:
        """Whether it was surely never seen; now it is."""
        seen, is_new = self._seen, False
        for shift in _SHIFTS:
            place = bits >> shift & self._mask
            byte, bit = place >> 3, 1 << (place & 7)
            if not seen[byte] & bit:
                seen[byte] |= bit
                is_new = True
        return is_new

    def _is_kept(self, key: int) -> bool:
        return (
            key in self._counts
            or key in self._recent
            or any(_holds(run, key) for run in self._runs)
        )

    def _keep(self, key: int) -> None:
        self._recent.add(key)
        if len(self._recent) >= self._at_once:
            self._put_down()

    def _put_down(self) -> None:
        file = TemporaryFile()  # noqa: SIM115 -- closed with the rest, in `close`
        array("Q", sorted(self._recent)).tofile(file)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._runs.append(memoryview(mapped).cast("Q"))
        self._files.append(file)
        self._recent = set()


def _holds(run: Any, key: int) -> bool:  # noqa: ANN401 -- a view of numbers
    place = bisect_left(run, key)
    return place < len(run) and bool(run[place] == key)
