"""Digests: many alerts told as one, since they waited for it or are over meanwhile."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.recurrence import at_clock_ms
from monitor.domain.windows import moment

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Schedule:
    """When warnings that were gathered are told: at a clock time of a zone, on some weekdays.

    Monday is 0. `with_empty`: also where there is nothing to tell.
    """

    at: time
    weekdays: frozenset[int]
    zone: ZoneInfo
    with_empty: bool = False

    def next_ms(self, now_ms: int) -> int:
        """The first instant after this one."""
        return min(each for each in self._around(now_ms) if each > now_ms)

    def last_ms(self, now_ms: int) -> int:
        """The last instant up to this one."""
        return max(each for each in self._around(now_ms) if each <= now_ms)

    def _around(self, now_ms: int) -> list[int]:
        today = moment(now_ms, self.zone).date()
        days = (today + timedelta(days=n) for n in range(-_WEEK - 1, _WEEK + 2))
        return [self._on(day) for day in days if day.weekday() in self.weekdays]

    def _on(self, day: date) -> int:
        return at_clock_ms(day, self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert: whom it befell, from when to when; `to_ms` is `None` while it lasts."""

    subject: str
    kind: AlertKind
    from_ms: int
    to_ms: int | None


@dataclass(frozen=True, slots=True)
class Spending:
    """How a budget stands."""

    budget: str
    spent_nano_usd: int
    amount_nano_usd: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What one message tells of: alerts of [from_ms, to_ms), in the order of their beginning."""

    telling: Telling
    from_ms: int
    to_ms: int
    entries: tuple[Entry, ...]
    budgets: tuple[Spending, ...] = ()
