"""Probe money: what the probes of a day cost, and those that may have, where nobody said what.

Read before each paid probe: of the few rows of a home day, not by the queries of the pages.
"""

from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind, Origin, Phase
from monitor.domain.windows import Window
from monitor.storage.models.ledger import CallRow, EndpointRow
from monitor.storage.models.rollups import UsageDay

#: From here on the question had left us, and a provider may bill the answer that we missed.
SENT = frozenset({Phase.SENT, Phase.HEADERS, Phase.FIRST_TOKEN, Phase.DONE})
_OK, _OK_END = 200, 300


class Unbilled(NamedTuple):
    """So many probes of one kind of an endpoint whose cost is not known."""

    endpoint: str
    kind: Kind
    calls: int


def spent(session: Session, day: int) -> dict[str, int]:
    """Nano-dollars of the probes of a home day, by provider."""
    row = UsageDay
    chosen = (
        select(EndpointRow.provider, func.sum(row.cost_nano_usd))
        .join(EndpointRow, EndpointRow.id == row.endpoint_id)
        .where(row.day == day, row.origin == Origin.PROBE)
        .group_by(EndpointRow.provider)
    )
    return {found[0]: found[1] for found in session.execute(chosen)}


def unbilled(session: Session, window: Window) -> list[Unbilled]:
    """The probes of a window that were sent, not refused, and are without a cost."""
    row = CallRow
    chosen = (
        select(EndpointRow.slug, row.kind, func.count())
        .join(EndpointRow, EndpointRow.id == row.endpoint_id)
        .where(
            row.started_ms >= window.from_ms,
            row.started_ms < window.to_ms,
            row.origin == Origin.PROBE,
            row.kind != Kind.REACH,
            row.cost_nano_usd.is_(None),
            row.phase.in_(SENT),
            or_(row.http_status.is_(None), row.http_status.between(_OK, _OK_END - 1)),
        )
        .group_by(EndpointRow.slug, row.kind)
    )
    return [Unbilled(*found) for found in session.execute(chosen)]
