"""Digests: what one message tells of many alerts, as it was gathered."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from monitor.storage.engine import Session
from monitor.storage.models.alerts import AlertRow
from monitor.storage.models.health import OutboxRow

#: By this kind they are known in the outbox.
DIGEST = "digest"


class Gathered(NamedTuple):
    """When it was gathered, and what."""

    at_ms: int
    facts: Mapping[str, Any]


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
