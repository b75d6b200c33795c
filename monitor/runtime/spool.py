"""The spool: probe calls kept on disk, in order, while the database refuses.

One file of reserved size, so that a full disk does not stop it: a header line with the count of
what found no room, then a line per call, then zero bytes.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Self

from monitor.domain.calls import Call
from monitor.domain.dedupe import own_key
from monitor.runtime import wording

RESERVED_BYTES = 64 * 1024 * 1024
_HEADER_BYTES = 16
_BLOCK_BYTES = 65_536


class Spool:
    """Calls waiting for the database, each with the instant at which it was to be written."""

    def __init__(self, path: Path, reserved_bytes: int = RESERVED_BYTES) -> None:
        self._file = _reserve(path, reserved_bytes)
        self._room_until = reserved_bytes
        self.lost = int(self._file.read(_HEADER_BYTES).strip(b"\0 \n") or 0)
        lines = _lines(self._file)
        self._end = _HEADER_BYTES + sum(len(line) + 1 for line in lines)
        self.waiting = len(lines)

    def append(self, calls: Iterable[Call], now_ms: int) -> None:
        """Keep calls, each with a key of its own; those that find no room are counted as lost."""
        for call in calls:
            keyed = replace(call, dedupe_key=call.dedupe_key or own_key(call.started_ms))
            line = json.dumps([now_ms, wording.write(keyed)]).encode() + b"\n"
            if self._end + len(line) >= self._room_until:
                self.lost += 1
            else:
                self._write(self._end, line)
                self._end += len(line)
                self.waiting += 1
        self._write(0, f"{self.lost:<{_HEADER_BYTES - 1}}\n".encode())
        self._sync()

    def read(self) -> list[tuple[int, Call]]:
        """All calls in order, with the instants at which they were kept."""
        self._file.seek(_HEADER_BYTES)
        rows = (json.loads(line) for line in _lines(self._file))
        return [(kept_ms, wording.read(text)) for kept_ms, text in rows]

    def clear(self) -> None:
        """Forget all calls: the ledger has them."""
        self._write(_HEADER_BYTES, b"\0" * (self._end - _HEADER_BYTES))
        self._sync()
        self._end, self.waiting = _HEADER_BYTES, 0

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, at: int, data: bytes) -> None:
        self._file.seek(at)
        self._file.write(data)

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


def _reserve(path: Path, size: int) -> BinaryIO:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if os.fstat(descriptor).st_size < size:
        os.posix_fallocate(descriptor, 0, size)
    return os.fdopen(descriptor, "r+b")


def _lines(file: BinaryIO) -> list[bytes]:
    whole = bytearray()
    while block := file.read(_BLOCK_BYTES):
        used, end, _ = block.partition(b"\0")
        whole += used
        if end:
            break  # the rest is reserved
    return bytes(whole).split(b"\n")[:-1]
