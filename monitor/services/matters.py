"""Matters: what routes are asked about an alert, as far as any of them asks for it."""

from collections.abc import Iterable

from monitor.domain.alerts import Alert
from monitor.domain.budgets import ScopeKind
from monitor.domain.routes import Alerting, Matter
from monitor.domain.silences import Subject
from monitor.domain.windows import DAY_MS, day_of
from monitor.storage import alerts, facts, matters, subjects
from monitor.storage.alerts import BUDGET, Firing
from monitor.storage.engine import Session

#: Whoever called an endpoint in so long is affected by what befalls it.
_AFFECTED_MS = 7 * DAY_MS


def of_subjects(
    session: Session, alert: Alert, befallen: Iterable[Subject], alerting: Alerting, now_ms: int
) -> Matter:
    """What an alert is about that befalls these."""
    named = frozenset(each.endpoint for each in befallen if each.endpoint is not None)
    models = teams = frozenset[str]()
    if named and any(route.models for route in alerting.routes):
        models = matters.models_of(session, named)
    if named and any(route.teams for route in alerting.routes):
        from_day = day_of(now_ms - _AFFECTED_MS, facts.home_zone(session))
        teams = matters.teams_of(session, named, from_day)
    return Matter(alert.root, alert.severity, named, models, teams)


def of_alert(
    session: Session, alert_id: int, alert: Alert, alerting: Alerting, at_ms: int
) -> Matter:
    """What an alert of the ledger is about."""
    firing = alerts.firing_of(session, alert_id)
    if firing is not None:
        return of_firing(session, alert, firing, alerting, at_ms)
    befallen = subjects.of_alerts(session, [alert_id])[alert_id]
    return of_subjects(session, alert, befallen, alerting, at_ms)


def of_firing(
    session: Session, alert: Alert, firing: Firing, alerting: Alerting, now_ms: int
) -> Matter:
    """What is told once: a budget is of the team of its scope, a notice of whom it names."""
    if firing.kind != BUDGET:
        subject = Subject(*alert.root, firing.subject)
        return of_subjects(session, alert, [subject], alerting, now_ms)
    is_of_team = firing.facts["scope"] == ScopeKind.TEAM
    teams = frozenset({firing.facts["scope_name"]} if is_of_team else ())
    return Matter(alert.root, alert.severity, teams=teams)
