"""Evidence: the calls that opened and closed an incident, and when nobody saw it."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from monitor.domain.health import Policy, State
from monitor.domain.windows import BUCKET_MS, Window
from monitor.storage.models.health import IncidentRow, SliceRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.queries.call_lines import CallLine, lines

#: A call that takes longer than this is not looked for at its end.
_LONGEST_MS = BUCKET_MS
#: Later than every instant.
_NEVER_MS = 2**62


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


def unknown_spans(
    session: Session, policy: Policy, incident_ids: Collection[int]
) -> dict[int, list[Window]]:
    """When nobody knew the state, of each incident that has such time; not clipped to it.

    Looks at the slices that meet an incident, however long the ledger is. A span that has no end
    yet reaches as far as instants go.
    """
    held, incident, next_held = SliceRow, IncidentRow, aliased(SliceRow)
    ends_ms = (
        select(func.min(next_held.from_ms))
        .where(
            next_held.endpoint_id == held.endpoint_id,
            next_held.policy == policy,
            next_held.from_ms > held.from_ms,
        )
        .correlate(held)
        .scalar_subquery()
    )
    chosen = (
        select(incident.id, held.from_ms, func.coalesce(ends_ms, _NEVER_MS))
        .join(held, held.endpoint_id == incident.endpoint_id)
        .where(
            incident.id.in_(incident_ids),
            held.policy == policy,
            held.state == State.UNKNOWN,
            held.from_ms < func.coalesce(incident.ended_ms, _NEVER_MS),
            held.from_ms >= func.coalesce(_begun_ms(policy), incident.started_ms),
        )
    )
    found: dict[int, list[Window]] = {}
    for number, from_ms, to_ms in session.execute(chosen.order_by(held.from_ms)):
        found.setdefault(number, []).append(Window(from_ms, to_ms))
    return found


def _begun_ms(policy: Policy) -> ColumnElement[int]:
    """The start of the slice that an incident starts in."""
    earlier, incident = aliased(SliceRow), IncidentRow
    return (
        select(func.max(earlier.from_ms))
        .where(
            earlier.endpoint_id == incident.endpoint_id,
            earlier.policy == policy,
            earlier.from_ms <= incident.started_ms,
        )
        .correlate(incident)
        .scalar_subquery()
    )


def _calls(endpoint_ids: Collection[int], window: Window) -> Select[int]:
    return select(CallRow.id).where(
        CallRow.endpoint_id.in_(endpoint_ids),
        CallRow.started_ms >= window.from_ms,
        CallRow.started_ms < window.to_ms,
    )
