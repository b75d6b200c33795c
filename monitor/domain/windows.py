"""Windows: half-open spans of time, 15-minute buckets, and days as they are in a zone.

The only place where instants (integer UTC milliseconds) meet calendars.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BUCKET_MS = 15 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open span [from_ms, to_ms)."""

    from_ms: int
    to_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is; never below zero."""
        return max(0, self.to_ms - self.from_ms)

    def clip(self, from_ms: int, to_ms: int) -> "Window":
        """The part of it inside another span; empty where they do not meet."""
        start = max(self.from_ms, from_ms)
        return Window(start, max(start, min(self.to_ms, to_ms)))


def bucket_of(instant_ms: int) -> int:
    """The number of the 15-minute UTC bucket that an instant lies in."""
    return instant_ms // BUCKET_MS


def bucket_start_ms(bucket: int) -> int:
    """The first instant of a bucket."""
    return bucket * BUCKET_MS


def instant_ms(moment: datetime) -> int:
    """The instant of an aware datetime."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment(instant: int, zone: ZoneInfo) -> datetime:
    """An instant as the clock on the wall of a zone shows it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(zone)


@lru_cache(maxsize=16_384)
def day_of_bucket(bucket: int, zone: ZoneInfo) -> int:
    """The day (proleptic ordinal) in a zone that a bucket lies in.

    Exact for every zone of today: their offsets are multiples of 15 minutes.
    """
    return moment(bucket_start_ms(bucket), zone).toordinal()


def day_of(instant: int, zone: ZoneInfo) -> int:
    """The day (proleptic ordinal) in a zone that an instant lies in."""
    return moment(instant, zone).toordinal()


def day_window(day: int, zone: ZoneInfo) -> Window:
    """The 23, 24 or 25 hours of a day in a zone."""
    return Window(_midnight_ms(day, zone), _midnight_ms(day + 1, zone))


def _midnight_ms(day: int, zone: ZoneInfo) -> int:
    return instant_ms(datetime.combine(date.fromordinal(day), time(), zone).astimezone(UTC))


def split_by_bucket(window: Window) -> Iterator[tuple[int, int]]:
    """Each bucket that a window meets, with the milliseconds of the window that lie in it."""
    at = window.from_ms
    while at < window.to_ms:
        bucket = bucket_of(at)
        end = min(bucket_start_ms(bucket + 1), window.to_ms)
        yield bucket, end - at
        at = end
