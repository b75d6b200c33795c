"""Counterparts: whether the ledger covers a period that another one is held against."""

from sqlalchemy import select

from monitor.domain.calls import Origin
from monitor.domain.windows import BUCKET_MS, Window, bucket_of, day_window
from monitor.storage import facts
from monitor.storage.engine import Session
from monitor.storage.models.rollups import Usage15m
from monitor.storage.queries.budgets import first_day


def is_covered(session: Session, period: Window) -> bool:
    """Whether a team was recorded from before a period, and all calls of it can be summed still.

    What is older than the ledger is in sums of quarter-hours, and so known to these alone.
    """
    begun_ms = _begun_ms(session)
    if begun_ms is None or period.from_ms < begun_ms:
        return False
    is_whole = not period.from_ms % BUCKET_MS and not period.to_ms % BUCKET_MS
    return is_whole or period.from_ms >= facts.ledger_from_ms(session)


def _begun_ms(session: Session) -> int | None:
    """The quarter-hour of the first call of any team; `None` before there is one."""
    day = first_day(session)
    if day is None:
        return None
    window, row = day_window(day, facts.home_zone(session)), Usage15m
    chosen = (
        select(row.bucket)
        .where(row.origin != Origin.PROBE, row.bucket >= bucket_of(window.from_ms))
        .order_by(row.bucket)
        .limit(1)
    )
    bucket = session.scalar(chosen)
    return window.from_ms if bucket is None else bucket * BUCKET_MS
