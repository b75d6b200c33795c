"""Subjects: what each alert befell, as silences and routes ask."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, case, func, select

from monitor.domain.alerts import AlertKind
from monitor.domain.silences import Subject
from monitor.storage.alerts import NOTICE
from monitor.storage.engine import Session
from monitor.storage.models.alerts import AlertIncidentRow, AlertRow
from monitor.storage.models.health import IncidentRow, OutboxRow
from monitor.storage.models.ledger import EndpointRow


def of_alerts(session: Session, alert_ids: Collection[int]) -> dict[int, tuple[Subject, ...]]:
    """What alerts befall: their incidents that are open, or all of them once it is over.

    One without incidents is its own subject: a budget's of no endpoint, a notice of whom it is.
    """
    alert, member, incident, endpoint = AlertRow, AlertIncidentRow, IncidentRow, EndpointRow
    told = OutboxRow
    chosen: Select[*tuple[Any, ...]] = (
        select(
            alert.id,
            func.coalesce(member.is_open, False),
            alert.kind,
            func.coalesce(endpoint.provider, alert.provider),
            func.coalesce(endpoint.slug, case((told.kind == NOTICE, told.subject))),
        )
        .outerjoin(member, member.alert_id == alert.id)
        .outerjoin(incident, incident.id == member.incident_id)
        .outerjoin(endpoint, endpoint.id == incident.endpoint_id)
        .outerjoin(told, told.id == alert.outbox_id)
        .where(alert.id.in_(alert_ids))
        .order_by(alert.id, member.incident_id)
    )
    still: dict[int, list[Subject]] = {}
    everything: dict[int, list[Subject]] = {}
    for alert_id, is_open, kind, provider, slug in session.execute(chosen):
        subject = Subject(AlertKind(kind), provider, slug)
        everything.setdefault(alert_id, []).append(subject)
        if is_open:
            still.setdefault(alert_id, []).append(subject)
    return {number: tuple(still.get(number, found)) for number, found in everything.items()}
