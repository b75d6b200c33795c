"""Retirements: the days from which on models are served no longer, as far as somebody says so.

Days are proleptic ordinals, of UTC: the sources name a date, and no zone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

#: Who is believed before all sources.
SETTINGS = "the settings"


class Retiring(NamedTuple):
    """A source says that the model of an endpoint ends on a day."""

    endpoint: str
    day: int


class Retirement(NamedTuple):
    """When the model of an endpoint, by its number, ends, and who says so."""

    endpoint_id: int
    day: int
    source: str


def holding(told: Iterable[Retirement]) -> dict[int, Retirement]:
    """Of what is told of each endpoint: the settings' day, else the earliest of the sources'."""
    found: dict[int, Retirement] = {}
    for each in sorted(told, key=lambda each: (each.source != SETTINGS, each.day, each.source)):
        found.setdefault(each.endpoint_id, each)
    return found


@dataclass(frozen=True, slots=True)
class Nearing:
    """So many days before its day a model is told of: first, again, and for the last time."""

    first_days: int = 30
    again_days: int = 7
    last_days: int = 1

    @property
    def steps(self) -> tuple[int, ...]:
        """All of them."""
        return self.first_days, self.again_days, self.last_days


def step(days_left: int, steps: Iterable[int]) -> int | None:
    """The nearest of some distances in days that a day to come has come within, if any."""
    return min((each for each in steps if 0 <= days_left <= each), default=None)


def spell(retirement: Retirement, today: int) -> str:
    """`Served until 14 Jan 2027 (UTC), for 51 days more, according to litellm`."""
    day, left = spell_day(retirement.day), retirement.day - today
    if left <= 0:
        return f"No longer served since {day} (UTC), according to {retirement.source}"
    more = f"for {left} days more" if left > 1 else "for its last day"
    return f"Served until {day} (UTC), {more}, according to {retirement.source}"


def spell_day(day: int) -> str:
    """`14 Jan 2027`."""
    return date.fromordinal(day).strftime("%-d %b %Y")
