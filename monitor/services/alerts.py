"""Alerts: from changes in the outbox to one message for each channel that is to hear of them.

Each plan is one short transaction, and safe to be cut off: what is not noted is done again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from secrets import token_hex

from monitor.domain import alerts as rules
from monitor.domain import deliveries as fate
from monitor.domain.alerts import Told
from monitor.domain.deliveries import DeliveryState
from monitor.domain.routes import Alerting
from monitor.domain.silences import HoldKind, Holds, Subject, hold_after
from monitor.services import firings, silences, withholding
from monitor.storage import alerts, deliveries, subjects
from monitor.storage.alerts import Firing, Standing, Waiting
from monitor.storage.deliveries import Planned
from monitor.storage.engine import Session

#: So many changes are planned in one transaction.
_AT_ONCE = 100


def is_due(session: Session, now_ms: int) -> bool:
    """Whether there is anything to plan."""
    if alerts.has_waiting(session):
        return True
    standing = alerts.standing(session)
    if any(rules.settle(each.alert, now_ms).telling is not None for each in standing):
        return True
    return silences.is_due(session, now_ms) or any(withholding.moves(session, now_ms))


def plan(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Turn changes into alerts, and into one message for each channel that is to hear of them."""
    _hear_all(session, alerting, now_ms)
    _settle_all(session, alerting, now_ms)
    withholding.apply(session, alerting, now_ms)
    if silences.is_due(session, now_ms):
        silences.end_due(session, now_ms)
        withholding.apply(session, alerting, now_ms)


def _hear_all(session: Session, alerting: Alerting, now_ms: int) -> None:
    changes, fired = alerts.waiting(session, _AT_ONCE), alerts.firings(session, _AT_ONCE)
    told_ms = [each.change.at_ms for each in changes] + [each.at_ms for each in fired]
    holds = withholding.load(session, min(told_ms, default=now_ms), now_ms)
    for waiting in changes:
        _hear(session, waiting, alerting, holds, now_ms)
    for firing in fired:
        _fire(session, firing, alerting, holds, now_ms)
    if told_ms:
        planned = [each.outbox_id for each in changes] + [each.outbox_id for each in fired]
        alerts.mark_planned(session, planned)


def _settle_all(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Close what flapped and has kept still."""
    for standing in alerts.standing(session):
        settled = rules.settle(standing.alert, now_ms)
        if settled.telling is not None:
            alerts.save(session, standing.id, settled.alert)
            _tell(session, standing.id, settled, None, alerting)


def _hear(
    session: Session, waiting: Waiting, alerting: Alerting, holds: Holds, now_ms: int
) -> None:
    change, known = waiting.change, alerts.standing(session)
    if not change.is_opening:
        mine = next((s for s in known if change.incident_id in s.alert.open), None)
        alerts.close_incident(session, change.incident_id)
    elif rules.is_stale(waiting.closed_ms, now_ms):
        return
    else:
        subject = Subject(change.root.kind, change.root.provider, waiting.endpoint)
        hold = hold_after(None, holds.of(None, [subject], change.at_ms))
        takers = [each for each in known if each.alert.takes(change)]
        mine = _one_like(session, takers, holds, change.at_ms, is_held=hold is not None)
        if mine is None:
            _open(session, rules.open_alert(change), hold, alerting, now_ms)
            return
        alerts.add_incident(session, mine.id, change.incident_id)
    if mine is not None:
        told = rules.change_alert(mine.alert, change)
        alerts.save(session, mine.id, told.alert)
        befallen = subjects.of_alerts(session, [mine.id])[mine.id]
        hold = hold_after(None, holds.of(mine.id, befallen, change.at_ms))
        _tell(session, mine.id, told, hold, alerting)


def _one_like(
    session: Session, takers: Sequence[Standing], holds: Holds, at_ms: int, *, is_held: bool
) -> Standing | None:
    """The alert that an opening joins: what is held joins only what is held, and the other way."""
    befallen = subjects.of_alerts(session, [each.id for each in takers])
    for each in takers:
        if bool(holds.of(each.id, befallen[each.id], at_ms)) == is_held:
            return each
    return None


def _open(
    session: Session, told: Told, hold: HoldKind | None, alerting: Alerting, now_ms: int
) -> None:
    alert = told.alert if hold else replace(told.alert, told_ms=told.alert.opened_ms)
    names = alerting.channels_for(alert.root, alert.severity, now_ms)
    if names:
        number = alerts.add(session, alert)
        _send(session, number, told, hold, names, alerting)


def _fire(session: Session, firing: Firing, alerting: Alerting, holds: Holds, now_ms: int) -> None:
    """A firing is told once, and is over with that."""
    if rules.is_stale(firing.at_ms, now_ms):
        return
    alert = firings.alert_of(firing)
    names = alerting.channels_for(alert.root, alert.severity, now_ms)
    if names:
        number = alerts.add(session, alert, firing.outbox_id)
        befallen = subjects.of_alerts(session, [number])[number]
        hold = hold_after(None, holds.of(number, befallen, firing.at_ms))
        told = Told(alert, rules.Telling.FIRED, firing.at_ms)
        _send(session, number, told, hold, names, alerting)


def _tell(
    session: Session, alert_id: int, told: Told, hold: HoldKind | None, alerting: Alerting
) -> None:
    """To exactly those channels that heard of it, or are about to."""
    if told.telling is None:
        return
    sent = deliveries.of_alerts(session, [alert_id])
    names = [channel for (_, channel), messages in sent.items() if fate.hears(messages)]
    _send(session, alert_id, told, hold, names, alerting)


def _send(
    session: Session,
    alert_id: int,
    told: Told,
    hold: HoldKind | None,
    names: Collection[str],
    alerting: Alerting,
) -> None:
    alert, telling = told.alert, told.telling
    if telling is None:
        return
    due_ms = alerting.due_ms(alert.severity, told.due_ms)
    state = DeliveryState.WAITING if hold is None else DeliveryState.HELD
    for name in names:
        key, at_ms = token_hex(16), alert.changed_ms
        planned = Planned(alert_id, name, telling, key, at_ms, due_ms, state, hold)
        deliveries.add(session, planned)
