"""Times: instants as people write them, on the clock on the wall of a zone.

Where the clock is set forward, a time that it leaps over is the instant at which it would have
come; where it is set back, of two the first one is meant.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.windows import instant_ms, moment
from monitor.settings.values import read_duration_s

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_SPAN = re.compile(r"\d+(?:\.\d+)?\s*(?:s|m|min|h|d)")


def read_clock(value: object) -> time:
    """The time of day of `02:00`."""
    match = _CLOCK.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("is no time of day; write it like 02:00")
    try:
        return time(int(match[1]), int(match[2]))
    except ValueError:
        raise ValueError("is no time of day; write it from 00:00 to 23:59") from None


def read_moment(value: object) -> datetime:
    """A date and time, naive unless it names its own offset (`2026-12-01 22:00`, `…T22:00Z`)."""
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no date and time; write it like 2026-12-01 22:00") from None


def at_ms(written: datetime, zone: ZoneInfo) -> int:
    """The instant of a moment; a naive one is of that zone."""
    return instant_ms((written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC))


def at_clock_ms(day: date, clock: time, zone: ZoneInfo) -> int:
    """The instant at which the clock of a zone shows that time on that day."""
    return at_ms(datetime.combine(day, clock), zone)


def read_until_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    """The instant of `2h` from now, of the next `18:30`, or of a date and time.

    Raises ValueError("problem; remedy") where it cannot be read or is over.
    """
    until_ms = _until_ms(text.strip(), now_ms, zone)
    if until_ms <= now_ms:
        raise ValueError("is over already; write a time to come, or a span like 2h")
    return until_ms


def _until_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    if _SPAN.fullmatch(text):
        return now_ms + round(read_duration_s(text) * 1000)
    if not _CLOCK.fullmatch(text):
        try:
            return at_ms(read_moment(text), zone)
        except ValueError:
            raise ValueError("is no time; write it like 2h, 18:30 or 2026-12-01 22:00") from None
    today, clock = moment(now_ms, zone).date(), read_clock(text)
    is_over = at_clock_ms(today, clock, zone) <= now_ms
    return at_clock_ms(today + timedelta(days=1 if is_over else 0), clock, zone)
