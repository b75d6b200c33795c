"""Comparison: two periods of equal length, one right after the other."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.windows import Window, day_of, day_window


class Comparison(NamedTuple):
    """A period and the one before it. `days` is how many whole days each has, 0: none are meant."""

    current: Window
    previous: Window
    days: int


def compare(window: Window, zone: ZoneInfo) -> Comparison | None:
    """What a window is compared with: its complete days with as many days before them.

    A window that begins at no midnight of the zone is compared with the time before it that is as
    long. `None` where a window begins at a midnight and has no complete day yet.
    """
    first = day_of(window.from_ms, zone)
    if day_window(first, zone).from_ms != window.from_ms:
        return Comparison(window, Window(window.from_ms - window.length_ms, window.from_ms), 0)
    days = day_of(window.to_ms, zone) - first
    if days <= 0:
        return None
    start_ms, end_ms = window.from_ms, day_window(first + days, zone).from_ms
    before_ms = day_window(first - days, zone).from_ms
    return Comparison(Window(start_ms, end_ms), Window(before_ms, start_ms), days)
