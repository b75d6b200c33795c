"""The lease: who writes to this database.

In a file of SQLite one process at a time, in one row. On PostgreSQL several monitors may, each in
a row of its own; whoever must be alone (a rebuild, say) keeps them away.
"""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from monitor.storage import postgresql, statements
from monitor.storage.models.operations import Lease
from monitor.storage.refusals import naming

_WRITER = "writer"
_PUT = statements.replace("lease", ("name",), ("pid", "host", "acquired_ms", "heartbeat_ms"))
#: Who was not heard of for this long is gone, however it ended.
_FORGOTTEN_MS = 3_600_000


class Holder(NamedTuple):
    """The process that writes, since when, and when it last said so."""

    pid: int
    host: str
    heartbeat_ms: int
    acquired_ms: int


def holder(session: Session) -> Holder | None:
    """Who holds the lease; of several the one that was heard of last."""
    columns = (Lease.pid, Lease.host, Lease.heartbeat_ms, Lease.acquired_ms)
    chosen = select(*columns).order_by(Lease.heartbeat_ms.desc(), Lease.name).limit(1)
    row = session.execute(chosen).first()
    return None if row is None else Holder(*row)


def take(session: Session, pid: int, host: str, now_ms: int) -> None:
    """Write a process down as a holder, and forget those that ended without a word."""
    session.execute(delete(Lease).where(Lease.heartbeat_ms < now_ms - _FORGOTTEN_MS))
    statements.run(session, _PUT, (_name(session, pid, host), pid, host, now_ms, now_ms))


def beat(session: Session, pid: int, host: str, now_ms: int) -> None:
    """A holder says that it lives."""
    own = Lease.name == _name(session, pid, host)
    session.execute(update(Lease).where(own).values(heartbeat_ms=now_ms))


def give_up(session: Session, pid: int, host: str) -> None:
    """A process holds the lease no more."""
    session.execute(delete(Lease).where(Lease.name == _name(session, pid, host)))


def _name(session: Session, pid: int, host: str) -> str:
    is_file = session.get_bind().dialect.name == "sqlite"
    return _WRITER if is_file else f"{_WRITER} {pid} on {host}"


class ServerLock:
    """A lock that the server holds for one connection: it goes when that does, or its process."""

    def __init__(self, url: str, number: int = postgresql.LEASE, *, is_shared: bool) -> None:
        self._url, self._question = url, postgresql.try_lock(number, is_shared=is_shared)
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Take the lock, or see that it is held still; `False`: somebody else is in the way.

        Raises DatabaseRefused.
        """
        with naming(self._url):
            if self._connection is not None and self._is_alive(self._connection):
                return True
            return self._take()

    def release(self) -> None:
        """Let go of the lock, with its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _is_alive(self, connection: Connection) -> bool:
        try:
            connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            self.release()
            return False
        return True

    def _take(self) -> bool:
        connection = postgresql.open_plain(self._url).connect()
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.exec_driver_sql(self._question)
        self._connection = connection
        if not taken.scalar_one():
            self.release()
        return self._connection is not None
