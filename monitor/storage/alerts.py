"""Alerts: which incidents are told as one thing, and what of the outbox was not planned yet."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import exists, func, insert, select, update

from monitor.domain.alerts import (
    FLAPPING_MS,
    Alert,
    AlertKind,
    Change,
    Root,
    Severity,
)
from monitor.storage.engine import Session
from monitor.storage.models.alerts import AlertIncidentRow, AlertRow
from monitor.storage.models.health import IncidentRow, OutboxRow
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.outbox import WAITING

PLANNED = "planned"
INCIDENT, BUDGET, NOTICE = "incident", "budget", "notice"


class Waiting(NamedTuple):
    """A change that lies in the outbox, when its incident closed, if it did, and where it is."""

    outbox_id: int
    change: Change
    closed_ms: int | None
    endpoint: str | None


class Firing(NamedTuple):
    """What is told once and lies in the outbox: when it was so, and what was known then.

    Of `kind` `BUDGET` it is a budget's threshold, of `NOTICE` what a rule noticed.
    """

    outbox_id: int
    kind: str
    subject: str
    at_ms: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that is open, by its number."""

    id: int
    alert: Alert


def has_waiting(session: Session) -> bool:
    """Whether something lies in the outbox that was not planned."""
    row = OutboxRow
    asked = exists().where(row.state == WAITING, row.kind.in_((INCIDENT, BUDGET, NOTICE)))
    return bool(session.scalar(select(asked)))


def waiting(session: Session, limit: int) -> list[Waiting]:
    """The oldest changes of incidents that were not planned, in order."""
    told, incident, endpoint = OutboxRow, IncidentRow, EndpointRow
    chosen = (
        select(
            told.id,
            told.transition,
            told.created_ms,
            incident.id,
            incident.kind,
            incident.subject,
            incident.severity,
            incident.closed_ms,
            func.coalesce(endpoint.provider, incident.subject),
            endpoint.slug,
        )
        .join(incident, incident.id == told.incident_id)
        .outerjoin(endpoint, endpoint.id == incident.endpoint_id)
        .where(told.state == WAITING, told.kind == INCIDENT)
        .order_by(told.id)
        .limit(limit)
    )
    found = []
    for (
        number,
        transition,
        at_ms,
        incident_id,
        kind,
        subject,
        severity,
        closed_ms,
        provider,
        slug,
    ) in session.execute(chosen).all():
        flaps = count_changes(session, subject, kind, at_ms, number)
        root = Root(AlertKind(kind), provider)
        change = Change(incident_id, root, Severity(severity), transition == "opened", at_ms, flaps)
        found.append(Waiting(number, change, closed_ms, slug))
    return found


def firings(session: Session, limit: int) -> list[Firing]:
    """The oldest of what is told once and was not planned, in order."""
    row = OutboxRow
    chosen = select(row.id, row.kind, row.subject, row.created_ms, row.payload).where(
        row.state == WAITING, row.kind.in_((BUDGET, NOTICE))
    )
    return [Firing(*found) for found in session.execute(chosen.order_by(row.id).limit(limit))]


def firing_of(session: Session, alert_id: int) -> Firing | None:
    """What an alert tells once; `None` of one that tells of incidents."""
    row = OutboxRow
    chosen = (
        select(row.id, row.kind, row.subject, row.created_ms, row.payload)
        .join(AlertRow, AlertRow.outbox_id == row.id)
        .where(AlertRow.id == alert_id, row.kind.in_((BUDGET, NOTICE)))
    )
    found = session.execute(chosen).one_or_none()
    return None if found is None else Firing(*found)


def count_changes(
    session: Session, subject: str, kind: str, until_ms: int, last_id: int | None = None
) -> int:
    """How often incidents of a kind opened or closed at a subject in the last half an hour.

    `last_id`: not after this row of the outbox.
    """
    told, incident = OutboxRow, IncidentRow
    chosen = (
        select(func.count())
        .select_from(told)
        .join(incident, incident.id == told.incident_id)
        .where(
            incident.subject == subject,
            incident.kind == kind,
            told.created_ms > until_ms - FLAPPING_MS,
        )
    )
    if last_id is not None:
        chosen = chosen.where(told.id <= last_id)
    return session.scalar(chosen) or 0


