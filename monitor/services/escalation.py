"""Escalation: remind of alerts that last, and tell others, while nobody acknowledges them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from monitor.domain.alerts import Told
from monitor.domain.escalation import Escalation, Step, escalations_due, reminder_due
from monitor.domain.routes import Alerting
from monitor.domain.silences import Holds, Subject
from monitor.services import matters, withholding
from monitor.services.sending import hearers, send
from monitor.storage import acknowledgements, alerts, steps, subjects
from monitor.storage.alerts import Standing
from monitor.storage.engine import Session


class Due(NamedTuple):
    """A step of an alert that is to be taken now."""

    standing: Standing
    step: Step


def due(session: Session, alerting: Alerting, now_ms: int) -> Iterator[Due]:
    """The steps of all alerts that nobody acknowledged and nothing holds."""
    standing = {each.id: each for each in alerts.standing(session)}
    if not standing or not alerting.is_escalating:
        return
    taken = steps.of_alerts(session, standing)
    acknowledged = acknowledgements.of_alerts(session, standing)
    befallen = subjects.of_alerts(session, standing)
    holds = withholding.load(session, now_ms, now_ms)
    for number, each in standing.items():
        if number in acknowledged or _is_held(holds, number, befallen[number], now_ms):
            continue
        wanted = _wanted(session, each, befallen[number], alerting)
        found: list[Step] = []
        if alerting.reminders is not None:
            found += reminder_due(each.alert, taken[number], alerting.reminders, now_ms)
        found += escalations_due(each.alert, taken[number], wanted, now_ms)
        yield from (Due(each, step) for step in found)


def escalate(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Take the steps that are due."""
    for standing, step in list(due(session, alerting, now_ms)):
        steps.take(session, standing.id, step.name, now_ms)
        told = Told(replace(standing.alert, changed_ms=now_ms), step.telling, now_ms)
        names = step.to or hearers(session, standing.id)
        send(session, standing.id, told, None, names, alerting)


def _is_held(holds: Holds, number: int, befallen: tuple[Subject, ...], now_ms: int) -> bool:
    return bool(holds.of(number, befallen, now_ms))


def _wanted(
    session: Session, standing: Standing, befallen: tuple[Subject, ...], alerting: Alerting
) -> list[Escalation]:
    """By the routes that took the alert when it was told first."""
    alert = standing.alert
    if not any(route.escalate for route in alerting.routes):
        return list(alerting.escalate)
    at_ms = alert.opened_ms if alert.told_ms is None else alert.told_ms
    matter = matters.of_subjects(session, alert, befallen, alerting, at_ms)
    taken = alerting.taken_by(matter, at_ms)
    return [*alerting.escalate, *(each for route in taken for each in route.escalate)]
