"""Routing: who would be told now of an alert that does not exist. Nothing is sent."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.cli.pausing import local
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.alerts import AlertKind, Root, Severity
from monitor.domain.phrases import lasting
from monitor.domain.routes import Alerting, Matter, Route
from monitor.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Supposed:
    """An alert that might be."""

    severity: Severity
    kind: AlertKind
    provider: str | None
    endpoint: str | None
    team: str | None


def explain(supposed: Supposed) -> str:
    """Which routes would take it, and what each channel would hear. Raises Refusal."""
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    matter = _suppose(settings, supposed)
    return "\n".join(_lines(settings, matter, now_ms))


def _suppose(settings: Settings, supposed: Supposed) -> Matter:
    named = supposed.endpoint
    endpoint = None if named is None else settings.endpoint(named)
    if named is not None and endpoint is None:
        raise Refusal(f"endpoint {named!r} is not in the settings")
    provider = supposed.provider or ("" if endpoint is None else endpoint.target.provider)
    return Matter(
        Root(supposed.kind, provider),
        supposed.severity,
        frozenset({endpoint.id} if endpoint else ()),
        frozenset({endpoint.model} if endpoint else ()),
        frozenset({supposed.team} if supposed.team else ()),
    )


def _lines(settings: Settings, matter: Matter, now_ms: int) -> Iterator[str]:
    alerting = settings.alerts
    taken = list(alerting.taken_by(matter, now_ms))
    for number, route in enumerate(alerting.routes, 1):
        yield f"route {number} ({', '.join(route.to)}): {_said(route, taken, matter, now_ms)}"
    names = alerting.channels_for(matter, now_ms)
    if not names:
        yield "Nobody would be told: no route takes it." if alerting.routes else "No channel."
    for name in names:
        yield f"{name}: {_when(alerting, settings, matter, name, now_ms)}"
    for each in (*alerting.escalate, *(each for route in taken for each in route.escalate)):
        to, after = ", ".join(each.to), lasting(each.after_ms)
        yield f"{to}: after {after}, where nobody acknowledged it"


def _said(route: Route, taken: list[Route], matter: Matter, now_ms: int) -> str:
    if any(each is route for each in taken):
        return "takes it, and no route below is asked" if route.is_last else "takes it"
    return "is not asked" if route.takes(matter, now_ms) else "does not take it"


def _when(alerting: Alerting, settings: Settings, matter: Matter, name: str, now_ms: int) -> str:
    schedule = alerting.schedule_for(matter, now_ms, name)
    if schedule is not None:
        return f"in the digest of {local(schedule.next_ms(now_ms), settings)}"
    due_ms = alerting.due_ms(matter.severity, now_ms)
    return "at once" if due_ms == now_ms else f"after quiet hours, {local(due_ms, settings)}"
