"""Periods: the spans of a calendar that a budget is for, in a zone.

A period begins at midnight of its zone on a day that the cycle names, and ends where the next one
begins: so all of them together tile time, whatever the clock does in between.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.domain.windows import Window, day_of, day_window

_WEEK_DAYS, _YEAR_MONTHS = 7, 12
#: Day 1 of all days was a Monday.
_FIRST_WEEKDAY = 1


class Period(StrEnum):
    """How long a budget's money has to last."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: _YEAR_MONTHS}


@dataclass(frozen=True, slots=True)
class Cycle:
    """A period again and again.

    A week begins on `weekday` (Monday is 0). A month begins on `day`; a quarter and a year on
    `day` of `month`, which is where the fiscal year begins. Where a month has no such day, it is
    its last one.
    """

    period: Period
    zone: ZoneInfo
    weekday: int = 0
    month: int = 1
    day: int = 1

    def window(self, at_ms: int) -> Window:
        """The period that an instant lies in."""
        days = self.days(day_of(at_ms, self.zone))
        return Window(
            day_window(days.start, self.zone).from_ms, day_window(days.stop, self.zone).from_ms
        )

    def days(self, day: int) -> range:
        """The days (proleptic ordinals) of the period that a day lies in."""
        if self.period is Period.DAY:
            return range(day, day + 1)
        if self.period is Period.WEEK:
            first = day - (day - _FIRST_WEEKDAY - self.weekday) % _WEEK_DAYS
            return range(first, first + _WEEK_DAYS)
        length, index = _MONTHS[self.period], _month_index(day)
        start = index - (index - (self.month - 1)) % length
        if self._begin(start) > day:
            start -= length
        return range(self._begin(start), self._begin(start + length))

    def _begin(self, month_index: int) -> int:
        year, month = divmod(month_index, _YEAR_MONTHS)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.day, last)).toordinal()


def _month_index(day: int) -> int:
    at = date.fromordinal(day)
    return at.year * _YEAR_MONTHS + at.month - 1
