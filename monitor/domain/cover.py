"""Cover: how a window is read from rollups. Whole days, whole buckets, and the ends beside them.

The three parts tile the window, so sums over any partition of a period sum to the period.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.windows import (
    BUCKET_MS,
    Window,
    bucket_of,
    bucket_start_ms,
    day_of,
    day_window,
)


@dataclass(frozen=True, slots=True)
class Cover:
    """Disjoint parts of one window.

    `days` are ordinals in the home zone, `buckets` one or two runs of bucket numbers, `edges` the
    ends that are off the bucket edges, each shorter than a bucket.
    """

    days: range
    buckets: tuple[range, ...]
    edges: tuple[Window, ...]


def cover(window: Window, zone: ZoneInfo, home_zone: ZoneInfo) -> Cover:
    """The rows that make up a window: day rows only where its zone is the one they are kept in."""
    buckets, edges = _whole_buckets(window)
    days = _whole_days(buckets, zone) if zone.key == home_zone.key else range(0)
    if not days:
        return Cover(days, _used(buckets), edges)
    before = range(buckets.start, _midnight_bucket(days.start, zone))
    after = range(_midnight_bucket(days.stop, zone), buckets.stop)
    return Cover(days, _used(before, after), edges)


def cover_buckets(window: Window) -> Cover:
    """The same where there are no day rows."""
    buckets, edges = _whole_buckets(window)
    return Cover(range(0), _used(buckets), edges)


def cover_days(days: range, zone: ZoneInfo, home_zone: ZoneInfo) -> Cover:
    """The rows that make up a run of whole days of a zone."""
    start_ms = day_window(days.start, zone).from_ms
    return cover(Window(start_ms, day_window(days.stop, zone).from_ms), zone, home_zone)


def _whole_buckets(window: Window) -> tuple[range, tuple[Window, ...]]:
    first, last = -(-window.from_ms // BUCKET_MS), bucket_of(window.to_ms)
    if first > last:
        return range(0), _ends(window)
    head = Window(window.from_ms, bucket_start_ms(first))
    tail = Window(bucket_start_ms(last), window.to_ms)
    return range(first, last), _ends(head, tail)


def _whole_days(buckets: range, zone: ZoneInfo) -> range:
    if not buckets:
        return range(0)
    start_ms, end_ms = bucket_start_ms(buckets.start), bucket_start_ms(buckets.stop)
    first = day_of(start_ms, zone)
    first += day_window(first, zone).from_ms < start_ms
    return range(first, max(first, day_of(end_ms, zone)))


def _midnight_bucket(day: int, zone: ZoneInfo) -> int:
    return bucket_of(day_window(day, zone).from_ms)


def _used(*runs: range) -> tuple[range, ...]:
    return tuple(run for run in runs if run)


def _ends(*windows: Window) -> tuple[Window, ...]:
    return tuple(window for window in windows if window.length_ms)
