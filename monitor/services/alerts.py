"""Alerts: from changes in the outbox to one message for each channel that is to hear of them.

Each plan is one short transaction, and safe to be cut off: what is not noted is done again.
"""

from collections.abc import Collection
from secrets import token_hex

from monitor.domain import alerts as rules
from monitor.domain import deliveries as fate
from monitor.domain.alerts import Told
from monitor.domain.routes import Alerting
from monitor.services import firings
from monitor.storage import alerts, deliveries
from monitor.storage.alerts import Firing, Waiting
from monitor.storage.deliveries import Planned
from monitor.storage.engine import Session

#: So many changes are planned in one transaction.
_AT_ONCE = 100


def is_due(session: Session, now_ms: int) -> bool:
    """Whether there is anything to plan."""
    if alerts.has_waiting(session):
        return True
    standing = alerts.standing(session)
    return any(rules.settle(each.alert, now_ms).telling is not None for each in standing)


def plan(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Turn changes into alerts, and into one message for each channel that is to hear of them."""
    changes = alerts.waiting(session, _AT_ONCE)
    for waiting in changes:
        _hear(session, waiting, alerting, now_ms)
    if changes:
        alerts.mark_planned(session, [each.outbox_id for each in changes])
    fired = alerts.firings(session, _AT_ONCE)
    for firing in fired:
        _fire(session, firing, alerting, now_ms)
    if fired:
        alerts.mark_planned(session, [each.outbox_id for each in fired])
    for standing in alerts.standing(session):
        settled = rules.settle(standing.alert, now_ms)
        if settled.telling is not None:
            alerts.save(session, standing.id, settled.alert)
            _tell(session, standing.id, settled, alerting)


def _hear(session: Session, waiting: Waiting, alerting: Alerting, now_ms: int) -> None:
    change, known = waiting.change, alerts.standing(session)
    if not change.is_opening:
        mine = next((s for s in known if change.incident_id in s.alert.open), None)
        alerts.close_incident(session, change.incident_id)
    elif rules.is_stale(waiting.closed_ms, now_ms):
        return
    else:
        mine = next((s for s in known if s.alert.takes(change)), None)
        if mine is None:
            _open(session, rules.open_alert(change), alerting, now_ms)
            return
        alerts.add_incident(session, mine.id, change.incident_id)
    if mine is not None:
        told = rules.change_alert(mine.alert, change)
        alerts.save(session, mine.id, told.alert)
        _tell(session, mine.id, told, alerting)


def _open(session: Session, told: Told, alerting: Alerting, now_ms: int) -> None:
    alert = told.alert
    names = alerting.channels_for(alert.root, alert.severity, now_ms)
    if names:
        number = alerts.add(session, alert)
        _send(session, number, told, names, alerting)


def _fire(session: Session, firing: Firing, alerting: Alerting, now_ms: int) -> None:
    """A firing is told once, and is over with that."""
    if rules.is_stale(firing.at_ms, now_ms):
        return
    alert = firings.alert_of(firing)
    names = alerting.channels_for(alert.root, alert.severity, now_ms)
    if names:
        number = alerts.add(session, alert, firing.outbox_id)
        _send(session, number, Told(alert, rules.Telling.FIRED, firing.at_ms), names, alerting)


def _tell(session: Session, alert_id: int, told: Told, alerting: Alerting) -> None:
    """To exactly those channels that heard of it, or are about to."""
    if told.telling is None:
        return
    sent = deliveries.of_alerts(session, [alert_id])
    names = [channel for (_, channel), messages in sent.items() if fate.hears(messages)]
    _send(session, alert_id, told, names, alerting)


def _send(
    session: Session, alert_id: int, told: Told, names: Collection[str], alerting: Alerting
) -> None:
    alert, telling = told.alert, told.telling
    if telling is None:
        return
    due_ms = alerting.due_ms(alert.severity, told.due_ms)
    for name in names:
        planned = Planned(alert_id, name, telling, token_hex(16), alert.changed_ms, due_ms)
        deliveries.add(session, planned)
