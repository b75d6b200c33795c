"""Firings: what was known of a budget when its threshold was met, as it is told."""

from zoneinfo import ZoneInfo

from monitor.domain.budgets import Scope, ScopeKind
from monitor.domain.messages import Fired
from monitor.storage import alerts
from monitor.storage.engine import Session


def find(session: Session, alert_id: int) -> Fired | None:
    """The threshold that an alert tells of; `None` for an alert of incidents."""
    firing = alerts.firing_of(session, alert_id)
    if firing is None:
        return None
    facts = firing.facts
    return Fired(
        budget=firing.budget,
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
