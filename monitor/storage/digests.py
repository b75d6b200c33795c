"""Digests: what one message tells of many alerts, as it was gathered."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import exists, select

from monitor.domain.deliveries import DeliveryState
from monitor.storage.engine import Session
from monitor.storage.models.alerts import AlertRow, DeliveryRow
from monitor.storage.models.health import OutboxRow

#: By this kind they are known in the outbox.
DIGEST = "digest"


class Gathered(NamedTuple):
    """When it was gathered, and what."""

    at_ms: int
    facts: Mapping[str, Any]


def is_known(session: Session, key: str) -> bool:
    """Whether it was gathered already."""
    return bool(session.scalar(select(exists().where(OutboxRow.key == key))))


def still_open(session: Session, channel: str) -> list[int]:
    """The alerts that a channel heard of in a digest, and that are still open."""
    alert, delivery = AlertRow, DeliveryRow
    chosen = (
        select(alert.id)
        .join(delivery, delivery.alert_id == alert.id)
        .where(
            alert.closed_ms.is_(None),
            delivery.channel == channel,
            delivery.state == DeliveryState.SUMMED.value,
        )
        .distinct()
    )
    return list(session.scalars(chosen))


def find(session: Session, alert_id: int) -> Gathered | None:
    """What an alert tells of others, if it does."""
    row = OutboxRow
    chosen = (
        select(row.created_ms, row.payload)
        .join(AlertRow, AlertRow.outbox_id == row.id)
        .where(AlertRow.id == alert_id, row.kind == DIGEST)
    )
    found = session.execute(chosen).one_or_none()
    return None if found is None else Gathered(*found)
