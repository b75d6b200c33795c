"""Evidence: the calls that opened and closed an incident, and what was put down to be told."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from monitor.domain.windows import BUCKET_MS, Window
from monitor.storage.models.health import OutboxRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.queries.call_lines import CallLine, lines

#: A call that takes longer than this is not looked for at its end.
_LONGEST_MS = BUCKET_MS


@dataclass(frozen=True, slots=True)
class Told:
    """A transition of an incident that was put down to be told; `None`: nobody was told yet."""

    transition: str
    created_ms: int
    delivered_ms: int | None


def starting(
    session: Session, window: Window, endpoint_ids: Collection[int], limit: int = 20
) -> list[CallLine]:
    """The first calls that started in a window, the oldest first."""
    chosen = _calls(endpoint_ids, window).order_by(CallRow.started_ms, CallRow.id).limit(limit)
    return lines(session, session.scalars(chosen).all())[::-1]


def ending(
    session: Session, window: Window, endpoint_ids: Collection[int], limit: int = 20
) -> list[CallLine]:
    """The first calls that ended in a window, the one that ended first in front."""
    begun = Window(window.from_ms - _LONGEST_MS, window.to_ms)
    chosen = (
        _calls(endpoint_ids, begun)
        .where(CallRow.ended_ms >= window.from_ms, CallRow.ended_ms < window.to_ms)
        .order_by(CallRow.ended_ms, CallRow.id)
        .limit(limit)
    )
    found = lines(session, session.scalars(chosen).all())
    return sorted(found, key=lambda line: (line.ended_ms, line.id))


def told(session: Session, incident_id: int) -> list[Told]:
    """What was put into the outbox about an incident, in order."""
    row = OutboxRow
    chosen = select(row.transition, row.created_ms, row.delivered_ms)
    found = session.execute(chosen.where(row.incident_id == incident_id).order_by(row.id))
    return [Told(*each) for each in found]


def _calls(endpoint_ids: Collection[int], window: Window) -> Select[int]:
    return select(CallRow.id).where(
        CallRow.endpoint_id.in_(endpoint_ids),
        CallRow.started_ms >= window.from_ms,
        CallRow.started_ms < window.to_ms,
    )
