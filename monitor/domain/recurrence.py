"""Recurrence: maintenance as people plan it, and the windows that come of it.

A recurring window begins when the clock of its zone shows a time, and lasts as long as it lasts:
so it moves with the clock when that is set, and is no longer or shorter for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.maintenance import Maintenance
from monitor.domain.pauses import Scope
from monitor.domain.windows import DAY_MS, Window, instant_ms, moment

#: So far ahead windows are written down.
HORIZON_MS = 35 * DAY_MS


@dataclass(frozen=True, slots=True)
class Once:
    """One window; `line` is where it stands in a file, and no part of what it is."""

    window: Window
    scope: Scope
    reason: str = ""
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Every:
    """A window on every one of these weekdays (Monday is 0), at a time of a zone's clock."""

    weekdays: frozenset[int]
    at: time
    lasts_ms: int
    zone: ZoneInfo
    scope: Scope
    reason: str = ""
    line: int | None = field(default=None, compare=False)


Planned = Once | Every


def expand(planned: Iterable[Planned], now_ms: int) -> tuple[Maintenance, ...]:
    """The windows of plans: single ones whenever they are, of others those not yet over.

    Of two for the same endpoints that begin together the longer one counts.
    """
    found: dict[str, Maintenance] = {}
    for plan in planned:
        for window in _windows(plan, now_ms):
            made = name_window(window, plan.scope, plan.reason, line=plan.line)
            name = made.name
            twin = found.get(name)
            if twin is None or twin.window.to_ms < window.to_ms:
                found[name] = made
    return tuple(found.values())


def name_window(
    window: Window, scope: Scope, reason: str, by: str | None = None, line: int | None = None
) -> Maintenance:
    """A window by whom it is of and when it begins."""
    return Maintenance(f"{scope} {window.from_ms}", window, *scope, reason, by, line)


def _windows(plan: Planned, now_ms: int) -> Iterator[Window]:
    if isinstance(plan, Once):
        yield plan.window
        return
    for day in _days(plan, now_ms):
        from_ms = at_clock_ms(day, plan.at, plan.zone)
        window = Window(from_ms, from_ms + plan.lasts_ms)
        if window.to_ms > now_ms and window.from_ms < now_ms + HORIZON_MS:
            yield window


def _days(plan: Every, now_ms: int) -> Iterator[date]:
    day = moment(now_ms - plan.lasts_ms, plan.zone).date() - timedelta(days=1)
    last = moment(now_ms + HORIZON_MS, plan.zone).date()
    while day <= last:
        if day.weekday() in plan.weekdays:
            yield day
        day += timedelta(days=1)


def at_clock_ms(day: date, clock: time, zone: ZoneInfo) -> int:
    """The instant at which the clock of a zone shows that time on that day.

    A time that is leapt over when the clock is set forward is the instant at which it would have
    come; of two when it is set back the first one is meant.
    """
    return instant_ms(datetime.combine(day, clock, zone))
