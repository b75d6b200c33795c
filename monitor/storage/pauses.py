"""Pauses: their rows, which stay once they are over: who paused what, and who resumed it."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.domain.pauses import Pause, Scope
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.models.operations import PauseRow

_HOLDS = PauseRow.ended_ms.is_(None)


def holding(session: Session) -> dict[int, Pause]:
    """The pauses that hold, by row, in the order in which they were made."""
    chosen = (
        select(PauseRow, EndpointRow.slug)
        .outerjoin(EndpointRow, EndpointRow.id == PauseRow.endpoint_id)
        .where(_HOLDS)
        .order_by(PauseRow.id)
    )
    return {row.id: _pause(row, slug) for row, slug in session.execute(chosen)}


def _pause(row: PauseRow, slug: str | None) -> Pause:
    scope = Scope(slug, row.provider)
    return Pause(scope, row.paused_ms, row.until_ms, row.paused_by, row.reason)


def paused_ids(session: Session) -> frozenset[int]:
    """The numbers of all endpoints that a pause holds."""
    is_meant = (PauseRow.endpoint_id.is_(None) | (PauseRow.endpoint_id == EndpointRow.id)) & (
        PauseRow.provider.is_(None) | (PauseRow.provider == EndpointRow.provider)
    )
    return frozenset(session.scalars(select(EndpointRow.id).join(PauseRow, is_meant).where(_HOLDS)))


def add(session: Session, pause: Pause, endpoint_id: int | None) -> None:
    """Write a pause down; `endpoint_id` is the row of the endpoint of its scope."""
    session.execute(
        insert(PauseRow).values(
            endpoint_id=endpoint_id,
            provider=pause.scope.provider,
            paused_ms=pause.paused_ms,
            until_ms=pause.until_ms,
            paused_by=pause.by,
            reason=pause.reason,
        )
    )


def end(session: Session, number: int, ended_ms: int, by: str | None) -> None:
    """A pause is over, by somebody or (`None`) by itself."""
    session.execute(
        update(PauseRow)
        .where(PauseRow.id == number)
        .values(ended_ms=ended_ms, ended_by=by)
        .execution_options(synchronize_session=False)
    )


def rename_provider(session: Session, old: str, new: str) -> None:
    """What holds a provider goes on to hold it under its new name."""
    session.execute(
        update(PauseRow)
        .where(PauseRow.provider == old, _HOLDS)
        .values(provider=new)
        .execution_options(synchronize_session=False)
    )
