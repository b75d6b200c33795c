"""Pruning: old rows removed, a bounded number at a time."""

from typing import Any

from sqlalchemy import CursorResult, Delete, and_, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from monitor.domain.deliveries import PENDING, DeliveryState
from monitor.storage.engine import Session
from monitor.storage.models.alerts import AlertRow, DeliveryRow
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.operations import GapRow, VitalsRow
from monitor.storage.models.prices import RatingRow
from monitor.storage.models.rollups import Latency15m

ROWS_AT_ONCE = 2_000


def calls(session: Session, before_ms: int) -> int:
    """Remove calls that started before an instant, with their details; how many."""
    chosen = select(CallRow.id).where(CallRow.started_ms < before_ms).limit(ROWS_AT_ONCE)
    ids = list(session.scalars(chosen))
    _delete(session, delete(CallDetailRow).where(CallDetailRow.call_id.in_(ids)))
    _delete(session, delete(RatingRow).where(RatingRow.call_id.in_(ids)))
    return _delete(session, delete(CallRow).where(CallRow.id.in_(ids)))


def details(session: Session, before_ms: int) -> int:
    """Remove details of calls that started before an instant; how many."""
    return _oldest(session, CallDetailRow.call_id, CallDetailRow.started_ms, before_ms)


def deliveries(session: Session, before_ms: int) -> int:
    """Remove messages of alerts that closed before an instant, and tests of before; how many.

    What is on its way or kept back stays, and so does the newest that each channel took.
    """
    row = DeliveryRow
    kept = [state.value for state in PENDING]
    newest = (select(func.max(row.id)).where(row.state == DeliveryState.DELIVERED.value)).group_by(
        row.channel
    )
    is_old = or_(
        and_(row.alert_id.is_(None), row.created_ms < before_ms), AlertRow.closed_ms < before_ms
    )
    chosen = (
        select(row.id)
        .outerjoin(AlertRow, AlertRow.id == row.alert_id)
        .where(row.state.not_in(kept), row.id.not_in(newest), is_old)
        .limit(ROWS_AT_ONCE)
    )
    ids = list(session.scalars(chosen))
    return _delete(session, delete(row).where(row.id.in_(ids)))


def gaps(session: Session, before_ms: int) -> int:
    """Remove gap rows from before an instant; how many."""
    return _oldest(session, GapRow.id, GapRow.at_ms, before_ms)


def vitals(session: Session, before_ms: int) -> int:
    """Remove the monitor's looks at itself from before an instant; how many."""
    return _oldest(session, VitalsRow.at_ms, VitalsRow.at_ms, before_ms)


def latency(session: Session, before_bucket: int) -> int:
    """Remove 15-minute histograms from before a bucket; how many. Their days stay."""
    oldest = select(Latency15m.bucket).where(Latency15m.bucket < before_bucket)
    bucket = session.scalar(oldest.order_by(Latency15m.bucket).limit(1))
    if bucket is None:
        return 0
    return _delete(session, delete(Latency15m).where(Latency15m.bucket == bucket))


def _oldest(
    session: Session,
    key: InstrumentedAttribute[int],
    at: InstrumentedAttribute[int],
    before_ms: int,
) -> int:
    ids = list(session.scalars(select(key).where(at < before_ms).limit(ROWS_AT_ONCE)))
    return _delete(session, delete(key.class_).where(key.in_(ids)))


def _delete(session: Session, statement: Delete) -> int:
    result: CursorResult[Any] = session.connection().execute(statement)
    return result.rowcount
