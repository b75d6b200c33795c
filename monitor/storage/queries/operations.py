"""Operations: what the installation knows of itself."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from monitor.domain.windows import Window
from monitor.storage import facts, postgresql
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.operations import GapRow, QuarantineRow


@dataclass(frozen=True, slots=True)
class Gap:
    """Probe runs that did not take place, and why."""

    endpoint_id: int
    at_ms: int
    reason: str
    runs: int


@dataclass(frozen=True, slots=True)
class QuarantinedCall:
    """A call that could not be recorded, as JSON, and why."""

    id: int
    at_ms: int
    reason: str
    call: str


def fact(session: Session, name: str) -> str | None:
    """One fact about this installation; `None` where nobody has stored it."""
    return facts.read(session, name)


def change_token(connection: Connection) -> int:
    """A number that differs from the last one after any other connection has committed.

    It compares with what this very connection saw, or heard, before: keep one for it, and end
    its transaction (`rollback`) after each look.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.count_commits(connection)
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def last_call_ms(session: Session) -> int | None:
    """The start of the newest call; `None` while there is none."""
    return session.scalar(select(func.max(CallRow.started_ms)))


def gaps(
    session: Session,
    window: Window,
    endpoint_ids: Collection[int] | None = None,
    limit: int = 1_000,
) -> list[Gap]:
    """The newest gaps of a window, newest first."""
    chosen = select(GapRow.endpoint_id, GapRow.at_ms, GapRow.reason, GapRow.runs).where(
        GapRow.at_ms >= window.from_ms, GapRow.at_ms < window.to_ms
    )
    if endpoint_ids is not None:
        chosen = chosen.where(GapRow.endpoint_id.in_(endpoint_ids))
    newest = chosen.order_by(GapRow.at_ms.desc(), GapRow.id.desc()).limit(limit)
    return [Gap(*row) for row in session.execute(newest)]


def quarantined(session: Session, limit: int = 100) -> list[QuarantinedCall]:
    """The newest calls in quarantine, newest first."""
    row = QuarantineRow
    chosen = select(row.id, row.at_ms, row.reason, row.call).order_by(row.id.desc()).limit(limit)
    return [QuarantinedCall(*found) for found in session.execute(chosen)]


def count_quarantined(session: Session) -> int:
    """How many calls are in quarantine."""
    return session.scalar(select(func.count()).select_from(QuarantineRow)) or 0
