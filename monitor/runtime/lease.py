"""The writer's lease: one process writes to a SQLite file at a time.

A file lock beside the database is the truth (it dies with its process); the row in the database
tells others who it is.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from monitor.storage import lease
from monitor.storage.engine import Database, DatabaseRefused, Session


class LeaseHeld(RuntimeError):
    """Another process writes to this database."""

    def __init__(self, path: Path, pid: int | None) -> None:
        who = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"{path} is being written by {who}; stop that one first, or set another database"
        )
        self.pid = pid


class WriterLease:
    """The right to write to a database, from `acquire` to `release` or the end of the process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._path = database.path
        self._lock = None if self._path is None else FileLock(f"{self._path}.lock")

    def acquire(self, now_ms: int) -> None:
        """Take the lease. Raises LeaseHeld, naming the holder's pid, and DatabaseRefused."""
        self.lock()
        try:
            with self._database.writing() as session:
                sign(session, now_ms)
        except DatabaseRefused:
            self.unlock()
            raise

    def lock(self) -> None:
        """Keep all writers away, without a word in the database. Raises as `acquire`."""
        if self._lock is None or self._path is None:
            return
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise LeaseHeld(self._path, self._holder_pid()) from error
        except OSError as error:
            raise DatabaseRefused(f"its lock file is refused: {error}") from error

    def unlock(self) -> None:
        """Let writers in again."""
        if self._lock is not None:
            self._lock.release()

    def release(self) -> None:
        """Give the lease back; where the database refuses, its row stays and means nothing."""
        if self._lock is None:
            return
        try:
            with suppress(DatabaseRefused), self._database.writing() as session:
                lease.give_up(session)
        finally:
            self.unlock()

    def _holder_pid(self) -> int | None:
        try:
            with self._database.reading() as session:
                holder = lease.holder(session)
        except DatabaseRefused:
            return None
        return None if holder is None else holder.pid


def sign(session: Session, now_ms: int) -> None:
    """Write this process down as the one that writes."""
    lease.take(session, os.getpid(), socket.gethostname(), now_ms)
