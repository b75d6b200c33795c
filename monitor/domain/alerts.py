"""Alerts: what a person is told as one thing, and when; see docs/semantics.md, section 9.

Incidents of one root cause (what failed, at which provider) that open within a window are one
alert. Everything here is pure: an alert and a change in, the alert after it and what is to be told
out. All instants are integer UTC milliseconds.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.outcomes import Outcome, Result
from monitor.domain.windows import DAY_MS, MINUTE_MS

#: So long an opening waits for others of the same root cause.
GATHER_MS = 1_500
#: So long after an opening further ones join it, told together by one further message.
JOIN_MS = 5 * MINUTE_MS
#: So long after the first of those that joined they are told.
GROWTH_MS = 30_000
#: So many changes of one endpoint within so long are flapping: one summary, then silence.
FLAPS = 4
FLAPPING_MS = 30 * MINUTE_MS
#: What was over so long ago is history, and told to nobody.
STALE_MS = DAY_MS


class Severity(StrEnum):
    """How much it matters: the first wakes somebody, the second can wait for the morning."""

    CRITICAL = "critical"
    WARNING = "warning"


class AlertKind(StrEnum):
    """What it is about.

    An endpoint, our account there, the network that we watch from, a budget, unusual spend,
    prices and models that end, or the monitor itself. `DIGEST` is nothing of its own: it tells
    of others.
    """

    AVAILABILITY = "availability"
    ACCOUNT = "account"
    MONITOR = "monitor"
    BUDGET = "budget"
    DEGRADED = "degraded"
    ERRORS = "errors"
    RATE_LIMITS = "rate_limits"
    BURN = "burn"
    DIGEST = "digest"
    SPEND = "spend"
    CATALOGUE = "catalogue"
    SELF = "self"


class Telling(StrEnum):
    """What a message says of its alert; `FIRED` is all that is said of it, `TEST` has none.

    `SUMMARY` is of all that came and went while it was held, `DIGEST` of warnings that were
    gathered, `CROWD` of more alerts than a channel takes one by one. `REMINDER` and `ESCALATED`
    say that it lasts and nobody acknowledged it, to those who heard of it and to others.
    """

    OPENED = "opened"
    GREW = "grew"
    FLAPPING = "flapping"
    CLOSED = "closed"
    FIRED = "fired"
    SUMMARY = "summary"
    DIGEST = "digest"
    CROWD = "crowd"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    TEST = "test"


class Root(NamedTuple):
    """The cause that incidents share: what failed, and at which provider; "" is our own side."""

    kind: AlertKind
    provider: str


@dataclass(frozen=True, slots=True)
class Change:
    """An incident that opened or closed at an instant; it matters as much as `severity` says.

    `flaps` is how often its endpoint changed in the `FLAPPING_MS` up to this change, with it.
    """

    incident_id: int
    root: Root
    severity: Severity
    is_opening: bool
    at_ms: int
    flaps: int = 1


@dataclass(frozen=True, slots=True)
class Alert:
    """One root cause, from its first opening until all of its incidents have closed.

    `open` are the numbers of the incidents that are; `changed_ms` is its newest change. One that
    is flapping stays open until nothing has changed for a while. `told_ms` is since when somebody
    could know of it; `None` while all of it is held.
    """

    root: Root
    severity: Severity
    opened_ms: int
    changed_ms: int
    open: frozenset[int] = frozenset()
    is_flapping: bool = False
    closed_ms: int | None = None
    told_ms: int | None = None

    def takes(self, change: Change) -> bool:
        """Whether an opening belongs to it."""
        is_near = self.is_flapping or change.at_ms - self.opened_ms <= JOIN_MS
        return self.closed_ms is None and self.root == change.root and is_near


class Told(NamedTuple):
    """An alert after a change, and what is to be told of it from `due_ms` on, if anything."""

    alert: Alert
    telling: Telling | None = None
    due_ms: int = 0


def severity_of(outcome: Result) -> Severity:
    """How much a failure matters where its rule does not say: a limit passes by itself."""
    return Severity.WARNING if outcome is Outcome.RATE_LIMITED else Severity.CRITICAL


def open_alert(change: Change) -> Told:
    """The alert that an opening begins."""
    is_flapping = change.flaps >= FLAPS
    alert = Alert(
        change.root,
        change.severity,
        opened_ms=change.at_ms,
        changed_ms=change.at_ms,
        open=frozenset({change.incident_id}),
        is_flapping=is_flapping,
    )
    telling = Telling.FLAPPING if is_flapping else Telling.OPENED
    return Told(alert, telling, change.at_ms + GATHER_MS)


def change_alert(alert: Alert, change: Change) -> Told:
    """An alert after one of its incidents opened or closed.

    One that flaps tells it once, and further only of what joins it and had kept still until then.
    """
    after = _count(alert, change)
    is_joining = change.is_opening and change.flaps == 1
    if alert.closed_ms is not None or (alert.is_flapping and not is_joining):
        return Told(after)
    if change.flaps >= FLAPS:
        return Told(replace(after, is_flapping=True), Telling.FLAPPING, change.at_ms)
    if change.is_opening:
        return Told(after, Telling.GREW, change.at_ms + GROWTH_MS)
    if after.open:
        return Told(after)
    return Told(replace(after, closed_ms=change.at_ms), Telling.CLOSED, change.at_ms)


def settle(alert: Alert, now_ms: int) -> Told:
    """An alert as time goes by: one that flapped tells how it stands once it has kept still.

    It closes where all is up, and goes on as any other where something stayed down.
    """
    is_calm = now_ms - alert.changed_ms >= FLAPPING_MS
    if alert.closed_ms is not None or not (alert.is_flapping and is_calm):
        return Told(alert)
    if alert.open:
        return Told(replace(alert, is_flapping=False), Telling.GREW, now_ms)
    return Told(replace(alert, closed_ms=now_ms), Telling.CLOSED, now_ms)


def is_stale(closed_ms: int | None, now_ms: int) -> bool:
    """Whether an incident was over so long ago that telling it would only be noise."""
    return closed_ms is not None and now_ms - closed_ms > STALE_MS


def _count(alert: Alert, change: Change) -> Alert:
    member = frozenset({change.incident_id})
    still = alert.open | member if change.is_opening else alert.open - member
    is_louder = change.is_opening and change.severity is Severity.CRITICAL
    severity = Severity.CRITICAL if is_louder else alert.severity
    return replace(alert, open=still, changed_ms=change.at_ms, severity=severity)
