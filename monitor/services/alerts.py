"""Alerts: from changes in the outbox to one message for each channel that is to hear of them.

Each plan is one short transaction, and safe to be cut off: what is not noted is done again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.domain import alerts as rules
from monitor.domain.alerts import Change, Told
from monitor.domain.routes import Alerting
from monitor.domain.silences import Holds, Subject, hold_after
from monitor.services import digests, escalation, firings, matters, silences, withholding
from monitor.services.sending import hearers, send
from monitor.storage import alerts, subjects
from monitor.storage.alerts import Firing, Standing, Waiting
from monitor.storage.engine import Session

#: So many changes are planned in one transaction.
_AT_ONCE = 100


def is_due(session: Session, alerting: Alerting, now_ms: int) -> bool:
    """Whether there is anything to plan."""
    if alerts.has_waiting(session):
        return True
    standing = alerts.standing(session)
    if any(rules.settle(each.alert, now_ms).telling is not None for each in standing):
        return True
    if silences.is_due(session, now_ms) or any(withholding.moves(session, now_ms)):
        return True
    return digests.is_due(session, alerting, now_ms) or any(
        escalation.due(session, alerting, now_ms)
    )


def plan(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Turn changes into alerts, and into one message for each channel that is to hear of them."""
    _hear_all(session, alerting, now_ms)
    _settle_all(session, alerting, now_ms)
    withholding.apply(session, alerting, now_ms)
    if silences.is_due(session, now_ms):
        silences.end_due(session, now_ms)
        withholding.apply(session, alerting, now_ms)
    escalation.escalate(session, alerting, now_ms)
    digests.gather(session, alerting, now_ms)


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
            send(session, standing.id, settled, None, hearers(session, standing.id), alerting)


def _hear(
    session: Session, waiting: Waiting, alerting: Alerting, holds: Holds, now_ms: int
) -> None:
    change, known = waiting.change, alerts.standing(session)
    if not change.is_opening:
        mine = next((s for s in known if change.incident_id in s.alert.open), None)
        alerts.close_incident(session, change.incident_id)
        if mine is not None:
            _change(session, mine, change, holds, (), alerting)
    elif not rules.is_stale(waiting.closed_ms, now_ms):
        _take_in(session, waiting, alerting, holds, now_ms)


def _take_in(
    session: Session, waiting: Waiting, alerting: Alerting, holds: Holds, now_ms: int
) -> None:
    """An opening joins the alert of its root cause, or begins one."""
    change, known = waiting.change, alerts.standing(session)
    subject = Subject(change.root.kind, change.root.provider, waiting.endpoint)
    hold = hold_after(None, holds.of(None, [subject], change.at_ms))
    opened = rules.open_alert(change)
    matter = matters.of_subjects(session, opened.alert, [subject], alerting, now_ms)
    names = alerting.channels_for(matter, now_ms)
    takers = [each for each in known if each.alert.takes(change)]
    mine = _one_like(session, takers, holds, change.at_ms, is_held=hold is not None)
    if mine is not None:
        alerts.add_incident(session, mine.id, change.incident_id)
        _change(session, mine, change, holds, names, alerting)
    elif names:
        told_ms = None if hold else now_ms
        told = opened._replace(alert=replace(opened.alert, told_ms=told_ms))
        send(session, alerts.add(session, told.alert), told, hold, names, alerting)


def _one_like(
    session: Session, takers: Sequence[Standing], holds: Holds, at_ms: int, *, is_held: bool
) -> Standing | None:
    """The alert that an opening joins: what is held joins only what is held, and the other way."""
    befallen = subjects.of_alerts(session, [each.id for each in takers])
    for each in takers:
        if bool(holds.of(each.id, befallen[each.id], at_ms)) == is_held:
            return each
    return None


def _change(
    session: Session,
    standing: Standing,
    change: Change,
    holds: Holds,
    further: Collection[str],
    alerting: Alerting,
) -> None:
    """Told to exactly those channels that heard of it, or are about to, and `further` ones."""
    told = rules.change_alert(standing.alert, change)
    alerts.save(session, standing.id, told.alert)
    befallen = subjects.of_alerts(session, [standing.id])[standing.id]
    hold = hold_after(None, holds.of(standing.id, befallen, change.at_ms))
    names = dict.fromkeys([*hearers(session, standing.id), *further])
    send(session, standing.id, told, hold, names, alerting)


def _fire(session: Session, firing: Firing, alerting: Alerting, holds: Holds, now_ms: int) -> None:
    """A firing is told once, and is over with that."""
    if rules.is_stale(firing.at_ms, now_ms):
        return
    alert = firings.alert_of(firing)
    matter = matters.of_firing(session, alert, firing, alerting, now_ms)
    names = alerting.channels_for(matter, now_ms)
    if names:
        number = alerts.add(session, alert, firing.outbox_id)
        befallen = subjects.of_alerts(session, [number])[number]
        hold = hold_after(None, holds.of(number, befallen, firing.at_ms))
        told = Told(alert, rules.Telling.FIRED, firing.at_ms)
        send(session, number, told, hold, names, alerting)
