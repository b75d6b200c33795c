"""Counterparts: the period of equal kind before a period, of complete days where there are days.

Days compare with as many days before, a month (or the part of it so far) with the same days of
the month before, and a span that begins at no midnight with as long a span before.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from monitor.domain.windows import Window, day_of, day_window


class Kind(StrEnum):
    """What a period is made of."""

    DAYS = "days"
    MONTH = "month"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods of equal kind; the zone's days of each, both included, where they are days."""

    before: Window
    after: Window


def before(window: Window, zone: ZoneInfo, kind: Kind) -> Window:
    """The period before a window; of a day that is not over yet, the whole of its counterpart."""
    if kind is Kind.SPAN:
        return Window(window.from_ms - window.length_ms, window.from_ms)
    first, last = _days(window, zone)
    match kind:
        case Kind.DAYS:
            return _whole(first - (last - first + 1), first - 1, zone)
        case Kind.MONTH:
            return _month_before(first, last, zone)
        case _:
            assert_never(kind)


def complete(window: Window, zone: ZoneInfo, kind: Kind, now_ms: int) -> Comparison | None:
    """The complete days of a window and the days before; `None` while no day of it is over."""
    if kind is Kind.SPAN:
        return Comparison(before(window, zone, kind), window)
    first, last = _days(window, zone)
    last = min(last, day_of(now_ms, zone) - 1)
    if last < first:
        return None
    after = _whole(first, last, zone)
    return Comparison(before(after, zone, kind), after)


def _days(window: Window, zone: ZoneInfo) -> tuple[int, int]:
    return day_of(window.from_ms, zone), day_of(max(window.from_ms, window.to_ms - 1), zone)


def _whole(first: int, last: int, zone: ZoneInfo) -> Window:
    return Window(day_window(first, zone).from_ms, day_window(last, zone).to_ms)


def _month_before(first: int, last: int, zone: ZoneInfo) -> Window:
    """The same days of the month before; all of it where this one is over, too."""
    end = first - 1
    start = date.fromordinal(end).replace(day=1).toordinal()
    is_over = date.fromordinal(last + 1).day == 1
    return _whole(start, end if is_over else min(end, start + last - first), zone)
