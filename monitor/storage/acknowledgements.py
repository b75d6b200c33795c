"""Acknowledgements: who is at which incident, and so at which alert.

An alert is one root cause: it is acknowledged once one of its incidents is, and stays so as others
join it. An incident is acknowledged when it is, or another of its alert.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session, aliased

from monitor.domain.acknowledgements import Acknowledgement
from monitor.storage.models.alerts import AlertIncidentRow
from monitor.storage.models.incidents import AcknowledgementRow

_ROW = AcknowledgementRow
_FIELDS = (_ROW.incident_id, _ROW.at_ms, _ROW.by, _ROW.words, _ROW.via)


def of_alerts(session: Session, alert_ids: Collection[int]) -> dict[int, Acknowledgement]:
    """The acknowledgement of each alert that has one."""
    member = AlertIncidentRow
    chosen = (
        select(member.alert_id, *_FIELDS)
        .join(_ROW, _ROW.incident_id == member.incident_id)
        .where(member.alert_id.in_(alert_ids))
    )
    return _earliest(session.execute(chosen))


def of_incidents(session: Session, incident_ids: Collection[int]) -> dict[int, Acknowledgement]:
    """The acknowledgement of each incident that has one, be it of another of its alert."""
    own, member, sibling = _ROW, AlertIncidentRow, aliased(AlertIncidentRow)
    alone: Select[*tuple[Any, ...]] = select(own.incident_id, *_FIELDS).where(
        own.incident_id.in_(incident_ids)
    )
    shared = (
        select(member.incident_id, *_FIELDS)
        .join(sibling, sibling.alert_id == member.alert_id)
        .join(own, own.incident_id == sibling.incident_id)
        .where(member.incident_id.in_(incident_ids))
    )
    return _earliest(session.execute(alone.union_all(shared)))


def add(session: Session, acknowledgement: Acknowledgement) -> None:
    """Write one down. There must be none for its incident yet."""
    a = acknowledgement
    values = {"incident_id": a.incident_id, "at_ms": a.at_ms, "by": a.by}
    session.execute(insert(_ROW).values(values | {"words": a.words, "via": a.via}))


def _earliest(found: Iterable[Any]) -> dict[int, Acknowledgement]:
    """Who was first, by number; two may be from before their incidents were known as one."""
    first: dict[int, Acknowledgement] = {}
    for number, *fields in found:
        each = Acknowledgement(*fields)
        if number not in first or each.at_ms < first[number].at_ms:
            first[number] = each
    return first
