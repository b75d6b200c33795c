"""Trends: what is used more than it was, against the mean of the three windows before.

The gain is counted in thirds, so that it is exact: over all owners it sums to that of the whole.
"""

from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.comparison import compare
from monitor.domain.windows import Window, day_of, day_window

BEFORE = 3


class Trend(NamedTuple):
    """What was used in a window, and in the three before it, the nearest first."""

    now: int
    before: tuple[int, int, int]

    @property
    def gain_thirds(self) -> int:
        """Three times what is used more than the mean of the three windows before."""
        return BEFORE * self.now - sum(self.before)

    @property
    def gain(self) -> int:
        """The same as a whole number, halves to even; below zero where less is used."""
        return round(self.gain_thirds / BEFORE)


def windows(window: Window, zone: ZoneInfo) -> tuple[Window, ...] | None:
    """The window that is judged and the three before it: complete days, where it is of days.

    `None` where there is no complete day yet.
    """
    judged = compare(window, zone)
    if judged is None:
        return None
    now, days = judged.current, judged.days
    if not days:
        return tuple(
            Window(now.from_ms - n * now.length_ms, now.to_ms - n * now.length_ms)
            for n in range(BEFORE + 1)
        )
    first = day_of(now.from_ms, zone)
    edges = [day_window(first + days - n * days, zone).from_ms for n in range(BEFORE + 2)]
    return tuple(Window(start, end) for end, start in pairwise(edges))
