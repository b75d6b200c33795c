"""Incidents: opened, marked and closed, each transition with its row in the outbox."""

from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import insert, update

from monitor.domain.health import Closed
from monitor.domain.outcomes import Result
from monitor.storage.engine import Session
from monitor.storage.models.health import IncidentRow, OutboxRow


class IncidentKind(StrEnum):
    """What failed: the endpoint, or our account there."""

    AVAILABILITY = "availability"
    ACCOUNT = "account"


class Opening(NamedTuple):
    """An incident as it opens: confirmed by a call, under a version of the rule."""

    endpoint_id: int
    kind: IncidentKind
    outcome: Result
    started_ms: int
    confirmed_ms: int
    rule_version: int
    call_id: int


def open_incident(session: Session, opening: Opening) -> None:
    """Open an incident, and put its opening into the outbox."""
    opened = insert(IncidentRow).values(opening._asdict()).returning(IncidentRow.id)
    _tell(session, session.scalar(opened), "opened", opening.confirmed_ms)


def close_incident(session: Session, endpoint_id: int, kind: IncidentKind, closing: Closed) -> None:
    """Close the open incident of an endpoint, and put its closing into the outbox."""
    closed = session.scalars(
        update(IncidentRow)
        .where(
            IncidentRow.endpoint_id == endpoint_id,
            IncidentRow.kind == kind,
            IncidentRow.closed_ms.is_(None),
        )
        .values(ended_ms=closing.ended_ms, closed_ms=closing.confirmed_ms)
        .returning(IncidentRow.id)
        .execution_options(synchronize_session=False)
    )
    for incident_id in closed.all():
        _tell(session, incident_id, "closed", closing.confirmed_ms)


def mark_unobserved(session: Session, endpoint_id: int, since_ms: int) -> None:
    """Note that the open incident of an endpoint could not be observed since an instant."""
    session.execute(
        update(IncidentRow)
        .where(
            IncidentRow.endpoint_id == endpoint_id,
            IncidentRow.kind == IncidentKind.AVAILABILITY,
            IncidentRow.closed_ms.is_(None),
        )
        .values(unobserved_ms=since_ms)
        .execution_options(synchronize_session=False)
    )


def _tell(session: Session, incident_id: int | None, transition: str, created_ms: int) -> None:
    session.execute(
        insert(OutboxRow).values(
            incident_id=incident_id, transition=transition, created_ms=created_ms
        )
    )
