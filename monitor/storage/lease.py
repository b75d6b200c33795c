"""The lease: who writes to this database."""

from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitor.storage import statements
from monitor.storage.models.operations import Lease

_WRITER = "writer"
_PUT = statements.replace("lease", ("name",), ("pid", "host", "acquired_ms", "heartbeat_ms"))


class Holder(NamedTuple):
    """The process that writes, since when, and when it last said so."""

    pid: int
    host: str
    heartbeat_ms: int
    acquired_ms: int


def holder(session: Session) -> Holder | None:
    """Who holds the lease."""
    columns = (Lease.pid, Lease.host, Lease.heartbeat_ms, Lease.acquired_ms)
    chosen = select(*columns).where(Lease.name == _WRITER)
    row = session.execute(chosen).first()
    return None if row is None else Holder(*row)


def take(session: Session, pid: int, host: str, now_ms: int) -> None:
    """Write a process down as the holder."""
    statements.run(session, _PUT, (_WRITER, pid, host, now_ms, now_ms))


def beat(session: Session, now_ms: int) -> None:
    """The holder says that it lives."""
    session.execute(update(Lease).where(Lease.name == _WRITER).values(heartbeat_ms=now_ms))


def give_up(session: Session) -> None:
    """Nobody holds the lease any more."""
    session.execute(delete(Lease).where(Lease.name == _WRITER))
