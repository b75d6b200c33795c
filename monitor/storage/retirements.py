"""Retirements: who says from which day on a model is served no longer."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, insert, select

from monitor.domain.retirements import SETTINGS, Retirement, holding
from monitor.storage.engine import Session
from monitor.storage.models.prices import RetirementRow


def state(session: Session, source: str, days: Mapping[int, int], now_ms: int) -> None:
    """All that a source says now: a day for each endpoint, in the place of what it said before."""
    session.execute(delete(RetirementRow).where(RetirementRow.source == source))
    rows = [
        {"endpoint_id": number, "source": source, "day": day, "recorded_ms": now_ms}
        for number, day in days.items()
    ]
    if rows:
        session.execute(insert(RetirementRow), rows)


def forget_all_but(session: Session, sources: Collection[str]) -> None:
    """Drop what others than these and the settings said."""
    gone = RetirementRow.source.not_in({SETTINGS, *sources})
    session.execute(delete(RetirementRow).where(gone))


def every(session: Session, endpoint_ids: Collection[int] | None = None) -> dict[int, Retirement]:
    """What holds of each endpoint that something is said of, or of these alone."""
    row = RetirementRow
    chosen = select(row.endpoint_id, row.day, row.source)
    if endpoint_ids is not None:
        chosen = chosen.where(row.endpoint_id.in_(endpoint_ids))
    return holding(Retirement(*found) for found in session.execute(chosen))
