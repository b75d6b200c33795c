"""Bills: what a source told, by UTC day."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.storage.models.bills import BillLineRow


def by_day(session: Session, source: str, days: range) -> dict[int, int]:
    """Nano-dollars of those days (proleptic ordinals) that a source has a line of."""
    row = BillLineRow
    chosen = (
        select(row.day, func.sum(row.nano_usd))
        .where(row.source == source, row.day >= days.start, row.day < days.stop)
        .group_by(row.day)
    )
    return {day: int(cost) for day, cost in session.execute(chosen)}
