"""Sending: what is to be told of an alert becomes one message for each channel."""

from collections.abc import Collection
from secrets import token_hex

from monitor.domain import deliveries as fate
from monitor.domain.alerts import Told
from monitor.domain.deliveries import DeliveryState
from monitor.domain.routes import Alerting
from monitor.domain.silences import HoldKind
from monitor.storage import deliveries
from monitor.storage.deliveries import Planned
from monitor.storage.engine import Session


def send(
    session: Session,
    alert_id: int,
    told: Told,
    hold: HoldKind | None,
    names: Collection[str],
    alerting: Alerting,
) -> None:
    """Plan a message to each of these channels; one that `hold` keeps back waits for its end."""
    alert, telling = told.alert, told.telling
    if telling is None:
        return
    due_ms = alerting.due_ms(alert.severity, told.due_ms)
    state = DeliveryState.WAITING if hold is None else DeliveryState.HELD
    for name in names:
        key, at_ms = token_hex(16), alert.changed_ms
        planned = Planned(alert_id, name, telling, key, at_ms, due_ms, state, hold)
        deliveries.add(session, planned)


def hearers(session: Session, alert_id: int) -> list[str]:
    """The channels that heard of an alert, or are about to."""
    sent = deliveries.of_alerts(session, [alert_id])
    return [channel for (_, channel), messages in sent.items() if fate.hears(messages)]
