"""Deliveries that arrived: how long each took, and how long it was held by design."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from monitor.domain.promptness import Took
from monitor.domain.windows import Window
from monitor.storage.models.alerts import DeliveryRow

#: So many are read at most, the newest of a window.
MOST = 20_000


def arrived(session: Session, window: Window) -> list[Took]:
    """The messages of alerts that arrived in a window, or were told by a newer one that did.

    Those of which it was not noted how long they were held are left out.
    """
    row = DeliveryRow
    chosen: Select[*tuple[Any, ...]] = (
        select(row.channel, row.delivered_ms, row.created_ms, row.held_ms)
        .where(
            row.delivered_ms >= window.from_ms,
            row.delivered_ms < window.to_ms,
            row.held_ms.is_not(None),
            row.alert_id.is_not(None),
        )
        .order_by(row.delivered_ms.desc(), row.id.desc())
        .limit(MOST)
    )
    return [_took(*found) for found in session.execute(chosen)][::-1]


def _took(channel: str, at_ms: int, created_ms: int, held_ms: int) -> Took:
    whole_ms = max(0, at_ms - created_ms)
    held_ms = max(0, min(held_ms, whole_ms))
    return Took(channel, at_ms, whole_ms - held_ms, held_ms)
