"""Incidents: opened, marked and closed, each transition with its row in the outbox."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, insert, select, update

from monitor.domain.alerts import Severity
from monitor.domain.calls import Kind
from monitor.domain.health import Closed
from monitor.domain.outcomes import LocalFailure, Result
from monitor.domain.rules import KINDS, RuleName
from monitor.domain.windows import DAY_MS
from monitor.storage import outbox, statements
from monitor.storage.engine import Session
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.outbox import Message

#: As text: it is asked with every probe.
_AWAY = "SELECT 1 FROM incident WHERE rule = 'network' AND subject = '' AND closed_ms IS NULL"


class IncidentKind(StrEnum):
    """What is wrong: with the endpoint, our account there, our network, prices, or ourselves."""

    AVAILABILITY = "availability"
    ACCOUNT = "account"
    MONITOR = "monitor"
    DEGRADED = "degraded"
    ERRORS = "errors"
    RATE_LIMITS = "rate_limits"
    BURN = "burn"
    CATALOGUE = "catalogue"
    SELF = "self"


class Opening(NamedTuple):
    """An incident as it opens, under a version of the rules: confirmed by a call, or by sums.

    Without an endpoint it is our own. `subject` is the endpoint's number as text, or a name.
    """

    endpoint_id: int | None
    rule: RuleName
    subject: str
    severity: Severity
    started_ms: int
    confirmed_ms: int
    rule_version: int
    outcome: Result | None = None
    call_id: int | None = None
    facts: Mapping[str, Any] = {}


class Confirming(NamedTuple):
    """The call that confirmed an incident."""

    call_id: int
    outcome: Result


def open_incident(session: Session, opening: Opening, *, is_told: bool = True) -> None:
    """Open an incident, and put its opening into the outbox where it is to be told."""
    values = opening._asdict() | {"kind": KINDS[opening.rule], "facts": dict(opening.facts)}
    opened = insert(IncidentRow).values(values).returning(IncidentRow.id)
    number = session.execute(opened).scalar_one()
    if is_told:
        _tell(session, number, "opened", opening.confirmed_ms)


def is_known(session: Session, rule: RuleName, subject: str, confirmed_ms: int) -> bool:
    """Whether an incident of a rule and subject is open, or was opened at that instant."""
    row = IncidentRow
    is_same = (row.rule == rule) & (row.subject == subject) & (row.confirmed_ms == confirmed_ms)
    return bool(session.scalar(select(exists().where(_is_open(rule, subject) | is_same))))


def standing(session: Session, rule: RuleName) -> dict[str, int]:
    """The subjects of the open incidents of a rule, and since when they are so."""
    row = IncidentRow
    chosen = select(row.subject, row.started_ms).where(row.rule == rule, row.closed_ms.is_(None))
    return {subject: since_ms for subject, since_ms in session.execute(chosen)}  # noqa: C416 -- rows, typed


def close_incident(session: Session, rule: RuleName, subject: str, closing: Closed) -> None:
    """Close the open incident of a rule and subject, and put its closing into the outbox."""
    closed = session.scalars(
        update(IncidentRow)
        .where(_is_open(rule, subject))
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
        .where(_is_open(RuleName.DOWN, str(endpoint_id)))
        .values(unobserved_ms=since_ms)
        .execution_options(synchronize_session=False)
    )


def find_confirming(
    session: Session, endpoint_id: int, ended_ms: int, outcomes: Collection[Result]
) -> Confirming:
    """The first live call of an endpoint that ended at an instant with one of these outcomes."""
    row = CallRow
    chosen = select(row.id, row.outcome).where(
        row.endpoint_id == endpoint_id,
        row.started_ms.between(ended_ms - DAY_MS, ended_ms),
        row.ended_ms == ended_ms,
        row.outcome.in_(outcomes),
        row.is_live,
    )
    return Confirming(*session.execute(chosen.order_by(row.id).limit(1)).one())


def is_network_away(session: Session) -> bool:
    """Whether the notice that our own network is away is open."""
    return bool(statements.fetch_all(session, _AWAY, ()))


def was_lost(session: Session, endpoint_id: int, before_id: int) -> bool:
    """Whether the last probe there, before a call, failed for want of our network."""
    row = CallRow
    chosen = (
        select(row.outcome)
        .where(
            row.endpoint_id == endpoint_id,
            row.id < before_id,
            row.kind != Kind.REQUEST,
            row.is_live,
            row.outcome != LocalFailure.MONITOR_ERROR,
        )
        .order_by(row.started_ms.desc(), row.id.desc())
        .limit(1)
    )
    return session.scalar(chosen) is LocalFailure.NETWORK_LOCAL


def _is_open(rule: RuleName, subject: str) -> ColumnElement[bool]:
    row = IncidentRow
    return (row.rule == rule) & (row.subject == subject) & row.closed_ms.is_(None)


def _tell(session: Session, incident_id: int, transition: str, created_ms: int) -> None:
    outbox.put(session, Message("incident", str(incident_id), transition, created_ms, incident_id))
