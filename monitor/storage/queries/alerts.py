"""Alerts as they are told and shown: their incidents, and every message to every channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from monitor.domain.deliveries import DeliveryState
from monitor.domain.outcomes import Result
from monitor.storage.alerts import count_changes
from monitor.storage.models.alerts import AlertIncidentRow, AlertRow, ChannelRow, DeliveryRow
from monitor.storage.models.health import IncidentRow, OutboxRow
from monitor.storage.models.ledger import CallDetailRow, EndpointRow

#: How many messages are in each state, and when the last of them was delivered.
Counts = dict[str, tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Member:
    """An incident of an alert; without an endpoint it is of our own network."""

    id: int
    endpoint_id: int | None
    kind: str
    subject: str
    slug: str | None
    outcome: Result | None
    started_ms: int
    ended_ms: int | None
    closed_ms: int | None
    call_id: int | None
    rule: str
    facts: Mapping[str, Any]
    witness: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A message to a channel. Of a test `alert_id` and `kind` are `None`.

    `incident_id` is the first incident of its alert, `endpoint` where that was, and `incidents`
    how many there are; `provider` is whom it is of where there was no endpoint. `noticed` is what
    is told once, and no incident. `hold` is what held it last.
    """

    id: int
    alert_id: int | None
    channel: str
    telling: str
    state: str
    created_ms: int
    due_ms: int
    attempts: int
    tried_ms: int | None
    delivered_ms: int | None
    error: str | None
    kind: str | None
    provider: str | None
    incident_id: int | None
    incidents: int
    endpoint: str | None
    noticed: str | None
    hold: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel and how it fares: how many messages, its last success and its last error.

    `pace` is how many it takes, as text; `fallback` the channel of its own that tells what it
    cannot take. `off_ms` is when it was switched off, and `off_reason` what it answered then.
    """

    name: str
    kind: str
    shown: str
    delivered: int
    waiting: int
    dead: int
    delivered_ms: int | None
    failed_ms: int | None
    error: str | None
    pace: str | None
    fallback: str | None
    off_ms: int | None
    off_reason: str | None


def members(session: Session, alert_id: int) -> list[Member]:
    """The incidents of an alert, the one that began first in front."""
    incident, endpoint = IncidentRow, EndpointRow
    chosen: Select[*tuple[Any, ...]] = (
        select(
            incident.id,
            incident.endpoint_id,
            incident.kind,
            incident.subject,
            endpoint.slug,
            incident.outcome,
            incident.started_ms,
            incident.ended_ms,
            incident.closed_ms,
            incident.call_id,
            incident.rule,
            incident.facts,
            CallDetailRow.witness,
        )
        .join(AlertIncidentRow, AlertIncidentRow.incident_id == incident.id)
        .outerjoin(endpoint, endpoint.id == incident.endpoint_id)
        .outerjoin(CallDetailRow, CallDetailRow.call_id == incident.call_id)
        .where(AlertIncidentRow.alert_id == alert_id)
        .order_by(incident.started_ms, incident.id)
    )
    return [Member(*found) for found in session.execute(chosen)]


def together_with(session: Session, incident_id: int) -> list[Member]:
    """The incidents that are told as one with another, itself among them; none where it is not."""
    row = AlertIncidentRow
    alert_id = session.scalar(select(row.alert_id).where(row.incident_id == incident_id))
    return [] if alert_id is None else members(session, alert_id)


def most_changes(session: Session, found: Sequence[Member], until_ms: int) -> int:
    """How often the endpoint changed that changed most in the half hour up to an instant."""
    places = {(each.subject, each.kind) for each in found}
    return max((count_changes(session, *place, until_ms) for place in places), default=0)


def log(session: Session, limit: int) -> list[Line]:
    """The newest messages, the newest first; those that a newer one told are left out."""
    is_own = DeliveryRow.state != DeliveryState.MERGED.value
    return _lines(session, _selected().where(is_own).order_by(DeliveryRow.id.desc()).limit(limit))


def dead(session: Session, limit: int) -> list[Line]:
    """The newest dead letters, the newest first; a test that failed is none."""
    is_dead = DeliveryRow.state == DeliveryState.DEAD.value
    is_told = DeliveryRow.alert_id.is_not(None)
    return _lines(
        session, _selected().where(is_dead, is_told).order_by(DeliveryRow.id.desc()).limit(limit)
    )


def of_incident(session: Session, incident_id: int) -> list[Line]:
    """Every message that told of an incident, in order."""
    alert = select(AlertIncidentRow.alert_id).where(AlertIncidentRow.incident_id == incident_id)
    chosen = _selected().where(DeliveryRow.alert_id.in_(alert)).order_by(DeliveryRow.id)
    return _lines(session, chosen)


def channels(session: Session) -> list[Standing]:
    """The channels of the settings in force, in their order, and how each fares."""
    row = DeliveryRow
    # A test that failed is no dead letter.
    counting = func.count(case((row.state != DeliveryState.DEAD.value, row.id), else_=row.alert_id))
    counted = select(row.channel, row.state, counting, func.max(row.delivered_ms))
    found: dict[str, Counts] = {}
    for channel, state, n, last_ms in session.execute(counted.group_by(row.channel, row.state)):
        found.setdefault(channel, {})[state] = n, last_ms
    known = session.scalars(select(ChannelRow).order_by(ChannelRow.place)).all()
    return [_standing(session, each, found.get(each.name, {})) for each in known]


def _standing(session: Session, channel: ChannelRow, states: Counts) -> Standing:
    row = DeliveryRow
    failed = (
        select(row.tried_ms, row.error)
        .where(row.channel == channel.name, row.error.is_not(None))
        .order_by(row.tried_ms.desc())
        .limit(1)
    )
    failed_ms, error = session.execute(failed).one_or_none() or (None, None)
    n = {state: states.get(state.value, (0, None)) for state in DeliveryState}
    delivered_ms = n[DeliveryState.DELIVERED][1]
    return Standing(
        channel.name,
        channel.kind,
        channel.shown,
        n[DeliveryState.DELIVERED][0],
        n[DeliveryState.WAITING][0],
        n[DeliveryState.DEAD][0],
        delivered_ms,
        failed_ms,
        error,
        channel.pace,
        channel.fallback,
        channel.off_ms,
        channel.off_reason,
    )


def _selected() -> Select[*tuple[Any, ...]]:
    row, member = DeliveryRow, AlertIncidentRow
    grouped = (
        select(
            member.alert_id.label("alert_id"),
            func.min(member.incident_id).label("first_id"),
            func.count().label("n"),
        )
        .group_by(member.alert_id)
        .subquery()
    )
    return (
        select(
            row.id,
            row.alert_id,
            row.channel,
            row.telling,
            row.state,
            row.created_ms,
            row.due_ms,
            row.attempts,
            row.tried_ms,
            row.delivered_ms,
            row.error,
            AlertRow.kind,
            AlertRow.provider,
            grouped.c.first_id,
            func.coalesce(grouped.c.n, 0),
            EndpointRow.slug,
            OutboxRow.subject,
            row.hold,
        )
        .outerjoin(AlertRow, AlertRow.id == row.alert_id)
        .outerjoin(OutboxRow, OutboxRow.id == AlertRow.outbox_id)
        .outerjoin(grouped, grouped.c.alert_id == row.alert_id)
        .outerjoin(IncidentRow, IncidentRow.id == grouped.c.first_id)
        .outerjoin(EndpointRow, EndpointRow.id == IncidentRow.endpoint_id)
    )


def _lines(session: Session, chosen: Select[*tuple[Any, ...]]) -> list[Line]:
    return [Line(*found) for found in session.execute(chosen)]
