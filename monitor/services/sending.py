"""Sending: what is to be told of an alert becomes one message for each channel."""

from collections.abc import Collection
from secrets import token_hex

from monitor.domain import deliveries as fate
from monitor.domain.alerts import Telling, Told
from monitor.domain.deliveries import DeliveryState
from monitor.domain.routes import Alerting
from monitor.domain.silences import HoldKind
from monitor.services import matters
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
    for name in names:
        due_ms, state = place(session, alert_id, told, name, alerting)
        if state is DeliveryState.GATHERED and telling is Telling.REMINDER:
            continue
        if state is DeliveryState.WAITING:
            _hurry(session, alert_id, name, due_ms)
        state = DeliveryState.HELD if hold is not None else state
        key, at_ms = token_hex(16), alert.changed_ms
        planned = Planned(alert_id, name, telling, key, at_ms, due_ms, state, hold)
        deliveries.add(session, planned)


def place(
    session: Session, alert_id: int, told: Told, channel: str, alerting: Alerting
) -> tuple[int, DeliveryState]:
    """When a message goes to a channel where nothing holds it, and whether a digest gathers it."""
    alert = told.alert
    if alerting.is_gathering and told.telling is not Telling.ESCALATED:
        at_ms = alert.opened_ms if alert.told_ms is None else alert.told_ms
        matter = matters.of_alert(session, alert_id, alert, alerting, at_ms)
        schedule = alerting.schedule_for(matter, at_ms, channel)
        if schedule is not None:
            return schedule.next_ms(told.due_ms), DeliveryState.GATHERED
    return alerting.due_ms(alert.severity, told.due_ms), DeliveryState.WAITING


def _hurry(session: Session, alert_id: int, channel: str, now_ms: int) -> None:
    """What goes out at once takes along what its channel would have heard in a digest."""
    messages = deliveries.of_alerts(session, [alert_id]).get((alert_id, channel), [])
    numbers = [each.id for each in messages if each.state is DeliveryState.GATHERED]
    if numbers:
        deliveries.release(session, numbers, DeliveryState.WAITING, now_ms, now_ms)


def hearers(session: Session, alert_id: int) -> list[str]:
    """The channels that heard of an alert, or are about to."""
    sent = deliveries.of_alerts(session, [alert_id])
    return [channel for (_, channel), messages in sent.items() if fate.hears(messages)]
