"""Live calls as they were recorded, with no more of them than moves states."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Call
from monitor.domain.prices import Cost, CostState
from monitor.storage.calls import Entry, Written
from monitor.storage.models.ledger import CallRow

_CHUNK = 5_000
_UNKNOWN = Cost(CostState.NO_USAGE, None, None)


def count(session: Session, from_ms: int) -> tuple[int, int]:
    """The first number of a call that started at or after an instant, and how many came since.

    Among them are some that started earlier, and some that were not live.
    """
    row = CallRow
    first = session.scalar(select(func.min(row.id)).where(row.started_ms >= from_ms))
    last = session.scalar(select(func.max(row.id)))
    return (0, 0) if first is None or last is None else (first, last - first + 1)


def read(session: Session, first_id: int) -> list[Written]:
    """Some of them from a number on, in their order of recording; none: there are no more."""
    row = CallRow
    chosen = (
        select(
            row.id,
            row.endpoint_id,
            row.origin,
            row.kind,
            row.outcome,
            row.started_ms,
            row.ended_ms,
            row.recorded_ms,
            row.gap_ms,
        )
        .where(row.id >= first_id, row.is_live)
        .order_by(row.id)
        .limit(_CHUNK)
    )
    return list(_written(session.execute(chosen).all()))


def _written(rows: Iterable[Any]) -> Iterator[Written]:
    for number, endpoint_id, *seen, recorded_ms, gap_ms in rows:
        origin, kind, outcome, started_ms, ended_ms = seen
        call = Call("", origin, kind, started_ms, ended_ms, outcome)
        yield number, Entry(call, endpoint_id, 0, _UNKNOWN, recorded_ms, True, gap_ms, None, None)  # noqa: FBT003 -- live
