"""Bills: what sources told, by UTC day."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.bills import BillLine
from monitor.storage.models.bills import BillLineRow


class DayBill(NamedTuple):
    """What a source said that a UTC day (proleptic ordinal) cost, and in how many lines."""

    day: int
    nano_usd: int
    lines: int


def by_day(session: Session, sources: Collection[str], days: range) -> dict[int, DayBill]:
    """Days with a line of some sources."""
    row = BillLineRow
    chosen = (
        select(row.day, func.sum(row.nano_usd), func.count())
        .where(row.source.in_(sources), row.day >= days.start, row.day < days.stop)
        .group_by(row.day)
    )
    return {day: DayBill(day, int(cost), n) for day, cost, n in session.execute(chosen)}


def dearest(session: Session, source: str, days: range, limit: int) -> list[BillLine]:
    """The items of a source that cost most over some days; their day is the last one."""
    row = BillLineRow
    cost = func.sum(row.nano_usd)
    chosen = (
        select(func.max(row.day), row.item, cost, func.max(row.model))
        .where(row.source == source, row.day >= days.start, row.day < days.stop)
        .group_by(row.item)
        .order_by(cost.desc(), row.item)
        .limit(limit)
    )
    return [
        BillLine(day, item, int(nano), model) for day, item, nano, model in session.execute(chosen)
    ]
