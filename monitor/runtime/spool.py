"""The spool: probe calls kept on disk, in order, while the database refuses.

One file of reserved size, so that a full disk does not stop it: a header line with the count of
what found no room, then a line per call, then zero bytes.
"""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Self

from monitor.domain import wording
from monitor.domain.calls import Call
from monitor.domain.dedupe import own_key

log = logging.getLogger(__name__)

RESERVED_BYTES = 64 * 1024 * 1024
_HEADER_BYTES = 16
_BLOCK_BYTES = 65_536


class Spool:
    """Calls waiting for the database, each with the instant at which it was to be written."""

    def __init__(self, path: Path, reserved_bytes: int = RESERVED_BYTES) -> None:
        self._file = _reserve(path, reserved_bytes)
        self._path, self._room_until = path, reserved_bytes
        header = self._file.read(_HEADER_BYTES).strip(b"\0 \n")
        self.lost = int(header) if header.isdigit() else 0
        lines = _lines(self._file)
        self._damaged = 0
        self._end = _HEADER_BYTES + sum(len(line) + 1 for line in lines)
        self.waiting = len(lines)

    @property
    def used_bytes(self) -> int:
        """How much of the reserved room is taken."""
        return self._end

    @property
    def limit_bytes(self) -> int:
        """How much room is reserved."""
        return self._room_until

    def append(self, calls: Iterable[Call], now_ms: int) -> None:
        """Keep calls, each with a key of its own; those that cannot be kept are counted as lost."""
        for call in calls:
            keyed = replace(call, dedupe_key=call.dedupe_key or own_key(call.started_ms))
            self._keep(json.dumps([now_ms, wording.write(keyed)]).encode() + b"\n")
        try:
            self._write(0, f"{self.lost:<{_HEADER_BYTES - 1}}\n".encode())
            os.fsync(self._file.fileno())
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error)

    def read(self) -> list[tuple[int, Call]]:
        """All calls in order, with the instants at which they were kept."""
        self._file.seek(_HEADER_BYTES)
        read = [self._read_line(line) for line in _lines(self._file)]
        self._damaged = read.count(None)
        return [kept for kept in read if kept is not None]

    def clear(self) -> None:
        """Forget all calls that were read: the ledger has them. Raises OSError."""
        self._write(_HEADER_BYTES, b"\0" * (self._end - _HEADER_BYTES))
        os.fsync(self._file.fileno())
        self._end, self.waiting = _HEADER_BYTES, 0
        self.lost += self._damaged
        self._damaged = 0

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self, line: bytes) -> None:
        refusal = self._try_to_write(line)
        if refusal is None:
            self._end += len(line)
            self.waiting += 1
        else:
            log.warning("a probe is lost: %s: %s", self._path, refusal)
            self.lost += 1

    def _try_to_write(self, line: bytes) -> str | None:
        """Why a line finds no place; `None` once it stands in the file."""
        if self._end + len(line) >= self._room_until:
            return "the reserved room is full"
        try:
            self._write(self._end, line)
        except OSError as error:
            return str(error)
        return None

    def _read_line(self, line: bytes) -> tuple[int, Call] | None:
        try:
            kept_ms, text = json.loads(line)
            return kept_ms, wording.read(text)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("a probe is lost: %s has a line that is damaged: %s", self._path, error)
            return None

    def _write(self, at: int, data: bytes) -> None:
        while data:
            done = os.pwrite(self._file.fileno(), data, at)
            at, data = at + done, data[done:]


def _reserve(path: Path, size: int) -> FileIO:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if os.fstat(descriptor).st_size < size:
        try:
            os.posix_fallocate(descriptor, 0, size)
        except OSError as error:
            log.warning(
                "%s cannot reserve %d MB (%s); make room on its disk, or probes are lost while "
                "the database refuses",
                path,
                size // 1_000_000,
                error.strerror,
            )
    return os.fdopen(descriptor, "r+b", buffering=0)


def _lines(file: FileIO) -> list[bytes]:
    whole = bytearray()
    while block := file.read(_BLOCK_BYTES):
        used, end, _ = block.partition(b"\0")
        whole += used
        if end:
            break  # the rest is reserved
    return bytes(whole).split(b"\n")[:-1]
