"""Spool: events on disk while the monitor is away, a file a process, drained by whoever comes next.

A line is an event. A batch is synced before it counts as kept; a torn last line is of one that was
not. Whoever holds a file's lock may drain it: its process while it lives, anybody afterwards.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, Final

from monitor.recorder.guard import tell

locks: Any
try:
    import fcntl as locks
except ImportError:  # Windows, where a file is drained by its own process alone
    locks = None

_BATCH: Final = 500
Send = Callable[[list[dict[str, Any]]], bool]


@dataclass(frozen=True, slots=True)
class _File:
    """A file of ours, locked."""

    path: Path
    stream: BinaryIO

    def read(self) -> Iterator[list[dict[str, Any]]]:
        """The events in it, in batches; a line that is none is a torn one."""
        self.stream.seek(0)
        batch: list[dict[str, Any]] = []
        for line in self.stream:
            with suppress(ValueError):
                batch.append(json.loads(line))
            if len(batch) == _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def send(self, send: Send) -> bool:
        """Whether all of it was sent; it is removed then."""
        if not all(send(batch) for batch in self.read()):
            return False
        self.path.unlink(missing_ok=True)
        self.stream.close()
        return True


class Spool:
    """The process's file in a folder, and the way to those that others left."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._own: _File | None = None
        self._has_told = False

    @property
    def is_filled(self) -> bool:
        """Whether events of this process wait on disk."""
        return self._own is not None

    def append(self, events: list[dict[str, Any]]) -> None:
        """Keep events, synced; those that find no room are lost, and that is told once."""
        try:
            lost = self._write([json.dumps(event).encode() + b"\n" for event in events])
        except OSError as error:
            self._complain(f"calls are lost, for {self._folder} cannot be written: {error}")
        else:
            if lost:
                self._complain("calls are lost, for the spool is full; is the monitor away?")

    def drain(self, send: Send) -> bool:
        """Send what this process kept; whether nothing of it is left."""
        if self._own is not None and not self._own.send(send):
            return False
        self._own, self._has_told = None, False
        return True

    def drain_others(self, send: Send) -> bool:
        """Send what processes left that are no more; whether the monitor took it all."""
        for path in sorted(self._folder.glob("*.jsonl")) if locks else ():
            if (file := _lock(path)) is not None and not file.send(send):
                file.stream.close()
                return False
        return True

    def close(self) -> None:
        """Close the file, and leave it to whoever comes next, or holds its lock by a fork."""
        if self._own is not None:
            self._own.stream.close()
            self._own = None

    def _write(self, lines: list[bytes]) -> int:
        """How many lines found no room."""
        self._own = own = self._own or self._create()
        room = self._max_bytes - own.stream.seek(0, os.SEEK_END)
        kept = list(_fitting(lines, room))
        own.stream.write(b"".join(kept))
        own.stream.flush()
        os.fsync(own.stream.fileno())
        return len(lines) - len(kept)

    def _create(self) -> _File:
        """A new file, readable by its owner alone; one that somebody locks first is let go."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            path = self._folder / f"{os.getpid()}-{token_hex(8)}.jsonl"
            path.touch(mode=0o600, exist_ok=False)
            if (file := _lock(path)) is not None:
                return file

    def _complain(self, message: str) -> None:
        if not self._has_told:
            self._has_told = True
            tell(message)


def _fitting(lines: list[bytes], room: int) -> Iterator[bytes]:
    for line in lines:
        room -= len(line)
        if room < 0:
            return
        yield line


def _lock(path: Path) -> _File | None:
    """The file, locked; `None` where it is somebody's, or gone meanwhile."""
    try:
        stream = path.open("rb+")
    except FileNotFoundError:
        return None
    try:
        if locks is not None:
            locks.flock(stream, locks.LOCK_EX | locks.LOCK_NB)
        if os.fstat(stream.fileno()).st_nlink:
            return _File(path, stream)
    except BlockingIOError:
        pass
    stream.close()
    return None
