"""The writer's lease: one process writes to a SQLite file at a time.

A lock that dies with its process is the truth: a file beside the database, or on PostgreSQL one
that the server holds for a connection. There several monitors may hold it together, and one of
them has the duty to deliver. The row in the database tells others who it is.
"""

import logging
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from monitor.storage import lease, postgresql
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.lease import Holder, ServerLock

log = logging.getLogger(__name__)


class LeaseHeld(RuntimeError):
    """Another process writes to this database."""

    def __init__(self, name: str, holder: Holder | None) -> None:
        super().__init__(
            f"{name} is being written by {_who(holder)}; stop that one first, or set another "
            "database"
        )
        self.pid = None if holder is None else holder.pid


class _Lock(Protocol):
    def acquire(self) -> bool: ...

    def release(self) -> None: ...


class WriterLease:
    """The right to write to a database, from `acquire` to `release` or the end of the process.

    `is_shared`: beside others of this kind, where the database bears it.
    """

    def __init__(self, database: Database, *, is_shared: bool = False) -> None:
        self._database = database
        path = database.path
        self._lock: _Lock = (
            ServerLock(database.url, is_shared=is_shared) if path is None else _BesideFile(path)
        )

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
        if not self._lock.acquire():
            raise LeaseHeld(self._database.name, self._holder())

    def keep(self) -> None:
        """Take the lock again where the server has lost it, as it does when it is restarted."""
        try:
            if not self._lock.acquire():
                log.warning("somebody else holds the lease meanwhile: %s", _who(self._holder()))
        except DatabaseRefused as error:
            log.warning("the lease is not held: %s", error)

    def unlock(self) -> None:
        """Let writers in again."""
        self._lock.release()

    def release(self) -> None:
        """Give the lease back; where the database refuses, its row stays and means nothing."""
        try:
            with suppress(DatabaseRefused), self._database.writing() as session:
                lease.give_up(session, os.getpid(), socket.gethostname())
        finally:
            self.unlock()

    def _holder(self) -> Holder | None:
        try:
            with self._database.reading() as session:
                return lease.holder(session)
        except DatabaseRefused:
            return None


class DeliveryDuty:
    """The duty to deliver alerts: of the monitors of one database it is one's at a time.

    Who may write to a file is alone, and has it with that.
    """

    def __init__(self, database: Database) -> None:
        is_file = database.path is not None
        self._lock = (
            None if is_file else ServerLock(database.url, postgresql.DELIVERING, is_shared=False)
        )

    def take(self) -> bool:
        """Whether it is ours, from now on or still. Raises DatabaseRefused."""
        return self._lock is None or self._lock.acquire()

    def release(self) -> None:
        """Let another monitor have it."""
        if self._lock is not None:
            self._lock.release()


class _BesideFile:
    """A lock on a file beside the database."""

    def __init__(self, database: Path) -> None:
        # Kept in whichever thread of the process asks.
        self._file = FileLock(f"{database}.lock", thread_local=False)

    def acquire(self) -> bool:
        if self._file.is_locked:
            return True
        try:
            self._file.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise DatabaseRefused(f"its lock file is refused: {error}") from error
        return True

    def release(self) -> None:
        self._file.release()


def sign(session: Session, now_ms: int) -> None:
    """Write this process down as one that writes."""
    lease.take(session, os.getpid(), socket.gethostname(), now_ms)


def beat(session: Session, now_ms: int) -> None:
    """Say that this process writes still."""
    lease.beat(session, os.getpid(), socket.gethostname(), now_ms)


def _who(holder: Holder | None) -> str:
    if holder is None:
        return "another process"
    own = holder.host == socket.gethostname()
    return f"process {holder.pid}" if own else f"process {holder.pid} on {holder.host}"