def mark_planned(session: Session, outbox_ids: Collection[int]) -> None:
    """Note that these were put on their way, or need not be."""
    changed = update(OutboxRow).where(OutboxRow.id.in_(outbox_ids)).values(state=PLANNED)
    session.execute(changed.execution_options(synchronize_session=False))


def note_delivered(session: Session, alert_id: int, now_ms: int) -> None:
    """Note in the outbox that what the alert tells once, if it does, was taken."""
    row = OutboxRow
    its_own = select(AlertRow.outbox_id).where(AlertRow.id == alert_id).scalar_subquery()
    changed = update(row).where(row.id == its_own, row.delivered_ms.is_(None))
    session.execute(
        changed.values(delivered_ms=now_ms).execution_options(synchronize_session=False)
    )


def standing(session: Session) -> list[Standing]:
    """The alerts that are open, the newest first."""
    row, member = AlertRow, AlertIncidentRow
    still = select(member.alert_id, member.incident_id).join(row, row.id == member.alert_id)
    opened: dict[int, set[int]] = {}
    for alert_id, incident_id in session.execute(
        still.where(row.closed_ms.is_(None), member.is_open)
    ):
        opened.setdefault(alert_id, set()).add(incident_id)
    found = session.scalars(select(row).where(row.closed_ms.is_(None)).order_by(row.id.desc()))
    return [Standing(each.id, _alert(each, opened.get(each.id, ()))) for each in found]


def find(session: Session, alert_ids: Collection[int]) -> list[Standing]:
    """Alerts by their numbers, whether open or closed; without the incidents that still are."""
    found = session.scalars(select(AlertRow).where(AlertRow.id.in_(alert_ids)))
    return [Standing(each.id, _alert(each, ())) for each in found]


def is_open_with(session: Session, incident_id: int) -> bool:
    """Whether the alert that an incident is told with is open."""
    row, member = AlertRow, AlertIncidentRow
    chosen = (
        select(row.id)
        .join(member, member.alert_id == row.id)
        .where(member.incident_id == incident_id, row.closed_ms.is_(None))
    )
    return session.scalar(chosen) is not None


def add(session: Session, alert: Alert, outbox_id: int | None = None) -> int:
    """A new alert with its incidents, or with the firing that it tells of; its number."""
    values = _values(alert) | {"kind": alert.root.kind.value, "provider": alert.root.provider}
    made = (
        insert(AlertRow)
        .values(values | {"opened_ms": alert.opened_ms, "outbox_id": outbox_id})
        .returning(AlertRow.id)
    )
    number = session.execute(made).scalar_one()
    for incident_id in alert.open:
        add_incident(session, number, incident_id)
    return number


def save(session: Session, alert_id: int, alert: Alert) -> None:
    """What became of an alert; its incidents are noted one by one."""
    changed = update(AlertRow).where(AlertRow.id == alert_id).values(_values(alert))
    session.execute(changed.execution_options(synchronize_session=False))


def add_incident(session: Session, alert_id: int, incident_id: int) -> None:
    """Note that an incident is told with an alert."""
    session.execute(
        insert(AlertIncidentRow).values(incident_id=incident_id, alert_id=alert_id, is_open=True)
    )


def close_incident(session: Session, incident_id: int) -> None:
    """Note that the closing of an incident was told on."""
    member = AlertIncidentRow
    changed = update(member).where(member.incident_id == incident_id).values(is_open=False)
    session.execute(changed.execution_options(synchronize_session=False))


def _values(alert: Alert) -> dict[str, object]:
    return {
        "severity": alert.severity.value,
        "changed_ms": alert.changed_ms,
        "is_flapping": alert.is_flapping,
        "closed_ms": alert.closed_ms,
        "told_ms": alert.told_ms,
    }


def _alert(row: AlertRow, still: Iterable[int]) -> Alert:
    return Alert(
        Root(AlertKind(row.kind), row.provider),
        Severity(row.severity),
        row.opened_ms,
        row.changed_ms,
        frozenset(still),
        row.is_flapping,
        row.closed_ms,
        row.told_ms,
    )
