"""Firings: what is told once, as it was when it was noticed."""

from zoneinfo import ZoneInfo

from monitor.domain.alerts import Alert, AlertKind, Root, Severity
from monitor.domain.budgets import Scope, ScopeKind
from monitor.domain.messages import Fired, Message
from monitor.domain.noticed import Noticed
from monitor.domain.notices import compose_fired, compose_notice
from monitor.storage import alerts
from monitor.storage.alerts import BUDGET, Firing
from monitor.storage.engine import Session


def alert_of(firing: Firing) -> Alert:
    """The alert that it is: open and over at one instant."""
    at_ms = firing.at_ms
    return Alert(_root(firing), _severity(firing), at_ms, at_ms, closed_ms=at_ms)


def compose(session: Session, alert_id: int, base: str, zone: ZoneInfo) -> Message | None:
    """The message of an alert that tells of one, `base` is where the pages are reached.

    `None` for an alert of incidents.
    """
    firing = alerts.firing_of(session, alert_id)
    if firing is None:
        return None
    if firing.kind == BUDGET:
        return compose_fired(_fired(firing), f"{base}/budgets")
    facts = firing.facts
    noticed = Noticed(
        facts["rule"],
        firing.subject,
        facts["provider"],
        Severity(facts["severity"]),
        firing.at_ms,
        facts["facts"],
    )
    return compose_notice(noticed, base, zone)


def _root(firing: Firing) -> Root:
    facts = firing.facts
    if firing.kind != BUDGET:
        return Root(AlertKind(facts["kind"]), facts["provider"])
    is_of_provider = facts["scope"] == ScopeKind.PROVIDER
    return Root(AlertKind.BUDGET, facts["scope_name"] if is_of_provider else "")


def _severity(firing: Firing) -> Severity:
    return Severity.WARNING if firing.kind == BUDGET else Severity(firing.facts["severity"])


def _fired(firing: Firing) -> Fired:
    facts = firing.facts
    return Fired(
        budget=firing.subject,
        scope=str(Scope(ScopeKind(facts["scope"]), facts["scope_name"])),
        percent=facts["percent"],
        is_projected=facts["is_projected"],
        amount_nano_usd=facts["amount_nano_usd"],
        spent_nano_usd=facts["spent_nano_usd"],
        projected_nano_usd=facts["projected_nano_usd"],
        calls=facts["calls"],
        unknown=facts["unpriced"] + facts["no_usage"],
        from_ms=facts["from_ms"],
        to_ms=facts["to_ms"],
        zone=ZoneInfo(facts["zone"]),
    )
