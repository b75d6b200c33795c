"""Ailments: what the monitor noted of its own runs, of late."""

from collections.abc import Collection

from sqlalchemy import func, select

from monitor.domain.ailments import Runs
from monitor.domain.calls import Origin
from monitor.domain.vitals import Vitals
from monitor.domain.windows import bucket_of, bucket_start_ms
from monitor.storage.engine import Session
from monitor.storage.gaps import GapReason
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.models.operations import GapRow, VitalsRow
from monitor.storage.models.rollups import Usage15m
from monitor.storage.queries.vitals import read_look

_LOST = {GapReason.MISSED.value, GapReason.SKIPPED.value}


def looks(session: Session, since_ms: int) -> list[Vitals]:
    """The monitor's looks at itself since an instant, in order."""
    chosen = select(VitalsRow).where(VitalsRow.at_ms > since_ms).order_by(VitalsRow.at_ms)
    return [read_look(row) for row in session.scalars(chosen)]


def runs(session: Session, now_ms: int, length_ms: int) -> Runs:
    """Those of a time up to now, from the quarter-hour on that it begins in."""
    first = bucket_of(now_ms - length_ms)
    made = select(func.sum(Usage15m.n)).where(
        Usage15m.bucket >= first, Usage15m.origin == Origin.PROBE
    )
    lost = select(func.sum(GapRow.runs)).where(
        GapRow.at_ms >= bucket_start_ms(first), GapRow.reason.in_(_LOST)
    )
    return Runs(int(session.scalar(made) or 0), int(session.scalar(lost) or 0))


def capped(session: Session, since_ms: int, unpaid: Collection[str]) -> list[str]:
    """The endpoints that were not probed for want of money; of `unpaid` providers none is."""
    row = EndpointRow
    chosen = (
        select(row.slug)
        .join(GapRow, GapRow.endpoint_id == row.id)
        .where(GapRow.at_ms >= since_ms, GapRow.reason == GapReason.CAPPED.value)
        .where(row.provider.not_in(unpaid))
        .distinct()
        .order_by(row.slug)
    )
    return list(session.scalars(chosen))
