"""Times: instants as people write them, on the clock on the wall of a zone.

Where the clock is set, they are meant as in `monitor.domain.recurrence`.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.recurrence import at_clock_ms
from monitor.domain.windows import instant_ms, moment
from monitor.settings.values import read_duration_s

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_WEEKDAYS = {
    name: number
    for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
}
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


def read_weekdays(value: object) -> frozenset[int]:
    """Monday is 0: of `sunday`, of a list of weekdays, or all of `day`."""
    named = value if isinstance(value, list) else [value]
    if named == ["day"]:
        return frozenset(range(7))
    numbers = {str(each).lower(): _WEEKDAYS.get(str(each).lower()) for each in named}
    unknown = [name for name, number in numbers.items() if number is None]
    if unknown or not numbers:
        wrong = f"{unknown[0]!r} is no weekday" if unknown else "names no weekday"
        raise ValueError(f"{wrong}; write sunday, [monday, thursday], or day for all of them")
    return frozenset(number for number in numbers.values() if number is not None)


def read_day(value: object) -> date:
    """The day of `2027-01-14`."""
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError("is no day; write it like 2027-01-14") from None


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
