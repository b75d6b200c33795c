"""Weekdays: sets of them as seven bits, Monday the lowest, and hours of the day on some of them.

Hours are half-open, [from_minute, to_minute) of the UTC day. Those that pass midnight belong to
the weekday on which they begin, to their end.
"""

from collections.abc import Iterable
from itertools import groupby

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
EVERY_DAY = 0b111_1111
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE_MS = 60_000
_DAY_MS = DAY_MINUTES * _MINUTE_MS
_EPOCH = 3  # 1 January 1970 was a Thursday


def pack(days: Iterable[int]) -> int:
    """The set of days of the week, of which Monday is 0."""
    return sum(1 << day for day in set(days))


def clock(at_ms: int) -> tuple[int, int]:
    """The minute of the day and the weekday of an instant, by UTC."""
    return at_ms // _MINUTE_MS % DAY_MINUTES, (at_ms // _DAY_MS + _EPOCH) % 7


def minutes_a_week(from_minute: int, to_minute: int, weekdays: int) -> int:
    """How long such hours last in a week; hours that end when they begin last a whole day."""
    return ((to_minute - from_minute) % DAY_MINUTES or DAY_MINUTES) * weekdays.bit_count()


def is_within(minute: int, weekday: int, from_minute: int, to_minute: int, weekdays: int) -> bool:
    """Whether a minute of a weekday lies in such hours."""
    if minute >= from_minute:
        is_over = from_minute < to_minute <= minute
        return not is_over and _has(weekdays, weekday)
    return minute < to_minute <= from_minute and _has(weekdays, (weekday - 1) % 7)


def _has(weekdays: int, day: int) -> bool:
    return bool(weekdays >> day & 1)


def spell(weekdays: int) -> str:
    """`mon-fri`, `mon,wed` or `sat-sun`, as `read` reads it."""
    return ",".join(
        _NAMES[days[0]] if len(days) == 1 else f"{_NAMES[days[0]]}-{_NAMES[days[-1]]}"
        for is_in, run in groupby(range(7), lambda day: _has(weekdays, day))
        if is_in and (days := list(run))
    )


def read(text: str) -> int:
    """The set of such words. Raises ValueError."""
    return pack(day for part in text.split(",") for day in _read_run(part))


def _read_run(part: str) -> range:
    first, dash, last = part.partition("-")
    ends = [_NAMES.index(name) for name in (first, last if dash else first) if name in _NAMES]
    if len(ends) < 2 or ends[0] > ends[1]:  # noqa: PLR2004 - a run has two ends
        raise ValueError("names no weekdays; write them like mon-fri or sat,sun")
    return range(ends[0], ends[1] + 1)
