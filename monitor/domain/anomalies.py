"""Anomalies: spend of a day so far, held against the same weekdays before it.

Each day is looked at up to the same time of the clock. *Usual* is the median of the days before,
and their *spread* is 1.4826 times the median of their distances from it (for a normal
distribution that is its standard deviation; Rousseeuw and Croux, 1993), but no less than a tenth
of the median: days that are alike do not make a cent of difference an event. One wild day among
the others moves neither. All money is integer nano-dollars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.budgets import Spent
from monitor.domain.money import NANO_PER_USD
from monitor.domain.recurrence import at_clock_ms
from monitor.domain.windows import BUCKET_MS, Window, day_of, day_window, moment

_WEEK_DAYS = 7
#: 1.4826 and a tenth, as fractions of whole numbers.
_SCALE, _OF = 14_826, 10_000
_LEAST_SPREAD = 10


@dataclass(frozen=True, slots=True)
class Tolerance:
    """From when on spend is unusual.

    It has to be above the usual by more than `factor` spreads, and by `floor_nano_usd` at least.
    `weeks` are looked back, and `least_days` of their days have to be known.
    """

    weeks: int = 8
    least_days: int = 3
    factor: int = 4
    floor_nano_usd: int = 5 * NANO_PER_USD


class Usual(NamedTuple):
    """What so many days of a kind cost."""

    nano_usd: int
    spread_nano_usd: int
    days: int


def day_so_far(now_ms: int, zone: ZoneInfo) -> Window:
    """The day of a zone up to the last quarter-hour that is over; at midnight, all of the last."""
    end_ms = now_ms - now_ms % BUCKET_MS
    return Window(day_window(day_of(end_ms - 1, zone), zone).from_ms, end_ms)


def weekdays_before(today: Window, weeks: int, zone: ZoneInfo) -> list[Window]:
    """The same weekday of so many weeks before, each up to the same time, the newest first."""
    day = day_of(today.from_ms, zone)
    return [_up_to(day - _WEEK_DAYS * n, today, zone) for n in range(1, weeks + 1)]


def _up_to(day: int, today: Window, zone: ZoneInfo) -> Window:
    whole, end = day_window(day, zone), moment(today.to_ms, zone)
    if end.toordinal() > day_of(today.from_ms, zone):
        return whole
    at_ms = at_clock_ms(date.fromordinal(day), time(end.hour, end.minute), zone)
    return Window(whole.from_ms, max(whole.from_ms, at_ms - at_ms % BUCKET_MS))


def usual(before: Sequence[Spent], least_days: int) -> Usual | None:
    """What days cost; `None` where too few are known.

    A day of whose calls more than half are of unknown cost is not known.
    """
    costs = [each.nano_usd for each in before if 2 * each.unknown <= each.calls]
    if len(costs) < max(1, least_days):
        return None
    middle = _median(costs)
    distance = _median([abs(cost - middle) for cost in costs])
    spread = max(distance * _SCALE // _OF, middle // _LEAST_SPREAD)
    return Usual(middle, spread, len(costs))


def is_unusual(nano_usd: int, before: Usual, tolerance: Tolerance) -> bool:
    """Whether a day so far cost so much more than the days before it that one should look."""
    excess = nano_usd - before.nano_usd
    is_far = excess > tolerance.factor * before.spread_nano_usd
    return is_far and excess >= tolerance.floor_nano_usd


def _median(numbers: Sequence[int]) -> int:
    ordered, half = sorted(numbers), len(numbers) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) // 2
